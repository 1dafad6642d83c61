import assert from "node:assert/strict";
import { unzipSync, zipSync } from "fflate";
import { type Service, setup, type Tenant } from "../_setup.ts";
import { AppError } from "../../lib/kit/errors.ts";
import { changePlan } from "../../lib/account/plan_changes.ts";
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

/** An archive whose directory states another unpacked size of each file (APPNOTE.TXT, 4.3.12). */
function claiming(archive: Uint8Array<ArrayBuffer>, size: number): Uint8Array {
  const view = new DataView(archive.buffer);
  for (let at = 0; at < archive.length - 46; at++) {
    if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, size, true);
  }
  return archive;
}

Deno.test("an archive that unpacks to more than an export holds is refused before it is unpacked", async () => {
  using t = await setup();
  const { id, token } = await t.tenant("enterprise");
  const settings = new TextEncoder().encode("slug: bomb\nname: Bomb\n");
  const refused = async (archive: Uint8Array, message: RegExp) => {
    await assert.rejects(() => importArchive(t.deps, id, archive), message);
  };
  const large = new Uint8Array(4 * 1024 ** 2 + 1);
  await refused(
    zipSync({ "a/blog.yaml": settings, "a/posts/x.md": large }),
    /x\.md has more than 4 MiB/,
  );
  const many: Record<string, Uint8Array> = { "a/blog.yaml": settings };
  for (let i = 0; i < 256; i++) many[`a/posts/${i}.md`] = settings;
  await refused(claiming(zipSync(many), 4 * 1024 ** 2), /unpacks to more than 1 GiB/);
  await refused(
    zipSync({ "a/blog.yaml": settings, "b/blog.yaml": settings }),
    /have the same slug/,
  );
  assert.equal((await t.api("GET", "/blogs", { key: token })).body.data.length, 1);
  const beside = { "a/blog.yaml": settings, "a/film.mp4": large, "a/posts/": new Uint8Array() };
  const { blogs } = await importArchive(t.deps, id, zipSync(beside));
  assert.deepEqual(blogs, ["bomb"]);
});

Deno.test("an import that the plan has no room for, or whose subdomain is held, is refused before anything is written", async () => {
  using from = await setup();
  const source = await from.tenant("scale", "mine");
  await write(from, source);
  const archive = await exportZip(from, source.token);
  using t = await setup();
  const former = await t.tenant("scale", "mine");
  const target = await t.tenant("creator", "elsewhere");
  const blogs = async () => (await t.api("GET", "/blogs", { key: target.token })).body.data.length;
  await t.api("POST", "/account/delete", { key: former.token });
  await assert.rejects(() => importArchive(t.deps, target.id, archive), /"mine" is held/);
  t.advance(91 * 86_400_000);
  await changePlan(t.deps, target.id, { plan: "starter" });
  await assert.rejects(
    () => importArchive(t.deps, target.id, archive),
    /adds 2 blogs to 1, and the Starter plan has 1/,
  );
  assert.equal(await blogs(), 1);
  await changePlan(t.deps, target.id, { plan: "creator" });
  assert.equal((await importArchive(t.deps, target.id, archive)).created, 4);
  assert.equal(await blogs(), 3);
});

Deno.test("settings that are no YAML are named, as is an archive that holds none; a post without a slug has its file's name", async () => {
  using t = await setup();
  const { id, token } = await t.tenant("scale");
  const text = (content: string) => new TextEncoder().encode(content);
  const refused = (files: Record<string, string>, message: RegExp) => {
    const archive = zipSync(
      Object.fromEntries(Object.entries(files).map(([name, content]) => [name, text(content)])),
    );
    return assert.rejects(
      () => importArchive(t.deps, id, archive),
      (error) => error instanceof AppError && message.test(error.message),
    );
  };
  await refused({ "a/blog.yaml": "slug: [" }, /^a\/blog\.yaml: /);
  await refused({ "a/blog.yaml": "- a" }, /a\/blog\.yaml holds no YAML mapping/);
  await refused({ "a/blog.yaml": "slug: api\nname: A" }, /a\/blog\.yaml: slug: .*reserved/);
  await refused({ "a/readme.md": "# Hi" }, /no blog\.yaml/);
  const archive = zipSync({
    "a/blog.yaml": text("slug: a-blog\nname: A"),
    "a/posts/by-hand.md": text("---\ntitle: By hand\ncreated_at: 1969-01-01T00:00:00Z\n---\nText"),
  });
  assert.equal((await importArchive(t.deps, id, archive)).created, 1);
  assert.equal((await importArchive(t.deps, id, archive)).present, 1);
  const { body } = await t.api("GET", "/blogs", { key: token });
  const blog = body.data.find(({ slug }: { slug: string }) => slug === "a-blog");
  const headers = { "x-blog-id": blog.id };
  const post = await t.api("GET", "/posts/by-hand", { key: token, headers });
  assert.equal(post.body.created_at, "2026-03-24T10:00:00.000Z");
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});
