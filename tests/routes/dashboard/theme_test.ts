import assert from "node:assert/strict";
import { setup } from "../../_setup.ts";
import { setupSignedIn, signedIn } from "./_dashboard.ts";

type At = Pick<Awaited<ReturnType<typeof signedIn>>, "browser" | "home" | "blog" | "token">;

function etagOf(html: string): string {
  return /name="etag" value="([^"]+)"/.exec(html)![1];
}

async function storedOf({ browser, blog, token }: At) {
  return (await browser.t.api("GET", `/blogs/${blog.id}`, { key: token })).body.theme_config;
}

Deno.test("a theme is saved as typed, with a browser's line ends made one, and the blog shows it", async () => {
  using at = await setupSignedIn();
  const customCss = "\nh1{color:red}\nh2{color:blue}";
  const seen = await at.browser.post(`${at.home}/theme`, {
    theme: "ink",
    customCss: customCss.replaceAll("\n", "\r\n"),
    headerHtml: "<p>Banner</p>",
  });
  assert.match(seen.text, /Saved: the blog shows it/);
  assert.deepEqual(await storedOf(at), { customCss, headerHtml: "<p>Banner</p>", theme: "ink" });
  const blog = await at.t.app.fetch(new Request(at.blog.url));
  const html = await blog.text();
  assert.match(html, /<p>Banner<\/p>/);
  assert.match(html, /color:red/);
  await at.browser.post(`${at.home}/theme`, { theme: "ink", customCss: "", headerHtml: "" });
  assert.deepEqual(await storedOf(at), { theme: "ink" });
});

Deno.test("hostile text of a theme is text in its form", async () => {
  using at = await setupSignedIn();
  const text = `</textarea><script>x</script>"'&amp;`;
  const seen = await at.browser.post(`${at.home}/theme`, { customCss: text, headerHtml: text });
  assert.equal(seen.status, 200);
  assert.doesNotMatch(seen.text, /<script>x/);
  assert.equal((await storedOf(at)).headerHtml, text);
});

Deno.test("what will not do is said beside its field, and the rest stays as it was typed", async () => {
  using at = await setupSignedIn();
  const { browser, home } = await signedIn(at.t, "scale");
  const seen = await browser.post(`${home}/theme`, {
    theme: "none",
    cssUrl: "http://x.example/a.css",
    layoutHtml: "{{title}}",
    customCss: "h1{}",
  });
  assert.equal(seen.status, 400);
  assert.match(seen.text, /theme must be one of paper, ink, terminal|Theme must be one of/);
  assert.match(seen.text, /id="fault-cssUrl"[^>]*>Style sheet elsewhere must be an https URL/);
  assert.match(seen.text, /<textarea name="customCss"[^>]*>h1\{\}/);
  const layout = await browser.post(`${home}/theme`, { layoutHtml: "{{title}}" });
  assert.equal(layout.status, 400);
  assert.match(layout.text, /id="fault-layoutHtml"[^>]*>Page template must have the placeholder/);
});

Deno.test("what a plan lacks cannot be typed and is refused by its field's name; what it has left can be emptied", async () => {
  using at = await setupSignedIn();
  const free = await signedIn(at.t, "free");
  const page = await free.browser.open(`${free.home}/theme`);
  assert.match(page.text, /<textarea name="customCss"[^>]* disabled/);
  assert.match(page.text, /Requires the Starter plan or above/);
  const refused = await free.browser.post(`${free.home}/theme`, { customCss: "h1{}" });
  assert.equal(refused.status, 403);
  assert.match(refused.text, /id="fault-customCss"[^>]*>Custom CSS requires the Starter plan/);

  await at.browser.post(`${at.home}/theme`, { customCss: "h1{}", theme: "paper" });
  const { kv } = at.t.deps.store;
  const { value } = await kv.get<object>(["plan", at.id]);
  await kv.set(["plan", at.id], { ...value, plan: "free" });
  const kept = await at.browser.post(`${at.home}/theme`, { customCss: "h1{}", theme: "ink" });
  assert.match(kept.text, /Saved/);
  assert.match(kept.text, /The plan does not show it any more/);
  await at.browser.post(`${at.home}/theme`, { customCss: "", theme: "ink" });
  assert.deepEqual(await storedOf(at), { theme: "ink" });
});

Deno.test("a theme that was changed elsewhere meanwhile is not overwritten unseen", async () => {
  using at = await setupSignedIn();
  const etag = etagOf((await at.browser.open(`${at.home}/theme`)).text);
  await at.t.api("PUT", `/blogs/${at.blog.id}`, {
    key: at.token,
    body: { theme_config: { customCss: "h1{}" } },
  });
  const late = await at.browser.post(`${at.home}/theme`, { etag, customCss: "h2{}" });
  assert.equal(late.status, 412);
  assert.match(late.text, /changed elsewhere[^]*h2\{\}/);
  assert.deepEqual(await storedOf(at), { customCss: "h1{}" });
  await at.browser.post(`${at.home}/theme`, { etag: etagOf(late.text), customCss: "h2{}" });
  assert.deepEqual(await storedOf(at), { customCss: "h2{}" });
});

Deno.test("a preview shows what is typed and stores nothing, in a document of no origin where no script runs", async () => {
  using at = await setupSignedIn();
  await at.t.api("POST", "/posts", {
    key: at.key,
    body: { title: "Kites", content: "Up **high**", status: "published" },
  });
  const before = await at.browser.open(`${at.home}/theme/preview`);
  assert.match(before.text, /Kites/);
  const form = { theme: "terminal", headerHtml: "<script>x</script><p>Banner</p>" };
  const seen = await at.browser.post(`${at.home}/theme/preview`, form);
  assert.match(seen.text, /<p>Banner<\/p>[^]*Kites/);
  const post = await at.browser.post(`${at.home}/theme/preview`, { ...form, page: "post" });
  assert.match(post.text, /<p>Banner<\/p>[^]*<strong>high<\/strong>/);
  for (const { headers } of [before, seen, post]) {
    const policies = headers.get("content-security-policy")!.split(", ");
    const parts = policies.flatMap((policy) => policy.split("; "));
    for (const part of ["sandbox", "script-src 'none'", "frame-ancestors 'self'"]) {
      assert.ok(parts.includes(part), part);
    }
    assert.ok(!parts.includes("frame-ancestors 'none'"));
    assert.equal(headers.get("cache-control"), "no-store");
  }
  assert.deepEqual(await storedOf(at), {});
});

Deno.test("a preview shows no more than the plan includes, and says what will not do", async () => {
  using at = await setupSignedIn();
  const free = await signedIn(at.t, "free");
  const seen = await free.browser.post(`${free.home}/theme/preview`, {
    headerHtml: "<p>Banner</p>",
  });
  assert.equal(seen.status, 200);
  assert.doesNotMatch(seen.text, /Banner/);
  const bad = await at.browser.post(`${at.home}/theme/preview`, {
    cssUrl: "ftp://x",
    layoutHtml: "x",
  });
  assert.match(bad.text, /cssUrl must be an https URL/);
  const layout = await at.browser.post(`${at.home}/theme/preview`, { layoutHtml: "x" });
  assert.match(layout.text, /must have the placeholder/);
});

Deno.test("the preview of a blog without posts has some that stand in, and only the preview", async () => {
  using at = await setupSignedIn();
  const seen = await at.browser.open(`${at.home}/theme/preview`);
  assert.match(seen.text, /A post of yours/);
  const blog = await at.t.app.fetch(new Request(at.blog.url));
  assert.doesNotMatch(await blog.text(), /A post of yours/);
});

Deno.test("no HTML of the owner's is in a preview where blogs share the dashboard's origin", async () => {
  using t = await setup({ env: { POSTLARK_BLOG_ADDRESS: "path" } });
  const at = await signedIn(t);
  const seen = await at.browser.post(`${at.home}/theme/preview`, { headerHtml: "<p>Banner</p>" });
  assert.equal(seen.status, 200);
  assert.doesNotMatch(seen.text, /Banner/);
  const page = await at.browser.open(`${at.home}/theme`);
  assert.match(page.text, /Shown once the blog has a domain of its own/);
});

Deno.test("previews as one types use nothing of the account's hour", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_CREATOR: "1" } });
  const at = await signedIn(t);
  for (let n = 0; n < 3; n++) {
    assert.equal((await at.browser.post(`${at.home}/theme/preview`, { theme: "ink" })).status, 200);
  }
  assert.equal((await at.browser.post(`${at.home}/theme`, { theme: "ink" })).status, 200);
  assert.equal((await at.browser.post(`${at.home}/theme`, { theme: "ink" })).status, 429);
});

Deno.test("a page of another host's is refused the preview, which it would use up", async () => {
  using at = await setupSignedIn();
  const url = `${at.t.deps.config.origin}${at.home}/theme/preview`;
  const ask = async (site: string) =>
    (await at.browser.send(url, { headers: { "sec-fetch-site": site } })).status;
  for (const site of ["same-site", "cross-site"]) assert.equal(await ask(site), 403, site);
  assert.equal(await ask("same-origin"), 200);
});

Deno.test("another's blog has no theme, no preview and no settings for a visitor", async () => {
  using at = await setupSignedIn();
  const other = await signedIn(at.t);
  for (const path of ["/theme", "/theme/preview", "/settings", "/settings/delete"]) {
    const form = { theme: "ink", name: "Mine", confirm: other.blog.slug };
    assert.equal((await at.browser.post(other.home + path, form)).status, 404, path);
  }
  for (const path of ["/theme", "/theme/preview", "/settings", "/media", "/domain"]) {
    assert.equal((await at.browser.open(other.home + path)).status, 404, path);
  }
  assert.deepEqual(await storedOf(other), {});
});
