import assert from "node:assert/strict";
import { type Service, setup } from "../_setup.ts";
import { atOnce } from "../support/pair.ts";

type Summary = { slug: string; published_at: string | null; created_at: string };
const slugs = (data: Summary[]) => data.map((post) => post.slug);

/** Posts a, b, c… a second apart: `a` is a draft, the others are as said. */
async function blogWith(t: Service, posts: Record<string, unknown>[]) {
  const tenant = await t.tenant();
  for (const [n, fields] of posts.entries()) {
    const slug = String.fromCharCode(97 + n);
    const body = { title: slug.toUpperCase(), content: "Text.", slug, ...fields };
    assert.equal((await t.api("POST", "/posts", { key: tenant.key, body })).status, 201);
    t.advance(1000);
  }
  return tenant;
}

Deno.test("GET /v1/posts lists posts newest first, twenty a page, with the exact total", async () => {
  using t = await setup();
  const { key } = await blogWith(t, Array.from({ length: 25 }, () => ({})));
  const first = (await t.api("GET", "/posts", { key })).body;
  assert.deepEqual(slugs(first.data), [..."yxwvutsrqponmlkjihgf"]);
  assert.deepEqual(first.pagination, { page: 1, per_page: 20, total: 25, total_pages: 2 });
  assert.deepEqual(Object.keys(first), ["data", "pagination"]);
  const second = (await t.api("GET", "/posts?page=2", { key })).body;
  assert.deepEqual(slugs(second.data), [..."edcba"]);
  const beyond = await t.api("GET", "/posts?page=3", { key });
  assert.equal(beyond.status, 200);
  assert.deepEqual(beyond.body.data, []);
  assert.deepEqual(beyond.body.pagination, { page: 3, per_page: 20, total: 25, total_pages: 2 });
});

Deno.test("GET /v1/posts shows of each post what the reference says, without its content", async () => {
  using t = await setup();
  const { key } = await blogWith(t, [{ tags: ["x"], status: "published" }]);
  const { data } = (await t.api("GET", "/posts", { key })).body;
  const { id, updated_at, ...rest } = data[0];
  assert.equal(typeof id, "string");
  assert.equal(updated_at, rest.created_at);
  assert.deepEqual(rest, {
    title: "A",
    slug: "a",
    url: rest.url,
    status: "published",
    tags: ["x"],
    meta_description: "Text.",
    published_at: rest.created_at,
    scheduled_at: null,
    created_at: "2026-03-24T10:00:00.000Z",
  });
});

Deno.test("GET /v1/posts of a blog without posts has no pages", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const { body } = await t.api("GET", "/posts", { key });
  assert.deepEqual(body, {
    data: [],
    pagination: { page: 1, per_page: 20, total: 0, total_pages: 0 },
  });
});

Deno.test("GET /v1/posts filters by status and tag, together and whatever the tag's case", async () => {
  using t = await setup();
  const { key } = await blogWith(t, [
    { tags: ["Deno", "kv"] },
    { tags: ["deno"], status: "published" },
    { tags: ["kv"], status: "published" },
    { tags: ["deno"], scheduled_at: "2030-01-01T00:00:00Z" },
    {},
  ]);
  const expected: [string, string][] = [
    ["status=draft", "ea"],
    ["status=published", "cb"],
    ["status=scheduled", "d"],
    ["tag=DENO", "dba"],
    ["tag=kv&status=published", "c"],
    ["tag=deno&status=draft", "a"],
    ["tag=none", ""],
    ["tag=de", ""],
    ["tag=", "edcba"],
  ];
  for (const [query, found] of expected) {
    const { body } = await t.api("GET", `/posts?${query}`, { key });
    assert.deepEqual(slugs(body.data), [...found], query);
    assert.equal(body.pagination.total, found.length, query);
    const walked = await t.api("GET", `/posts?${query}&limit=100`, { key });
    assert.deepEqual(slugs(walked.body.data), [...found], query);
  }
});

Deno.test("GET /v1/posts sorts by each time, both ways; never published posts come last either way", async () => {
  using t = await setup();
  const { key } = await blogWith(t, [{}, { status: "published" }, {}, {}, {}]);
  await t.api("POST", "/posts/d/publish", { key });
  t.advance(1000);
  await t.api("POST", "/posts/a/publish", { key });
  t.advance(1000);
  await t.api("PUT", "/posts/b", { key, body: { title: "Better" } });
  const expected = [
    ["sort=created_at&order=asc", "abcde"],
    ["order=desc", "edcba"],
    ["sort=updated_at", "badec"],
    ["sort=updated_at&order=asc", "cedab"],
    ["sort=published_at", "adbec"],
    ["sort=published_at&order=asc", "bdace"],
  ];
  for (const [query, order] of expected) {
    const pages = [];
    for (const page of [1, 2, 3]) {
      const { body } = await t.api("GET", `/posts?${query}&per_page=2&page=${page}`, { key });
      pages.push(...slugs(body.data));
    }
    assert.deepEqual(pages, [...order], query);
  }
});

Deno.test("per_page is clamped to 200 and limit to 250", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const body = (n: number) => ({ title: "T", content: "x", slug: `post-${n}` });
  for (let from = 0; from < 252; from += 42) {
    await atOnce(42, (n) => t.api("POST", "/posts", { key, body: body(from + n) }));
  }
  const page = (await t.api("GET", "/posts?per_page=9999999999999999", { key })).body;
  assert.equal(page.data.length, 200);
  assert.deepEqual(page.pagination, { page: 1, per_page: 200, total: 252, total_pages: 2 });
  const walk = (await t.api("GET", `/posts?limit=${"9".repeat(400)}`, { key })).body;
  assert.equal(walk.data.length, 250);
  const rest = (await t.api("GET", `/posts?limit=250&cursor=${walk.next_cursor}`, { key })).body;
  assert.equal(rest.data.length, 2);
  assert.equal(rest.next_cursor, null);
  assert.equal(new Set(slugs([...walk.data, ...rest.data])).size, 252);
});

Deno.test("GET /v1/posts returns 400 for pages, sizes, sorts and filters that are none", async () => {
  using t = await setup();
  const { key } = await blogWith(t, [{}]);
  const faults: [string, string][] = [
    ...["page", "per_page", "limit"].flatMap((name) =>
      ["0", "-1", "1.5", "1e3", "abc", "", "%00"].map((value) => [name, value] as [string, string])
    ),
    ["status", "gone"],
    ["status", ""],
    ["sort", "title"],
    ["order", "down"],
    ["tag", "a%00"],
    ["tag", "t".repeat(5000)],
  ];
  for (const [name, value] of faults) {
    const { status, body } = await t.api("GET", `/posts?${name}=${value}`, { key });
    assert.equal(status, 400, `${name}=${value.slice(0, 20)}`);
    assert.equal(body.issues[0].path, name);
  }
  const both = await t.api("GET", "/posts?page=0&sort=x", { key });
  assert.equal(both.body.issues.length, 2);
});

Deno.test("GET /v1/posts returns 400 for a cursor that was not ours", async () => {
  using t = await setup();
  const { key } = await blogWith(t, [{}, {}]);
  const encode = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
  const { next_cursor } = (await t.api("GET", "/posts?limit=1", { key })).body;
  const cursors = [
    "x",
    "null",
    `${next_cursor}x`,
    next_cursor.slice(0, -4),
    encode([]),
    encode(["desc"]),
    encode(["up", 1, "a"]),
    encode(["desc", "1", "a"]),
    encode(["desc", 1, 1]),
    encode(["desc", 1, "a", 1]),
    encode({ order: "desc" }),
    encode(["desc", 1, "a".repeat(3000)]),
    encode(["desc", 1, "a b"]),
    encode(["desc", 1, ""]),
  ];
  for (const cursor of cursors) {
    const { status, body } = await t.api("GET", `/posts?cursor=${cursor}`, { key });
    assert.equal(status, 400, cursor);
    assert.equal(body.reason, "cursor_malformed");
  }
});

Deno.test("a cursor walks by creation in its own order, whatever the later requests say", async () => {
  using t = await setup();
  const { key } = await blogWith(t, [{}, {}, {}, {}, {}]);
  const first = (await t.api("GET", "/posts?limit=2&order=asc&sort=updated_at", { key })).body;
  assert.deepEqual(slugs(first.data), ["a", "b"]);
  assert.deepEqual(Object.keys(first), ["data", "next_cursor"]);
  const path = `/posts?limit=3&order=desc&cursor=${first.next_cursor}`;
  const second = (await t.api("GET", path, { key })).body;
  assert.deepEqual(slugs(second.data), ["c", "d", "e"]);
  assert.equal(second.next_cursor, null);
});

Deno.test("a walk by cursor neither skips nor repeats while posts come and go", async () => {
  using t = await setup();
  const { key } = await blogWith(t, Array.from({ length: 12 }, () => ({})));
  const seen: string[] = [];
  let cursor = "";
  for (let step = 0; step < 4; step++) {
    const { body } = await t.api("GET", `/posts?limit=3${cursor}`, { key });
    seen.push(...slugs(body.data));
    cursor = `&cursor=${body.next_cursor}`;
    await t.api("POST", "/posts", { key, body: { title: `New ${step}`, content: "x" } });
    await t.api("DELETE", `/posts/${seen.at(-1)}`, { key });
    await t.api("DELETE", `/posts/new-${step - 1}`, { key });
    if (step === 0) await t.api("PUT", "/posts/a", { key, body: { title: "Touched" } });
  }
  assert.deepEqual(seen, [..."lkjihgfedcba"]);
});

Deno.test("GET /v1/posts shows no other blog's posts", async () => {
  using t = await setup();
  const { key } = await blogWith(t, [{}]);
  const other = await blogWith(t, [{}, {}]);
  assert.equal((await t.api("GET", "/posts", { key })).body.pagination.total, 1);
  assert.equal((await t.api("GET", "/posts", { key: other.key })).body.pagination.total, 2);
});
