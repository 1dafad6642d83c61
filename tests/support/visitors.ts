import assert from "node:assert/strict";
import type { PageView } from "../../lib/ctx.ts";
import type { PlanName } from "../../lib/kit/config.ts";
import { type Service, setup, type Tenant } from "../_setup.ts";
import type { Hooks } from "./hooked_kv.ts";

export const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
export const CHROME =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Safari/537.36";
export const GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

/** The address of the n-th visitor. */
export function addressOf(n: number): string {
  return `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
}

/** Headers of the n-th visitor's request. */
export function asVisitor(n: number, headers: Record<string, string> = {}): Record<string, string> {
  return { "x-forwarded-for": addressOf(n), "user-agent": FIREFOX, ...headers };
}

/** A view as the routes hand it on. */
export function viewOf(at: { blog: string; post: string }, n: number): PageView {
  return {
    ...at,
    address: addressOf(n),
    agent: FIREFOX,
    url: "http://blog.localhost:8000/post",
    referrer: null,
    country: null,
  };
}

/** Writes what was counted. */
export async function flush(t: Service): Promise<void> {
  await t.deps.views.flush(t.deps);
}

/** A blog's figures as the API gives them. */
// deno-lint-ignore no-explicit-any
export async function overview(t: Service, key: string, period = "30d"): Promise<any> {
  const got = await t.api("GET", `/analytics/overview?period=${period}`, { key });
  assert.equal(got.status, 200, got.text);
  return got.body;
}

/** One post's. */
// deno-lint-ignore no-explicit-any
export async function analyticsOf(t: Service, key: string, at: string): Promise<any> {
  const got = await t.api("GET", `/analytics/posts/${at}`, { key });
  assert.equal(got.status, 200, got.text);
  return got.body;
}

/** Publishes a post of that slug and gives its id. */
export async function publish(t: Service, { key }: Tenant, slug: string): Promise<string> {
  const body = { title: `About ${slug}`, slug, content: "Text.", status: "published" };
  const got = await t.api("POST", "/posts", { key, body });
  assert.equal(got.status, 201, got.text);
  return got.body.id;
}

/** The rows under some nouns. */
export async function rowsOf(t: Service, ...nouns: string[]): Promise<Deno.KvEntry<unknown>[]> {
  const rows = await Promise.all(
    nouns.map((noun) => Array.fromAsync(t.deps.store.kv.list({ prefix: [noun] }))),
  );
  return rows.flat();
}

/** A service behind a proxy, so that `X-Forwarded-For` makes visitors, with a blog that has a post. */
export async function setupViewed(options: { plan?: PlanName; env?: Record<string, string> } = {}) {
  const hooks: Hooks = {};
  const t = await setup({ hooks, env: { POSTLARK_TRUST_PROXY: "1", ...options.env } });
  const tenant = await t.tenant(options.plan ?? "creator");
  await publish(t, tenant, "post");
  const { key, blog } = tenant;
  return {
    t,
    hooks,
    tenant,
    key,
    /** Opens a page as the n-th visitor, and gives the answer's status. */
    async visit(n: number, path = "/post", headers: Record<string, string> = {}) {
      return (await t.view(blog.slug, path, asVisitor(n, headers))).status;
    },
    /** How many views the blog has had, once all are written. */
    async total(): Promise<number> {
      await flush(t);
      return (await overview(t, key)).total_views;
    },
    [Symbol.dispose]: () => t[Symbol.dispose](),
  };
}
