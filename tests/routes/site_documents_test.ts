import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { changePlan } from "../../lib/account/plan_changes.ts";
import { type Service, setup, type Tenant } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { countRounds } from "../support/kv_rounds.ts";

async function publish(t: Service, tenant: Tenant, fields: Record<string, unknown>) {
  const body = { title: "Title", content: "Text.", status: "published", ...fields };
  const got = await t.api("POST", "/posts", { key: tenant.key, body });
  assert.equal(got.status, 201);
  return got.body;
}

const FEEDS = [
  "/rss.xml",
  "/atom.xml",
  "/feed.json",
  "/llms.txt",
  "/llms-full.txt",
  "/sitemap.xml",
];

Deno.test("every feed and text shows what is published, edited and taken down at the next request", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const { slug } = tenant.blog;
  const shows = async (text: string, expected: boolean, paths = FEEDS) => {
    for (const path of paths) {
      const got = await t.view(slug, path);
      assert.equal(got.status, 200);
      assert.equal(got.text.includes(text), expected, `${path}: ${text}`);
    }
  };
  await shows("/first", false);
  await publish(t, tenant, { title: "First title", slug: "first" });
  await shows("/first", true);
  const titled = FEEDS.filter((path) => path !== "/sitemap.xml");
  await t.api("PUT", "/posts/first", { key: tenant.key, body: { title: "Second title" } });
  await shows("Second title", true, titled);
  await shows("First title", false, titled);
  await t.api("POST", "/posts/first/unpublish", { key: tenant.key });
  await shows("/first", false);
});

Deno.test("a feed that nothing has changed since is one round of reads, and is not built again", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const tenant = await t.tenant();
  await publish(t, tenant, {});
  const first = await t.view(tenant.blog.slug, "/atom.xml");
  t.advance(5000);
  const { rounds, commits, value } = await countRounds(
    hooks,
    () => t.view(tenant.blog.slug, "/atom.xml"),
  );
  assert.deepEqual([rounds, commits], [1, 0]);
  assert.equal(value.headers.get("etag"), first.headers.get("etag"));
  const again = await t.view(tenant.blog.slug, "/atom.xml", {
    "if-none-match": first.headers.get("etag")!,
  });
  assert.equal(again.status, 304);
});

Deno.test("a feed too large for one value is kept in chunks, and its old chunks go", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const large = randomBytes(150_000).toString("base64");
  await publish(t, tenant, { slug: "large", content: large });
  const chunks = async () =>
    (await t.deps.store.list({ start: ["docchunk"], end: ["docchunk", true] }, 1000)).length;
  for (let i = 0; i < 2; i++) {
    const got = await t.view(tenant.blog.slug, "/feed.json");
    assert.equal(JSON.parse(got.text).items[0].content_html, `<p>${large}</p>\n`);
    t.advance(5000);
  }
  const once = await chunks();
  assert.ok(once > 1, String(once));
  await t.api("PUT", "/posts/large", { key: tenant.key, body: { title: "Changed" } });
  await t.view(tenant.blog.slug, "/feed.json");
  assert.equal(await chunks(), 2 * once);
  t.advance(3_600_000);
  await t.runJob("sweep");
  assert.equal(await chunks(), once);
});

Deno.test("Free has no sitemap and forbids robots; Starter is indexed; Creator has post texts and no badge", async () => {
  using t = await setup();
  const tenant = await t.tenant("free");
  const { slug } = tenant.blog;
  await publish(t, tenant, { slug: "one" });
  const page = async () => (await t.view(slug, "/one")).text;
  assert.equal((await t.view(slug, "/sitemap.xml")).status, 404);
  assert.match((await t.view(slug, "/robots.txt")).text, /Disallow: \/\n/);
  assert.match(await page(), /<meta name="robots" content="noindex">/);
  assert.match(await page(), /Postlark/);
  assert.equal((await t.view(slug, "/one/llms.txt")).status, 404);
  assert.match((await t.view(slug, "/favicon.ico")).text, /<path/);
  await changePlan(t.deps, tenant.id, { plan: "starter" });
  assert.equal((await t.view(slug, "/sitemap.xml")).status, 200);
  assert.match((await t.view(slug, "/robots.txt")).text, /Sitemap: http/);
  assert.doesNotMatch(await page(), /noindex/);
  assert.match(await page(), /Postlark/);
  await changePlan(t.deps, tenant.id, { plan: "creator" });
  assert.equal((await t.view(slug, "/one/llms.txt")).status, 200);
  assert.doesNotMatch(await page(), /Published with/);
  await changePlan(t.deps, tenant.id, { plan: "scale" });
  for (const path of ["/one", "/", "/rss.xml", "/llms.txt", "/nope"]) {
    assert.doesNotMatch((await t.view(slug, path)).text, /postlark/i, path);
  }
  const blank = await t.view(slug, "/favicon.ico");
  assert.deepEqual([blank.status, blank.text.includes("path")], [200, false]);
});

Deno.test("the Markdown source of a published post is at its address with .md, and of no other", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  await publish(t, tenant, { slug: "one", content: "# A *source*\n" });
  await publish(t, tenant, { slug: "hidden", status: "draft" });
  const got = await t.view(tenant.blog.slug, "/one.md");
  assert.equal(got.text, "# A *source*\n");
  assert.equal(got.headers.get("content-type"), "text/markdown; charset=utf-8");
  for (const path of ["/hidden.md", "/nope.md", "/.md"]) {
    assert.equal((await t.view(tenant.blog.slug, path)).status, 404, path);
  }
});

Deno.test("tag pages list their posts whatever the case of the tag, archive pages all by month", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const { slug } = tenant.blog;
  await publish(t, tenant, { slug: "one", title: "In March", tags: ["Deno KV"] });
  t.advance(31 * 86_400_000);
  await publish(t, tenant, { slug: "two", title: "In April", tags: ["deno kv", "漢字"] });
  await publish(t, tenant, { slug: "three", title: "A draft", tags: ["x"], status: "draft" });
  const tagged = await t.view(slug, "/tag/DENO%20KV");
  assert.match(tagged.text, /In April[\s\S]*In March/);
  assert.match((await t.view(slug, `/tag/${encodeURIComponent("漢字")}`)).text, /In April/);
  for (const path of ["/tag/x", "/tag/nope", "/tag/deno%20kv?page=2", "/tag/%E0", "/tag/%00"]) {
    assert.equal((await t.view(slug, path)).status, 404, path);
  }
  const archive = await t.view(slug, "/archive");
  assert.match(archive.text, /2026[\s\S]*April[\s\S]*In April[\s\S]*March[\s\S]*In March/);
  assert.doesNotMatch(archive.text, /A draft/);
});

Deno.test("a post named archive shows in place of the archive, while it is published", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const { slug } = tenant.blog;
  await publish(t, tenant, { slug: "archive", title: "My archive", content: "Boxes." });
  assert.match((await t.view(slug, "/archive")).text, /<p>Boxes\.<\/p>/);
  await t.api("DELETE", "/posts/archive", { key: tenant.key });
  assert.match((await t.view(slug, "/archive")).text, /<h1[^>]*>Archive/);
});

Deno.test("a sitemap above 5,000 posts is an index of parts, and a smaller one has no parts", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const { slug, id, url } = tenant.blog;
  const { id: first } = await publish(t, tenant, { slug: "one" });
  assert.equal((await t.view(slug, "/sitemap-1.xml")).status, 404);
  // Index rows that lead to one post stand in for thousands of posts.
  const rows = Array.from({ length: 5000 }, (_, i) => (
    { key: ["ix", id, "s:published", "p", i, first], value: 1 }
  ));
  await t.deps.store.writeAll(rows);
  await t.deps.store.writeAll([{
    key: ["n", id, "s:published"],
    value: new Deno.KvU64(5001n),
  }]);
  t.advance(2000);
  await publish(t, tenant, { slug: "two" });
  t.advance(2000);
  const index = await t.view(slug, "/sitemap.xml");
  assert.deepEqual(
    [...index.text.matchAll(/<loc>([^<]+)<\/loc>/g)].map((match) => match[1]),
    [`${url}/sitemap-1.xml`, `${url}/sitemap-2.xml`],
  );
  const part = await t.view(slug, "/sitemap-1.xml");
  assert.equal([...part.text.matchAll(/<url>/g)].length, 5001);
  assert.equal((await t.view(slug, "/sitemap-2.xml")).status, 200);
  assert.equal((await t.view(slug, "/sitemap-3.xml")).status, 404);
});

Deno.test("a post's picture is a PNG of 1200 × 630 that is drawn once, and anew when its title changes", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const { slug } = tenant.blog;
  await publish(t, tenant, { slug: "one", title: "One" });
  await publish(t, tenant, { slug: "hidden", status: "draft" });
  const png = async () => {
    const response = await t.app.fetch(new Request(`http://${slug}.localhost:8000/one/og.png`));
    assert.equal(response.headers.get("content-type"), "image/png");
    return new Uint8Array(await response.arrayBuffer());
  };
  const drawn = await png();
  const view = new DataView(drawn.buffer);
  assert.deepEqual([view.getUint32(16), view.getUint32(20)], [1200, 630]);
  const pictures = async () =>
    (await t.deps.store.list({ start: ["og"], end: ["og", true] }, 10)).length;
  assert.deepEqual(await png(), drawn);
  assert.equal(await pictures(), 1);
  await t.api("PUT", "/posts/one", { key: tenant.key, body: { title: "Another" } });
  assert.notDeepEqual(await png(), drawn);
  assert.equal(await pictures(), 2);
  for (const path of ["/hidden/og.png", "/nope/og.png"]) {
    assert.equal((await t.view(slug, path)).status, 404, path);
  }
});
