import assert from "node:assert/strict";
import { changePlan } from "../../lib/account/plan_changes.ts";
import { setup } from "../_setup.ts";

Deno.test("GET /v1/account/profile gives the account of the credential, a bound key's owner too", async () => {
  using t = await setup();
  const { id, email, key, token } = await t.tenant("creator");
  for (const credential of [key, token, await t.session(id)]) {
    const got = await t.api("GET", "/account/profile", { key: credential });
    assert.deepEqual(got.body, {
      id,
      email,
      name: "",
      plan: "creator",
      created_at: "2026-03-24T10:00:00.000Z",
    });
  }
  await changePlan(t.deps, id, { plan: "scale" });
  assert.equal((await t.api("GET", "/account/profile", { key })).body.plan, "scale");
});

Deno.test("POST /v1/account/tokens makes a token for all blogs, or for the one that it names", async () => {
  using t = await setup();
  const { token, blog } = await t.tenant();
  await t.api("POST", "/blogs", { key: token, body: { slug: "two", name: "Two" } });
  for (const blog_id of [undefined, null]) {
    const made = await t.api("POST", "/account/tokens", {
      key: token,
      body: { name: "all", blog_id },
    });
    assert.equal(made.status, 201);
    assert.equal(made.body.blog_id, null);
    assert.equal((await t.api("GET", "/posts", { key: made.body.key })).status, 400);
  }
  const body = { name: "one", blog_id: blog.id };
  const bound = await t.api("POST", "/account/tokens", { key: token, body });
  assert.equal(bound.body.blog_id, blog.id);
  const post = { title: "T", content: "x" };
  const created = await t.api("POST", "/posts", { key: bound.body.key, body: post });
  assert.equal(created.body.url, `${blog.url}/t`);
});

Deno.test("POST /v1/account/tokens needs a name, and a blog of the caller's", async () => {
  using t = await setup();
  const { token } = await t.tenant();
  const other = await t.tenant();
  for (const body of [{}, { name: "" }, { name: "n".repeat(101) }, { name: "T", blog_id: 1 }]) {
    assert.equal((await t.api("POST", "/account/tokens", { key: token, body })).status, 400);
  }
  for (const blog_id of [other.blog.id, crypto.randomUUID(), "x"]) {
    const body = { name: "T", blog_id };
    const got = await t.api("POST", "/account/tokens", { key: token, body });
    assert.equal(got.status, 404);
    assert.equal(got.body.reason, "blog_not_found");
  }
});

Deno.test("a token that a bound key makes without naming a blog is bound to the key's", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  const made = await t.api("POST", "/account/tokens", { key, body: { name: "T" } });
  assert.equal(made.status, 201);
  assert.equal(made.body.blog_id, blog.id);
});

Deno.test("GET /v1/account/tokens lists active tokens newest first, and no blog's own keys", async () => {
  using t = await setup();
  const { token } = await t.tenant();
  const ids = [];
  for (const name of ["a", "b", "c"]) {
    t.advance(1000);
    ids.push((await t.api("POST", "/account/tokens", { key: token, body: { name } })).body.id);
  }
  const gone = await t.api("DELETE", `/account/tokens/${ids[1]}`, { key: token });
  assert.deepEqual(gone.body, { deleted: true, revoked: true });
  const { body } = await t.api("GET", "/account/tokens", { key: token });
  assert.deepEqual(body.data.map((k: { name: string }) => k.name), ["c", "a", "all"]);
  assert.equal(body.next_cursor, null);
  const { key_prefix, last_used_at, blog_id } = body.data.at(-1);
  assert.equal(key_prefix, token.slice(0, 12));
  assert.equal(last_used_at, new Date(t.now()).toISOString());
  assert.equal(blog_id, null);
});

Deno.test("DELETE /v1/account/tokens/{id} ends a token at once, and finds no other's or a blog's key", async () => {
  using t = await setup();
  const { token, blog } = await t.tenant();
  const other = await t.tenant();
  const mine = (await t.api("POST", "/account/tokens", { key: token, body: { name: "T" } })).body;
  const keys = (await t.api("GET", `/blogs/${blog.id}/api-keys`, { key: token })).body.data;
  const theirs = (await t.api("GET", "/account/tokens", { key: other.token })).body.data;
  for (const id of [keys[0].id, theirs[0].id, crypto.randomUUID()]) {
    const got = await t.api("DELETE", `/account/tokens/${id}`, { key: token });
    assert.equal(got.status, 404);
    assert.equal(got.body.reason, "token_not_found");
  }
  assert.equal((await t.api("GET", "/blogs", { key: mine.key })).status, 200);
  await t.api("DELETE", `/account/tokens/${mine.id}`, { key: token });
  assert.equal((await t.api("GET", "/blogs", { key: mine.key })).status, 401);
});

Deno.test("a token may revoke itself, and is dead from then on", async () => {
  using t = await setup();
  const { token } = await t.tenant();
  const { data } = (await t.api("GET", "/account/tokens", { key: token })).body;
  const got = await t.api("DELETE", `/account/tokens/${data[0].id}`, { key: token });
  assert.equal(got.status, 200);
  assert.equal((await t.api("GET", "/account/tokens", { key: token })).status, 401);
});

Deno.test("GET /v1/account/tokens leaves out a token whose blog was deleted", async () => {
  using t = await setup();
  const { token, blog } = await t.tenant();
  const body = { name: "bound", blog_id: blog.id };
  t.advance(1000);
  await t.api("POST", "/account/tokens", { key: token, body });
  const names = async () => {
    const { data } = (await t.api("GET", "/account/tokens", { key: token })).body;
    return data.map((one: { name: string }) => one.name);
  };
  assert.deepEqual(await names(), ["bound", "all"]);
  await t.api("DELETE", `/blogs/${blog.id}`, { key: token });
  assert.deepEqual(await names(), ["all"]);
});

Deno.test("GET /v1/account/usage tells posts, packs, blogs and the requests of this hour, this one among them", async () => {
  using t = await setup();
  const { key, token } = await t.tenant("starter");
  await t.api("POST", "/posts", { key, body: { title: "T", content: "x" } });
  const { body, headers } = await t.api("GET", "/account/usage", { key: token });
  assert.deepEqual(body, {
    plan: "starter",
    grace: null,
    posts: {
      limit: 15,
      used: 1,
      remaining: 14,
      existing: 1,
      period_start: "2026-03-01T00:00:00.000Z",
      period_end: "2026-04-01T00:00:00.000Z",
    },
    packs: { remaining: 0 },
    blogs: { limit: 1, used: 1 },
    storage: { limit_bytes: 1024 ** 3, used_bytes: 0 },
    requests: { limit: 300, used: 2, remaining: 298, reset: 1774350000 },
  });
  assert.equal(headers.get("x-ratelimit-remaining"), "298");
});

Deno.test("GET /v1/account/usage counts Free's posts that exist, and names no limit where a plan has none", async () => {
  using t = await setup();
  const free = await t.tenant("free");
  for (const slug of ["a", "b"]) {
    await t.api("POST", "/posts", { key: free.key, body: { title: "T", slug, content: "x" } });
  }
  await t.api("DELETE", "/posts/a", { key: free.key });
  const usage = async (key: string) => (await t.api("GET", "/account/usage", { key })).body;
  const { posts, blogs } = await usage(free.key);
  assert.deepEqual(posts, {
    limit: 10,
    used: 1,
    remaining: 9,
    existing: 1,
    period_start: null,
    period_end: null,
  });
  assert.deepEqual(blogs, { limit: 1, used: 1 });
  const large = await t.tenant("enterprise");
  await t.api("POST", "/posts", { key: large.key, body: { title: "T", content: "x" } });
  const unlimited = await usage(large.key);
  assert.deepEqual([unlimited.posts.limit, unlimited.posts.remaining], [null, null]);
  assert.deepEqual([unlimited.posts.used, unlimited.blogs.limit], [1, null]);
});
