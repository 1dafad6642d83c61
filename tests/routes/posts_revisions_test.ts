import assert from "node:assert/strict";
import { type Service, setup } from "../_setup.ts";

const DAY = 86_400_000;

async function edited(t: Service, edits: Record<string, unknown>[]) {
  const tenant = await t.tenant();
  const { key } = tenant;
  const body = {
    title: "One",
    content: "First.",
    slug: "post",
    tags: ["a"],
    meta: { description: "About one." },
  };
  await t.api("POST", "/posts", { key, body });
  for (const edit of edits) {
    t.advance(1000);
    assert.equal((await t.api("PUT", "/posts/post", { key, body: edit })).status, 200);
  }
  return tenant;
}

Deno.test("GET …/revisions lists the versions newest first, and GET …/revisions/{id} gives each whole", async () => {
  using t = await setup();
  const { key } = await edited(t, [{ content: "Second." }, { title: "Three", tags: ["b"] }]);
  const { body } = await t.api("GET", "/posts/post/revisions", { key });
  assert.equal(body.next_cursor, null);
  const shown = body.data.map((r: Record<string, unknown>) => [r.number, r.title, r.tags]);
  assert.deepEqual(shown, [[3, "Three", ["b"]], [2, "One", ["a"]], [1, "One", ["a"]]]);
  const first = await t.api("GET", `/posts/post/revisions/${body.data[2].id}`, { key });
  assert.equal(first.status, 200);
  assert.deepEqual(first.body, {
    id: body.data[2].id,
    number: 1,
    title: "One",
    slug: "post",
    tags: ["a"],
    meta_description: "About one.",
    word_count: 1,
    created_at: "2026-03-24T10:00:00.000Z",
    content_md: "First.",
    content_html: "<p>First.</p>\n",
    og_image_url: null,
    canonical_url: null,
    noindex: false,
  });
});

Deno.test("POST …/restore makes title, content, tags and meta of a version the newest; slug and status stay", async () => {
  using t = await setup();
  const meta = { description: "About two.", og_image: "https://example.com/a.png", noindex: true };
  const { key, blog } = await edited(
    t,
    [
      { title: "Two", content: "Second.", tags: [], meta },
      { slug: "moved" },
    ].slice(0, 1),
  );
  await t.api("PUT", "/posts/post", { key, body: { slug: "moved" } });
  await t.api("POST", "/posts/moved/publish", { key });
  const { data } = (await t.api("GET", "/posts/moved/revisions", { key })).body;
  const oldest = data.at(-1).id;
  const before = (await t.api("GET", "/posts/moved", { key })).body;
  t.advance(1000);
  const got = await t.api("POST", `/posts/moved/revisions/${oldest}/restore`, { key });
  assert.equal(got.status, 200);
  assert.deepEqual(got.body, {
    ...before,
    title: "One",
    content_md: "First.",
    content_html: "<p>First.</p>\n",
    tags: ["a"],
    meta_description: "About one.",
    og_image_url: null,
    noindex: false,
    updated_at: new Date(t.now()).toISOString(),
  });
  assert.match((await t.view(blog.slug, "/moved")).text, /<p>First\.<\/p>/);
  const after = (await t.api("GET", "/posts/moved/revisions", { key })).body.data;
  assert.deepEqual([after[0].number, after.length], [data.length + 1, data.length + 1]);
});

Deno.test("restoring the current version changes nothing", async () => {
  using t = await setup();
  const { key } = await edited(t, [{ title: "Two" }]);
  const { data } = (await t.api("GET", "/posts/post/revisions", { key })).body;
  const before = (await t.api("GET", "/posts/post", { key })).body;
  t.advance(1000);
  const got = await t.api("POST", `/posts/post/revisions/${data[0].id}/restore`, { key });
  assert.deepEqual(got.body, before);
});

Deno.test("the last fifty versions are kept, and the rest is swept from the store a day later", async () => {
  using t = await setup();
  const edits = Array.from({ length: 54 }, (_, n) => ({ content: `Version ${n + 2}.` }));
  const { key } = await edited(t, edits.slice(0, 40));
  const early = (await t.api("GET", "/posts/post/revisions", { key })).body.data.at(-1);
  for (const body of edits.slice(40)) await t.api("PUT", "/posts/post", { key, body });
  const { data } = (await t.api("GET", "/posts/post/revisions", { key })).body;
  assert.deepEqual([data.length, data[0].number, data.at(-1).number], [50, 55, 6]);
  for (const [method, path] of [["GET", ""], ["POST", "/restore"]]) {
    const gone = await t.api(method, `/posts/post/revisions/${early.id}${path}`, { key });
    assert.equal(gone.status, 404);
    assert.equal(gone.body.reason, "revision_not_found");
  }
  assert.equal(await countVersions(t), 55);
  t.advance(2 * DAY);
  await t.runJob("sweep");
  assert.equal(await countVersions(t), 50);
  const oldest = await t.api("GET", `/posts/post/revisions/${data.at(-1).id}`, { key });
  assert.equal(oldest.body.content_md, "Version 6.");
});

async function countVersions(t: Service): Promise<number> {
  const versions = new Set();
  for await (const { key } of t.deps.store.kv.list({ prefix: ["rev"] })) versions.add(key[3]);
  return versions.size;
}

Deno.test("GET …/revisions pages by limit and cursor", async () => {
  using t = await setup();
  const { key } = await edited(t, [{ title: "2" }, { title: "3" }, { title: "4" }, { title: "5" }]);
  const numbers = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const path = `/posts/post/revisions?limit=2${cursor && `&cursor=${cursor}`}`;
    const { body } = await t.api("GET", path, { key });
    numbers.push(body.data.map((r: { number: number }) => r.number));
    cursor = body.next_cursor;
  }
  assert.deepEqual(numbers, [[5, 4], [3, 2], [1]]);
  const bad = await t.api("GET", "/posts/post/revisions?cursor=x", { key });
  assert.equal(bad.body.reason, "cursor_malformed");
});

Deno.test("a revision is found under its own post only", async () => {
  using t = await setup();
  const { key } = await edited(t, []);
  await t.api("POST", "/posts", { key, body: { title: "Two", content: "x", slug: "two" } });
  const { data } = (await t.api("GET", "/posts/two/revisions", { key })).body;
  for (const id of [data[0].id, crypto.randomUUID(), "x"]) {
    assert.equal((await t.api("GET", `/posts/post/revisions/${id}`, { key })).status, 404);
    const restored = await t.api("POST", `/posts/post/revisions/${id}/restore`, { key });
    assert.equal(restored.status, 404);
  }
  assert.equal((await t.api("GET", "/posts/none/revisions", { key })).status, 404);
});
