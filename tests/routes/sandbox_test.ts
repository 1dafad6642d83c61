import assert from "node:assert/strict";
import { type Service, setup } from "../_setup.ts";

const DAY = 86_400_000;
const post = { title: "Hello", content: "Text.", slug: "hello", status: "published" };

async function withTestKey(t: Service, plan: "free" | "scale" = "scale") {
  const tenant = await t.tenant(plan);
  const path = `/blogs/${tenant.blog.id}/api-keys`;
  const made = await t.api("POST", path, { key: tenant.key, body: { mode: "test" } });
  assert.equal(made.body.mode, "test");
  assert.match(made.body.key, /^pk_test_[0-9A-Za-z]{32}$/);
  return { ...tenant, test: made.body.key as string };
}

Deno.test("a test key's posts and the blog's own do not see each other, also under one slug", async () => {
  using t = await setup();
  const { key, test } = await withTestKey(t);
  await t.api("POST", "/posts", { key, body: post });
  const made = await t.api("POST", "/posts", { key: test, body: { ...post, title: "Trial" } });
  assert.equal(made.status, 201);
  for (const [credential, title] of [[key, "Hello"], [test, "Trial"]]) {
    assert.equal((await t.api("GET", "/posts/hello", { key: credential })).body.title, title);
    const { body } = await t.api("GET", "/posts", { key: credential });
    assert.deepEqual(body.data.map((p: { title: string }) => p.title), [title]);
    assert.equal(body.pagination.total, 1);
  }
  await t.api("PUT", "/posts/hello", { key: test, body: { content: "Other." } });
  const revisions = await t.api("GET", "/posts/hello/revisions", { key: test });
  assert.equal(revisions.body.data.length, 2);
  await t.api("DELETE", "/posts/hello", { key: test });
  assert.equal((await t.api("GET", "/posts/hello", { key: test })).status, 404);
  assert.equal((await t.api("GET", "/posts/hello", { key })).body.content_md, "Text.");
});

Deno.test("a sandbox's post is on no public page, published or not", async () => {
  using t = await setup();
  const { test, blog } = await withTestKey(t);
  await t.api("POST", "/posts", { key: test, body: post });
  assert.equal((await t.view(blog.slug, "/hello")).status, 404);
  assert.ok(!(await t.view(blog.slug, "/")).text.includes("Hello"));
});

Deno.test("a sandbox's post is read at a preview URL of 128 random bits, whatever its status, and not indexed", async () => {
  using t = await setup();
  const { test, blog } = await withTestKey(t);
  for (const status of ["draft", "published"]) {
    const body = { ...post, slug: status, title: `A ${status}`, status };
    const made = await t.api("POST", "/posts", { key: test, body });
    const { pathname, host } = new URL(made.body.url);
    assert.equal(host, `${blog.slug}.localhost:8000`);
    assert.match(pathname, /^\/_\/preview\/[0-9a-f]{32}$/);
    const page = await t.send("GET", made.body.url);
    assert.equal(page.status, 200);
    assert.match(page.text, new RegExp(`A ${status}`));
    assert.match(page.text, /<meta name="robots" content="noindex">/);
    assert.equal(page.headers.get("x-robots-tag"), "noindex");
    await t.api("PUT", `/posts/${status}`, { key: test, body: { title: "Edited" } });
    assert.match((await t.send("GET", made.body.url)).text, /Edited/);
    await t.api("DELETE", `/posts/${status}`, { key: test });
    assert.equal((await t.send("GET", made.body.url)).status, 404);
  }
});

Deno.test("a preview URL works on its own blog's host only", async () => {
  using t = await setup();
  const { test } = await withTestKey(t);
  const other = await t.tenant();
  const { body } = await t.api("POST", "/posts", { key: test, body: post });
  const { pathname } = new URL(body.url);
  assert.equal((await t.view(other.blog.slug, pathname)).status, 404);
  assert.equal((await t.view(other.blog.slug, `/_/preview/${"0".repeat(32)}`)).status, 404);
});

Deno.test("a sandbox's post vanishes after thirty days, and the sweep takes all of it", async () => {
  using t = await setup();
  const { test, key } = await withTestKey(t);
  const { body } = await t.api("POST", "/posts", { key: test, body: post });
  t.advance(30 * DAY - 1);
  assert.equal((await t.send("GET", body.url)).status, 200);
  assert.equal((await t.api("GET", "/posts/hello", { key: test })).status, 200);
  t.advance(1);
  assert.equal((await t.send("GET", body.url)).status, 404);
  const calls: [string, string, unknown?][] = [
    ["GET", "/posts/hello"],
    ["PUT", "/posts/hello", { title: "Late" }],
    ["POST", "/posts/hello/publish"],
    ["GET", "/posts/hello/revisions"],
  ];
  for (const [method, path, sent] of calls) {
    const got = await t.api(method, path, { key: test, body: sent });
    assert.equal(got.status, 404, `${method} ${path}`);
  }
  assert.deepEqual((await t.api("GET", "/posts", { key: test })).body.data, []);
  await t.api("POST", "/posts", { key, body: post });
  await t.runJob("sweep");
  t.advance(2 * DAY);
  await t.runJob("sweep");
  const counts: Record<string, number> = {};
  for await (const row of t.deps.store.kv.list({ prefix: [] })) {
    const kind = row.key[0] as string;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  const { post: posts, slug, revision, preview = 0, expiry = 0, gc = 0 } = counts;
  assert.deepEqual({ posts, slug, revision, preview, expiry, gc }, {
    posts: 1,
    slug: 1,
    revision: 1,
    preview: 0,
    expiry: 0,
    gc: 0,
  });
});

Deno.test("a sandbox's posts count in no quota", async () => {
  using t = await setup();
  const { key, test } = await withTestKey(t, "free");
  for (let n = 0; n < 12; n++) {
    const made = await t.api("POST", "/posts", { key: test, body: { ...post, slug: undefined } });
    assert.equal(made.status, 201);
  }
  await t.api("DELETE", "/posts/hello", { key: test });
  for (let n = 0; n < 10; n++) {
    const made = await t.api("POST", "/posts", { key, body: { ...post, slug: undefined } });
    assert.equal(made.status, 201);
  }
  assert.equal((await t.api("POST", "/posts", { key, body: post })).status, 403);
});

Deno.test("a sandbox's scheduled post is published in the sandbox alone", async () => {
  using t = await setup();
  const { test, blog } = await withTestKey(t);
  const scheduled_at = new Date(t.now() + DAY).toISOString();
  const body = { title: "Hello", content: "x", slug: "hello", scheduled_at };
  await t.api("POST", "/posts", { key: test, body });
  t.advance(DAY);
  await t.runJob("publish_scheduled");
  assert.equal((await t.api("GET", "/posts/hello", { key: test })).body.status, "published");
  assert.equal((await t.view(blog.slug, "/hello")).status, 404);
});
