import assert from "node:assert/strict";
import { unzipSync, zipSync } from "fflate";
import { type Service, setup, type Tenant } from "../_setup.ts";
import { importArchive } from "../../lib/operator/import.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";

async function exportZip(t: Service, key: string): Promise<Uint8Array> {
  const url = "http://localhost:8000/v1/account/export?format=zip";
  const headers = { authorization: `Bearer ${key}` };
  const response = await t.app.fetch(new Request(url, { headers }));
  return new Uint8Array(await response.arrayBuffer());
}

/** What an account shows of its posts, without what must differ. */
async function postsOf(t: Service, token: string) {
  const { body } = await t.api("GET", "/blogs", { key: token });
  const blogs: Record<string, unknown> = {};
  for (const { id, slug } of body.data) {
    const headers = { "x-blog-id": id };
    const list = await t.api("GET", "/posts?per_page=200", { key: token, headers });
    blogs[slug] = await Promise.all(list.body.data.map(async (row: { slug: string }) => {
      const post = (await t.api("GET", `/posts/${row.slug}`, { key: token, headers })).body;
      const { id: _, ...rest } = post;
      return rest;
    }));
  }
  return blogs;
}

async function write(t: Service, { key, token, blog }: Tenant) {
  t.advance(1000);
  const posts = [
    {
      title: "One: two",
      slug: "one",
      content: "---\nnot: front\n---\n\n# Hi",
      status: "published",
    },
    { title: "No", slug: "123", content: "\n\n  indented", tags: ["yes", "null", "7"] },
    { title: "Später — 안녕", content: "Text 🎉", scheduled_at: "2030-01-01T00:00:00.000Z" },
    {
      title: "Windows",
      slug: "crlf",
      content: "a\r\nb",
      meta: { description: "x: y", noindex: true },
    },
  ];
  for (const body of posts) {
    assert.equal((await t.api("POST", "/posts", { key, body })).status, 201);
    t.advance(60_000);
  }
  await t.api("PUT", "/posts/one", { key, body: { tags: ["late"] } });
  await t.api("PUT", `/blogs/${blog.id}`, {
    key: token,
    body: { theme_config: { theme: "ink", customCss: "p {}" }, title_pattern: "{title}!" },
  });
  await t.api("POST", "/blogs", { key: token, body: { slug: "second", name: "Second" } });
}

Deno.test("an export imports back to the same posts, with their times, uncounted; run again it makes nothing new", async () => {
  using from = await setup();
  const source = await from.tenant("scale", "mine");
  await write(from, source);
  const archive = await exportZip(from, source.token);
  using to = await setup();
  const target = await to.tenant("scale", "elsewhere");
  to.advance(86_400_000);
  const report = await importArchive(to.deps, target.id, archive);
  assert.deepEqual(report, {
    blogs: ["mine", "second"],
    created: 4,
    present: 0,
    images: 0,
    failed: [],
  });
  const { elsewhere: _, ...imported } = await postsOf(to, target.token);
  assert.deepEqual(imported, await postsOf(from, source.token));
  const usage = (await to.api("GET", "/account/usage", { key: target.token })).body;
  assert.equal(usage.posts.used, 0);
  assert.equal(usage.posts.existing, 4);
  const mine = (await to.api("GET", "/blogs", { key: target.token })).body.data
    .find(({ slug }: { slug: string }) => slug === "mine");
  const whole = (await to.api("GET", `/blogs/${mine.id}`, { key: target.token })).body;
  assert.deepEqual(whole.theme_config, { theme: "ink", customCss: "p {}" });
  assert.equal(whole.title_pattern, "{title}!");
  const again = await importArchive(to.deps, target.id, archive);
  assert.deepEqual(again, {
    blogs: ["mine", "second"],
    created: 0,
    present: 4,
    images: 0,
    failed: [],
  });
  assert.deepEqual((await checkStore(to.deps, 0)).differences, []);
});

Deno.test("a subdomain of somebody else's stops an import before anything is written", async () => {
  using t = await setup();
  const source = await t.tenant("scale", "mine");
  await write(t, source);
  const archive = await exportZip(t, source.token);
  const target = await t.tenant("scale");
  await assert.rejects(
    () => importArchive(t.deps, target.id, archive),
    /"mine" is another account's/,
  );
  assert.equal((await t.api("GET", "/blogs", { key: target.token })).body.data.length, 1);
});

Deno.test("a file that cannot be taken over is named, and leaves the others", async () => {
  using t = await setup();
  const source = await t.tenant("scale", "mine");
  await write(t, source);
  const files = unzipSync(await exportZip(t, source.token));
  const text = (content: string) => new TextEncoder().encode(content);
  files["mine/posts/bare.md"] = text("# No front matter");
  files["mine/posts/wide.md"] = text(`---\ntitle: ${"x".repeat(2000)}\n---\n\nText`);
  files["mine/posts/bomb.md"] = text(`---\na: &a [1]\nb: *a\ntitle: x\n---\n\nText`);
  const report = await importArchive(t.deps, source.id, zipSync(files));
  assert.equal(report.present, 4);
  assert.deepEqual(report.failed.map(({ file }) => file).sort(), [
    "mine/posts/bare.md",
    "mine/posts/bomb.md",
    "mine/posts/wide.md",
  ]);
  await assert.rejects(() => importArchive(t.deps, source.id, text("no zip")), /no zip archive/);
});
