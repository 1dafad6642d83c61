import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setup } from "../_setup.ts";
import { atOnce, tally } from "../support/pair.ts";

const LIMIT = 1_048_576;
const post = { title: "Hello", content: "Text." };

Deno.test("POST /v1/posts answers 201 with the whole post, a draft unless said otherwise", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  const meta = {
    description: "About.",
    og_image: "https://example.com/a.png",
    canonical_url: "https://example.com/original",
    noindex: true,
  };
  const body = {
    title: "  My post ",
    content: "Some *text*.",
    slug: "mine",
    tags: ["a", "B"],
    meta,
  };
  const made = await t.api("POST", "/posts", { key, body });
  assert.equal(made.status, 201);
  const { id, ...rest } = made.body;
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  const now = "2026-03-24T10:00:00.000Z";
  assert.deepEqual(rest, {
    title: "My post",
    slug: "mine",
    url: `${blog.url}/mine`,
    status: "draft",
    tags: ["a", "B"],
    meta_description: "About.",
    published_at: null,
    scheduled_at: null,
    created_at: now,
    updated_at: now,
    content_md: "Some *text*.",
    content_html: "<p>Some <em>text</em>.</p>\n",
    og_image_url: "https://example.com/a.png",
    canonical_url: "https://example.com/original",
    noindex: true,
    word_count: 2,
    lang: "en",
  });
  assert.deepEqual((await t.api("GET", "/posts/mine", { key })).body, made.body);
});

Deno.test("POST /v1/posts with status published sets published_at to its creation", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const { body } = await t.api("POST", "/posts", { key, body: { ...post, status: "published" } });
  assert.equal(body.status, "published");
  assert.equal(body.published_at, body.created_at);
});

Deno.test("POST /v1/posts ignores keys that it does not know", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const body = { ...post, author: "me", id: "x", meta: { theme: 1 } };
  const made = await t.api("POST", "/posts", { key, body });
  assert.equal(made.status, 201);
  assert.notEqual(made.body.id, "x");
});

Deno.test("POST /v1/posts lists every fault that it finds", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const body = { slug: "No Slug", status: "gone", tags: "a", meta: { noindex: "yes" } };
  const refused = await t.api("POST", "/posts", { key, body });
  assert.equal(refused.status, 400);
  assert.equal(refused.body.error, "bad_request");
  const paths = refused.body.issues.map((issue: { path: string }) => issue.path).sort();
  assert.deepEqual(paths, ["content", "meta.noindex", "slug", "status", "tags", "title"]);
  const named = refused.body.issues.find((issue: { path: string }) => issue.path === "title");
  assert.equal(named.message, "title is required");
});

Deno.test("POST /v1/posts returns 400 for values out of bounds, and 201 at each bound", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const url = (length: number) => `https://example.com/${"a".repeat(length - 20)}`;
  const list = (count: number) => Array.from({ length: count }, (_, n) => `tag ${n}`);
  const good = [
    { title: ` ${"😀".repeat(1000)} ` },
    { slug: "s".repeat(100) },
    { slug: "" },
    { tags: list(10) },
    { tags: [` ${"é".repeat(50)} `] },
    { meta: { description: "😀".repeat(500) } },
    { meta: { og_image: url(2048) } },
    { meta: { og_image: null, description: null, canonical_url: "http://example.com/" } },
  ];
  for (const field of good) {
    const { status } = await t.api("POST", "/posts", { key, body: { ...post, ...field } });
    assert.equal(status, 201, JSON.stringify(field));
  }
  const bad = [
    { title: "a".repeat(1001) },
    { title: "   " },
    { title: 1 },
    { content: "" },
    { content: " \n" },
    { content: null },
    { slug: "s".repeat(101) },
    { slug: "Upper" },
    { slug: "a_b" },
    { slug: "-a" },
    { slug: "a/b" },
    { slug: "ü" },
    { tags: list(11) },
    { tags: ["a".repeat(51)] },
    { tags: [" "] },
    { tags: [1] },
    { status: "scheduled" },
    { meta: { description: "a".repeat(501) } },
    { meta: { og_image: url(2049) } },
    { meta: { og_image: "http://example.com/a.png" } },
    { meta: { og_image: "javascript:alert(1)" } },
    { meta: { canonical_url: "javascript:alert(1)" } },
    { meta: [] },
  ];
  for (const field of bad) {
    const { status, body } = await t.api("POST", "/posts", { key, body: { ...post, ...field } });
    assert.equal(status, 400, JSON.stringify(field));
    assert.equal(body.issues.length, 1, JSON.stringify(field));
  }
});

Deno.test("POST /v1/posts takes content of 1,048,576 bytes of UTF-8, and not one more", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const line = `${"é word ".repeat(12)}\n\n`;
  const bytes = new TextEncoder().encode(line).length;
  const most = line.repeat(Math.floor(LIMIT / bytes)) + "a".repeat(LIMIT % bytes);
  const made = await t.api("POST", "/posts", { key, body: { ...post, content: most } });
  assert.equal(made.status, 201);
  assert.equal(made.body.content_md, most);
  const over = await t.api("POST", "/posts", { key, body: { ...post, content: `${most}a` } });
  assert.equal(over.status, 400);
  assert.equal(over.body.issues[0].path, "content");
});

Deno.test("a megabyte that does not compress is stored and read whole", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  const noise = () => randomBytes(48).toString("base64url");
  let content = "";
  while (content.length < LIMIT - 66) content += `${noise()}\n\n`;
  const body = { title: "Noise", content, status: "published" };
  const made = await t.api("POST", "/posts", { key, body });
  assert.equal(made.status, 201);
  const { body: read } = await t.api("GET", "/posts/noise", { key });
  assert.equal(read.content_md, content);
  assert.equal(read.content_html, made.body.content_html);
  const page = await t.view(blog.slug, "/noise");
  assert.ok(page.text.includes(read.content_html));
});

Deno.test("POST /v1/posts returns 400 that names the bound for Markdown that is too complex", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const content = `${">".repeat(200)} deep`;
  const refused = await t.api("POST", "/posts", { key, body: { title: "Deep", content } });
  assert.equal(refused.status, 400);
  assert.equal(refused.body.reason, "too_complex");
  assert.match(refused.body.message, /30 levels/);
  assert.equal(refused.body.issues[0].path, "content");
});

Deno.test("a slug is made of the title by transliteration, at most 100 characters, never empty", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const slugs = [
    ["Größe & Maß: Ein Test!", "grosse-mass-ein-test"],
    ["Привет, мир", "privet-mir"],
    ["北京", "beijing"],
    ["Don't stop", "dont-stop"],
    ["--- A ---", "a"],
    ["word ".repeat(40), `${"word-".repeat(19)}word`],
  ];
  for (const [title, slug] of slugs) {
    const { body } = await t.api("POST", "/posts", { key, body: { title, content: "x" } });
    assert.equal(body.slug, slug);
    assert.ok(body.slug.length <= 100);
  }
  for (const slug of [undefined, ""]) {
    const { body } = await t.api("POST", "/posts", {
      key,
      body: { title: "¡!", content: "x", slug },
    });
    assert.match(body.slug, /^[a-z0-9][a-z0-9-]*$/);
  }
});

Deno.test("an automatic slug that is taken gets -2, -3 and so on, within 100 characters", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const create = async (title: string) =>
    (await t.api("POST", "/posts", { key, body: { title, content: "x" } })).body.slug;
  const slugs = [];
  for (let n = 0; n < 25; n++) slugs.push(await create("Same"));
  const numbered = Array.from({ length: 24 }, (_, n) => `same-${n + 2}`);
  assert.deepEqual(slugs, ["same", ...numbered]);
  await create("a".repeat(120));
  assert.equal(await create("a".repeat(120)), `${"a".repeat(98)}-2`);
});

Deno.test("POST /v1/posts returns 409 for a slug that the blog has", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const body = { ...post, slug: "hello" };
  assert.equal((await t.api("POST", "/posts", { key, body })).status, 201);
  const second = await t.api("POST", "/posts", { key, body });
  assert.equal(second.status, 409);
  assert.equal(second.body.error, "conflict");
  assert.equal(second.body.message, 'slug "hello" is already taken');
});

Deno.test("fifty posts of one title that are created at once have fifty slugs", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const made = await atOnce(50, () => t.api("POST", "/posts", { key, body: post }));
  assert.deepEqual(tally(made), { 201: 50 });
  assert.equal(new Set(made.map((answer) => answer.body.slug)).size, 50);
});

Deno.test("no slug is reserved for the site's own pages", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  for (const slug of ["archive", "search", "tag", "api", "v1", "admin", "rss", "2026"]) {
    const body = { ...post, title: `Named ${slug}`, slug, status: "published" };
    assert.equal((await t.api("POST", "/posts", { key, body })).status, 201);
    assert.match((await t.view(blog.slug, `/${slug}`)).text, new RegExp(`Named ${slug}`));
  }
});

Deno.test("a missing description is the first two sentences of the text, at most 160 characters", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const describe = async (content: string, meta?: unknown) =>
    (await t.api("POST", "/posts", { key, body: { title: "T", content, meta } })).body
      .meta_description;
  assert.equal(
    await describe("One **bold** claim. Two [links](/x)! Three."),
    "One bold claim. Two links!",
  );
  const long = await describe(`${"word ".repeat(60)}. Then more.`);
  assert.ok(long.length <= 160 && long.startsWith("word word"), long);
  assert.equal(await describe("One. Two. Three.", { description: "  " }), "One. Two.");
});

Deno.test("tags that differ only in case are one tag", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const body = { ...post, tags: ["Deno", "deno", " DENO ", "kv"] };
  const made = await t.api("POST", "/posts", { key, body });
  assert.equal(made.body.tags.length, 2);
  assert.equal((await t.api("GET", "/posts?tag=dEnO", { key })).body.pagination.total, 1);
});

Deno.test("POST /v1/posts with scheduled_at makes a scheduled post, in UTC, where the plan has scheduling", async () => {
  using t = await setup();
  const { key } = await t.tenant("creator");
  const scheduled_at = "2026-04-01T09:00:00+05:30";
  const made = await t.api("POST", "/posts", { key, body: { ...post, scheduled_at } });
  assert.equal(made.status, 201);
  assert.equal(made.body.status, "scheduled");
  assert.equal(made.body.scheduled_at, "2026-04-01T03:30:00.000Z");
  assert.equal(made.body.published_at, null);
  const { key: starter } = await t.tenant("starter");
  const refused = await t.api("POST", "/posts", { key: starter, body: { ...post, scheduled_at } });
  assert.equal(refused.status, 403);
  assert.equal(refused.body.reason, "plan_required");
  assert.equal(refused.body.upgrade_url, "http://localhost:8000/upgrade");
});

Deno.test("POST /v1/posts returns 400 for scheduled_at with status published, in the past, or malformed", async () => {
  using t = await setup();
  const { key } = await t.tenant("creator");
  const bodies = [
    { scheduled_at: "2030-01-01T00:00:00Z", status: "published" },
    { scheduled_at: "2026-03-24T10:00:00.000Z" },
    { scheduled_at: "2030-01-01" },
    { scheduled_at: "2030-01-01T00:00:00" },
    { scheduled_at: "2030-13-01T00:00:00Z" },
    { scheduled_at: 1_900_000_000 },
    { scheduled_at: "" },
  ];
  for (const fields of bodies) {
    const { status } = await t.api("POST", "/posts", { key, body: { ...post, ...fields } });
    assert.equal(status, 400, JSON.stringify(fields));
  }
  assert.equal((await t.api("GET", "/posts", { key })).body.pagination.total, 0);
});

Deno.test("Free has room for ten posts; a refused create takes none, a deleted post gives its place back", async () => {
  using t = await setup();
  const { key } = await t.tenant("free");
  const create = (slug: string) => t.api("POST", "/posts", { key, body: { ...post, slug } });
  for (let n = 0; n < 9; n++) assert.equal((await create(`post-${n}`)).status, 201);
  assert.equal((await create("post-0")).status, 409);
  assert.equal((await t.api("POST", "/posts", { key, body: { title: "x" } })).status, 400);
  assert.equal((await create("post-9")).status, 201);
  const refused = await create("post-10");
  assert.equal(refused.status, 403);
  assert.equal(refused.body.error, "forbidden");
  assert.equal(refused.body.reason, "post_limit");
  assert.equal(refused.body.message, "Post limit exceeded. Free plan allows 10 total posts.");
  assert.equal(refused.body.upgrade_url, "http://localhost:8000/upgrade");
  assert.equal((await t.api("DELETE", "/posts/post-3", { key })).status, 200);
  assert.equal((await create("post-10")).status, 201);
  assert.equal((await create("post-11")).status, 403);
});

Deno.test("what a blog's deletion takes with it counts against Free no more", async () => {
  using t = await setup();
  const { key, token, blog } = await t.tenant("free");
  for (let n = 0; n < 10; n++) await t.api("POST", "/posts", { key, body: post });
  await t.api("DELETE", `/blogs/${blog.id}`, { key: token });
  await t.api("POST", "/blogs", { key: token, body: { slug: "again", name: "Again" } });
  for (let n = 0; n < 10; n++) {
    assert.equal((await t.api("POST", "/posts", { key: token, body: post })).status, 201);
  }
  assert.equal((await t.api("POST", "/posts", { key: token, body: post })).status, 403);
});
