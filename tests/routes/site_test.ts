import assert from "node:assert/strict";
import { changePlan } from "../../lib/account/plan_changes.ts";
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

Deno.test("what is published, edited, taken down or deleted shows at the next request", async () => {
  using t = await setup();
  const { key, blog } = await published(t, { status: "draft" });
  const expect = async (status: number, text: RegExp) => {
    const page = await t.view(blog.slug, "/hello");
    assert.equal(page.status, status);
    assert.match(page.text, text);
    const index = await t.view(blog.slug, "/");
    assert.equal(index.text.includes('href="/hello"'), status === 200);
  };
  await expect(404, /Page not found/);
  await t.api("POST", "/posts/hello/publish", { key });
  await expect(200, /<p>First text\.<\/p>/);
  await t.api("PUT", "/posts/hello", { key, body: { content: "Second text." } });
  await expect(200, /<p>Second text\.<\/p>/);
  await t.api("POST", "/posts/hello/unpublish", { key });
  await expect(410, /This post is gone/);
  await t.api("POST", "/posts/hello/publish", { key });
  await expect(200, /<p>Second text\.<\/p>/);
  await t.api("DELETE", "/posts/hello", { key });
  await expect(404, /Page not found/);
});

Deno.test("drafts and scheduled posts have no page", async () => {
  using t = await setup();
  const { key, blog } = await published(t, { status: "draft" });
  assert.equal((await t.view(blog.slug, "/hello")).status, 404);
  const body = { scheduled_at: "2030-01-01T00:00:00Z" };
  await t.api("POST", "/posts/hello/schedule", { key, body });
  assert.equal((await t.view(blog.slug, "/hello")).status, 404);
});

Deno.test("every old URL of a renamed post redirects to the new one, until another post takes it", async () => {
  using t = await setup();
  const { key, blog } = await published(t);
  const leadsTo = async (path: string) => {
    const { status, headers } = await t.view(blog.slug, path);
    return status === 301 ? headers.get("location") : status;
  };
  await t.view(blog.slug, "/hello");
  await t.api("PUT", "/posts/hello", { key, body: { slug: "two" } });
  assert.equal(await leadsTo("/hello"), `${blog.url}/two`);
  assert.equal(await leadsTo("/two"), 200);
  await t.api("PUT", "/posts/two", { key, body: { slug: "three" } });
  assert.equal(await leadsTo("/hello"), `${blog.url}/three`);
  assert.equal(await leadsTo("/two"), `${blog.url}/three`);
  await t.api("PUT", "/posts/three", { key, body: { slug: "hello" } });
  assert.equal(await leadsTo("/hello"), 200);
  assert.equal(await leadsTo("/two"), `${blog.url}/hello`);
  await t.api("POST", "/posts", { key, body: { ...post, slug: "two", title: "Other" } });
  assert.equal(await leadsTo("/two"), 200);
  await t.api("POST", "/posts/hello/unpublish", { key });
  assert.equal(await leadsTo("/hello"), 410);
  assert.equal(await leadsTo("/three"), 410);
  await t.api("DELETE", "/posts/hello", { key });
  assert.equal(await leadsTo("/three"), 404);
});

Deno.test("a post that is renamed while it is unpublished is 410 where it was, and redirects from there once it is back", async () => {
  using t = await setup();
  const { key, blog } = await published(t);
  await t.api("POST", "/posts/hello/unpublish", { key });
  await t.api("PUT", "/posts/hello", { key, body: { slug: "two" } });
  assert.equal((await t.view(blog.slug, "/hello")).status, 410);
  await t.api("POST", "/posts/two/publish", { key });
  const { status, headers } = await t.view(blog.slug, "/hello");
  assert.deepEqual([status, headers.get("location")], [301, `${blog.url}/two`]);
});

Deno.test("a draft that is renamed leaves no redirect", async () => {
  using t = await setup();
  const { key, blog } = await published(t, { status: "draft" });
  await t.api("PUT", "/posts/hello", { key, body: { slug: "two" } });
  await t.api("POST", "/posts/two/publish", { key });
  assert.equal((await t.view(blog.slug, "/hello")).status, 404);
});

Deno.test("a page is on its own blog's host only; a host that is nobody's is a plain 404", async () => {
  using t = await setup();
  const { blog } = await published(t);
  const other = await t.tenant();
  assert.equal((await t.view(other.blog.slug, "/hello")).status, 404);
  const hosts = [
    "nobody.localhost:8000",
    `x.${blog.slug}.localhost:8000`,
    `${blog.slug}.localhost`,
    `${blog.slug}.example.com`,
    "example.com",
  ];
  for (const host of hosts) {
    const page = await t.send("GET", `http://${host}/hello`);
    assert.equal(page.status, 404, host);
    assert.match(page.text, /No blog here/);
    assert.ok(!page.text.includes("Hello"), host);
  }
  const image = await t.send("GET", "http://media.localhost:8000/hello");
  assert.equal(image.status, 404);
  assert.match(image.text, /There is no such image/);
});

Deno.test("paths that no post can have are 404, never a fault", async () => {
  using t = await setup();
  const { blog } = await published(t);
  const paths = [
    "/HELLO",
    "/hello/",
    "/hello%00",
    "/%E0%A4%A",
    "/_/preview/x",
    `/${"a".repeat(5000)}`,
    "/?page=0",
    "/?page=-1",
    "/?page=x",
    "/?page=99999999999",
    "/?page=2",
    "//",
  ];
  for (const path of paths) {
    const page = await t.view(blog.slug, path);
    assert.equal(page.status, 404, path);
    assert.match(page.text, /Page not found/, path);
  }
  assert.equal((await t.view(blog.slug, "/hello?utm=x")).status, 200);
});

Deno.test("the index shows published posts, newest first, twenty a page", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  assert.match((await t.view(blog.slug, "/")).text, /No posts here yet/);
  for (let n = 1; n <= 41; n++) {
    t.advance(1000);
    const status = n % 10 ? "published" : "draft";
    const body = { title: `Post ${n}`, content: "x", slug: `post-${n}`, status };
    await t.api("POST", "/posts", { key, body });
  }
  const slugs = async (path: string) => {
    const { text } = await t.view(blog.slug, path);
    return [...text.matchAll(/<h2[^>]*><a href="\/([^"]+)"/g)].map(([, slug]) => slug);
  };
  const shown = Array.from({ length: 41 }, (_, n) => 41 - n).filter((n) => n % 10)
    .map((n) => `post-${n}`);
  assert.deepEqual(await slugs("/"), shown.slice(0, 20));
  assert.deepEqual(await slugs("/?page=1"), shown.slice(0, 20));
  assert.deepEqual(await slugs("/?page=2"), shown.slice(20));
  assert.match((await t.view(blog.slug, "/")).text, /rel="next" href="\/\?page=2"/);
  assert.equal((await t.view(blog.slug, "/?page=3")).status, 404);
});

Deno.test("a page is sent as stored to those who take gzip, and unpacked to the others", async () => {
  using t = await setup();
  const { blog } = await published(t);
  const url = `${blog.url}/hello`;
  const fetch = async (accept?: string) => {
    const headers: Record<string, string> = accept === undefined
      ? {}
      : { "accept-encoding": accept };
    const response = await t.app.fetch(new Request(url, { headers }));
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { encoding: response.headers.get("content-encoding"), bytes, response };
  };
  const { value: row } = await t.deps.store.get<{ gz: Uint8Array }>(["page", blog.id, "hello"]);
  for (const accept of ["gzip", "br, gzip;q=0.5", "GZIP", "*"]) {
    const { encoding, bytes, response } = await fetch(accept);
    assert.equal(encoding, "gzip", accept);
    assert.deepEqual(bytes, row!.gz);
    assert.equal(response.headers.get("vary"), "Accept-Encoding");
  }
  const unzip = new Blob([row!.gz as BlobPart]).stream().pipeThrough(
    new DecompressionStream("gzip"),
  );
  const html = await new Response(unzip).text();
  for (const accept of [undefined, "br", "gzip;q=0", "identity", "xgzip"]) {
    const { encoding, bytes } = await fetch(accept);
    assert.equal(encoding, null, `${accept}`);
    assert.equal(new TextDecoder().decode(bytes), html);
  }
});

Deno.test("pages revalidate: a weak ETag, If-None-Match answers 304, and an edit changes the tag", async () => {
  using t = await setup();
  const { key, blog } = await published(t);
  for (const path of ["/hello", "/"]) {
    const page = await t.view(blog.slug, path);
    const etag = page.headers.get("etag")!;
    assert.match(etag, /^W\/"[0-9a-f]+"$/);
    assert.equal(page.headers.get("cache-control"), "public, max-age=0, must-revalidate");
    for (const match of [etag, etag.slice(2), `"x", ${etag}`, "*"]) {
      for (const wait of [0, 2000]) {
        t.advance(wait);
        const again = await t.view(blog.slug, path, { "if-none-match": match });
        assert.equal(again.status, 304, match);
        assert.equal(again.text, "");
        assert.equal(again.headers.get("etag"), etag);
      }
    }
    assert.equal((await t.view(blog.slug, path, { "if-none-match": 'W/"x"' })).status, 200);
    await t.api("PUT", "/posts/hello", { key, body: { title: `Edited ${path}` } });
    const edited = await t.view(blog.slug, path, { "if-none-match": etag });
    assert.equal(edited.status, 200);
    assert.notEqual(edited.headers.get("etag"), etag);
  }
});

Deno.test("a 404 or 410 page is never a 304", async () => {
  using t = await setup();
  const { blog } = await t.tenant();
  const missing = await t.view(blog.slug, "/none");
  const match = { "if-none-match": missing.headers.get("etag") ?? "*" };
  assert.equal((await t.view(blog.slug, "/none", match)).status, 404);
});

Deno.test("HEAD of a page has its headers and no body, and other methods are 405", async () => {
  using t = await setup();
  const { blog } = await published(t);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, ({ method }) => {
    return t.app.fetch(new Request(`${blog.url}/hello`, { method }));
  });
  const url = `http://127.0.0.1:${server.addr.port}/hello`;
  const got = await fetch(url);
  await got.body?.cancel();
  const head = await fetch(url, { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), "");
  for (const name of ["etag", "content-type", "cache-control"]) {
    assert.equal(head.headers.get(name), got.headers.get(name));
  }
  await server.shutdown();
  for (const method of ["POST", "PUT", "DELETE"]) {
    const refused = await t.send(method, `${blog.url}/hello`);
    assert.equal(refused.status, 405);
    assert.equal(refused.headers.get("allow"), "GET, HEAD");
  }
});

Deno.test("a page forbids scripts, sniffing and framing", async () => {
  using t = await setup();
  const { blog } = await published(t);
  for (const path of ["/hello", "/", "/none"]) {
    const { headers } = await t.view(blog.slug, path);
    const csp = headers.get("content-security-policy")!;
    assert.match(csp, /default-src 'none'/);
    assert.match(csp, /frame-ancestors 'none'/);
    assert.ok(!/unsafe-inline|script-src [^;]*\*/.test(csp), csp);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.match(headers.get("content-type")!, /^text\/html; charset=utf-8$/);
  }
});

Deno.test("Free is not indexed and has a badge, Starter is indexed, Creator has no badge", async () => {
  using t = await setup();
  const { id, key, blog } = await published(t);
  const seen: Record<string, string> = {};
  for (const plan of ["free", "starter", "creator", "scale"] as const) {
    await changePlan(t.deps, id, { plan });
    t.advance(31 * 86_400_000);
    await t.runJob("grace_and_freeze");
    for (const path of ["/hello", "/"]) {
      const { text } = await t.view(blog.slug, path);
      const noindex = text.includes('<meta name="robots" content="noindex">');
      seen[plan + path] = `${noindex ? "noindex" : ""} ${text.includes("Postlark") ? "badge" : ""}`;
    }
  }
  for (const path of ["/hello", "/"]) {
    assert.equal(seen[`free${path}`], "noindex badge");
    assert.equal(seen[`starter${path}`], " badge");
    assert.equal(seen[`creator${path}`], " ");
    assert.equal(seen[`scale${path}`], " ");
  }
  await t.api("PUT", "/posts/hello", { key, body: { meta: { noindex: true } } });
  assert.match((await t.view(blog.slug, "/hello")).text, /content="noindex"/);
});

Deno.test("a page of more than 60 kB packed is shown, edited and revalidated like any other", async () => {
  using t = await setup();
  const words = Array.from({ length: 6000 }, () => crypto.randomUUID()).join("\n\n");
  const { key, blog } = await published(t, { content: words });
  const { value } = await t.deps.store.get<{ gz: unknown }>(["page", blog.id, "hello"]);
  assert.equal(value!.gz, null);
  const first = await t.view(blog.slug, "/hello");
  assert.ok(first.text.includes(words.slice(-36)));
  t.advance(5000);
  const match = { "if-none-match": first.headers.get("etag")! };
  assert.equal((await t.view(blog.slug, "/hello", match)).status, 304);
  await t.api("PUT", "/posts/hello", { key, body: { content: `${words}\n\nThe end.` } });
  const edited = await t.view(blog.slug, "/hello", match);
  assert.ok(edited.text.includes("<p>The end.</p>"));
  await t.api("POST", "/posts/hello/unpublish", { key });
  assert.equal((await t.view(blog.slug, "/hello")).status, 410);
});

Deno.test("a page whose shell is older is rebuilt by the view that finds it, and written back", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { token, blog } = await published(t);
  await t.view(blog.slug, "/hello");
  await t.api("PUT", `/blogs/${blog.id}`, { key: token, body: { name: "New name" } });
  const first = await countRounds(hooks, () => t.view(blog.slug, "/hello"));
  assert.match(first.value.text, /New name/);
  assert.equal(first.commits, 1);
  t.advance(60_000);
  const second = await countRounds(hooks, () => t.view(blog.slug, "/hello"));
  assert.deepEqual(second.waves, [{ reads: 1, commits: 0 }]);
  assert.equal(second.value.text, first.value.text);
});

Deno.test("a page that was read before an edit and sent after it is not kept", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { key, blog } = await published(t);
  for (let step = 1; step <= 3; step++) {
    t.advance(5000);
    const title = `Title ${step}`;
    const gate = Promise.withResolvers<void>();
    let calls = 0;
    hooks.before = () => ++calls === step ? gate.promise : undefined;
    const late = t.view(blog.slug, "/hello");
    const index = t.view(blog.slug, "/");
    hooks.before = undefined;
    await t.api("PUT", "/posts/hello", { key, body: { title } });
    gate.resolve();
    await Promise.all([late, index]);
    for (const path of ["/hello", "/"]) {
      assert.match((await t.view(blog.slug, path)).text, new RegExp(title));
    }
  }
});
