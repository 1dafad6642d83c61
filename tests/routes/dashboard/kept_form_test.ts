import assert from "node:assert/strict";
import { BrowserDouble } from "../../support/browser_double.ts";
import { setupSignedIn, submit, textsOf } from "./_dashboard.ts";

const TEXT = '\nOne </textarea><script>x</script>\n\n"two" &amp; three';

/** What the form of a page would send: its action, and its fields in their order. */
function formOf(html: string): { action: string; fields: [string, string][] } {
  const [form] = /<form[^>]* action="[^"]*"[^]*?<\/form>/.exec(html.slice(html.indexOf("<main")))!;
  const shown =
    /<input[^>]* name="([^"]*)" value="([^"]*)"|<textarea[^>]* name="([^"]*)"[^>]*>\n?([^]*?)<\/textarea>/g;
  return {
    action: plain(/action="([^"]*)"/.exec(form)![1]),
    fields: [...form.matchAll(shown)].map((m) => [plain(m[1] ?? m[3]), plain(m[2] ?? m[4])]),
  };
}

function plain(text: string): string {
  const names: Record<string, string> = { lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" };
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (_, name) => names[name]);
}

Deno.test("what was written in a session that is over is kept, and is saved by its own form after a sign-in", async () => {
  using at = await setupSignedIn();
  const path = `${at.home}/posts/new`;
  await at.browser.post("/auth/sign-out");
  const kept = await at.browser.post(path, { title: "Kites", content: TEXT, then: "published" });
  assert.equal(kept.status, 401);
  assert.deepEqual(textsOf(kept.text, "h1"), ["You are signed out"]);
  assert.match(kept.text, /<a [^>]*href="\/auth\/sign-in" target="_blank"/);
  assert.doesNotMatch(kept.text, /<script/);
  assert.equal(kept.headers.get("cache-control"), "no-store");
  const policy = kept.headers.get("content-security-policy")!.split("; ");
  for (const part of ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"]) {
    assert.ok(policy.includes(part), part);
  }
  assert.match(kept.text, /<textarea[^>]* name="content"[^>]* readonly/);

  await at.browser.signInTo(at.id);
  const { action, fields } = formOf(kept.text);
  const made = await submit(at.browser, action, fields);
  assert.match(made.text, /Published\./);
  const { body } = await at.t.api("GET", "/posts/kites", { key: at.key });
  assert.deepEqual([body.content_md, body.status], [TEXT, "published"]);
});

Deno.test("a kept form leads to where it was sent, with each of its fields as often as it came", async () => {
  using at = await setupSignedIn();
  const fields: [string, string][] = [["slug", "a"], ["slug", `b"<`], ["action", "delete"], [
    "x",
    "",
  ]];
  const path = `${at.home}/posts?status=draft&by=oldest`;
  const seen = await submit(new BrowserDouble(at.t), path, fields);
  assert.equal(seen.status, 401);
  assert.deepEqual(formOf(seen.text), { action: path, fields });
});

Deno.test("a form of another site's is not kept", async () => {
  using at = await setupSignedIn();
  const stranger = new BrowserDouble(at.t);
  const { origin } = at.t.deps.config;
  const foreign: Record<string, string>[] = [
    { origin: at.blog.url, "sec-fetch-site": "same-site" },
    { origin, "sec-fetch-site": "cross-site" },
    { origin: "null" },
  ];
  for (const path of ["/posts/new", "/theme"]) {
    for (const headers of foreign) {
      const seen = await stranger.post(at.home + path, { content: "Theirs" }, headers);
      assert.equal(seen.status, 403, path);
      assert.doesNotMatch(seen.text, /Theirs/);
    }
  }
});

Deno.test("a kept form is bounded as the form itself is: its bytes, its fields, and how many an address sends", async () => {
  using at = await setupSignedIn();
  const stranger = new BrowserDouble(at.t);
  const long = { content: "x".repeat(20_000) };
  assert.equal((await stranger.post(`${at.home}/keys`, long)).status, 413);
  assert.equal((await stranger.post(`${at.home}/posts/new`, long)).status, 401);
  const body = { content: "x".repeat(at.t.deps.config.limits.body) };
  assert.equal((await stranger.post(`${at.home}/posts/new`, body)).status, 413);
  const many = Array.from({ length: 1000 }, (): [string, string] => ["x", ""]);
  const seen = await submit(stranger, `${at.home}/posts/new`, many);
  assert.match(seen.url, /\/auth\/sign-in/);
  let status = 401;
  for (let n = 0; n < 100 && status === 401; n++) {
    status = (await stranger.post("/app/account/profile", { name: "x" })).status;
  }
  assert.equal(status, 429);
});

Deno.test("what shows a preview, and what sends files, leads to the sign-in", async () => {
  using at = await setupSignedIn();
  const stranger = new BrowserDouble(at.t);
  for (const path of ["/editor/page", "/editor/card", "/theme/preview"]) {
    assert.match((await stranger.post(at.home + path, { content: "x" })).url, /\/auth\/sign-in/);
  }
  const { origin } = at.t.deps.config;
  const body = new FormData();
  body.set("file", new File(["x"], "a.png"));
  const answer = await stranger.send(`${origin}${at.home}/media`, {
    method: "POST",
    headers: { origin },
    body,
  });
  assert.match(answer.headers.get("location")!, /\/auth\/sign-in/);
});
