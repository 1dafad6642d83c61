import assert from "node:assert/strict";
import { transact } from "../lib/kit/kv.ts";
import { stagePackGrant } from "../lib/metering/packs.ts";
import { setup } from "./_setup.ts";
import type { Hooks } from "./support/hooked_kv.ts";
import { countRounds } from "./support/kv_rounds.ts";
import { makeHook } from "./support/receiver.ts";

const HOUR = 3_600_000;

async function measured() {
  const hooks: Hooks = {};
  const t = await setup({ hooks });
  const tenant = await t.tenant();
  const { key } = tenant;
  const post = (n: number) => ({ title: `Post ${n}`, content: "Text.", status: "published" });
  for (let n = 1; n <= 25; n++) {
    assert.equal((await t.api("POST", "/posts", { key, body: post(n) })).status, 201);
  }
  // The window that the posts above were counted in is known to the instance no more.
  t.advance(HOUR);
  return { t, hooks, tenant, key, [Symbol.dispose]: () => t[Symbol.dispose]() };
}

Deno.test("GET /v1/posts/{slug} with a key takes at most three rounds, its count beside the last", async () => {
  using m = await measured();
  const got = await countRounds(m.hooks, () => m.t.api("GET", "/posts/post-3", { key: m.key }));
  assert.equal(got.value.status, 200);
  assert.ok(got.rounds <= 3, JSON.stringify(got.waves));
  assert.equal(got.waves.length, got.rounds);
  assert.equal(got.commits, 1);
});

Deno.test("GET /v1/posts/{slug} that answers 304 takes no more rounds than a 200", async () => {
  using m = await measured();
  const { headers } = await m.t.api("GET", "/posts/post-3", { key: m.key });
  const match = { "if-none-match": headers.get("etag")! };
  const got = await countRounds(
    m.hooks,
    () => m.t.api("GET", "/posts/post-3", { key: m.key, headers: match }),
  );
  assert.equal(got.value.status, 304);
  assert.ok(got.waves.length <= 3, JSON.stringify(got.waves));
});

Deno.test("a call of get_post at /mcp with a key takes at most four rounds", async () => {
  using m = await measured();
  const params = { name: "get_post", arguments: { slug: "post-3" } };
  const got = await countRounds(m.hooks, () =>
    m.t.send("POST", `${m.t.deps.config.origin}/mcp`, {
      key: m.key,
      headers: { accept: "application/json, text/event-stream" },
      body: { jsonrpc: "2.0", id: 1, method: "tools/call", params },
    }));
  assert.match(got.value.text, /"structuredContent"/);
  assert.ok(got.waves.length <= 4, JSON.stringify(got.waves));
});

for (const [name, query] of [["first", "page=1"], ["last", "page=13"], ["middle", "page=6"]]) {
  Deno.test(`GET /v1/posts takes at most four rounds for the ${name} page`, async () => {
    using m = await measured();
    const path = `/posts?per_page=2&${query}`;
    const got = await countRounds(m.hooks, () => m.t.api("GET", path, { key: m.key }));
    assert.equal(got.value.body.pagination.total, 25);
    assert.ok(got.value.body.data.length > 0);
    assert.ok(got.waves.length <= 4, JSON.stringify(got.waves));
  });
}

Deno.test("GET /v1/posts with a cursor takes at most four rounds", async () => {
  using m = await measured();
  const { body } = await m.t.api("GET", "/posts?limit=10", { key: m.key });
  const path = `/posts?limit=10&cursor=${body.next_cursor}`;
  const got = await countRounds(m.hooks, () => m.t.api("GET", path, { key: m.key }));
  assert.equal(got.value.body.data.length, 10);
  assert.ok(got.waves.length <= 4, JSON.stringify(got.waves));
});

Deno.test("POST /v1/posts that publishes takes three read rounds, the count beside them, and one commit", async () => {
  using m = await measured();
  const body = { title: "Another", content: "Text.", status: "published", tags: ["a", "b"] };
  const got = await countRounds(m.hooks, () => m.t.api("POST", "/posts", { key: m.key, body }));
  assert.equal(got.value.status, 201);
  const own = got.waves.at(-1);
  assert.deepEqual(own, { reads: 0, commits: 1 });
  assert.ok(got.waves.length <= 4, JSON.stringify(got.waves));
  assert.equal(got.commits, 2, "its own commit and the one that counts it");
});

Deno.test("POST /v1/posts of Free takes three read rounds and one commit too", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { key } = await t.tenant("free");
  const body = { title: "Another", content: "Text.", slug: "another" };
  const got = await countRounds(hooks, () => t.api("POST", "/posts", { key, body }));
  assert.equal(got.value.status, 201);
  assert.ok(got.waves.length <= 4, JSON.stringify(got.waves));
  assert.equal(got.commits, 2);
});

Deno.test("POST /v1/posts takes no more rounds and commits where the blog has a webhook", async () => {
  using m = await measured();
  const post = async (title: string) => {
    const body = { title, content: "Text.", status: "published" };
    const got = await countRounds(m.hooks, () => m.t.api("POST", "/posts", { key: m.key, body }));
    assert.equal(got.value.status, 201);
    return got.waves;
  };
  await post("Warm");
  const without = await post("Without");
  await makeHook(m.t, m.tenant);
  assert.deepEqual(await post("With"), without);
});

Deno.test("POST /v1/posts that is counted, in a month or a pack, takes no round and no commit more than one on Scale", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const scale = await t.tenant("scale");
  const starter = await t.tenant("starter");
  const { key } = starter;
  const grant = { user: starter.id, size: 11, ref: "txn_1", now: t.now() };
  await transact(t.deps.store, (tx) => stagePackGrant(tx, grant));
  const measure = async (key: string, slug: string, explicit: boolean) => {
    t.advance(HOUR);
    const body = { title: slug, content: "Text.", status: "published", ...explicit && { slug } };
    const got = await countRounds(hooks, () => t.api("POST", "/posts", { key, body }));
    assert.equal(got.value.status, 201);
    return { rounds: got.rounds, commits: got.commits, waves: got.waves.length };
  };
  for (const explicit of [false, true]) {
    const uncounted = await measure(scale.key, `a-${explicit}`, explicit);
    assert.deepEqual(await measure(key, `b-${explicit}`, explicit), uncounted, "of the month");
    for (let n = 1; n < 15; n++) {
      const body = { title: "More", content: "x", slug: `more-${explicit}-${n}` };
      assert.equal((await t.api("POST", "/posts", { key, body })).status, 201);
    }
    // The first one leaves ten, and a notice.
    assert.deepEqual(await measure(key, `c-${explicit}`, explicit), uncounted, "of the pack");
    const [{ source }] = (await t.api("GET", "/packs/ledger", { key })).body.data;
    assert.equal(source, "pack");
    t.advance(31 * 24 * HOUR);
  }
});

Deno.test("the page of a published post takes one round once its host is known", async () => {
  using m = await measured();
  const view = () => m.t.view(m.tenant.blog.slug, "/post-7");
  assert.equal((await view()).status, 200);
  m.t.advance(60_000);
  const got = await countRounds(m.hooks, view);
  assert.equal(got.value.status, 200);
  assert.deepEqual(got.waves, [{ reads: 1, commits: 0 }]);
});

Deno.test("a page that was shown twice less than a second ago takes no round at all", async () => {
  using m = await measured();
  const view = () => m.t.view(m.tenant.blog.slug, "/post-7");
  await view();
  await view();
  m.t.advance(999);
  assert.deepEqual((await countRounds(m.hooks, view)).waves, []);
  m.t.advance(1);
  assert.equal((await countRounds(m.hooks, view)).rounds, 1);
});

for (const path of ["/", "/?page=2", "/archive", "/rss.xml"]) {
  Deno.test(`${path} that was shown less than a second ago takes no round at all`, async () => {
    using m = await measured();
    const view = () => m.t.view(m.tenant.blog.slug, path);
    await view();
    m.t.advance(999);
    assert.deepEqual((await countRounds(m.hooks, view)).waves, []);
    m.t.advance(1);
    assert.ok((await countRounds(m.hooks, view)).rounds > 0);
  });
}

Deno.test("the blog index takes at most three rounds", async () => {
  using m = await measured();
  const view = () => m.t.view(m.tenant.blog.slug, "/?page=2");
  await view();
  m.t.advance(60_000);
  const got = await countRounds(m.hooks, view);
  assert.equal(got.value.status, 200);
  assert.ok(got.waves.length <= 3, JSON.stringify(got.waves));
});

Deno.test("GET /v1/search takes four rounds: key, log beside the account, posting lists, posts", async () => {
  for (const merged of [false, true]) {
    using m = await measured();
    if (merged) await m.t.runJob("merge_search");
    const search = () =>
      countRounds(m.hooks, () => m.t.api("GET", "/search?q=post", { key: m.key }));
    const got = await search();
    assert.equal(got.value.body.pagination.total, 25);
    // What is not merged is read beside the lists.
    assert.equal(got.waves.length, merged ? 4 : 3, JSON.stringify(got.waves));
    assert.equal(got.commits, 1);
    assert.equal((await search()).waves.length, 3, "with posts that it has read before");
  }
});

Deno.test("GET /v1/discover takes four rounds: log, posting lists, posts, their blogs", async () => {
  using m = await measured();
  await m.t.runJob("merge_search");
  const got = await countRounds(m.hooks, () => m.t.api("GET", "/discover?q=post"));
  assert.equal(got.value.body.pagination.total, 25);
  assert.equal(got.waves.length, 4, JSON.stringify(got.waves));
  assert.equal(got.commits, 1);
});

Deno.test("a blog's search page takes three rounds once its host is known", async () => {
  using m = await measured();
  await m.t.runJob("merge_search");
  const view = (page: number) => () => m.t.view(m.tenant.blog.slug, `/search?q=post&page=${page}`);
  assert.equal((await view(1)()).status, 200);
  m.t.advance(60_000);
  const got = await countRounds(m.hooks, view(2));
  assert.equal(got.value.status, 200);
  assert.equal(got.rounds, 3, JSON.stringify(got.waves));
  assert.equal(got.commits, 0);
});

for (
  const [method, path, body] of [
    ["PUT", "/posts/post-3", { title: "Another", content: "Another." }],
    ["POST", "/posts/post-3/unpublish"],
    ["DELETE", "/posts/post-3"],
  ] as const
) {
  Deno.test(`${method} ${path} writes what search has to know in its own commit`, async () => {
    using m = await measured();
    const got = await countRounds(m.hooks, () => m.t.api(method, path, { key: m.key, body }));
    assert.equal(got.value.status, 200);
    assert.equal(got.commits, 2, "its own commit and the one that counts it");
    assert.ok(got.rounds <= 5, JSON.stringify(got.waves));
  });
}
