import assert from "node:assert/strict";
import { setup } from "../_setup.ts";
import { suspendAccount } from "../../lib/account/plan_changes.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { setupPair } from "../support/pair.ts";

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
