import assert from "node:assert/strict";
import { setup } from "../_setup.ts";
import { readFixture } from "../support/images.ts";
import { changePlan } from "../../lib/account/plan_changes.ts";

const post = { title: "Hello", content: "Text.", slug: "hello", status: "published" };

Deno.test("with POSTLARK_BLOG_ADDRESS=path a blog is below the origin, links and addresses too", async () => {
  using t = await setup({ env: { POSTLARK_BLOG_ADDRESS: "path" } });
  const { key, blog } = await t.tenant("scale", "shelf");
  const made = await t.api("POST", "/posts", { key, body: { ...post, tags: ["deno"] } });
  assert.equal(made.body.url, "http://localhost:8000/@shelf/hello");
  const get = (path: string) => t.send("GET", `http://localhost:8000${path}`);
  const index = await get("/@shelf");
  assert.equal(index.status, 200);
  const links = [...index.text.matchAll(/href="(\/[^"]*)"/g)].map((match) => match[1]);
  assert.ok(links.includes("/@shelf/hello"), links.join(" "));
  for (const link of links) {
    assert.ok(link.startsWith("/@shelf/"), link);
    assert.equal((await get(link)).status, 200, link);
  }
  assert.match((await get("/@shelf/hello")).text, /<p>Text\.<\/p>/);
  assert.match((await get("/@shelf/rss.xml")).text, /localhost:8000\/@shelf\/hello/);
  assert.equal((await get("/@nobody/")).status, 404);
  assert.equal((await t.view("shelf", "/hello")).status, 404);
  assert.equal((await get("/health")).status, 200);
  assert.equal(blog.url, "http://localhost:8000/@shelf");
});

Deno.test("without subdomains images are below the origin too, on any domain", async () => {
  const origin = "https://postlark.example.org";
  using t = await setup({ env: { POSTLARK_BLOG_ADDRESS: "path", POSTLARK_ORIGIN: origin } });
  const { key, blog } = await t.tenant("scale", "shelf");
  const { bytes } = readFixture("jpeg-baseline.jpg");
  const body = { data: bytes.toBase64(), content_type: "image/jpeg" };
  const { body: image } = await t.api("POST", "/upload", { key, body });
  assert.equal(image.url, `${origin}/media/${blog.id}/${image.id}.jpg`);
  const response = await t.app.fetch(new Request(image.url));
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-security-policy"), "default-src 'none'; sandbox");
  assert.equal((await response.bytes()).length, image.size);
});

Deno.test("on a shared origin no owner HTML is shown", async () => {
  using t = await setup({ env: { POSTLARK_BLOG_ADDRESS: "path" } });
  const { key, token, blog } = await t.tenant("scale", "shelf");
  await t.api("POST", "/posts", { key, body: post });
  const layoutHtml = "<html><head>{{head}}<title>{{title}}</title></head>OWNER{{content}}</html>";
  const theme_config = {
    headerHtml: "<b>OWNER</b>",
    adCode: "OWNER",
    headHtml: "OWNER",
    layoutHtml,
  };
  const put = await t.api("PUT", `/blogs/${blog.id}`, { key: token, body: { theme_config } });
  assert.equal(put.status, 200);
  for (const path of ["/@shelf/", "/@shelf/hello"]) {
    const page = await t.send("GET", `http://localhost:8000${path}`);
    assert.equal(page.status, 200);
    assert.doesNotMatch(page.text, /OWNER/);
    assert.doesNotMatch(
      page.headers.get("content-security-policy")!,
      /script-src[^;]*unsafe-inline/,
    );
  }
});

Deno.test("owner HTML shows on that blog under its own policy, while the plan has it", async () => {
  using t = await setup();
  const { key, token, blog, id } = await t.tenant("creator");
  await t.api("POST", "/posts", { key, body: post });
  const strict = (await t.view(blog.slug, "/hello")).headers.get("content-security-policy");
  const theme_config = { headerHtml: "<b>OWNER</b>", customCss: "article{color:teal}" };
  await t.api("PUT", `/blogs/${blog.id}`, { key: token, body: { theme_config } });
  const page = await t.view(blog.slug, "/hello");
  assert.match(page.text, /<b>OWNER<\/b>/);
  assert.match(page.text, /color:\s*teal/);
  assert.notEqual(page.headers.get("content-security-policy"), strict);
  const fall = async (plan: "starter" | "free") => {
    await changePlan(t.deps, id, { plan });
    t.advance(31 * 86_400_000);
    await t.runJob("grace_and_freeze");
  };
  await fall("starter");
  const styled = await t.view(blog.slug, "/hello");
  assert.doesNotMatch(styled.text, /OWNER/);
  assert.match(styled.text, /color:\s*teal/);
  await fall("free");
  const plain = await t.view(blog.slug, "/hello");
  assert.doesNotMatch(plain.text, /color:\s*teal/);
  assert.equal(plain.headers.get("content-security-policy"), strict);
});

Deno.test("a layout without its placeholders is 400 naming one, and nothing is changed", async () => {
  using t = await setup();
  const { token, blog } = await t.tenant("scale");
  const theme_config = { layoutHtml: "<title>{{title}}</title>{{head}}" };
  const body = { name: "Changed", theme_config };
  const got = await t.api("PUT", `/blogs/${blog.id}`, { key: token, body });
  assert.equal(got.status, 400);
  assert.match(got.body.message, /content/);
  assert.notEqual((await t.api("GET", `/blogs/${blog.id}`, { key: token })).body.name, "Changed");
});

type Purge = { url: string; tags: string[] };

/** A stand-in for the CDN's documented endpoint: POST of `{"tags": […]}`. */
async function withCdn() {
  const purges: Purge[] = [];
  let status = 200;
  const cdn = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    assert.equal(request.method, "POST");
    assert.equal(request.headers.get("content-type"), "application/json");
    const { tags } = await request.json();
    if (status === 200) purges.push({ url: new URL(request.url).pathname, tags });
    return new Response(null, { status });
  });
  const url = `http://127.0.0.1:${cdn.addr.port}/invalidate/http`;
  const t = await setup({ env: { POSTLARK_CDN: "deno", POSTLARK_CDN_PURGE_URL: url } });
  t.deps.fetch = (input, init) => fetch(input, init);
  return {
    t,
    purges,
    fail: (code: number) => void (status = code),
    async settle() {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return purges.splice(0);
    },
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => setTimeout(resolve, 50));
      t[Symbol.dispose]();
      await cdn.shutdown();
    },
  };
}

Deno.test("with POSTLARK_CDN=deno pages carry their blog's tag, and every change purges it", async () => {
  await using c = await withCdn();
  const { t } = c;
  const { key, token, blog, id } = await t.tenant("creator");
  await c.settle();
  const tag = `blog-${blog.id}`;
  const changes: [string, () => Promise<unknown>][] = [
    ["publish", () => t.api("POST", "/posts", { key, body: post })],
    ["edit", () => t.api("PUT", "/posts/hello", { key, body: { title: "Changed" } })],
    ["blog", () => t.api("PUT", `/blogs/${blog.id}`, { key: token, body: { name: "Changed" } })],
    ["plan", () => changePlan(t.deps, id, { plan: "scale" })],
    ["unpublish", () => t.api("POST", "/posts/hello/unpublish", { key })],
  ];
  for (const [name, change] of changes) {
    await change();
    assert.deepEqual((await c.settle()).flatMap((purge) => purge.tags), [tag], name);
  }
  await t.api("POST", "/posts", { key, body: { title: "Draft", content: "Text." } });
  assert.deepEqual(await c.settle(), []);
  const page = await t.view(blog.slug, "/");
  assert.equal(page.headers.get("deno-cache-tag"), tag);
  assert.match(page.headers.get("deno-cdn-cache-control")!, /s-maxage=\d+/);
  assert.equal(page.headers.get("cache-control"), "public, max-age=0, must-revalidate");
});

Deno.test("a purge that failed is sent again by the job, once", async () => {
  await using c = await withCdn();
  const { t } = c;
  const { key, blog } = await t.tenant();
  await c.settle();
  c.fail(500);
  await t.api("POST", "/posts", { key, body: post });
  assert.deepEqual(await c.settle(), []);
  await assert.rejects(t.runJob("purge_cdn"));
  c.fail(200);
  t.advance(2000);
  assert.deepEqual(await t.runJob("purge_cdn"), { purged: 1 });
  assert.deepEqual((await c.settle()).flatMap((purge) => purge.tags), [`blog-${blog.id}`]);
  assert.deepEqual(await t.runJob("purge_cdn"), { purged: 0 });
});

Deno.test("a change is purged once more when no instance shows what was before it", async () => {
  await using c = await withCdn();
  const { t } = c;
  const { key, blog } = await t.tenant();
  await t.api("POST", "/posts", { key, body: post });
  await c.settle();
  assert.equal(t.alarms.at(-1), t.now() + 2000);
  t.advance(1000);
  assert.deepEqual(await t.runJob("purge_cdn"), { purged: 1 });
  t.advance(1000);
  assert.deepEqual(await t.runJob("purge_cdn"), { purged: 1 });
  assert.deepEqual(await t.runJob("purge_cdn"), { purged: 0 });
  assert.deepEqual(
    (await c.settle()).flatMap((purge) => purge.tags),
    Array(2).fill(`blog-${blog.id}`),
  );
});
