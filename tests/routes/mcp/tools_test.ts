import assert from "node:assert/strict";
import { SCOPES } from "../../../lib/ctx.ts";
import { setup } from "../../_setup.ts";
import { CASES, connect, worldOf } from "../../support/mcp.ts";

for (const { name, scope, bad } of CASES) {
  if (scope !== null) {
    Deno.test(`${name} is neither listed nor done for a credential without ${scope}`, async () => {
      using t = await setup();
      const tenant = await t.tenant();
      const scopes = SCOPES.filter((one) => one !== scope);
      const body = { name: "less", scopes };
      const { body: { key } } = await t.api("POST", "/account/tokens", { key: tenant.token, body });
      await using agent = await connect(t, { key });
      assert.ok(!(await agent.tools()).includes(name));
      // With input that is wrong too: the right to it is judged first.
      const { isError, texts } = await agent.call(name, { slug: 1 });
      assert.equal(isError, true);
      assert.match(texts[0], new RegExp(`lacks the scope "${scope}"`));
    });
  }
  if (bad) {
    Deno.test(`${name} names the argument that is wrong, and what to do`, async () => {
      using t = await setup();
      const tenant = await t.tenant("enterprise");
      const world = worldOf(tenant);
      const post = { title: "T", content: "C", slug: world.slug };
      await t.api("POST", "/posts", { key: tenant.key, body: post });
      await using agent = await connect(t, { key: tenant.token });
      const [argument, args] = bad(world);
      const { isError, texts } = await agent.call(name, args);
      assert.equal(isError, true);
      assert.match(texts[0], new RegExp(`^- ${argument}`, "m"));
      assert.match(texts[0], /^Next: /m);
      assert.match(texts[0], /\(400 bad_request, reason validation, request [\w-]+\)$/);
    });
  }
}

Deno.test("a tool's input that no store can carry is refused by the argument's name", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await using agent = await connect(t, { key });
  for (const text of ["a\0b", "\ud800"]) {
    const { texts } = await agent.call("create_post", { title: text, content: "C" });
    assert.match(texts[0], /^- title: /m);
  }
});

Deno.test("an argument that a tool does not take is named beside what it has done", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await using agent = await connect(t, { key });
  const post = { title: "T", content: "C" };
  const { texts, structuredContent } = await agent.call("create_post", { ...post, tag: ["a"] });
  assert.equal(structuredContent.status, "published");
  assert.match(
    texts[2],
    /^Ignored, as create_post has no such argument: tag\. It takes .*\btags\b/,
  );
  const { texts: plain } = await agent.call("create_post", { ...post, tags: ["a"] });
  assert.equal(plain.length, 2);
});

Deno.test("a slug in place of blog_id is called that, for a key of one blog too", async () => {
  using t = await setup();
  const { key, token, blog } = await t.tenant();
  for (const credential of [key, token]) {
    await using agent = await connect(t, { key: credential });
    const { texts } = await agent.call("list_posts", { blog_id: blog.slug });
    assert.match(
      texts[0],
      /^Blog not found: blog_id must be an id.*, not a slug or an address\.\nNext: Call list_/,
    );
  }
});

Deno.test("a tool that is not there is answered with those that the credential may call", async () => {
  using t = await setup();
  const { token } = await t.tenant();
  const body = { name: "less", scopes: ["blogs:read"] };
  const { body: { key } } = await t.api("POST", "/account/tokens", { key: token, body });
  await using agent = await connect(t, { key });
  await assert.rejects(
    agent.call("post_create"),
    /Unknown tool: there are discover_posts, list_blogs, set_active_blog\.$/,
  );
});

Deno.test("create_post keeps a draft where status says so, and plans where scheduled_at does", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await using agent = await connect(t, { key });
  const post = { title: "T", content: "C" };
  const status = async (more: Record<string, unknown>) =>
    (await agent.call("create_post", { ...post, ...more })).structuredContent.status;
  assert.equal(await status({}), "published");
  assert.equal(await status({ status: "draft" }), "draft");
  assert.equal(await status({ scheduled_at: "2026-04-01T00:00:00Z" }), "scheduled");
});

Deno.test("update_post moves a post to new_slug", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await using agent = await connect(t, { key });
  await agent.call("create_post", { title: "T", content: "C", slug: "old" });
  await agent.call("update_post", { slug: "old", new_slug: "new" });
  assert.equal((await agent.call("get_post", { slug: "new" })).structuredContent.title, "T");
  const { texts } = await agent.call("get_post", { slug: "old" });
  assert.match(texts[0], /^Post not found\nNext: Call list_posts/);
});

Deno.test("get_analytics with a slug answers for that post", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await using agent = await connect(t, { key });
  await agent.call("create_post", { title: "T", content: "C", slug: "one" });
  const { structuredContent } = await agent.call("get_analytics", { slug: "one" });
  assert.equal(structuredContent.slug, "one");
  assert.equal(structuredContent.daily_views.length, 30);
});

Deno.test("a tool that the plan lacks says where to upgrade", async () => {
  using t = await setup();
  const { key } = await t.tenant("free");
  await using agent = await connect(t, { key });
  const { isError, texts } = await agent.call("get_analytics");
  assert.equal(isError, true);
  assert.match(texts[0], /reason plan_required/);
  assert.match(texts[0], /^Upgrade: http:\/\/localhost:8000\/upgrade$/m);
});

Deno.test("only tools that read say so, and those that destroy say that", async () => {
  using t = await setup();
  const { token } = await t.tenant();
  await using agent = await connect(t, { key: token });
  const { tools } = await agent.client.listTools();
  const told = (hint: "readOnlyHint" | "destructiveHint") =>
    tools.filter(({ annotations }) => annotations?.[hint]).map(({ name }) => name).join(" ");
  assert.equal(
    told("readOnlyHint"),
    "discover_posts get_analytics get_post get_usage list_blogs list_posts list_revisions search_posts validate_post",
  );
  assert.equal(told("destructiveHint"), "delete_blog delete_post unpublish_post");
});

Deno.test("every argument of every tool is described or limited by its schema", async () => {
  using t = await setup();
  const { token } = await t.tenant();
  await using agent = await connect(t, { key: token });
  const { tools } = await agent.client.listTools();
  for (const { name, inputSchema, description } of tools) {
    assert.ok(description!.length > 20, name);
    for (const [argument, schema] of Object.entries(inputSchema.properties ?? {})) {
      const keywords = Object.keys(schema as object).filter((word) =>
        !["type", "examples"].includes(word)
      );
      assert.ok(keywords.length > 0, `${name}.${argument}`);
    }
  }
});
