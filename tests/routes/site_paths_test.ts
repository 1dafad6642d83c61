import assert from "node:assert/strict";
import { ASSETS, MERMAID_PATH } from "../../render/blog/mod.ts";
import { type Service, setup, type Tenant } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { countRounds } from "../support/kv_rounds.ts";

const post = { title: "Hello", content: "First text.", slug: "hello", status: "published" };

async function published(t: Service, fields: Record<string, unknown> = {}): Promise<Tenant> {
  const tenant = await t.tenant();
  const body = { ...post, ...fields };
  assert.equal((await t.api("POST", "/posts", { key: tenant.key, body })).status, 201);
  return tenant;
}

Deno.test('a post may have the slug "constructor", and is 404 where there is none', async () => {
  using t = await setup();
  const { blog } = await published(t, { slug: "constructor" });
  assert.match((await t.view(blog.slug, "/constructor")).text, /<p>First text\.<\/p>/);
  const other = await t.tenant();
  assert.equal((await t.view(other.blog.slug, "/constructor")).status, 404);
});

Deno.test("a post's page leads to the page of each of its tags, whatever the tag is made of", async () => {
  using t = await setup();
  const tags = ["CI/CD", "C#", "100%", "a b", "?page=2", "..", ".", "...", "%2F", "漢字"];
  const { blog } = await published(t, { tags });
  const { text } = await t.view(blog.slug, "/hello");
  const links = [...text.matchAll(/<a href="([^"]+)" rel="tag"/g)].map((match) => match[1]);
  assert.equal(links.length, tags.length);
  for (const link of links) {
    // What a browser makes of the link on this page.
    const { pathname, search } = new URL(link, `${blog.url}/hello`);
    const page = await t.view(blog.slug, pathname + search);
    assert.equal(page.status, 200, link);
    assert.match(page.text, /href="\/hello"/, link);
    assert.ok(pathname.startsWith("/tag/"), link);
  }
});

Deno.test("?page= is judged on lists and has no meaning elsewhere", async () => {
  using t = await setup();
  const { key, blog } = await published(t, { tags: ["deno"] });
  const same = ["/hello", "/hello.md", "/rss.xml", "/llms.txt", "/robots.txt", "/favicon.ico"];
  for (const path of same) {
    const plain = await t.view(blog.slug, path);
    for (const page of ["0", "x", "2", ""]) {
      const got = await t.view(blog.slug, `${path}?page=${page}`);
      assert.deepEqual([got.status, got.text], [plain.status, plain.text], `${path}?page=${page}`);
    }
  }
  for (const path of ["/", "/tag/deno", "/archive"]) {
    assert.equal((await t.view(blog.slug, `${path}?page=1`)).status, 200, path);
    for (const page of ["0", "x", "2", ""]) {
      assert.equal((await t.view(blog.slug, `${path}?page=${page}`)).status, 404, path);
    }
  }
  await t.api("POST", "/posts", { key, body: { ...post, slug: "archive" } });
  for (const page of ["0", "2"]) {
    const got = await t.view(blog.slug, `/archive?page=${page}`);
    assert.match(got.text, /<p>First text\.<\/p>/);
  }
});

Deno.test("the archive shows while a post of that name is a draft, or taken down", async () => {
  using t = await setup();
  const { key, blog } = await published(t, { slug: "archive" });
  await t.api("POST", "/posts/archive/unpublish", { key });
  const got = await t.view(blog.slug, "/archive");
  assert.equal(got.status, 200);
  assert.match(got.text, /<h1[^>]*>Archive/);
});

Deno.test("every spelling of an address is answered with the page that is kept of it, in no round", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { blog } = await published(t, { tags: ["Deno"] });
  const spellings = {
    "/hello": ["/hello?utm_source=x", "/%68ello", "/hello?page=7", `/hello?${"x".repeat(9000)}`],
    "/": ["/?utm_source=x", "/?page=1", "/?page=1&x=2"],
    "/tag/deno": ["/tag/Deno?x", "/tag/DENO", "/tag/%64eno%20"],
    "/rss.xml": ["/rss.xml?x", "/rss%2Exml"],
  };
  for (const [path, others] of Object.entries(spellings)) {
    for (let i = 0; i < 2; i++) assert.equal((await t.view(blog.slug, path)).status, 200);
    for (const other of others) {
      const got = await countRounds(hooks, () => t.view(blog.slug, other));
      assert.equal(got.value.status, 200, other);
      assert.deepEqual(got.waves, [], other);
    }
  }
});

Deno.test("every answer of a blog's host has a request id, the client's where it sent one", async () => {
  using t = await setup();
  const { key, blog } = await published(t);
  await t.api("PUT", "/posts/hello", { key, body: { slug: "new" } });
  const assets = [ASSETS[0].path, MERMAID_PATH];
  const paths = ["/", "/new", "/hello", "/none", "/new/og.png", "/none/og.png", ...assets];
  for (const host of [`http://${blog.slug}.localhost:8000`, "http://nobody.localhost:8000"]) {
    for (const path of paths) {
      const id = "id-of-the-client";
      const named = await t.send("GET", host + path, { headers: { "x-request-id": id } });
      assert.equal(named.headers.get("x-request-id"), id, host + path);
      assert.ok((await t.send("GET", host + path)).headers.get("x-request-id"), host + path);
    }
  }
  assert.ok((await t.send("POST", blog.url)).headers.get("x-request-id"));
  assert.ok((await t.send("GET", "http://localhost:8000/health")).headers.get("x-request-id"));
});

Deno.test("a reader that refuses gzip gets none, and If-None-Match: * is a 304, of every kind of file", async () => {
  using t = await setup();
  const { blog } = await published(t);
  const docs = await t.send("GET", "http://localhost:8000/docs");
  const scalar = /\/assets\/scalar[^"]*/.exec(docs.text)![0];
  for (const url of [blog.url + MERMAID_PATH, `http://localhost:8000${scalar}`]) {
    const encoding = async (accept: string) => {
      const request = new Request(url, { headers: { "accept-encoding": accept } });
      const response = await t.app.fetch(request);
      await response.body?.cancel();
      assert.equal(response.status, 200);
      return response.headers.get("content-encoding");
    };
    for (const accept of ["gzip;q=0", "br, gzip; q=0.0", "xgzip"]) {
      assert.equal(await encoding(accept), null, accept);
    }
    for (const accept of ["gzip", "br, gzip;q=0.5", "*"]) {
      assert.equal(await encoding(accept), "gzip", accept);
    }
  }
  for (const path of ["/hello", "/hello/og.png", "/rss.xml"]) {
    const etag = (await t.view(blog.slug, path)).headers.get("etag")!;
    for (const match of [etag, ` * `, `"x", ${etag}`]) {
      const got = await t.view(blog.slug, path, { "if-none-match": match });
      assert.equal(got.status, 304, path);
    }
    const longer = etag.replace('"', '"x');
    const got = await t.view(blog.slug, path, { "if-none-match": longer });
    assert.equal(got.status, 200, path);
  }
});

for (const path of ["/rss.xml", "/hello/og.png"]) {
  Deno.test(`a view of ${path} that is under way while its blog is deleted leaves no row`, async () => {
    const hooks: Hooks = {};
    using t = await setup({ hooks });
    const { key, blog } = await published(t);
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    hooks.before = (kind) => {
      if (kind !== "commit") return;
      reached.resolve();
      return gate.promise;
    };
    const view = t.view(blog.slug, path);
    await reached.promise;
    hooks.before = undefined;
    assert.equal((await t.api("DELETE", `/blogs/${blog.id}`, { key })).status, 200);
    await t.runJob("resume_deletions");
    gate.resolve();
    assert.equal((await view).status, 200);
    for (const noun of ["doc", "og"]) {
      assert.deepEqual(await t.deps.store.list({ start: [noun], end: [noun, true] }, 10), []);
    }
  });
}
