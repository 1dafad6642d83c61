/** The plans, cheapest first. */
export const PLAN_NAMES = ["free", "starter", "creator", "scale", "enterprise"] as const;
export type PlanName = typeof PLAN_NAMES[number];

type Variable = { name: string; default: string; about: string };

/** Every variable that the service reads; the README's table is checked against this list. */
export const VARIABLES: readonly Variable[] = [
  { name: "PORT", default: "8000", about: "TCP port to listen on." },
  {
    name: "POSTLARK_HOSTNAME",
    default: "0.0.0.0",
    about: "Address to listen on; `127.0.0.1` with `POSTLARK_DEV=1`.",
  },
  {
    name: "POSTLARK_ORIGIN",
    default: "http://localhost:8000",
    about: "Scheme, base domain and port of every address that is handed out; unset: with `PORT`.",
  },
  {
    name: "POSTLARK_BLOG_DOMAIN",
    default: "",
    about: "Domain that the blogs are subdomains of; unset: the origin's host.",
  },
  {
    name: "POSTLARK_BLOG_ADDRESS",
    default: "subdomain",
    about: "`subdomain`, or `path`: blogs at `/@slug/` of the origin, where there is no wildcard.",
  },
  {
    name: "POSTLARK_CDN",
    default: "",
    about: "`deno`: pages stay in Deno Deploy's CDN until a change purges them.",
  },
  {
    name: "POSTLARK_CDN_PURGE_URL",
    default: "http://cache.localhost/invalidate/http",
    about: "Where purges are sent.",
  },
  {
    name: "POSTLARK_KV",
    default: "",
    about: "A file path, `:memory:`, or a KV Connect URL; unset: `Deno.openKv()`.",
  },
  {
    name: "POSTLARK_KV_DEADLINE",
    default: "5000",
    about: "Milliseconds that one call of the store may take before the answer is 503.",
  },
  {
    name: "POSTLARK_SECRET",
    default: "",
    about:
      "At least 32 characters that every key is derived from; required without `POSTLARK_DEV`.",
  },
  {
    name: "POSTLARK_DEV",
    default: "",
    about: "`1`: a demo blog on an empty store, no secret, loopback only. Never in production.",
  },
  {
    name: "POSTLARK_SIGNUP",
    default: "open",
    about: "`open` or `closed`: whether a sign-in by a new identity makes an account.",
  },
  {
    name: "POSTLARK_TRUST_PROXY",
    default: "0",
    about: "How many proxies in front append to `X-Forwarded-For`; 0: it is ignored.",
  },
  {
    name: "POSTLARK_SUPABASE_ISSUER",
    default: "",
    about: "`iss` of the Supabase tokens to accept, such as `https://ref.supabase.co/auth/v1`.",
  },
  {
    name: "POSTLARK_SUPABASE_JWT_SECRET",
    default: "",
    about: "Their HS256 secret (this or the JWKS).",
  },
  {
    name: "POSTLARK_SUPABASE_JWKS_URL",
    default: "",
    about: "Where their public keys are (ES256 or RS256).",
  },
  { name: "POSTLARK_LIMIT_FREE", default: "60", about: "Requests an hour and user, Free." },
  { name: "POSTLARK_LIMIT_STARTER", default: "300", about: "The same, Starter." },
  { name: "POSTLARK_LIMIT_CREATOR", default: "1000", about: "The same, Creator." },
  { name: "POSTLARK_LIMIT_SCALE", default: "10000", about: "The same, Scale." },
  { name: "POSTLARK_LIMIT_ENTERPRISE", default: "20000", about: "The same, Enterprise." },
  {
    name: "POSTLARK_LIMIT_UNAUTHORIZED",
    default: "1000",
    about: "Requests an hour and address that carry no valid credential.",
  },
  { name: "POSTLARK_LIMIT_BODY", default: "8388608", about: "Bytes of a JSON body." },
];

export type Config = {
  port: number;
  hostname: string;
  /** scheme, host and port, without a trailing slash */
  origin: string;
  /** host and port of the apex */
  baseHost: string;
  /** host and port that the blogs are subdomains of */
  blogHost: string;
  blogAddress: "subdomain" | "path";
  cdn: "" | "deno";
  cdnPurgeUrl: string;
  kv: string | undefined;
  kvDeadline: number;
  /** "" with POSTLARK_DEV, and for operator's commands on such a store: see `main.ts` */
  secret: string;
  dev: boolean;
  signup: "open" | "closed";
  trustProxy: number;
  supabase: { issuer: string; secret: string; jwksUrl: string } | null;
  limits: { requests: Record<PlanName, number>; unauthorized: number; body: number };
};

/** Thrown by parseConfig; its message has a line for each fault. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** Reads the variables once; throws a ConfigError that names every fault. */
export function parseConfig(
  env: Record<string, string | undefined>,
  options: { secretOptional?: boolean } = {},
): Config {
  const faults: string[] = [];
  const defaults = new Map(VARIABLES.map((v) => [v.name, v.default]));
  const text = (name: string) => env[name]?.trim() || defaults.get(name)!;
  const integer = (name: string, min: number, max: number) => {
    const value = Number(text(name));
    if (!/^\d+$/.test(text(name)) || value < min || value > max) {
      faults.push(`${name} must be a whole number from ${min} to ${max}, not "${text(name)}".`);
    }
    return value;
  };
  const oneOf = <T extends string>(name: string, values: readonly T[]) => {
    const value = text(name) as T;
    if (!values.includes(value)) {
      faults.push(`${name} must be ${values.join(" or ")}, not "${value}".`);
    }
    return value;
  };
  for (const name of Object.keys(env)) {
    if (name.startsWith("POSTLARK_") && !defaults.has(name) && !CLIENT_VARIABLES.has(name)) {
      faults.push(`${name} is not a variable of this service: see the table in the README.`);
    }
  }
  const dev = oneOf("POSTLARK_DEV", ["", "0", "1"]) === "1";
  const onPort = /^\d+$/.test(text("PORT")) ? `http://localhost:${text("PORT")}` : "";
  const origin = parseOrigin(
    env.POSTLARK_ORIGIN?.trim() || onPort || text("POSTLARK_ORIGIN"),
    faults,
  );
  const blogDomain = text("POSTLARK_BLOG_DOMAIN").toLowerCase();
  if (blogDomain && !/^[a-z0-9.-]+(:\d+)?$/.test(blogDomain)) {
    faults.push(`POSTLARK_BLOG_DOMAIN must be a host name, not "${blogDomain}".`);
  }
  const loopback = origin?.hostname === "localhost";
  if (dev && origin && !loopback) {
    faults.push(
      "POSTLARK_DEV=1 works only with an origin on localhost: unset it, and set POSTLARK_SECRET.",
    );
  }
  const secret = text("POSTLARK_SECRET");
  if (!secret && !dev && !options.secretOptional) {
    faults.push("POSTLARK_SECRET is required: at least 32 random characters, kept for good.");
  }
  if (secret && secret.length < 32) {
    faults.push("POSTLARK_SECRET must have at least 32 characters.");
  }
  const hostname = dev && !env.POSTLARK_HOSTNAME?.trim() ? "127.0.0.1" : text("POSTLARK_HOSTNAME");
  if (dev && !["127.0.0.1", "::1", "localhost"].includes(hostname)) {
    faults.push("POSTLARK_DEV=1 listens on loopback only: unset POSTLARK_HOSTNAME.");
  }
  const kv = text("POSTLARK_KV");
  if (/^[a-z]+:\/\//.test(kv) && !/^https?:\/\//.test(kv)) {
    faults.push("POSTLARK_KV must be a file path, :memory:, or an http(s) URL of KV Connect.");
  }
  const limit = (name: string) => integer(name, 1, 1_000_000_000);
  const config: Config = {
    port: integer("PORT", 0, 65535),
    hostname,
    origin: origin?.origin ?? "",
    baseHost: origin?.host ?? "",
    blogHost: blogDomain || (origin?.host ?? ""),
    blogAddress: oneOf("POSTLARK_BLOG_ADDRESS", ["subdomain", "path"]),
    cdn: oneOf("POSTLARK_CDN", ["", "deno"]),
    cdnPurgeUrl: text("POSTLARK_CDN_PURGE_URL"),
    kv: kv || undefined,
    kvDeadline: integer("POSTLARK_KV_DEADLINE", 10, 600_000),
    secret,
    dev,
    signup: oneOf("POSTLARK_SIGNUP", ["open", "closed"]),
    trustProxy: integer("POSTLARK_TRUST_PROXY", 0, 10),
    supabase: parseSupabase(text, faults),
    limits: {
      requests: Object.fromEntries(
        PLAN_NAMES.map((plan) => [plan, limit(`POSTLARK_LIMIT_${plan.toUpperCase()}`)]),
      ) as Record<PlanName, number>,
      unauthorized: limit("POSTLARK_LIMIT_UNAUTHORIZED"),
      body: limit("POSTLARK_LIMIT_BODY"),
    },
  };
  if (faults.length) throw new ConfigError(faults.join("\n"));
  return config;
}

// Read by the clients, which may share an environment with the server.
const CLIENT_VARIABLES = new Set([
  "POSTLARK_API_KEY",
  "POSTLARK_API_BASE",
  "POSTLARK_ACTIVE_BLOG",
]);

function parseOrigin(text: string, faults: string[]): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && /^https?:$/.test(url.protocol) && url.pathname === "/" && !url.search && !url.hash) {
    if (!url.username && !url.password) return url;
  }
  faults.push(`POSTLARK_ORIGIN must be like https://example.com, without a path, not "${text}".`);
  return null;
}

function parseSupabase(text: (name: string) => string, faults: string[]): Config["supabase"] {
  const issuer = text("POSTLARK_SUPABASE_ISSUER");
  const secret = text("POSTLARK_SUPABASE_JWT_SECRET");
  const jwksUrl = text("POSTLARK_SUPABASE_JWKS_URL");
  if (!issuer && !secret && !jwksUrl) return null;
  if (!issuer) {
    faults.push("POSTLARK_SUPABASE_ISSUER is required beside the other POSTLARK_SUPABASE_… ones.");
  }
  if (!secret && !jwksUrl) {
    faults.push("POSTLARK_SUPABASE_JWT_SECRET or POSTLARK_SUPABASE_JWKS_URL is required.");
  }
  if (jwksUrl && !URL.canParse(jwksUrl)) {
    faults.push(`POSTLARK_SUPABASE_JWKS_URL must be a URL, not "${jwksUrl}".`);
  }
  return { issuer, secret, jwksUrl };
}
