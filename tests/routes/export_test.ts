import assert from "node:assert/strict";
import { strFromU8, unzipSync } from "fflate";
import { parse } from "yaml";
import { setup } from "../_setup.ts";
import { growBlog } from "../support/large_blog.ts";
import { openStore } from "../support/store.ts";

const post = (n: number) => ({
  title: `Post ${n}`,
  slug: `post-${n}`,
  content: `# One\n\n---\nText "${n}" with 안녕 and \\ signs.\n`,
  tags: ["a", `t${n}`],
});

Deno.test("GET /v1/account/export holds every blog and post of the caller, oldest first, and nobody else's", async () => {
  using t = await setup();
  const { id, key, token, blog } = await t.tenant("scale", "mine");
  const other = await t.tenant();
  await t.api("POST", "/posts", { key: other.key, body: post(99) });
  t.advance(1000);
  await t.api("POST", "/blogs", { key: token, body: { slug: "second", name: "Second" } });
  for (let n = 0; n < 45; n++) {
    t.advance(1000);
    const body = { ...post(n), status: n % 2 ? "published" : "draft" };
    assert.equal((await t.api("POST", "/posts", { key, body })).status, 201);
  }
  const got = await t.api("GET", "/account/export", { key: token });
  assert.equal(got.status, 200);
  assert.equal(got.headers.get("content-type"), "application/json");
  const { exported_at, user_id, blogs, total_posts, truncated } = got.body;
  assert.equal(exported_at, new Date(t.deps.clock()).toISOString());
  assert.equal(user_id, id);
  assert.equal(total_posts, 45);
  assert.equal(truncated, undefined);
  assert.deepEqual(blogs.map((one: { blog: unknown }) => one.blog), [
    { slug: blog.slug, name: "mine", description: "" },
    { slug: "second", name: "Second", description: "" },
  ]);
  assert.deepEqual(blogs[0].posts[7], {
    slug: "post-7",
    title: "Post 7",
    content_md: post(7).content,
    tags: ["a", "t7"],
    status: "published",
    created_at: "2026-03-24T10:00:09.000Z",
  });
  assert.deepEqual(
    blogs[0].posts.map(({ slug }: { slug: string }) => slug),
    [
      ...Array(45).keys(),
    ].map((n) => `post-${n}`),
  );
  assert.deepEqual(blogs[1].posts, []);
});

Deno.test("with format=zip each post is a Markdown file with front matter, beside the blogs' settings", async () => {
  using t = await setup();
  const { id, email, key, token, blog } = await t.tenant("scale", "mine");
  const theme_config = { customCss: "p {}", theme: "ink" };
  await t.api("PUT", `/blogs/${blog.id}`, { key: token, body: { theme_config } });
  const meta = { description: "About: this", canonical_url: "https://example.com/a" };
  await t.api("POST", "/posts", { key, body: { ...post(1), meta, status: "published" } });
  const scheduled_at = "2026-05-01T10:00:00.000Z";
  await t.api("POST", "/posts", { key, body: { ...post(2), scheduled_at } });
  const response = await fetchBytes(t, token);
  assert.equal(response.headers.get("content-type"), "application/zip");
  assert.match(
    response.headers.get("content-disposition")!,
    /^attachment; filename="postlark-2026-03-24\.zip"$/,
  );
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
  assert.deepEqual(Object.keys(files).sort(), [
    "account.yaml",
    "mine/blog.yaml",
    "mine/posts/post-1.md",
    "mine/posts/post-2.md",
  ]);
  assert.deepEqual(parse(strFromU8(files["mine/blog.yaml"])).theme_config, theme_config);
  assert.deepEqual(parse(strFromU8(files["account.yaml"])), {
    exported_at: "2026-03-24T10:00:00.000Z",
    user_id: id,
    email,
    name: "",
    plan: "scale",
    total_posts: 2,
  });
  const text = strFromU8(files["mine/posts/post-1.md"]);
  const [, front, md] = /^---\n(.*?)\n---\n\n(.*)$/s.exec(text)!;
  assert.equal(md, post(1).content);
  assert.deepEqual(parse(front), {
    title: "Post 1",
    slug: "post-1",
    status: "published",
    tags: ["a", "t1"],
    ...meta,
    created_at: "2026-03-24T10:00:00.000Z",
    updated_at: "2026-03-24T10:00:00.000Z",
    published_at: "2026-03-24T10:00:00.000Z",
  });
  assert.match(
    strFromU8(files["mine/posts/post-2.md"]),
    new RegExp(`scheduled_at: ${scheduled_at}`),
  );
});

Deno.test("an export of another form is 400, and without account:read 403", async () => {
  using t = await setup();
  const { token } = await t.tenant();
  assert.equal((await t.api("GET", "/account/export?format=tar", { key: token })).status, 400);
  const body = { name: "narrow", scopes: ["posts:read"] };
  const { key } = (await t.api("POST", "/account/tokens", { key: token, body })).body;
  assert.equal((await t.api("GET", "/account/export", { key })).status, 403);
});

Deno.test("an export holds the first 5,000 posts, and says that it is cut off", async () => {
  const kv = await openStore();
  using t = await setup({ kv });
  const tenant = await t.tenant("enterprise", "mine");
  await growBlog(t, { tenant, kv, copies: 5000 });
  const { body } = await t.api("GET", "/account/export", { key: tenant.token });
  assert.deepEqual([body.total_posts, body.truncated], [5000, true]);
  assert.equal(body.blogs[0].posts.length, 5000);
  assert.equal(new Set(body.blogs[0].posts.map(({ slug }: { slug: string }) => slug)).size, 5000);
  const response = await fetchBytes(t, tenant.token);
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
  const { total_posts, truncated } = parse(strFromU8(files["account.yaml"]));
  assert.deepEqual([total_posts, truncated], [5000, true]);
  assert.equal(Object.keys(files).filter((name) => name.endsWith(".md")).length, 5000);
  kv.close();
});

function fetchBytes(t: Awaited<ReturnType<typeof setup>>, key: string): Promise<Response> {
  const url = "http://localhost:8000/v1/account/export?format=zip";
  return Promise.resolve(
    t.app.fetch(new Request(url, { headers: { authorization: `Bearer ${key}` } })),
  );
}
