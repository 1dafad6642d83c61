import type { Deps } from "../lib/ctx.ts";
import type { PlanName } from "../lib/kit/config.ts";
import type { ResolveDns } from "../lib/kit/dns.ts";
import { createToken } from "../lib/account/api_keys.ts";
import { onBehalfOf } from "../lib/account/accounts.ts";
import { createSession } from "../lib/account/jwt.ts";
import { JOBS } from "../lib/jobs/mod.ts";
import { createUser } from "../lib/operator/users.ts";
import { createApp } from "../routes/mod.ts";
import { createDeps } from "./support/deps.ts";
import { hookKv, type Hooks } from "./support/hooked_kv.ts";
import { SecondProcess } from "./support/second_process.ts";
import { fileOf, isRemote, openStore } from "./support/store.ts";

export { TEST_SECRET } from "./support/deps.ts";

const START = Date.parse("2026-03-24T10:00:00.000Z");

export type Sent = {
  key?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
  /** sent as it is, in place of `body` */
  raw?: BodyInit;
};
// deno-lint-ignore no-explicit-any
export type Got = { status: number; headers: Headers; body: any; text: string };
/** An account with a blog, a key of that blog, and an account token. */
export type Tenant = {
  id: string;
  email: string;
  blog: { id: string; slug: string; url: string };
  key: string;
  token: string;
};

let counter = 0;

/**
 * A whole service of its own: in-memory store, hand-moved clock. `env` adds variables, `hooks` see every
 * call to the store, `kv` puts the service on a database that the test keeps, `resolveDns` gives it names
 * (none unless given).
 */
export async function setup(
  options: { env?: Record<string, string>; hooks?: Hooks; kv?: Deno.Kv; resolveDns?: ResolveDns } =
    {},
) {
  const raw = options.kv ?? await openStore();
  const kv = options.hooks ? hookKv(raw, options.hooks) : raw;
  let now = START;
  const clock = () => now;
  const { deps, logs, requests, alarms } = createDeps({
    ...options,
    kv,
    clock,
    remote: isRemote(raw),
  });
  const { config } = deps;
  const app = createApp(deps);
  const file = options.kv ? undefined : fileOf(raw);
  const given = { ...deps };
  const second = file && !options.hooks && !options.resolveDns
    ? new SecondProcess({ file, env: options.env ?? {}, clock }, { logs, alarms })
    : null;
  let taken = 0;
  let alone = false;

  /**
   * Every other request goes to the second process, but for those that what a test put into `deps` answers, and those
   * that come after one beside the API: an instance keeps pages for a second, however they change on another.
   */
  function take(
    request: Request,
    connection?: Parameters<typeof app.fetch>[1],
  ): Response | Promise<Response> {
    alone ||= connection !== undefined ||
      !request.url.startsWith(`${config.origin}/v1/`) ||
      Object.entries(given).some(([name, value]) => deps[name as keyof Deps] !== value);
    return second && !alone && taken++ % 2 ? second.fetch(request) : app.fetch(request, connection);
  }

  async function send(method: string, url: string, sent: Sent = {}): Promise<Got> {
    const headers = new Headers(sent.headers);
    if (sent.key) headers.set("authorization", `Bearer ${sent.key}`);
    const json = sent.body === undefined ? undefined : JSON.stringify(sent.body);
    if (json !== undefined && !headers.has("content-type")) {
      headers.set("content-type", "application/json");
    }
    const body = sent.raw ?? json;
    const response = await take(
      new Request(url, { method, headers, body, redirect: "manual" }),
    );
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json");
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text ? JSON.parse(text) : null,
    };
  }

  return {
    deps,
    app: { fetch: take },
    logs,
    requests,
    alarms,
    now: clock,
    /** Moves the clock on, milliseconds. */
    advance: (ms: number) => void (now += ms),
    /** Runs a job as its cron would, and gives its report. */
    runJob: (name: string) => JOBS[name].run(deps),
    /** Calls the API; `path` begins after `/v1`. */
    api: (method: string, path: string, sent?: Sent) =>
      send(method, `${config.origin}/v1${path}`, sent),
    /** Calls any address of the service. */
    send,
    /** Opens a page of a blog. */
    view: (slug: string, path: string, headers: Record<string, string> = {}) =>
      send("GET", `http://${slug}.${config.blogHost}${path}`, { headers }),
    /** Makes an account with a blog, on Scale unless said otherwise. */
    async tenant(plan: PlanName = "scale", slug?: string): Promise<Tenant> {
      const n = ++counter;
      const email = `user${n}@example.com`;
      const made = await createUser(deps, { email, plan, blog: slug ?? `blog-${n}` });
      const ctx = onBehalfOf(deps, made.user.id);
      const { key: token } = await createToken(ctx, { name: "all", blog_id: null });
      return { id: made.user.id, email, blog: made.blog!, key: made.key, token };
    },
    /** A JWT of a new session. */
    async session(user: string): Promise<string> {
      return (await createSession(deps, user)).jwt;
    },
    [Symbol.dispose]() {
      if (!options.kv) raw.close();
    },
  };
}

/** A service under test. */
export type Service = Awaited<ReturnType<typeof setup>>;
