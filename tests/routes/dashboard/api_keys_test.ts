import assert from "node:assert/strict";
import { setupSignedIn, signedIn, submit, textsOf } from "./_dashboard.ts";

const DAY = 86_400_000;
const SECRET = /pk_(?:live|test)_\w{32}/;

Deno.test("a key is made as the form says, shown once, and works", async () => {
  using at = await setupSignedIn();
  const seen = await submit(at.browser, `${at.home}/keys`, [
    ["name", "CI <b>"],
    ["may", "some"],
    ["scope", "posts:read"],
    ["scope", "media:read"],
    ["expires", "30d"],
    ["mode", "live"],
  ]);
  assert.equal(new URL(seen.url).pathname, `${at.home}/keys`);
  assert.match(seen.text, /CI &lt;b&gt; is made/);
  const [key] = SECRET.exec(seen.text)!;
  assert.equal((await at.t.api("GET", "/posts", { key })).status, 200);
  assert.equal((await at.t.api("POST", "/posts", { key, body: {} })).status, 403);
  const { body } = await at.t.api("GET", `/blogs/${at.blog.id}/api-keys`, { key: at.token });
  const made = body.data.find(({ name }: { name: string }) => name === "CI <b>");
  assert.deepEqual(made.scopes, ["posts:read", "media:read"]);
  assert.equal(Date.parse(made.expires_at) - at.t.now(), 30 * DAY);
  const again = await at.browser.open(`${at.home}/keys`);
  assert.doesNotMatch(again.text, SECRET);
  assert.match(again.text, /CI &lt;b&gt;/);
  assert.equal([...at.browser.jar().keys()].join(), "postlark");
});

Deno.test("what is ticked does not count where the key may do everything", async () => {
  using at = await setupSignedIn();
  at.t.advance(1000);
  await submit(at.browser, `${at.home}/keys`, [
    ["may", "all"],
    ["scope", "posts:read"],
    ["expires", "never"],
    ["mode", "test"],
  ]);
  const { body } = await at.t.api("GET", `/blogs/${at.blog.id}/api-keys`, { key: at.token });
  const { name, scopes, expires_at, mode } = body.data[0];
  assert.deepEqual([name, scopes, expires_at, mode], ["Default", ["*"], null, "test"]);
});

Deno.test("a form that is not taken says why beside each field, with what was typed", async () => {
  using at = await setupSignedIn();
  const seen = await submit(at.browser, `${at.home}/keys`, [
    ["name", `"><i>${"x".repeat(100)}`],
    ["may", "some"],
    ["expires", "2d"],
    ["mode", "none"],
  ]);
  assert.equal(seen.status, 400);
  const faults = [...seen.text.matchAll(/id="fault-(\w+)"[^>]*>([^<]+)/g)];
  assert.deepEqual(faults.map(([, field]) => field), ["name", "expires", "mode", "scopes"]);
  assert.match(faults.map(([, , words]) => words).join(" "), /at most 100.*at least one scope/);
  assert.ok(seen.text.includes(`value="&quot;&gt;&lt;i&gt;x`));
  assert.doesNotMatch(seen.text, SECRET);
  const unknown = await submit(at.browser, `${at.home}/keys`, [
    ["may", "some"],
    ["scope", "posts:all"],
  ]);
  assert.match(unknown.text, /unknown scope &quot;posts:all&quot;/);
});

Deno.test("a revoked key is refused at once and is no longer listed", async () => {
  using at = await setupSignedIn();
  const { body } = await at.t.api("GET", `/blogs/${at.blog.id}/api-keys`, { key: at.token });
  const [{ id, prefix }] = body.data;
  assert.equal((await at.t.api("GET", "/posts", { key: at.key })).status, 200);
  assert.ok((await at.browser.open(`${at.home}/keys`)).text.includes(prefix));
  const seen = await at.browser.post(`${at.home}/keys/${id}/revoke`);
  assert.match(seen.text, /The key was revoked/);
  assert.equal(seen.text.includes(prefix), false);
  assert.equal((await at.t.api("GET", "/posts", { key: at.key })).status, 401);
  for (const gone of [id, "x", "%00", "y".repeat(5000)]) {
    const { status } = await at.browser.post(`${at.home}/keys/${gone}/revoke`);
    assert.equal(status, 404);
  }
});

Deno.test("nobody revokes a key of another's blog", async () => {
  using at = await setupSignedIn();
  const other = await signedIn(at.t);
  const { body } = await at.t.api("GET", `/blogs/${other.blog.id}/api-keys`, { key: other.token });
  const { status } = await at.browser.post(`${at.home}/keys/${body.data[0].id}/revoke`);
  assert.equal(status, 404);
  assert.equal((await at.t.api("GET", "/posts", { key: other.key })).status, 200);
});

Deno.test("the list says when a key was last used, and when it ends", async () => {
  using at = await setupSignedIn();
  at.t.advance(1000);
  await submit(at.browser, `${at.home}/keys`, [["name", "Idle"], ["expires", "1y"]]);
  await at.t.api("GET", "/posts", { key: at.key });
  const { text } = await at.browser.open(`${at.home}/keys`);
  const [idle, used] = textsOf(text, "tr").slice(1);
  assert.match(idle, /^Idle .*Everything Never used Expires 24 Mar 2027/);
  assert.match(used, /Last used 24 Mar 2026, 10:00 UTC Does not expire/);
});

Deno.test("a secret is shown neither to another account, nor later, nor from a cookie that is not ours", async () => {
  using at = await setupSignedIn();
  const { origin } = at.t.deps.config;
  const make = async () => {
    await at.browser.send(`${origin}${at.home}/keys`, {
      method: "POST",
      headers: { origin },
      body: new URLSearchParams({ name: "x" }),
    });
    return at.browser.jar().get("postlark-flash")!;
  };
  const flash = await make();
  assert.doesNotMatch(flash, /pk_/);
  const other = await signedIn(at.t);
  other.browser.jar().set("postlark-flash", flash);
  assert.doesNotMatch((await other.browser.open(`${other.home}/keys`)).text, SECRET);
  for (const bad of [flash.slice(0, -2) + "AA", "x", "", "%%", flash + flash]) {
    at.browser.jar().set("postlark-flash", bad);
    const seen = await at.browser.open(`${at.home}/keys`);
    assert.equal(seen.status, 200);
    assert.doesNotMatch(seen.text, SECRET, bad);
  }
  at.browser.jar().set("postlark-flash", flash);
  at.t.advance(60_000);
  assert.doesNotMatch((await at.browser.open(`${at.home}/keys`)).text, SECRET);
  at.browser.jar().set("postlark-flash", await make());
  assert.match((await at.browser.open(`${at.home}/keys`)).text, SECRET);
});

Deno.test("a frozen blog can be read but offers no change, and takes none", async () => {
  using at = await setupSignedIn();
  const { kv } = at.t.deps.store;
  const { value } = await kv.get<{ frozenAt: number | null }>(["blog", at.blog.id]);
  await kv.set(["blog", at.blog.id], { ...value!, frozenAt: at.t.now() });
  const page = await at.browser.open(`${at.home}/keys`);
  assert.match(page.text, /This blog is frozen/);
  assert.doesNotMatch(page.text, /Make the key/);
  const refused = await at.browser.post(`${at.home}/keys`, { name: "x" });
  assert.equal(refused.status, 403);
  assert.doesNotMatch(refused.text, SECRET);
});
