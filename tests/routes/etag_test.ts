import assert from "node:assert/strict";
import { setup } from "../_setup.ts";

const post = { title: "Hello", content: "Text.", slug: "hello" };

Deno.test("GET of a post or a blog has a strong ETag, and If-None-Match answers 304 without a body", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  await t.api("POST", "/posts", { key, body: post });
  for (const path of ["/posts/hello", `/blogs/${blog.id}`]) {
    const first = await t.api("GET", path, { key });
    const etag = first.headers.get("etag")!;
    assert.match(etag, /^"[^"]+"$/);
    for (const match of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
      const again = await t.api("GET", path, { key, headers: { "if-none-match": match } });
      assert.equal(again.status, 304, match);
      assert.equal(again.text, "");
      assert.equal(again.headers.get("etag"), etag);
      assert.ok(again.headers.get("x-request-id"));
      assert.ok(again.headers.get("x-ratelimit-remaining"));
    }
    const other = await t.api("GET", path, { key, headers: { "if-none-match": '"x"' } });
    assert.equal(other.status, 200);
  }
});

Deno.test("the ETag changes with every write to the post, and is the one that the write answered", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const etags: (string | null)[] = [];
  const write = async (method: string, path: string, body?: unknown) => {
    const written = await t.api(method, path, { key, body });
    const read = await t.api("GET", "/posts/hello", { key });
    assert.equal(written.headers.get("etag"), read.headers.get("etag"));
    etags.push(read.headers.get("etag"));
  };
  await write("POST", "/posts", post);
  await write("PUT", "/posts/hello", { title: "Two" });
  await write("POST", "/posts/hello/publish");
  await write("POST", "/posts/hello/unpublish");
  await write("POST", "/posts/hello/schedule", { scheduled_at: "2030-01-01T00:00:00Z" });
  assert.equal(new Set(etags).size, 5);
});

Deno.test("If-Match of an older version answers 412 on every write to a post, and nothing changes", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const made = await t.api("POST", "/posts", { key, body: post });
  const old = made.headers.get("etag")!;
  await t.api("PUT", "/posts/hello", { key, body: { title: "Someone else's" } });
  const before = await t.api("GET", "/posts/hello", { key });
  const writes: [string, string, unknown?][] = [
    ["PUT", "/posts/hello", { title: "Mine" }],
    ["PUT", "/posts/hello", {}],
    ["DELETE", "/posts/hello"],
    ["POST", "/posts/hello/publish"],
  ];
  for (const [method, path, body] of writes) {
    const headers = { "if-match": old };
    const got = await t.api(method, path, { key, body, headers });
    assert.equal(got.status, 412, `${method} ${path}`);
    assert.equal(got.body.error, "precondition_failed");
  }
  const after = await t.api("GET", "/posts/hello", { key });
  assert.equal(after.headers.get("etag"), before.headers.get("etag"));
});

Deno.test("If-Match of the current version, in a list, or * lets the write through", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await t.api("POST", "/posts", { key, body: post });
  let title = 0;
  for (const form of [(tag: string) => tag, (tag: string) => `"x", ${tag}`, () => "*"]) {
    const { headers } = await t.api("GET", "/posts/hello", { key });
    const match = { "if-match": form(headers.get("etag")!) };
    const body = { title: `Title ${++title}` };
    const got = await t.api("PUT", "/posts/hello", { key, body, headers: match });
    assert.equal(got.status, 200, match["if-match"]);
  }
  const gone = { "if-match": (await t.api("GET", "/posts/hello", { key })).headers.get("etag")! };
  assert.equal((await t.api("DELETE", "/posts/hello", { key, headers: gone })).status, 200);
});

Deno.test("If-Match guards a blog's update and deletion", async () => {
  using t = await setup();
  const { token, blog } = await t.tenant();
  const path = `/blogs/${blog.id}`;
  const old = (await t.api("GET", path, { key: token })).headers.get("etag")!;
  const headers = { "if-match": old };
  const first = await t.api("PUT", path, { key: token, body: { name: "A" }, headers });
  assert.equal(first.status, 200);
  const late = await t.api("PUT", path, { key: token, body: { name: "B" }, headers });
  assert.equal(late.status, 412);
  assert.equal((await t.api("DELETE", path, { key: token, headers })).status, 412);
  assert.equal((await t.api("GET", path, { key: token })).body.name, "A");
  const current = { "if-match": first.headers.get("etag")! };
  assert.equal((await t.api("DELETE", path, { key: token, headers: current })).status, 200);
});
