import assert from "node:assert/strict";
import { setup } from "../_setup.ts";
import { suspendAccount } from "../../lib/account/plan_changes.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { countKey } from "../../lib/metering/quotas.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { setupPair } from "../support/pair.ts";
import { openStore } from "../support/store.ts";

const post = { title: "Lighthouse", slug: "hello", content: "Text.", status: "published" };

Deno.test("a suspended account is offline at once: credentials, pages, feeds and search; resumed, it is back", async () => {
  using t = await setup();
  const other = await t.tenant();
  await t.api("POST", "/posts", { key: other.key, body: post });
  const { id, key, token, blog } = await t.tenant();
  await t.api("POST", "/posts", { key, body: post });
  const jwt = await t.session(id);
  const total = async () => (await t.api("GET", "/discover?q=lighthouse")).body.pagination.total;
  const paths = [
    "/",
    "/hello",
    "/rss.xml",
    "/sitemap.xml",
    "/hello.md",
    "/llms.txt",
    "/hello/og.png",
  ];
  const statuses = async () => {
    const seen = new Set<number>();
    for (const path of paths) seen.add((await t.view(blog.slug, path)).status);
    return [...seen];
  };
  assert.deepEqual(await statuses(), [200]);
  assert.equal(await total(), 2);
  await suspendAccount(t.deps, id, true);
  for (const credential of [key, token, jwt]) {
    const got = await t.api("GET", "/account/profile", { key: credential });
    assert.equal(got.status, 403);
    assert.equal(got.body.reason, "account_suspended");
  }
  assert.deepEqual(await statuses(), [404]);
  assert.equal(await total(), 1);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
  await suspendAccount(t.deps, id, false);
  assert.equal((await t.api("GET", "/account/profile", { key })).status, 200);
  assert.deepEqual(await statuses(), [200]);
  assert.equal(await total(), 2);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("a suspension reaches another instance within a second", async () => {
  using pair = await setupPair();
  const { id, key, blog } = await pair.one.tenant();
  await pair.one.api("POST", "/posts", { key, body: post });
  assert.equal((await pair.two.view(blog.slug, "/hello")).status, 200);
  await suspendAccount(pair.one.deps, id, true);
  assert.equal((await pair.two.api("GET", "/posts", { key })).status, 403);
  pair.advance(1000);
  assert.equal((await pair.two.view(blog.slug, "/hello")).status, 404);
});

Deno.test("a blog that is made while its account is being suspended is offline too", async () => {
  const kv = await openStore();
  const hooks: Hooks = {};
  const operator = await setup({ kv, hooks });
  const { id, token } = await operator.tenant();
  const t = await setup({ kv });
  const total = async () => (await t.api("GET", "/discover?q=lighthouse")).body.pagination.total;
  hooks.before = async (kind) => {
    if (kind !== "commit") return;
    hooks.before = undefined;
    const made = await t.api("POST", "/blogs", { key: token, body: { slug: "late", name: "L" } });
    const headers = { "x-blog-id": made.body.id };
    await t.api("POST", "/posts", { key: token, body: post, headers });
    assert.equal(await total(), 1);
  };
  await suspendAccount(operator.deps, id, true);
  assert.equal(await total(), 0);
  assert.equal((await t.view("late", "/hello")).status, 404);
  await suspendAccount(operator.deps, id, false);
  assert.equal(await total(), 1);
  kv.close();
});

Deno.test("an account of two thousand blogs is hidden from search whole, and comes back whole", async () => {
  using t = await setup();
  const { id } = await t.tenant("enterprise");
  const { store } = t.deps;
  const ids = Array.from({ length: 2000 }, (_, n) => `blog ${String(n).padStart(4, "0")}`);
  await store.writeAll([
    ...ids.map((blog) => ({ key: ["ublog", id, blog], value: 1 })),
    { key: countKey(id, "blogs"), value: new Deno.KvU64(2001n) },
  ]);
  const hidden = async () =>
    (await store.list({ start: ["ftshide"], end: ["ftshide", true] }, 5000)).length;
  await suspendAccount(t.deps, id, true);
  assert.equal(await hidden(), 2001);
  await suspendAccount(t.deps, id, false);
  assert.equal(await hidden(), 0);
});

Deno.test("suspending what is suspended already, and resuming what is not, changes nothing", async () => {
  using t = await setup();
  const { id, key } = await t.tenant();
  const planRow = async () => (await t.deps.store.get(["plan", id])).value;
  const before = await planRow();
  await suspendAccount(t.deps, id, false);
  assert.deepEqual(await planRow(), before);
  await suspendAccount(t.deps, id, true);
  const suspended = await planRow();
  t.advance(1000);
  await suspendAccount(t.deps, id, true);
  assert.deepEqual(await planRow(), suspended);
  assert.equal((await t.api("GET", "/posts", { key })).status, 403);
});
