import assert from "node:assert/strict";
import { type Service, setup, type Tenant } from "../../_setup.ts";
import { GOOD } from "../../support/images.ts";
import { BrowserDouble } from "../../support/browser_double.ts";

const ORIGIN = "http://localhost:8000";
const HOSTILE = `<script>alert(1)</script><img src=x onerror=alert(1)> </textarea><b>bold`;

/** A tenant, and a browser that is signed in to it. */
async function writer(t: Service, plan: "free" | "creator" = "creator") {
  const tenant = await t.tenant(plan);
  const browser = new BrowserDouble(t);
  await browser.signInTo(tenant.id);
  const root = `/app/blogs/${tenant.blog.slug}`;
  return { tenant, browser, root };
}

async function postOf(t: Service, tenant: Tenant, fields: Record<string, unknown> = {}) {
  const body = { title: "First", content: "Some words.", ...fields };
  const made = await t.api("POST", "/posts", { key: tenant.key, body });
  assert.equal(made.status, 201, made.text);
  return made.body;
}

/** Sends JSON as the editor's script does. */
async function ask(browser: BrowserDouble, path: string, body: unknown) {
  const answer = await browser.send(ORIGIN + path, {
    method: "POST",
    headers: {
      origin: ORIGIN,
      "sec-fetch-site": "same-origin",
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
  });
  return { ...answer, body: JSON.parse(answer.text) };
}

/** The value of a hidden or single-line field of a page. */
function fieldOf(html: string, name: string): string {
  const [tag] = new RegExp(`<input[^>]*name="${name}"[^>]*>`).exec(html)!;
  return /value="([^"]*)"/.exec(tag)?.[1] ?? "";
}

Deno.test("without JavaScript a post is written, kept as a draft, changed, published and taken down", async () => {
  using t = await setup();
  const { tenant, browser, root } = await writer(t);
  assert.equal((await browser.open(`${root}/posts/new`)).status, 200);
  const form = {
    title: "Hello",
    content: "One\r\n\r\ntwo",
    tags: "deno, kv",
    description: "How it began.",
    noindex: "1",
  };
  const made = await browser.post(`${root}/posts/new`, form);
  assert.match(made.text, /Saved as a draft\./);
  const draft = (await t.api("GET", "/posts/hello", { key: tenant.key })).body;
  assert.equal(draft.content_md, "One\n\ntwo");
  assert.deepEqual(draft.tags, ["deno", "kv"]);
  assert.equal(draft.meta_description, "How it began.");
  assert.equal(draft.noindex, true);
  assert.equal(draft.status, "draft");

  const path = new URL(made.url).pathname;
  const again = { ...form, content: "Three", then: "published", etag: fieldOf(made.text, "etag") };
  const published = await browser.post(path, again);
  assert.match(published.text, /Published\./);
  assert.match((await t.view(tenant.blog.slug, "/hello")).text, /Three/);
  const etag = fieldOf(published.text, "etag");
  await browser.post(path, { ...form, then: "unpublished", etag });
  assert.equal((await t.view(tenant.blog.slug, "/hello")).status, 410);
});

Deno.test("a form that is not taken shows what was typed and what is wrong, and stores nothing", async () => {
  using t = await setup();
  const { tenant, browser, root } = await writer(t);
  const answer = await browser.post(`${root}/posts/new`, {
    title: " ",
    content: HOSTILE,
    slug: "Not A Slug",
  });
  assert.equal(answer.status, 400);
  assert.match(answer.text, /title is required/);
  assert.match(answer.text, /slug must have/);
  assert.ok(!answer.text.includes("<script>alert"));
  assert.match(answer.text, /&lt;script&gt;alert\(1\)/);
  const { body } = await t.api("GET", "/posts", { key: tenant.key });
  assert.equal(body.pagination.total, 0);
});

Deno.test("what was changed elsewhere is not written over unasked, by the form or the script", async () => {
  using t = await setup();
  const { tenant, browser, root } = await writer(t);
  const post = await postOf(t, tenant);
  const page = await browser.open(`${root}/posts/${post.id}`);
  const etag = fieldOf(page.text, "etag");
  t.advance(1000);
  const theirs = { content: "Theirs.", title: "<b>Their title", tags: ["kites"] };
  await t.api("PUT", "/posts/first", { key: tenant.key, body: theirs });

  const mine = { title: "First", content: "Mine.", slug: "first", etag };
  const refused = await browser.post(`${root}/posts/${post.id}`, mine);
  assert.equal(refused.status, 412);
  assert.match(refused.text, /Mine\./);
  assert.match(refused.text, /Theirs\./);
  const [differing] = /<dl.*?<\/dl>/s.exec(refused.text)!;
  const words = differing.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ").trim();
  assert.equal(words, "Title &lt;b&gt;Their title Tags kites");
  const saved = await ask(browser, `${root}/editor/save`, { ...mine, id: post.id });
  assert.equal(saved.status, 412);
  const stored = await t.api("GET", "/posts/first", { key: tenant.key });
  assert.equal(stored.body.content_md, "Theirs.");

  const over = { ...mine, etag: fieldOf(refused.text, "etag") };
  assert.equal((await browser.post(`${root}/posts/${post.id}`, over)).status, 200);
  const revisions = await t.api("GET", "/posts/first/revisions", { key: tenant.key });
  assert.equal(revisions.body.data.length, 3);
});

Deno.test("the script saves a new post once and then the same one, whatever its slug is by then", async () => {
  using t = await setup();
  const { tenant, browser, root } = await writer(t);
  const made = await ask(browser, `${root}/editor/save`, {
    id: "",
    title: "A post",
    content: "Text",
    slug: "",
  });
  assert.equal(made.status, 201);
  assert.equal(made.body.path, `${root}/posts/${made.body.id}`);
  await t.api("PUT", "/posts/a-post", { key: tenant.key, body: { slug: "renamed" } });
  const { etag } = JSON.parse(
    (await browser.open(`${root}/editor/posts/${made.body.id}`)).text,
  );
  const next = { id: made.body.id, etag, title: "B", content: "More", slug: "renamed" };
  assert.equal((await ask(browser, `${root}/editor/save`, next)).status, 200);
  const { body } = await t.api("GET", "/posts", { key: tenant.key });
  assert.deepEqual(body.data.map(({ slug }: { slug: string }) => slug), ["renamed"]);
});

Deno.test("the preview is the blog's own page of the text, without warnings of the post's own address", async () => {
  using t = await setup();
  const { tenant, browser, root } = await writer(t);
  const post = await postOf(t, tenant, { status: "published" });
  const shown = await ask(browser, `${root}/editor/preview`, {
    own: post.slug,
    slug: post.slug,
    title: "Second",
    content: `# One\n\n### Three\n\n${HOSTILE}`,
  });
  assert.equal(shown.status, 200);
  assert.match(shown.body.html, /<h1 class="title" dir="auto">Second<\/h1>/);
  assert.ok(!shown.body.html.includes("<script>alert"));
  assert.ok(!shown.body.html.includes("onerror"));
  const codes = shown.body.warnings.map(({ code }: { code: string }) => code);
  assert.ok(codes.includes("heading_jump"), codes.join());
  assert.ok(!codes.includes("slug_taken"), codes.join());
  const empty = await ask(browser, `${root}/editor/preview`, { title: "", content: "", own: "" });
  assert.equal(empty.status, 200);
});

Deno.test("whatever a tenant wrote is sent as a document of no origin", async () => {
  using t = await setup();
  const { browser, root } = await writer(t);
  const form = { title: HOSTILE, content: HOSTILE, description: HOSTILE };
  for (const path of ["page", "card"]) {
    const answer = await browser.post(`${root}/editor/${path}`, form);
    const csp = answer.headers.get("content-security-policy")!;
    assert.ok(csp.split("; ").includes("sandbox"), csp);
    assert.ok(!answer.text.includes("<script>alert"), path);
    assert.ok(!/<img[^>]*onerror/.test(answer.text), path);
  }
  const frame = await browser.open(`${root}/editor/frame`);
  const csp = frame.headers.get("content-security-policy")!;
  assert.ok(csp.split("; ").includes("sandbox allow-scripts"), csp);
  assert.ok(!csp.includes("allow-same-origin") && !csp.includes("unsafe"), csp);
});

Deno.test("the frame that draws diagrams may load Mermaid alone, as a document of no origin", async () => {
  using t = await setup();
  const { browser, root } = await writer(t);
  const frame = await browser.open(`${root}/editor/frame?diagrams`);
  const csp = frame.headers.get("content-security-policy")!.split("; ");
  const module = /data-diagrams="([^"]+)"/.exec(frame.text)![1];
  const [, hash, ...others] = csp.find((one) => one.startsWith("script-src"))!.split(" ");
  assert.match(hash, /^'sha256-/);
  assert.deepEqual(others, [module]);
  assert.ok(csp.includes("sandbox allow-scripts") && csp.includes("default-src 'none'"), `${csp}`);
  const answer = await t.send("GET", module);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type")!, /^text\/javascript/);
  // A document without an origin loads modules as a stranger.
  assert.equal(answer.headers.get("access-control-allow-origin"), "*");
});

Deno.test("a schedule is a local time of its zone, and one that its clocks skip is refused", async () => {
  using t = await setup();
  const { tenant, browser, root } = await writer(t);
  const form = { title: "Later", content: "Text", then: "scheduled", zone: "Europe/Berlin" };
  const skipped = await browser.post(`${root}/posts/new`, {
    ...form,
    scheduled_at: "2026-03-29T02:30",
  });
  assert.equal(skipped.status, 400);
  assert.match(skipped.text, /clocks of this time zone skip that time/);
  const path = `${root}/posts/${(await t.api("GET", "/posts/later", { key: tenant.key })).body.id}`;
  const etag = fieldOf(skipped.text, "etag");
  const done = await browser.post(path, { ...form, etag, scheduled_at: "2026-07-01T09:00" });
  assert.match(done.text, /Scheduled\./);
  const { body } = await t.api("GET", "/posts/later", { key: tenant.key });
  assert.equal(body.scheduled_at, "2026-07-01T07:00:00.000Z");
  const bad = { ...form, etag: fieldOf(done.text, "etag"), zone: "Mars/Base" };
  for (const scheduled_at of ["2026-07-01T09:00", "tomorrow", "2026-02-30T09:00", ""]) {
    assert.equal((await browser.post(path, { ...bad, scheduled_at })).status, 400, scheduled_at);
  }
});

Deno.test("an image of a form is stored, and what is none is refused", async () => {
  using t = await setup();
  const { browser, root } = await writer(t);
  const send = async (bytes: Uint8Array) => {
    const body = new FormData();
    body.set("file", new File([bytes as BlobPart], "a.png", { type: "image/png" }));
    const headers = { origin: ORIGIN, "sec-fetch-site": "same-origin" };
    const url = `${ORIGIN}${root}/editor/media`;
    return await browser.send(url, { method: "POST", headers, body });
  };
  const stored = await send(GOOD.find(({ type }) => type === "image/png")!.bytes);
  assert.equal(stored.status, 201, stored.text);
  assert.match(JSON.parse(stored.text).markdown, /^!\[a\]\(http/);
  assert.equal((await send(new TextEncoder().encode("no image"))).status, 400);
});

Deno.test("a revision is shown and restored", async () => {
  using t = await setup();
  const { tenant, browser, root } = await writer(t);
  const post = await postOf(t, tenant);
  t.advance(1000);
  await t.api("PUT", "/posts/first", { key: tenant.key, body: { content: "Other words." } });
  const list = await browser.open(`${root}/posts/${post.id}/revisions`);
  const links = [...list.text.matchAll(/href="([^"]+\/revisions\/[^"]+)"/g)].map((m) => m[1]);
  assert.equal(links.length, 2);
  const first = await browser.open(links[1]);
  assert.match(first.text, /Some words\./);
  const etag = fieldOf(first.text, "etag");
  const restored = await browser.post(links[1], { etag });
  assert.match(restored.text, /Restored/);
  const { body } = await t.api("GET", "/posts/first", { key: tenant.key });
  assert.equal(body.content_md, "Some words.");
});

Deno.test("a revision is compared with the text as it is now", async () => {
  using t = await setup();
  const { tenant, browser, root } = await writer(t);
  const same = Array.from({ length: 20 }, (_, n) => `Line ${n}`);
  const post = await postOf(t, tenant, { content: ["Old <b>", ...same].join("\n") });
  const body = { title: "Second", content: ["New <i>", ...same].join("\n") };
  await t.api("PUT", "/posts/first", { key: tenant.key, body });
  const list = await browser.open(`${root}/posts/${post.id}/revisions`);
  const links = [...list.text.matchAll(/href="([^"]+\/revisions\/[^"]+)"/g)].map((m) => m[1]);
  const { text } = await browser.open(links[1]);
  assert.match(text, /<del>New &lt;i&gt;\n<\/del>/);
  assert.match(text, /<ins>Old &lt;b&gt;\n<\/ins>/);
  assert.match(text, /17 lines are the same/);
  assert.match(text, /from “Second” to “First”/);
  assert.match((await browser.open(links[0])).text, /The text is the same\./);
});

Deno.test("a revision is not restored over what was written in between: that is shown, compared, and kept", async () => {
  using t = await setup();
  const { tenant, browser, root } = await writer(t);
  const post = await postOf(t, tenant);
  const change = (content: string) =>
    t.api("PUT", "/posts/first", { key: tenant.key, body: { content } });
  await change("Other words.");
  const list = await browser.open(`${root}/posts/${post.id}/revisions`);
  const links = [...list.text.matchAll(/href="([^"]+\/revisions\/[^"]+)"/g)].map((m) => m[1]);
  const etag = fieldOf((await browser.open(links[1])).text, "etag");
  await change("Words in between.");
  const refused = await browser.post(links[1], { etag });
  assert.equal(refused.status, 412);
  assert.match(refused.text, /Not restored: the post was changed in between/);
  assert.match(refused.text, /<del>Words in between\.\n<\/del>/);
  assert.match(refused.text, /<ins>Some words\.\n<\/ins>/);
  const stored = async () => (
    (await t.api("GET", "/posts/first", { key: tenant.key })).body.content_md
  );
  assert.equal(await stored(), "Words in between.");
  const again = await browser.post(links[1], { etag: fieldOf(refused.text, "etag") });
  assert.match(again.text, /Restored/);
  assert.equal(await stored(), "Some words.");
  const { body } = await t.api("GET", "/posts/first/revisions", { key: tenant.key });
  assert.equal(body.data.length, 4);
});

Deno.test("the editor of another account's post or blog is not found, and asks strangers to sign in", async () => {
  using t = await setup();
  const { browser, root } = await writer(t);
  const other = await t.tenant("creator");
  const post = await postOf(t, other);
  assert.equal((await browser.open(`${root}/posts/${post.id}`)).status, 404);
  assert.equal((await browser.open(`/app/blogs/${other.blog.slug}/posts/new`)).status, 404);
  const save = { id: post.id, title: "Mine", content: "Mine" };
  assert.equal((await ask(browser, `${root}/editor/save`, save)).status, 404);
  const stranger = new BrowserDouble(t);
  assert.match((await stranger.open(`${root}/posts/new`)).url, /\/auth\/sign-in/);
  assert.equal((await ask(stranger, `${root}/editor/save`, save)).status, 401);
});

Deno.test("the editor takes no write from another origin", async () => {
  using t = await setup();
  const { tenant, browser, root } = await writer(t);
  const from = { origin: "http://evil.localhost:8000", "sec-fetch-site": "same-site" };
  const form = { title: "Theirs", content: "Theirs" };
  assert.equal((await browser.post(`${root}/posts/new`, form, from)).status, 403);
  for (const path of ["save", "preview", "media", "page", "card"]) {
    const answer = await browser.post(`${root}/editor/${path}`, form, from);
    assert.equal(answer.status, 403, path);
  }
  const { body } = await t.api("GET", "/posts", { key: tenant.key });
  assert.equal(body.pagination.total, 0);
});

Deno.test("what can be no post's slug is answered as such, never by a fault of ours", async () => {
  using t = await setup();
  const { browser, root } = await writer(t);
  const own = "x".repeat(3000);
  assert.equal((await browser.open(`${root}/posts/${own}/edit`)).status, 404);
  const draft = { title: "Kites", content: "Up.", own };
  const shown = await ask(browser, `${root}/editor/preview`, draft);
  assert.deepEqual([shown.status, shown.body.slug], [200, "kites"]);
  for (const page of ["page", "card"]) {
    const seen = await browser.post(`${root}/editor/${page}`, draft);
    assert.equal(seen.status, 200, seen.text);
    assert.match(seen.text, /Kites/);
  }
});

Deno.test("a new post whose form is sent twice is one post, published once, and another text is another", async () => {
  using t = await setup();
  const { tenant, browser, root } = await writer(t);
  const once = fieldOf((await browser.open(`${root}/posts/new`)).text, "once");
  const form = { title: "Kites", content: "Up.", then: "published", once };
  const send = () => browser.post(`${root}/posts/new`, form);
  const [first, second] = await Promise.all([send(), send()]);
  for (const seen of [first, second]) assert.match(seen.text, /Published\./);
  assert.equal(first.url, second.url);
  await browser.post(`${root}/posts/new`, { ...form, title: "Boats" });
  const { body } = await t.api("GET", "/posts", { key: tenant.key });
  const slugs = body.data.map(({ slug }: { slug: string }) => slug);
  assert.deepEqual(slugs.sort(), ["boats", "kites"]);
});

Deno.test("a first save whose answer was lost is found again, and takes what was written since", async () => {
  using t = await setup();
  const { tenant, browser, root } = await writer(t);
  const once = fieldOf((await browser.open(`${root}/posts/new`)).text, "once");
  const draft = { id: "", title: "Kites", content: "Up", slug: "", once };
  const first = await ask(browser, `${root}/editor/save`, draft);
  const second = await ask(browser, `${root}/editor/save`, { ...draft, content: "Up, up" });
  assert.deepEqual([second.status, second.body.id], [201, first.body.id]);
  assert.notEqual(second.body.etag, first.body.etag);
  const { body } = await t.api("GET", "/posts/kites", { key: tenant.key });
  assert.equal(body.content_md, "Up, up");
  const all = await t.api("GET", "/posts", { key: tenant.key });
  assert.equal(all.body.pagination.total, 1);
});
