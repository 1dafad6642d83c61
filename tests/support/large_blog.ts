import assert from "node:assert/strict";
import { newId } from "../../lib/kit/ids.ts";
import type { Key } from "../../lib/kit/kv.ts";
import type { Service, Tenant } from "../_setup.ts";

/** The address of the n-th copy, from 0. */
export function copySlug(n: number): string {
  return `copy-${n}`;
}

/**
 * Publishes a post in a blog and copies all rows that are its own, so that the blog has thousands of them
 * within seconds; `kv` is what the service is on. The stored pages of the copies are still the
 * first one's, and the search knows that one only.
 */
export async function growBlog(
  t: Service,
  blog: { tenant: Tenant; kv: Deno.Kv; copies: number },
): Promise<void> {
  const { tenant, kv, copies } = blog;
  const slug = "original";
  const body = { title: "Original", slug, content: "Text.", status: "published" };
  const counters = await countersIn(kv);
  const { status, body: post } = await t.api("POST", "/posts", { key: tenant.key, body });
  assert.equal(status, 201);

  const own: { key: Key; value: unknown }[] = [];
  for await (const { key, value } of kv.list({ prefix: [] })) {
    if (key.includes(post.id) || key.includes(slug)) own.push({ key: key as Key, value });
  }
  const rows = Array.from({ length: copies }, (_, n) => {
    const names = new Map([[post.id, newId(t.now())], [slug, copySlug(n)]]);
    return own.map((row) => renamed(row, names));
  });
  for (let n = 0; n < copies; n += 40) {
    await t.deps.store.writeAll(rows.slice(n, n + 40).flat());
  }
  for (const [name, { key, value }] of await countersIn(kv)) {
    const grown = value.value - (counters.get(name)?.value.value ?? 0n);
    if (grown > 0n) await kv.set(key, new Deno.KvU64(value.value + grown * BigInt(copies)));
  }
}

async function countersIn(kv: Deno.Kv): Promise<Map<string, Deno.KvEntry<Deno.KvU64>>> {
  const counters = new Map<string, Deno.KvEntry<Deno.KvU64>>();
  for await (const entry of kv.list({ prefix: [] })) {
    if (entry.value instanceof Deno.KvU64) {
      counters.set(JSON.stringify(entry.key), entry as Deno.KvEntry<Deno.KvU64>);
    }
  }
  return counters;
}

function renamed<T>(value: T, names: Map<string, string>): T {
  if (typeof value === "string") return (names.get(value) ?? value) as T;
  if (Array.isArray(value)) return value.map((part) => renamed(part, names)) as T;
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, renamed(part, names)]),
  ) as T;
}
