import assert from "node:assert/strict";
import { SCOPES } from "../../../lib/ctx.ts";
import { setup } from "../../_setup.ts";
import { connect } from "../../support/mcp.ts";

Deno.test("resources/list gives every post once, fifty at a time", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  for (let n = 0; n < 120; n++) {
    t.advance(1);
    await t.api("POST", "/posts", { key, body: { title: `Post ${n}`, content: "C" } });
  }
  await using agent = await connect(t, { key });
  const uris: string[] = [];
  let cursor: string | undefined;
  const sizes: number[] = [];
  do {
    const page = await agent.client.request({ method: "resources/list", params: { cursor } });
    sizes.push(page.resources.length);
    uris.push(...page.resources.map(({ uri }) => uri));
    cursor = page.nextCursor;
  } while (cursor);
  assert.deepEqual(sizes, [50, 50, 20]);
  assert.equal(new Set(uris).size, 120);
  assert.match(uris[0], /\/posts\/post-119$/);
});

Deno.test("the template of resources reads any post of any blog of the account, drafts too", async () => {
  using t = await setup();
  const { token, key, blog } = await t.tenant();
  const second = await t.api("POST", "/blogs", {
    key: token,
    body: { slug: `${blog.slug}-b`, name: "B" },
  });
  await t.api("POST", "/posts", { key, body: { title: "Draft", content: "*draft*" } });
  await using agent = await connect(t, { key: token });
  const { resourceTemplates } = await agent.client.listResourceTemplates();
  const uriOf = (blog_id: string, slug: string) =>
    resourceTemplates[0].uriTemplate.replace("{blog_id}", blog_id).replace("{slug}", slug);
  const uri = uriOf(blog.id, "draft");
  const { contents } = await agent.client.readResource({ uri });
  assert.deepEqual(contents, [{ uri, mimeType: "text/markdown", text: "*draft*" }]);
  for (const wrong of [uriOf(second.body.id, "draft"), uriOf(blog.id, "other"), "postlark://x"]) {
    await assert.rejects(agent.client.readResource({ uri: wrong }), /Post not found/);
  }
});

Deno.test("a credential that may not read posts has no resources", async () => {
  using t = await setup();
  const { token } = await t.tenant();
  const scopes = SCOPES.filter((scope) => scope !== "posts:read");
  const body = { name: "less", scopes };
  const made = await t.api("POST", "/account/tokens", { key: token, body });
  await using agent = await connect(t, { key: made.body.key });
  assert.equal(agent.client.getServerCapabilities()!.resources, undefined);
});

Deno.test("a prompt that lacks what it is about, or that is not there, is refused in words", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await using agent = await connect(t, { key });
  const name = "write_and_publish_post";
  await assert.rejects(agent.client.getPrompt({ name, arguments: {} }), /topic is required/);
  const long = { topic: "x".repeat(2001) };
  await assert.rejects(agent.client.getPrompt({ name, arguments: long }), /at most 2000/);
  await assert.rejects(
    agent.client.getPrompt({ name: "other", arguments: {} }),
    /Unknown prompt: there are write_and_publish_post/,
  );
});

Deno.test("every tool that a prompt speaks of is there", async () => {
  using t = await setup();
  const { token } = await t.tenant();
  await using agent = await connect(t, { key: token });
  const tools = await agent.tools();
  const { prompts } = await agent.client.listPrompts();
  for (const { name, arguments: taken = [] } of prompts) {
    const given = Object.fromEntries(taken.map((argument) => [argument.name, "x"]));
    const { messages } = await agent.client.getPrompt({ name, arguments: given });
    const { text } = messages[0].content as { text: string };
    const spoken = text.match(/\b(?:[a-z]+_)+(?:posts?|blogs?|images?|revisions?)\b/g)!;
    assert.ok(spoken.length > 2);
    for (const tool of spoken) assert.ok(tools.includes(tool), tool);
  }
});
