import assert from "node:assert/strict";
import { type Service, setup, type Tenant } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { countRounds } from "../support/kv_rounds.ts";
import { setupPair } from "../support/pair.ts";

const post = { title: "Wombats", content: "First text.", slug: "wombats", status: "published" };

async function published(t: Service, fields: Record<string, unknown> = {}): Promise<Tenant> {
  const tenant = await t.tenant();
  const body = { ...post, ...fields };
  assert.equal((await t.api("POST", "/posts", { key: tenant.key, body })).status, 201);
  return tenant;
}

/** The addresses of the posts that a page of results lists. */
function listed(text: string): string[] {
  return [...text.matchAll(/<h2[^>]*><a href="([^"]+)"/g)].map(([, href]) => href);
}

Deno.test("what is published, edited, renamed, taken down or deleted is found as it is now, at the next request", async () => {
  using t = await setup();
  const { key, blog } = await published(t, { status: "draft" });
  const expect = async (found: string[], q = "wombats") => {
    // Twice: the second time the page is one that the instance has kept.
    for (let look = 0; look < 2; look++) {
      const page = await t.view(blog.slug, `/search?q=${q}`);
      assert.equal(page.status, 200);
      assert.deepEqual(listed(page.text), found);
    }
  };
  await expect([]);
  await t.api("POST", "/posts/wombats/publish", { key });
  await expect(["/wombats"]);
  await t.api("PUT", "/posts/wombats", { key, body: { title: "Koalas" } });
  await expect([]);
  await expect(["/wombats"], "koalas");
  await t.api("PUT", "/posts/wombats", { key, body: { slug: "koalas" } });
  await expect(["/koalas"], "koalas");
  await t.api("POST", "/posts/koalas/unpublish", { key });
  await expect([], "koalas");
  await t.api("POST", "/posts/koalas/publish", { key });
  await t.runJob("merge_search");
  await expect(["/koalas"], "koalas");
  await t.api("DELETE", "/posts/koalas", { key });
  await expect([], "koalas");
});

Deno.test("a page of results that was read before an edit and sent after it is not kept", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { key, blog } = await published(t);
  for (let step = 1; step <= 4; step++) {
    t.advance(5000);
    const [gate, reached] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let calls = 0;
    hooks.before = () => {
      if (++calls !== step) return;
      reached.resolve();
      return gate.promise;
    };
    const late = t.view(blog.slug, "/search?q=wombats");
    await reached.promise;
    hooks.before = undefined;
    const body = { meta: { description: `Edit ${step}.` } };
    await t.api("PUT", "/posts/wombats", { key, body });
    gate.resolve();
    await late;
    assert.match((await t.view(blog.slug, "/search?q=wombats")).text, new RegExp(`Edit ${step}`));
  }
});

Deno.test("what is taken down is gone from another instance's results within a second", async () => {
  using pair = await setupPair();
  const { one, two } = pair;
  const { key, blog } = await published(one);
  const look = async () => listed((await two.view(blog.slug, "/search?q=wombats")).text);
  assert.deepEqual(await look(), ["/wombats"]);
  await one.api("POST", "/posts/wombats/unpublish", { key });
  pair.advance(1000);
  assert.deepEqual(await look(), []);
});

Deno.test("a page without a query has the form; a query without a hit says so; too long a one is 400", async () => {
  using t = await setup();
  const { blog } = await published(t);
  for (
    const path of ["/search", "/search?q=", "/search?q=%20%09+", "/search?x=1", "/search?q=%00"]
  ) {
    const page = await t.view(blog.slug, path);
    assert.equal(page.status, 200, path);
    assert.match(page.text, /Looks in titles/, path);
    assert.match(page.text, /name="q" value=""/, path);
  }
  for (const q of ["zebra", "the", "-wombats", "<script>alert(1)</script>", "\u202e", "%", '"']) {
    const page = await t.view(blog.slug, `/search?q=${encodeURIComponent(q)}`);
    assert.equal(page.status, 200, q);
    assert.match(page.text, /No post matches/, q);
    assert.ok(!page.text.includes("<script>alert"), q);
  }
  for (
    const [q, status] of [["x".repeat(100), 200], ["🦜".repeat(100), 200], ["x".repeat(101), 400]]
  ) {
    const page = await t.view(blog.slug, `/search?q=${encodeURIComponent(q)}`);
    assert.equal(page.status, status);
    if (status === 400) assert.match(page.text, /at most 100 characters/);
  }
  const long = await t.view(blog.slug, `/search?q=${"x".repeat(9000)}`);
  assert.equal(long.status, 400);
});

Deno.test("results are twenty a page, and a page beyond the last is 404", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  for (let n = 1; n <= 41; n++) {
    t.advance(1000);
    const body = { ...post, slug: `post-${n}`, title: `Wombat no ${n}` };
    await t.api("POST", "/posts", { key, body });
  }
  const all: string[] = [];
  for (let page = 1; page <= 3; page++) {
    const { text, status } = await t.view(blog.slug, `/search?q=wombat&page=${page}`);
    assert.equal(status, 200);
    assert.match(text, /41 posts match/);
    all.push(...listed(text));
  }
  assert.deepEqual(all, Array.from({ length: 41 }, (_, n) => `/post-${41 - n}`));
  const { text } = await t.view(blog.slug, "/search?q=wombat&page=2");
  const next = /rel="next" href="([^"]+)"/.exec(text)![1].replaceAll("&amp;", "&");
  assert.deepEqual(listed((await t.view(blog.slug, next)).text), ["/post-1"]);
  for (const page of ["4", "0", "-1", "x", "99999999999"]) {
    assert.equal((await t.view(blog.slug, `/search?q=wombat&page=${page}`)).status, 404, page);
  }
  assert.equal((await t.view(blog.slug, "/search?page=2")).status, 404);
});

Deno.test("only the blog's own published posts are found", async () => {
  using t = await setup();
  const { blog, key, token } = await published(t);
  await published(t, { slug: "theirs" });
  await t.api("POST", "/posts", { key, body: { ...post, slug: "draft", status: "draft" } });
  const made = await t.api("POST", `/blogs/${blog.id}/api-keys`, {
    key: token,
    body: { mode: "test" },
  });
  await t.api("POST", "/posts", { key: made.body.key, body: { ...post, slug: "tried" } });
  assert.deepEqual(listed((await t.view(blog.slug, "/search?q=wombats")).text), ["/wombats"]);
});

Deno.test("a post of that name shows in place of the page, and leads on once it is renamed", async () => {
  using t = await setup();
  const { key, blog } = await published(t, { slug: "search", status: "draft" });
  const isForm = async (path: string) =>
    /Looks in|No post/.test((await t.view(blog.slug, path)).text);
  assert.ok(await isForm("/search"));
  await t.api("POST", "/posts/search/publish", { key });
  for (const path of ["/search", "/search?q=wombats", "/search?q=x&page=7", "/search?page=0"]) {
    const page = await t.view(blog.slug, path);
    assert.equal(page.status, 200, path);
    assert.match(page.text, /<p>First text\.<\/p>/, path);
  }
  await t.api("PUT", "/posts/search", { key, body: { content: "Second text." } });
  for (const path of ["/search", "/search?q=wombats"]) {
    assert.match((await t.view(blog.slug, path)).text, /<p>Second text\.<\/p>/, path);
  }
  await t.api("PUT", "/posts/search", { key, body: { slug: "moved" } });
  const moved = await t.view(blog.slug, "/search?q=x");
  assert.deepEqual([moved.status, moved.headers.get("location")], [301, `${blog.url}/moved`]);
  await t.api("PUT", "/posts/moved", { key, body: { slug: "search" } });
  await t.api("POST", "/posts/search/unpublish", { key });
  assert.ok(await isForm("/search?q=x"));
  await t.api("DELETE", "/posts/search", { key });
  assert.ok(await isForm("/search"));
});

Deno.test("what the index tells machines of its search leads to a page that finds", async () => {
  for (const env of [{}, { POSTLARK_BLOG_ADDRESS: "path" }] as Record<string, string>[]) {
    using t = await setup({ env });
    const { blog } = await published(t, { title: "C++ & café" });
    const base = new URL(blog.url).pathname.replace(/\/$/, "");
    const index = await t.send("GET", `${blog.url}/`);
    assert.match(index.text, new RegExp(`href="${base}/search"`));
    const data = /<script type="application\/ld\+json">(.*?)<\/script>/.exec(index.text)![1];
    const site = JSON.parse(data)["@graph"].find((one: Record<string, string>) =>
      one["@type"] === "WebSite"
    );
    const { urlTemplate } = site.potentialAction.target;
    const url = urlTemplate.replace("{search_term_string}", encodeURIComponent("c++ café"));
    const page = await t.send("GET", url);
    assert.deepEqual(listed(page.text), [`${base}/wombats`]);
    assert.match(page.text, /<meta name="robots" content="noindex">/);
    const form = new URL(`${blog.url}/search`);
    form.search = String(new URLSearchParams({ q: "c++ café" }));
    assert.equal((await t.send("GET", form.href)).text, page.text);
  }
});

Deno.test("every spelling of a search is answered with the page that is kept of it, in no round", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { blog } = await published(t);
  const first = await t.view(blog.slug, "/search?q=wombats+text");
  const others = [
    "/search?q=wombats+text",
    "/search?q=wombats%20text",
    "/search?q=+wombats++text%0A",
    "/search?utm=x&q=wombats+text&page=1",
    "/%73earch?q=%77ombats+text",
  ];
  for (const other of others) {
    const got = await countRounds(hooks, () => t.view(blog.slug, other));
    assert.equal(got.value.text, first.text, other);
    assert.deepEqual(got.waves, [], other);
  }
  const etag = first.headers.get("etag")!;
  const again = await t.view(blog.slug, others[0], { "if-none-match": etag });
  assert.equal(again.status, 304);
  for (const other of ["/search?q=wombats", "/search?q=Wombats+text", "/search?q=text+wombats"]) {
    assert.ok((await countRounds(hooks, () => t.view(blog.slug, other))).rounds > 0, other);
  }
});

Deno.test("a deleted blog's search is gone at once", async () => {
  using t = await setup();
  const { blog, token } = await published(t);
  await t.view(blog.slug, "/search?q=wombats");
  await t.api("DELETE", `/blogs/${blog.id}`, { key: token });
  const page = await t.view(blog.slug, "/search?q=wombats");
  assert.equal(page.status, 404);
  assert.match(page.text, /No blog here/);
});
