import assert from "node:assert/strict";
import { type Service, setup } from "../_setup.ts";

async function codes(t: Service, key: string, body: Record<string, unknown>): Promise<string[]> {
  const got = await t.api("POST", "/posts/validate", { key, body: { title: "Title", ...body } });
  assert.equal(got.status, 200, got.text);
  return got.body.warnings.map((warning: { code: string }) => warning.code);
}

async function countRows(t: Service): Promise<number> {
  return (await t.deps.store.list({ start: [""], end: [true, true] }, 10_000)).length;
}

Deno.test("POST /v1/posts/validate shows what a create would make, and stores nothing", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const body = { title: "Hello World", content: "First *sentence*. Second one. Third." };
  await t.api("POST", "/posts", { key, body: { title: "Warm", content: "up" } });
  const rows = await countRows(t);
  const got = await t.api("POST", "/posts/validate", { key, body });
  assert.deepEqual(got.body, {
    valid: true,
    slug: "hello-world",
    meta_description: "First sentence. Second one.",
    word_count: 5,
    reading_minutes: 1,
    content_html: "<p>First <em>sentence</em>. Second one. Third.</p>\n",
    warnings: [],
  });
  assert.equal(await countRows(t), rows);
  const made = await t.api("POST", "/posts", { key, body });
  assert.equal(made.body.slug, got.body.slug);
  assert.equal(made.body.content_html, got.body.content_html);
});

Deno.test("validate warns of each fault by its code, and of none in a sound post", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  await t.api("POST", "/posts", { key, body: { title: "There", content: "x", slug: "there" } });
  const cases: [string, Record<string, unknown>][] = [
    ["dead_anchor", { content: "[a](#nowhere)" }],
    ["image_without_alt", { content: "![](https://example.com/a.png)" }],
    ["heading_jump", { content: "## Two\n\n#### Four" }],
    ["unclosed_fence", { content: "```ts\nconst a = 1;" }],
    ["unknown_callout", { content: "> [!HINT]\n> text" }],
    ["long_title", { title: "word ".repeat(30), content: "x" }],
    ["long_description", { content: "x", meta: { description: "word ".repeat(60) } }],
    ["dead_link", { content: "[a](/nowhere)" }],
    ["dead_link", { content: `[a](${blog.url}/nowhere)` }],
    ["slug_taken", { content: "x", slug: "there" }],
  ];
  for (const [code, body] of cases) assert.deepEqual(await codes(t, key, body), [code], code);
  const sound = "## Two\n\n### Three\n\n[a](#two) [b](/there) [c](https://example.com/x)\n\n" +
    "![alt](https://example.com/a.png)\n\n> [!NOTE]\n> text\n\n```ts\ncode\n```\n";
  assert.deepEqual(await codes(t, key, { content: sound }), []);
});

Deno.test("validate says that a taken slug would be refused", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const body = { title: "Hello", content: "Text.", slug: "hello" };
  await t.api("POST", "/posts", { key, body });
  const explicit = await t.api("POST", "/posts/validate", { key, body });
  assert.equal(explicit.body.valid, false);
  const automatic = await t.api("POST", "/posts/validate", {
    key,
    body: { title: "Hello", content: "Text." },
  });
  assert.deepEqual([automatic.body.valid, automatic.body.slug], [true, "hello-2"]);
});

Deno.test("validate refuses with 400 what a create would refuse", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const faulty = [{}, { title: "T", content: " " }, { title: "T", content: "x", slug: "-" }, {
    title: "T",
    content: "> ".repeat(5000),
  }];
  for (const body of faulty) {
    const validated = await t.api("POST", "/posts/validate", { key, body });
    const created = await t.api("POST", "/posts", { key, body });
    assert.equal(validated.status, 400);
    assert.equal(validated.body.message, created.body.message);
  }
});
