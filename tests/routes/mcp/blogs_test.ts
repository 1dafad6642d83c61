import assert from "node:assert/strict";
import { checkStore } from "../../../lib/operator/check/mod.ts";
import { type Service, setup, type Tenant } from "../../_setup.ts";
import { connect, type Connected } from "../../support/mcp.ts";

const DAY = 86_400_000;

/** A tenant with a second blog; the token acts on both. */
async function withTwoBlogs(t: Service): Promise<Tenant & { second: string }> {
  const tenant = await t.tenant();
  // Which of them is the first is told by their times.
  t.advance(1);
  const body = { slug: `${tenant.blog.slug}-b`, name: "Second" };
  const made = await t.api("POST", "/blogs", { key: tenant.token, body });
  return { ...tenant, second: made.body.id };
}

/** The blog that a post is made in, by its address; else what the refusal says. */
async function writes(agent: Connected, args: Record<string, unknown> = {}): Promise<string> {
  const { structuredContent, texts } = await agent.call("create_post", {
    title: "T",
    content: "C",
    ...args,
  });
  return structuredContent ? new URL(structuredContent.url).hostname.split(".")[0] : texts[0];
}

async function choices(t: Service): Promise<number> {
  return (await Array.fromAsync(t.deps.store.kv.list({ prefix: ["active"] }))).length;
}

Deno.test("with several blogs a tool wants blog_id until set_active_blog has chosen one", async () => {
  using t = await setup();
  const { token, blog, second } = await withTwoBlogs(t);
  await using agent = await connect(t, { key: token });
  assert.match(await writes(agent), /^No blog is named.*\nNext: Call list_blogs.*set_active_blog/);
  assert.equal(await writes(agent, { blog_id: blog.id }), blog.slug);
  await agent.call("set_active_blog", { blog_id: second });
  assert.equal(await writes(agent), `${blog.slug}-b`);
  assert.equal(await writes(agent, { blog_id: blog.id }), blog.slug);
  await agent.call("set_active_blog", { blog_id: blog.id });
  assert.equal(await writes(agent), blog.slug);
});

Deno.test("list_blogs says which blog tools act on", async () => {
  using t = await setup();
  const { token, second } = await withTwoBlogs(t);
  await using agent = await connect(t, { key: token });
  assert.match((await agent.call("list_blogs")).texts[1], /^No blog is chosen/);
  await agent.call("set_active_blog", { blog_id: second });
  assert.equal(
    (await agent.call("list_blogs")).texts[1],
    `Tools act on Second (${second}) unless blog_id says otherwise.`,
  );
});

Deno.test("what one credential has chosen is not another's choice", async () => {
  using t = await setup();
  const { id, token, blog, second } = await withTwoBlogs(t);
  const { body: { key } } = await t.api("POST", "/account/tokens", {
    key: token,
    body: { name: "other", blog_id: null },
  });
  const session = await t.session(id);
  await using agent = await connect(t, { key: token });
  await agent.call("set_active_blog", { blog_id: second });
  await using other = await connect(t, { key });
  assert.match(await writes(other), /^No blog is named/);
  await using person = await connect(t, { key: session });
  assert.equal(await writes(person), blog.slug);
  await person.call("set_active_blog", { blog_id: second });
  assert.equal(await writes(person), `${blog.slug}-b`);
});

Deno.test("X-Blog-Id goes before the choice, and no choice is made against it", async () => {
  using t = await setup();
  const { token, blog, second } = await withTwoBlogs(t);
  await using agent = await connect(t, { key: token });
  await agent.call("set_active_blog", { blog_id: second });
  await using fixed = await connect(t, { key: token, headers: { "x-blog-id": blog.id } });
  assert.equal(await writes(fixed), blog.slug);
  assert.equal(await writes(fixed, { blog_id: second }), `${blog.slug}-b`);
  const { isError, texts } = await fixed.call("set_active_blog", { blog_id: second });
  assert.equal(isError, true);
  assert.match(texts[0], /^The X-Blog-Id of this connection goes before any choice/);
});

Deno.test("a chosen blog that is deleted leaves tools without one, not on another", async () => {
  using t = await setup();
  const { token, second } = await withTwoBlogs(t);
  await using agent = await connect(t, { key: token });
  await agent.call("set_active_blog", { blog_id: second });
  await agent.call("delete_blog", { blog_id: second });
  assert.match(await writes(agent), /^The active blog is not there any more\.\nNext: /);
  assert.deepEqual((await agent.client.listResources()).resources, []);
});

Deno.test("a choice goes with its token, its session and its account, and check finds nothing amiss", async () => {
  using t = await setup();
  const { id, token, second } = await withTwoBlogs(t);
  const body = { name: "other", blog_id: null };
  const made = await t.api("POST", "/account/tokens", { key: token, body });
  const keys = [token, made.body.key, await t.session(id)];
  for (const key of keys) {
    await using agent = await connect(t, { key });
    await agent.call("set_active_blog", { blog_id: second });
  }
  assert.equal(await choices(t), 3);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
  await t.api("DELETE", `/account/tokens/${made.body.id}`, { key: token });
  assert.equal(await choices(t), 2);
  await t.api("POST", "/account/delete", { key: token });
  assert.equal(await choices(t), 0);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("the choice of a session lapses after ninety days, that of a token does not", async () => {
  using t = await setup();
  const { id, token, blog, second } = await withTwoBlogs(t);
  await using agent = await connect(t, { key: token });
  await agent.call("set_active_blog", { blog_id: second });
  t.advance(91 * DAY);
  assert.equal(await writes(agent), `${blog.slug}-b`);
  const { deps: { store } } = t;
  const lapsed = { blog: second, until: t.now() - 1 };
  const session = await t.session(id);
  const [{ key }] = await Array.fromAsync(store.kv.list({ prefix: ["usession", id] }));
  await store.kv.set(["active", id, key[2]], lapsed);
  await using person = await connect(t, { key: session });
  assert.equal(await writes(person), blog.slug);
});

Deno.test("another account's blog is not found by any tool", async () => {
  using t = await setup();
  const { token } = await t.tenant();
  const foreign = await t.tenant();
  const post = { title: "Secret", content: "Words.", slug: "secret" };
  await t.api("POST", "/posts", { key: foreign.key, body: post });
  await using agent = await connect(t, { key: token });
  const blog_id = foreign.blog.id;
  const calls: [string, Record<string, unknown>][] = [
    ["set_active_blog", {}],
    ["update_blog", { name: "Mine" }],
    ["delete_blog", {}],
    ["create_post", { title: "T", content: "C" }],
    ["validate_post", { title: "T", content: "C" }],
    ["list_posts", {}],
    ["get_post", { slug: "secret" }],
    ["update_post", { slug: "secret", title: "T" }],
    ["delete_post", { slug: "secret" }],
    ["unpublish_post", { slug: "secret" }],
    ["list_revisions", { slug: "secret" }],
    ["search_posts", { q: "words" }],
    ["get_analytics", {}],
    ["upload_image", { data: "aa", content_type: "image/png" }],
  ];
  for (const [name, args] of calls) {
    for (const id of [blog_id, "019d1f49-7100-7536-a689-1029c88c9d92", "no id"]) {
      const { isError, texts } = await agent.call(name, { ...args, blog_id: id });
      assert.equal(isError, true, name);
      assert.match(texts[0], /^Blog not found.*\nNext: Call list_blogs/, name);
    }
  }
  const uri = `postlark://blogs/${blog_id}/posts/secret`;
  await assert.rejects(agent.client.readResource({ uri }), /Blog not found/);
  const { body } = await t.api("GET", "/posts/secret", { key: foreign.key });
  assert.equal(body.title, "Secret");
});

Deno.test("a key that is bound to a blog acts on that one alone", async () => {
  using t = await setup();
  const { key, blog, second } = await withTwoBlogs(t);
  await using agent = await connect(t, { key });
  assert.equal(await writes(agent), blog.slug);
  assert.equal(await writes(agent, { blog_id: blog.id }), blog.slug);
  assert.match(await writes(agent, { blog_id: second }), /^This key is bound to another blog/);
  for (const name of ["set_active_blog", "update_blog", "delete_blog"]) {
    const { texts } = await agent.call(name, { blog_id: second });
    assert.match(texts[0], /reason blog_bound/, name);
  }
  await agent.call("set_active_blog", { blog_id: blog.id });
  assert.equal(await choices(t), 0);
});

Deno.test("a test key has the tools of its sandbox, and writes nothing that is public", async () => {
  using t = await setup();
  const { token, key, blog } = await t.tenant();
  const made = await t.api("POST", `/blogs/${blog.id}/api-keys`, {
    key: token,
    body: { mode: "test" },
  });
  await using agent = await connect(t, { key: made.body.key });
  assert.deepEqual(
    (await agent.tools()).filter((name) => /blog|usage|analytics|discover/.test(name)),
    ["discover_posts"],
  );
  const { structuredContent } = await agent.call("create_post", { title: "T", content: "C" });
  assert.match(structuredContent.url, /\/_\/|preview/);
  assert.equal((await agent.call("list_posts")).structuredContent.pagination.total, 1);
  assert.equal((await t.api("GET", "/posts", { key })).body.pagination.total, 0);
  const { texts } = await agent.call("list_blogs");
  assert.match(texts[0], /^A test key reaches only the sandbox.*\nNext: .*live key/);
  const { isError } = await agent.call("discover_posts", { q: "x" });
  assert.ok(!isError);
});
