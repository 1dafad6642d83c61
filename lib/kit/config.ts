import { isLoopbackHost } from "./hosts.ts";
import { isIP } from "node:net";
import { VARIABLES } from "./variables.ts";

export { VARIABLES };

/** The plans, cheapest first. */
export const PLAN_NAMES = ["free", "starter", "creator", "scale", "enterprise"] as const;
export type PlanName = typeof PLAN_NAMES[number];

/** `prices` leads from what is sold (a plan, or a pack's posts) to Paddle's id of its price. */
export type PaddleConfig = {
  apiKey: string;
  apiUrl: string;
  webhookSecrets: string[];
  prices: Map<string, string>;
};

/** Where people sign in; GitHub is no OpenID Connect provider, its `issuer` only names it. */
export type ProviderConfig = {
  id: "google" | "github" | "oidc";
  name: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
};

/** A store that speaks S3; `endpoint` without a trailing slash. */
export type S3Config = {
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
};

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
  /** address or address:port; none: the system's */
  dnsServers: string[];
  outboundPrivate: boolean;
  /** seconds before each further attempt at a delivery */
  webhookRetries: number[];
  kv: string | undefined;
  kvDeadline: number;
  /** `url` without a trailing slash; `key` "" where the server asks for none */
  meilisearch: { url: string; key: string } | null;
  /** where new images go */
  media: "kv" | "s3";
  s3: S3Config | null;
  /** "" with POSTLARK_DEV, and for operator's commands on such a store: see `main.ts` */
  secret: string;
  dev: boolean;
  signup: "open" | "closed";
  billing: "manual" | "paddle" | "off";
  /** null unless billing is `paddle` */
  paddle: PaddleConfig | null;
  trustProxy: number;
  /** "" where no proxy tells */
  countryHeader: string;
  supabase: { issuer: string; secret: string; jwksUrl: string } | null;
  signIn: ProviderConfig[];
  limits: {
    requests: Record<PlanName, number>;
    unauthorized: number;
    discover: number;
    signIn: number;
    devicePoll: number;
    appRegistration: number;
    uploads: number;
    body: number;
  };
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
  if (origin?.protocol === "http:" && !isLoopbackHost(origin.hostname)) {
    faults.push(
      `POSTLARK_ORIGIN must begin with https:// for ${origin.hostname}, also where a proxy in front does the TLS: http is for loopback and *.localhost only.`,
    );
  }
  if (dev && origin && origin.hostname !== "localhost") {
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
  const billing = oneOf("POSTLARK_BILLING", ["", "manual", "paddle", "off"]) ||
    (dev ? "manual" : "off");
  const s3 = parseS3(text, faults);
  const media = oneOf("POSTLARK_MEDIA", ["", "kv", "s3"]) || (s3 ? "s3" : "kv");
  if (media === "s3" && !s3) {
    faults.push("POSTLARK_S3_ENDPOINT is required with POSTLARK_MEDIA=s3.");
  }
  const config: Config = {
    port: integer("PORT", 0, 65535),
    hostname,
    origin: origin?.origin ?? "",
    baseHost: origin?.host ?? "",
    blogHost: blogDomain || (origin?.host ?? ""),
    blogAddress: oneOf("POSTLARK_BLOG_ADDRESS", ["subdomain", "path"]),
    cdn: oneOf("POSTLARK_CDN", ["", "deno"]),
    cdnPurgeUrl: text("POSTLARK_CDN_PURGE_URL"),
    dnsServers: parseDnsServers(text("POSTLARK_DNS_SERVERS"), faults),
    outboundPrivate: oneOf("POSTLARK_OUTBOUND_PRIVATE", ["", "0", "1"]) === "1",
    webhookRetries: parseRetries(text("POSTLARK_WEBHOOK_RETRIES"), faults),
    kv: kv || undefined,
    kvDeadline: integer("POSTLARK_KV_DEADLINE", 10, 600_000),
    meilisearch: parseMeilisearch(text, faults),
    media,
    s3,
    secret,
    dev,
    signup: oneOf("POSTLARK_SIGNUP", ["open", "closed"]),
    billing,
    paddle: billing === "paddle" ? parsePaddle(text, faults) : null,
    trustProxy: integer("POSTLARK_TRUST_PROXY", 0, 10),
    countryHeader: text("POSTLARK_COUNTRY_HEADER"),
    supabase: parseSupabase(text, faults),
    signIn: parseProviders(text, faults),
    limits: {
      requests: Object.fromEntries(
        PLAN_NAMES.map((plan) => [plan, limit(`POSTLARK_LIMIT_${plan.toUpperCase()}`)]),
      ) as Record<PlanName, number>,
      unauthorized: limit("POSTLARK_LIMIT_UNAUTHORIZED"),
      discover: limit("POSTLARK_LIMIT_DISCOVER"),
      signIn: limit("POSTLARK_LIMIT_SIGN_IN"),
      devicePoll: limit("POSTLARK_LIMIT_DEVICE_POLL"),
      appRegistration: limit("POSTLARK_LIMIT_OAUTH_REGISTRATION"),
      uploads: limit("POSTLARK_LIMIT_UPLOADS"),
      body: limit("POSTLARK_LIMIT_BODY"),
    },
  };
  if (config.countryHeader && !config.trustProxy) {
    faults.push("POSTLARK_COUNTRY_HEADER counts only behind a proxy: set POSTLARK_TRUST_PROXY.");
  }
  if (!/^[\w-]*$/.test(config.countryHeader)) {
    faults.push(`POSTLARK_COUNTRY_HEADER must be a header's name, not "${config.countryHeader}".`);
  }
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

function parseDnsServers(text: string, faults: string[]): string[] {
  const servers = text.split(",").map((one) => one.trim()).filter(Boolean);
  for (const server of servers) {
    const [, bracketed, plain] = /^(?:\[(.+)\]|([\d.]+))(?::\d{1,5})?$/.exec(server) ?? [];
    if (isIP(bracketed ?? plain ?? server)) continue;
    faults.push(`POSTLARK_DNS_SERVERS must be IP addresses with commas, not "${server}".`);
  }
  return servers;
}

function parseRetries(text: string, faults: string[]): number[] {
  const retries = text.split(",").map((one) => /^\s*\d{1,5}\s*$/.test(one) ? Number(one) : NaN);
  const total = retries.reduce((sum, one) => sum + one, 0);
  if (retries.every((one) => one >= 1) && total <= 86_400) return retries;
  faults.push(
    `POSTLARK_WEBHOOK_RETRIES must be whole seconds with commas, 86400 together at most, not "${text}".`,
  );
  return [];
}

function parseMeilisearch(text: (name: string) => string, faults: string[]): Config["meilisearch"] {
  const [url, key] = [text("POSTLARK_MEILISEARCH_URL"), text("POSTLARK_MEILISEARCH_KEY")];
  if (!url && key) faults.push("POSTLARK_MEILISEARCH_URL is required beside its key.");
  if (!url) return null;
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username || parsed.search) {
    faults.push(`POSTLARK_MEILISEARCH_URL must be like http://localhost:7700, not "${url}".`);
  }
  return { url: url.replace(/\/+$/, ""), key };
}

function parseS3(text: (name: string) => string, faults: string[]): S3Config | null {
  const names = ["ENDPOINT", "BUCKET", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"];
  const given = names.map((name) => text(`POSTLARK_S3_${name}`));
  if (!given.some(Boolean)) return null;
  for (const [i, name] of names.entries()) {
    if (!given[i]) {
      faults.push(`POSTLARK_S3_${name} is required beside the other POSTLARK_S3_… ones.`);
    }
  }
  const [endpoint, bucket, accessKeyId, secretAccessKey] = given;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  if (endpoint && (!/^https?:$/.test(url?.protocol ?? "") || url!.search || url!.username)) {
    faults.push(`POSTLARK_S3_ENDPOINT must be like https://s3.example.com, not "${endpoint}".`);
  }
  if (bucket && !/^[\w.-]+$/.test(bucket)) {
    faults.push(`POSTLARK_S3_BUCKET must be a bucket's name, not "${bucket}".`);
  }
  const region = text("POSTLARK_S3_REGION");
  return { endpoint: endpoint.replace(/\/+$/, ""), bucket, region, accessKeyId, secretAccessKey };
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

function parseProviders(text: (name: string) => string, faults: string[]): ProviderConfig[] {
  const issuer = text("POSTLARK_OIDC_ISSUER");
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  const known = [
    { id: "google", name: "Google", issuer: "https://accounts.google.com" },
    { id: "github", name: "GitHub", issuer: "https://github.com" },
    { id: "oidc", name: text("POSTLARK_OIDC_NAME") || (url?.host ?? ""), issuer },
  ] as const;
  return known.flatMap((provider) => {
    const own = `POSTLARK_${provider.id.toUpperCase()}`;
    const clientId = text(`${own}_CLIENT_ID`);
    const clientSecret = text(`${own}_CLIENT_SECRET`);
    const named = provider.id === "oidc" && issuer !== "";
    if (!clientId && !clientSecret && !named) return [];
    if (!clientId) faults.push(`${own}_CLIENT_ID is required beside the other ${own}_… ones.`);
    if (!clientSecret) faults.push(`${own}_CLIENT_SECRET is required beside ${own}_CLIENT_ID.`);
    if (!isIssuer(provider.issuer)) {
      faults.push(
        `${own}_ISSUER must be an https URL without a query, or http on loopback, not "${issuer}".`,
      );
    }
    return [{ ...provider, clientId, clientSecret }];
  });
}

function isIssuer(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || url.search || url.hash || url.username) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopbackHost(url.hostname));
}

const SOLD = ["starter", "creator", "scale", "enterprise", "100", "300"];

function parsePaddle(text: (name: string) => string, faults: string[]): PaddleConfig {
  for (const name of ["API_KEY", "WEBHOOK_SECRET", "PRICES"]) {
    if (!text(`POSTLARK_PADDLE_${name}`)) {
      faults.push(`POSTLARK_PADDLE_${name} is required with POSTLARK_BILLING=paddle.`);
    }
  }
  const prices = new Map<string, string>();
  for (const pair of text("POSTLARK_PADDLE_PRICES").split(",").filter((one) => one.trim())) {
    const [, what, price] = /^\s*(\w+)\s*=\s*(pri_\w+)\s*$/.exec(pair) ?? [];
    if (price && SOLD.includes(what)) prices.set(what, price);
    else {
      faults.push(
        `POSTLARK_PADDLE_PRICES must be like starter=pri_1,100=pri_2 with ${
          SOLD.join(", ")
        }, not "${pair}".`,
      );
    }
  }
  const apiUrl = text("POSTLARK_PADDLE_API_URL").replace(/\/$/, "");
  if (!/^https?:\/\//.test(apiUrl) || !URL.canParse(apiUrl)) {
    faults.push(`POSTLARK_PADDLE_API_URL must be a URL, not "${apiUrl}".`);
  }
  const secrets = text("POSTLARK_PADDLE_WEBHOOK_SECRET").split(",").map((one) => one.trim());
  return {
    apiKey: text("POSTLARK_PADDLE_API_KEY"),
    apiUrl,
    webhookSecrets: secrets.filter(Boolean),
    prices,
  };
}
