import assert from "node:assert/strict";
import { type Service, setup, type Tenant } from "../_setup.ts";

const META = {
  description: "About.",
  og_image: "https://example.com/a.png",
  canonical_url: "https://example.com/original",
  noindex: true,
};
const BODY = { title: "Hello", content: "Text.", slug: "hello", tags: ["one"], meta: META };

async function withPost(t: Service, fields: Record<string, unknown> = {}): Promise<Tenant> {
  const tenant = await t.tenant();
  const { key } = tenant;
  const made = await t.api("POST", "/posts", { key, body: { ...BODY, ...fields } });
  assert.equal(made.status, 201);
  t.advance(1000);
  return tenant;
}

Deno.test("PUT /v1/posts/{slug} changes each field alone, and answers with the whole post", async () => {
  using t = await setup();
  const { key } = await withPost(t);
  const changes: [Record<string, unknown>, Record<string, unknown>][] = [
    [{ title: "Other" }, { title: "Other" }],
    [{ content: "New *text* here." }, {
      content_md: "New *text* here.",
      content_html: "<p>New <em>text</em> here.</p>\n",
      word_count: 3,
    }],
    [{ tags: [] }, { tags: [] }],
    [{ meta: { description: "Else." } }, { meta_description: "Else." }],
    [{ meta: { description: null } }, { meta_description: "New text here." }],
    [{ meta: { og_image: "" } }, { og_image_url: null }],
    [{ meta: { canonical_url: null } }, { canonical_url: null }],
    [{ meta: { noindex: false } }, { noindex: false }],
  ];
  let before = (await t.api("GET", "/posts/hello", { key })).body;
  for (const [body, changed] of changes) {
    t.advance(1000);
    const got = await t.api("PUT", "/posts/hello", { key, body });
    assert.equal(got.status, 200);
    const updated_at = new Date(t.now()).toISOString();
    assert.deepEqual(got.body, { ...before, ...changed, updated_at });
    before = (await t.api("GET", "/posts/hello", { key })).body;
    assert.deepEqual(before, got.body);
  }
});

Deno.test("PUT /v1/posts/{slug} with nothing, an absent body or what is there already changes nothing", async () => {
  using t = await setup();
  const { key } = await withPost(t);
  const before = await t.api("GET", "/posts/hello", { key });
  const { meta, ...fields } = BODY;
  for (const body of [{}, undefined, { slug: "" }, fields, { meta }, { meta: {} }]) {
    t.advance(1000);
    const got = await t.api("PUT", "/posts/hello", { key, body });
    assert.equal(got.status, 200);
    assert.deepEqual(got.body, before.body);
    assert.equal(got.headers.get("etag"), before.headers.get("etag"));
  }
  const { body } = await t.api("GET", "/posts/hello/revisions", { key });
  assert.equal(body.data.length, 1);
});

Deno.test("PUT /v1/posts/{slug} ignores status, id and dates", async () => {
  using t = await setup();
  const { key } = await withPost(t);
  const before = (await t.api("GET", "/posts/hello", { key })).body;
  const body = { status: "published", id: "x", created_at: "2000-01-01T00:00:00Z", tags: ["two"] };
  const after = (await t.api("PUT", "/posts/hello", { key, body })).body;
  assert.deepEqual(after, { ...before, tags: ["two"], updated_at: after.updated_at });
});

Deno.test("PUT /v1/posts/{slug} returns 400 for what creating would refuse, and changes nothing", async () => {
  using t = await setup();
  const { key } = await withPost(t);
  const before = (await t.api("GET", "/posts/hello", { key })).body;
  const bodies = [
    { title: "  " },
    { content: "" },
    { content: "a".repeat(1_048_577) },
    { slug: "No" },
    { tags: ["x".repeat(51)] },
    { title: "Fine", meta: { og_image: "http://example.com/a.png" } },
    { title: null },
  ];
  for (const body of bodies) {
    assert.equal((await t.api("PUT", "/posts/hello", { key, body })).status, 400);
  }
  assert.deepEqual((await t.api("GET", "/posts/hello", { key })).body, before);
});

Deno.test("PUT /v1/posts/{slug} renames: the new slug answers, the old one is free", async () => {
  using t = await setup();
  const { key, blog } = await withPost(t);
  const renamed = await t.api("PUT", "/posts/hello", { key, body: { slug: "hi" } });
  assert.equal(renamed.body.slug, "hi");
  assert.equal(renamed.body.url, `${blog.url}/hi`);
  assert.equal((await t.api("GET", "/posts/hello", { key })).status, 404);
  assert.equal((await t.api("GET", "/posts/hi", { key })).body.id, renamed.body.id);
  assert.equal((await t.api("POST", "/posts", { key, body: BODY })).status, 201);
});

Deno.test("PUT /v1/posts/{slug} returns 409 for another post's slug", async () => {
  using t = await setup();
  const { key } = await withPost(t);
  await t.api("POST", "/posts", { key, body: { ...BODY, slug: "other" } });
  const got = await t.api("PUT", "/posts/hello", { key, body: { slug: "other", title: "No" } });
  assert.equal(got.status, 409);
  assert.equal(got.body.reason, "slug_taken");
  assert.equal((await t.api("GET", "/posts/hello", { key })).body.title, "Hello");
});

Deno.test("a slug that a renamed published post left may be taken, by a new post or by its own return", async () => {
  using t = await setup();
  const { key } = await withPost(t, { status: "published" });
  await t.api("PUT", "/posts/hello", { key, body: { slug: "hi" } });
  assert.equal((await t.api("PUT", "/posts/hi", { key, body: { slug: "hello" } })).status, 200);
  await t.api("PUT", "/posts/hello", { key, body: { slug: "hi" } });
  const taken = await t.api("POST", "/posts", { key, body: { title: "Hello", content: "x" } });
  assert.equal(taken.body.slug, "hello");
  const back = await t.api("PUT", "/posts/hi", { key, body: { slug: "hello" } });
  assert.equal(back.status, 409);
});

Deno.test("published_at and created_at survive an edit, updated_at moves", async () => {
  using t = await setup();
  const { key } = await withPost(t, { status: "published" });
  const before = (await t.api("GET", "/posts/hello", { key })).body;
  t.advance(5000);
  const after = (await t.api("PUT", "/posts/hello", { key, body: { title: "Two" } })).body;
  assert.equal(after.published_at, before.published_at);
  assert.equal(after.created_at, before.created_at);
  assert.equal(Date.parse(after.updated_at) - Date.parse(before.updated_at), 6000);
});

Deno.test("a large post is edited both ways: to a small one, and back", async () => {
  using t = await setup();
  const { key, blog } = await withPost(t, { status: "published" });
  const large = "A paragraph of some words.\n\n".repeat(20_000);
  for (const content of [large, "Small.", `${large}end`]) {
    const got = await t.api("PUT", "/posts/hello", { key, body: { content } });
    assert.equal(got.status, 200);
    const read = (await t.api("GET", "/posts/hello", { key })).body;
    assert.equal(read.content_md, content);
    assert.ok((await t.view(blog.slug, "/hello")).text.includes(read.content_html));
  }
});

Deno.test("DELETE /v1/posts/{slug} takes the post, its revisions and its place in every list", async () => {
  using t = await setup();
  const { key } = await withPost(t, { status: "published" });
  const got = await t.api("DELETE", "/posts/hello", { key });
  assert.equal(got.status, 200);
  assert.deepEqual(got.body, { deleted: true });
  for (const path of ["/posts/hello", "/posts/hello/revisions"]) {
    assert.equal((await t.api("GET", path, { key })).status, 404);
  }
  assert.equal((await t.api("DELETE", "/posts/hello", { key })).status, 404);
  for (const query of ["", "?tag=one", "?status=published", "?status=published&tag=one"]) {
    const { body } = await t.api("GET", `/posts${query}`, { key });
    assert.deepEqual(body.data, []);
    assert.equal(body.pagination.total, 0);
  }
});

Deno.test("what a deleted post leaves in the store is swept a day later", async () => {
  using t = await setup();
  const { key } = await withPost(t, { status: "published" });
  await t.api("PUT", "/posts/hello", { key, body: { slug: "hi", content: "More." } });
  const { id } = (await t.api("DELETE", "/posts/hi", { key }), await idsLeft(t));
  assert.equal(id, 0);
  t.advance(26 * 3_600_000);
  await t.runJob("sweep");
  assert.deepEqual(await idsLeft(t), { id: 0, chunks: 0 });
});

async function idsLeft(t: Service): Promise<{ id: number; chunks: number }> {
  const left = { id: 0, chunks: 0 };
  for await (const { key } of t.deps.store.kv.list({ prefix: [] })) {
    if (["post", "page", "ix"].includes(key[0] as string)) left.id++;
    if (["rev", "revision", "slug", "gc"].includes(key[0] as string)) left.chunks++;
  }
  return left;
}
