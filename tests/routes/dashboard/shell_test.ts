import assert from "node:assert/strict";
import { setup } from "../../_setup.ts";
import { BrowserDouble } from "../../support/browser_double.ts";
import { assertValidHtml } from "../../support/valid_html.ts";
import {
  buildScript,
  listOf,
  readList,
  readScript,
  SCRIPTS,
} from "../../../clients/build_browser.ts";
import { makeHook } from "../../support/receiver.ts";
import { connect } from "../oauth/_flow.ts";
import { readFixture } from "../../support/images.ts";
import { setupSignedIn, signedIn, textsOf } from "./_dashboard.ts";

const PAGES = [
  "",
  "/posts",
  "/media",
  "/analytics",
  "/theme",
  "/domain",
  "/webhooks",
  "/keys",
  "/settings",
];
const ACCOUNT = ["/app", "/app/billing", "/app/tokens", "/app/apps", "/app/account"];
const imageBody = {
  data: readFixture("jpeg-baseline.jpg").bytes.toBase64(),
  content_type: "image/jpeg",
};

Deno.test("every page of a blog leads to the sign-in, and from there back, where nobody is signed in", async () => {
  using t = await setup();
  const { blog } = await t.tenant();
  for (const page of [...ACCOUNT, ...PAGES.map((page) => `/app/blogs/${blog.slug}${page}`)]) {
    const seen = await new BrowserDouble(t).open(`${page}?a=1`);
    const back = new URL(seen.url).searchParams.get("return_to");
    assert.deepEqual([new URL(seen.url).pathname, back], ["/auth/sign-in", `${page}?a=1`]);
  }
});

Deno.test("another account's blog, and one that is none, are not found", async () => {
  using at = await setupSignedIn();
  const stranger = await at.t.tenant();
  for (const slug of [stranger.blog.slug, "none", "%00", "x".repeat(3000)]) {
    for (const page of PAGES) {
      const seen = await at.browser.open(`/app/blogs/${slug}${page}`);
      assert.equal(seen.status, 404, slug);
    }
    for (const page of ["/posts", "/keys", "/keys/x/revoke"]) {
      assert.equal((await at.browser.post(`/app/blogs/${slug}${page}`)).status, 404, slug);
    }
  }
});

Deno.test("an address of the dashboard that is none is a page that says so, to who is signed in", async () => {
  using at = await setupSignedIn();
  for (const path of ["/app/blogs", "/app/none", `${at.home}/none`, "/app/sessions/end"]) {
    const seen = await at.browser.open(path);
    assert.deepEqual([seen.status, textsOf(seen.text, "h1")], [404, ["Nothing here"]], path);
    assert.deepEqual(textsOf(seen.text, "a").slice(-1), ["Your blogs"], path);
    assert.match((await new BrowserDouble(at.t).open(path)).url, /\/auth\/sign-in/);
  }
});

Deno.test("no form of another site's changes anything", async () => {
  using at = await setupSignedIn();
  const { body: post } = await at.t.api("POST", "/posts", {
    key: at.key,
    body: { title: "A", content: "x" },
  });
  const keys = (await at.t.api("GET", `/blogs/${at.blog.id}/api-keys`, { key: at.token })).text;
  const [{ id }] = JSON.parse(keys).data;
  const writes: [string, Record<string, string>][] = [
    ["/posts", { action: "delete", slug: post.slug }],
    ["/keys", { name: "x" }],
    ["/theme", { theme: "ink" }],
    ["/settings", { name: "x" }],
    ["/settings/delete", { confirm: at.blog.slug }],
    ["/domain", { hostname: "blog.example.com" }],
    ["/media/x/delete", {}],
    [`/keys/${id}/revoke`, {}],
  ];
  const foreign: Record<string, string>[] = [
    { origin: at.blog.url, "sec-fetch-site": "same-site" },
    { origin: at.t.deps.config.origin, "sec-fetch-site": "cross-site" },
    { origin: "null" },
  ];
  for (const [path, form] of writes) {
    for (const headers of foreign) {
      assert.equal((await at.browser.post(at.home + path, form, headers)).status, 403, path);
    }
  }
  assert.equal((await at.t.api("GET", `/posts/${post.slug}`, { key: at.key })).status, 200);
  const after = await at.t.api("GET", `/blogs/${at.blog.id}/api-keys`, { key: at.token });
  assert.equal(after.body.data.length, JSON.parse(keys).data.length);
});

Deno.test("a form counts in the hour of the account, looking does not, and neither does anything without a session", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_CREATOR: "2" } });
  const { browser, home, id } = await signedIn(t);
  for (let n = 0; n < 3; n++) assert.equal((await browser.open(`${home}/posts`)).status, 200);
  const act = () => browser.post(`${home}/posts`, { action: "delete", slug: "gone" });
  assert.deepEqual([(await act()).status, (await act()).status], [404, 404]);
  const over = await act();
  assert.equal(over.status, 429);
  assert.equal(over.headers.get("retry-after"), "3600");
  await browser.post("/auth/sign-out", { everywhere: "1" });
  const out = await act();
  assert.equal(out.status, 401);
  await browser.signInTo(id);
  assert.equal((await browser.open(`${home}/keys`)).status, 200);
});

Deno.test("a form of more than 16 KiB is refused as too large", async () => {
  using at = await setupSignedIn();
  for (const page of ["/posts", "/keys"]) {
    const seen = await at.browser.post(at.home + page, { name: "x".repeat(16_384) });
    assert.equal(seen.status, 413, page);
  }
});

Deno.test("every page is valid HTML, also where a form was not taken", async () => {
  using at = await setupSignedIn();
  for (let n = 1; n <= 21; n++) {
    const body = { title: `Post "${n}" <b>`, content: "x", tags: ["<i>"], status: "published" };
    await at.t.api("POST", "/posts", { key: at.key, body });
  }
  const image = { ...imageBody, filename: "<b>" };
  await at.t.api("POST", "/upload", { key: at.key, body: image });
  const { body: first } = await at.t.api("GET", "/posts/post-1-b", { key: at.key });
  const editor = `${at.home}/posts/${first.id}`;
  await at.t.api("PUT", "/posts/post-1-b", { key: at.key, body: { content: "<b>y" } });
  const revisions = await at.browser.open(`${editor}/revisions`);
  const revision = /href="([^"]+\/revisions\/[^"]+)"/.exec(revisions.text)![1];
  await connect(at.t, at);
  const hook = `${at.home}/webhooks/${(await makeHook(at.t, at, { description: "<b>" })).id}`;
  await at.browser.post(`${hook}/test`);
  const seen = [
    await at.browser.open("/app"),
    await at.browser.open("/app/apps"),
    await at.browser.post("/app/tokens", { name: "<b>" }),
    await at.browser.post("/app/tokens", { name: "", may: "some" }),
    await at.browser.post(`${at.home}/webhooks`, { url: "x", hears: "some" }),
    await at.browser.post(`${at.home}/webhooks`, { url: "https://receiver.example/<b>" }),
    await at.browser.open(`${at.home}/webhooks`),
    await at.browser.post(hook, { url: "x" }),
    await at.browser.post(`${hook}/disable`),
    await at.browser.post("/app/blogs", { name: "", slug: "%" }),
    await at.browser.open("/app/billing"),
    await at.browser.post("/app/billing/packs", { pack_type: "x" }),
    await at.browser.open("/app/account"),
    await at.browser.post("/app/account/profile", { name: "x".repeat(201) }),
    await at.browser.post("/app/account/delete", { confirm: "no" }),
    await at.browser.open(at.home),
    await at.browser.open(`${at.home}/media`),
    await at.browser.post(`${at.home}/media`),
    await at.browser.open(`${at.home}/theme`),
    await at.browser.post(`${at.home}/theme`, { cssUrl: "x", headerHtml: "</textarea><p>" }),
    await at.browser.open(`${at.home}/domain`),
    await at.browser.post(`${at.home}/domain`, { hostname: "<b>" }),
    await at.browser.post(`${at.home}/domain`, { hostname: "blog.example.com" }),
    await at.browser.post(`${at.home}/settings`, { name: "", description: "\n<b>" }),
    await at.browser.post(`${at.home}/settings/delete`, { confirm: "x" }),
    await at.browser.open(`${at.home}/analytics`),
    await at.browser.open(`${at.home}/analytics/posts/post-1-b?period=90d`),
    await at.browser.open(`${at.home}/posts/new`),
    await at.browser.open(editor),
    await at.browser.post(editor, { title: "", content: "<b>", etag: "x" }),
    await at.browser.post(editor, { title: "Mine", content: "<b>", etag: "x" }),
    revisions,
    await at.browser.open(revision),
    await at.browser.post(revision, { etag: "x" }),
    await at.browser.open(`${at.home}/posts?page=2`),
    await at.browser.open(`${at.home}/posts?q=post`),
    await at.browser.open(`${at.home}/posts?status=draft`),
    await at.browser.post(`${at.home}/posts`, { slug: "gone", action: "delete" }),
    await new BrowserDouble(at.t).post(editor, { content: "\n<b>", slug: `"><i>` }),
    await at.browser.post(`${at.home}/keys`, { name: "<b>" }),
    await at.browser.post(`${at.home}/keys`, { name: "x".repeat(101), may: "some", mode: "x" }),
  ];
  for (const { url, text } of seen) {
    await assertValidHtml(text, url);
  }
});

Deno.test("a page allows scripts and styles of its own origin alone, no frame around it, and is not kept", async () => {
  using at = await setupSignedIn();
  for (const page of [...ACCOUNT, ...PAGES.map((page) => at.home + page)]) {
    const { headers, text } = await at.browser.open(page);
    const policy = headers.get("content-security-policy")!;
    for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'"]) {
      assert.ok(policy.split("; ").includes(part), `${page}: ${part}`);
    }
    assert.match(policy, /frame-ancestors 'none'/);
    assert.ok(!policy.includes("unsafe"));
    assert.equal(headers.get("cache-control"), "no-store");
    assert.doesNotMatch(text, /<style|<script(?! type="module" src=)|\sstyle=|\son\w+=/);
  }
});

Deno.test("what pages refer to is served for ever, and nothing else under /assets", async () => {
  using at = await setupSignedIn();
  const { text } = await at.browser.open(at.home);
  const paths = [...text.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path);
  assert.deepEqual(paths.map((path) => path.replace(/-\w+\./, ".")), [
    "/assets/dashboard.css",
    "/assets/app.js",
  ]);
  for (const path of paths) {
    for (const encoding of ["gzip", "identity"]) {
      const url = at.t.deps.config.origin + path;
      const got = await at.t.send("GET", url, { headers: { "accept-encoding": encoding } });
      assert.equal(got.status, 200);
      assert.match(got.headers.get("cache-control")!, /max-age=31536000, immutable/);
      assert.match(got.headers.get("content-type")!, /^text\/(css|javascript); charset=utf-8$/);
      assert.equal(got.headers.get("x-content-type-options"), "nosniff");
      const packed = path.endsWith(".js") && encoding === "gzip";
      assert.equal(got.headers.get("content-encoding"), packed ? "gzip" : null);
    }
  }
  const none = await at.t.send("GET", `${at.t.deps.config.origin}/assets/app-0.js`);
  assert.equal(none.status, 404);
});

Deno.test("the scripts that are served are what their sources make", async () => {
  const built: Record<string, string> = {};
  for (const name of Object.keys(SCRIPTS)) {
    built[name] = await buildScript(name);
    assert.equal(await readScript(name), built[name], `${name}: run deno task browser`);
  }
  assert.equal(await readList(), listOf(built));
});

Deno.test("the switcher lists all blogs of the account and of nobody else, and says which is shown", async () => {
  using at = await setupSignedIn();
  const stranger = await signedIn(at.t);
  await at.browser.post("/app/blogs", { name: "Second <b>", slug: "second" });
  const { text } = await at.browser.open("/app/blogs/second");
  assert.match(text, /<a href="\/app\/blogs\/second" aria-current="true">\s*Second &lt;b&gt;/);
  assert.ok(text.includes(`href="${at.home}"`));
  assert.ok(!text.includes(stranger.blog.slug));
  assert.deepEqual(textsOf(text, "title"), ["Overview · Second &lt;b&gt; · Postlark"]);
});

Deno.test("the overview counts posts by status, lists the last changed, and shows where to publish", async () => {
  using at = await setupSignedIn();
  const { key } = at;
  for (const status of ["draft", "published", "published"]) {
    at.t.advance(1000);
    await at.t.api("POST", "/posts", { key, body: { title: `A ${status}`, content: "x", status } });
  }
  const { text } = await at.browser.open(at.home);
  assert.deepEqual(textsOf(text, "dt"), ["Drafts", "Published", "Scheduled", "Views in 30 days"]);
  assert.deepEqual(textsOf(text, "dd"), ["1", "2", "0", "0"]);
  assert.ok(text.includes(`href="${at.home}/posts/a-published-2/edit"`));
  assert.ok(text.indexOf("a-published-2") < text.indexOf("a-draft"));
  assert.match(text, /curl http:\/\/localhost:8000\/v1\/posts/);
  assert.match(text, /--transport http postlark http:\/\/localhost:8000\/mcp/);
});
