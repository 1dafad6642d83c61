import assert from "node:assert/strict";
import { unzipSync } from "fflate";
import { sha256 } from "../../../lib/kit/crypto.ts";
import { BrowserDouble } from "../../support/browser_double.ts";
import { setupSignedIn, signedIn, textsOf } from "./_dashboard.ts";

const PAGE = "/app/account";

function sessionOf(browser: BrowserDouble): string {
  return browser.jar().get("postlark")!.split(".")[0];
}

async function nameOf({ t, token }: Awaited<ReturnType<typeof setupSignedIn>>) {
  return (await t.api("GET", "/account/profile", { key: token })).body.name;
}

Deno.test("a name that is saved is the account's, and is shown as text", async () => {
  using at = await setupSignedIn();
  const seen = await at.browser.post(`${PAGE}/profile`, { name: ` "><b>Ada & co ` });
  assert.equal(new URL(seen.url).pathname, PAGE);
  assert.match(seen.text, /Saved\./);
  assert.ok(seen.text.includes(`value="&quot;&gt;&lt;b&gt;Ada &amp; co"`));
  assert.equal(await nameOf(at), `"><b>Ada & co`);
});

Deno.test("a name that is too long is refused beside its field, with what was typed, and changes nothing", async () => {
  using at = await setupSignedIn();
  const before = await nameOf(at);
  const name = "<i>" + "x".repeat(200);
  const seen = await at.browser.post(`${PAGE}/profile`, { name });
  assert.equal(seen.status, 400);
  assert.match(seen.text, /id="fault-name"[^>]*>[^<]*at most 200/);
  assert.ok(seen.text.includes(`value="&lt;i&gt;xxx`));
  assert.equal(await nameOf(at), before);
});

Deno.test("the page lists the sessions, and ends one of its own account's or all of them", async () => {
  using at = await setupSignedIn();
  const { t, browser, id } = at;
  const other = new BrowserDouble(t);
  t.advance(1000);
  await other.signInTo(id);
  const stranger = await signedIn(t);
  const { text } = await browser.open(PAGE);
  assert.equal(text.match(/Chrome on Linux/g)?.length, 3);
  assert.equal(text.match(/this one/g)?.length, 1);
  assert.ok(text.includes(sessionOf(other)) && !text.includes(sessionOf(stranger.browser)));
  assert.doesNotMatch((await browser.open("/app")).text, /Chrome on Linux/);

  await browser.post("/app/sessions/end", { id: sessionOf(stranger.browser) });
  assert.equal(new URL((await stranger.browser.open(PAGE)).url).pathname, PAGE);
  const ended = await browser.post("/app/sessions/end", { id: sessionOf(other) });
  assert.match(ended.text, /That session was ended/);
  assert.match((await other.open(PAGE)).url, /sign-in/);
  await other.signInTo(id);
  await browser.post("/auth/sign-out", { everywhere: "1" });
  for (const one of [browser, other]) assert.match((await one.open(PAGE)).url, /sign-in/);
  assert.equal(new URL((await stranger.browser.open(PAGE)).url).pathname, PAGE);
});

Deno.test("a session that cannot be one is ended without a fault", async () => {
  using at = await setupSignedIn();
  for (const id of ["", "x".repeat(5000), "\0"]) {
    const { status, url } = await at.browser.post("/app/sessions/end", { id });
    assert.deepEqual([status, new URL(url).pathname], [200, PAGE]);
  }
});

Deno.test("of more sessions than the page lists it says how many there are besides", async () => {
  using at = await setupSignedIn();
  for (let n = 0; n < 51; n++) {
    at.t.advance(1);
    await at.t.session(at.id);
  }
  const { text } = await at.browser.open(PAGE);
  assert.equal(text.match(/action="\/app\/sessions\/end"/g)?.length, 50);
  assert.match(text, /And 2 older\./);
});

Deno.test("the links of the export give all posts, as a ZIP and as JSON, and each counts as a request", async () => {
  using at = await setupSignedIn();
  const body = { title: "Hello", content: "My **first** post.", status: "draft" };
  await at.t.api("POST", "/posts", { key: at.key, body });
  const { text } = await at.browser.open(PAGE);
  const links = [...text.matchAll(/href="(\/app\/account\/export[^"]+)"/g)].map(([, path]) => path);
  const used = async () => {
    const { body } = await at.t.api("GET", "/account/usage", { key: at.token });
    return body.requests.used;
  };
  const before = await used();
  const fetchRaw = (path: string) => at.t.app.fetch(request(at, path, {}));
  const zip = await fetchRaw(links.find((path) => path.endsWith("zip"))!);
  assert.equal(zip.headers.get("content-type"), "application/zip");
  assert.match(
    zip.headers.get("content-disposition")!,
    /^attachment; filename="postlark-.*\.zip"$/,
  );
  const files = unzipSync(await zip.bytes());
  const post = new TextDecoder().decode(files[`${at.blog.slug}/posts/hello.md`]);
  assert.match(post, /My \*\*first\*\* post\./);
  const json = await fetchRaw(links.find((path) => path.endsWith("json"))!);
  const exported = await json.json();
  assert.deepEqual([exported.total_posts, exported.blogs[0].posts[0].slug], [1, "hello"]);
  assert.equal(await used(), before + 3);
});

Deno.test("an export is refused to pages of other hosts, over the limit, and in a form that there is not", async () => {
  using at = await setupSignedIn({ env: { POSTLARK_LIMIT_CREATOR: "2" } });
  const ask = async (query: string, headers: Record<string, string> = {}) => {
    const answer = await at.t.app.fetch(request(at, `${PAGE}/export${query}`, headers));
    await answer.body?.cancel();
    return answer.status;
  };
  for (const site of ["same-site", "cross-site"]) {
    assert.equal(await ask("?format=zip", { "sec-fetch-site": site }), 403, site);
  }
  assert.equal(await ask("?format=pdf"), 400);
  assert.equal(await ask("?format=json", { "sec-fetch-site": "same-origin" }), 200);
  assert.equal(await ask("?format=json"), 429);
  const stranger = new BrowserDouble(at.t);
  const back = new URL((await stranger.open(`${PAGE}/export?format=zip`)).url);
  assert.deepEqual([back.pathname, back.searchParams.get("return_to")], ["/auth/sign-in", PAGE]);
});

Deno.test("to ask whether there is an export uses none of the hour's requests", async () => {
  using at = await setupSignedIn({ env: { POSTLARK_LIMIT_CREATOR: "1" } });
  for (let n = 0; n < 3; n++) {
    const asked = new Request(request(at, `${PAGE}/export?format=zip`, {}), { method: "HEAD" });
    const answer = await at.t.app.fetch(asked);
    assert.deepEqual([answer.status, await answer.text()], [200, ""]);
    assert.equal(answer.headers.get("cache-control"), "private, no-store");
  }
  const answer = await at.t.app.fetch(request(at, `${PAGE}/export?format=json`, {}));
  await answer.body?.cancel();
  assert.equal(answer.status, 200);
});

Deno.test("an account goes only by its typed address, and is then signed out and told so", async () => {
  using at = await setupSignedIn();
  for (const confirm of ["", "yes", "<b>", `${at.email}.`, "x".repeat(5000)]) {
    const seen = await at.browser.post(`${PAGE}/delete`, { confirm });
    assert.equal(seen.status, 400, confirm);
    assert.match(seen.text, /<details open/);
    assert.match(seen.text, /id="fault-confirm"[^>]*>Nothing was deleted/);
    assert.ok(!seen.text.includes(`value="<b>"`));
  }
  assert.equal((await at.t.api("GET", "/posts", { key: at.key })).status, 200);
  const { origin } = at.t.deps.config;
  const gone = await at.browser.send(`${origin}${PAGE}/delete`, {
    method: "POST",
    headers: { origin },
    body: new URLSearchParams({ confirm: ` ${at.email.toUpperCase()} ` }),
  });
  assert.equal(gone.headers.get("location"), `${origin}/auth/sign-in?account_deleted`);
  assert.equal(gone.headers.get("clear-site-data"), '"storage"');
  const told = await at.browser.open("/auth/sign-in?account_deleted");
  assert.match(told.text, /role="status">Your account is deleted/);
  assert.equal(at.browser.jar().has("postlark"), false);
  assert.equal((await at.t.api("GET", "/posts", { key: at.key })).status, 401);
  assert.equal((await at.t.view(at.blog.slug, "/")).status, 404);
});

Deno.test("an account without an address goes by the words that its page names", async () => {
  using at = await setupSignedIn();
  const { kv } = at.t.deps.store;
  const { value } = await kv.get<{ email: string }>(["user", at.id]);
  await kv.set(["user", at.id], { ...value!, email: "" });
  assert.match((await at.browser.open(PAGE)).text, /Type <b>delete my account<\/b>/);
  assert.equal((await at.browser.post(`${PAGE}/delete`, { confirm: "" })).status, 400);
  const gone = await at.browser.post(`${PAGE}/delete`, { confirm: "Delete my account" });
  assert.match(gone.text, /Your account is deleted/);
});

Deno.test("the page says what would be lost: blogs, posts and packs of the account alone", async () => {
  using at = await setupSignedIn({ env: { POSTLARK_BILLING: "manual" } });
  const stranger = await signedIn(at.t);
  for (const title of ["A", "B"]) {
    await at.t.api("POST", "/posts", { key: at.key, body: { title, content: "x" } });
  }
  await at.t.api("POST", "/packs/purchase", { key: at.token, body: { pack_type: 100 } });
  const { text } = await at.browser.open(PAGE);
  const lost = textsOf(text, "li").join("\n");
  assert.match(lost, new RegExp(`every page under ${new URL(at.blog.url).host}`));
  assert.match(lost, /2 posts, with all revisions/);
  assert.match(lost, /100 posts in packs/);
  assert.ok(!text.includes(stranger.blog.slug));
});

Deno.test("the page warns where an export would leave posts out", async () => {
  using at = await setupSignedIn();
  const set = (n: bigint) => (
    at.t.deps.store.kv.set(["count", at.id, "posts"], new Deno.KvU64(n))
  );
  await set(5000n);
  assert.doesNotMatch((await at.browser.open(PAGE)).text, /will be missing/);
  await set(5001n);
  assert.match((await at.browser.open(PAGE)).text, /will be missing from it/);
});

Deno.test("no form of another site's deletes an account or renames it", async () => {
  using at = await setupSignedIn();
  const before = await nameOf(at);
  const foreign: Record<string, string>[] = [
    { origin: at.blog.url, "sec-fetch-site": "same-site" },
    { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    { origin: "null" },
  ];
  for (const headers of foreign) {
    const deleted = await at.browser.post(`${PAGE}/delete`, { confirm: at.email }, headers);
    const renamed = await at.browser.post(`${PAGE}/profile`, { name: "Eve" }, headers);
    assert.deepEqual([deleted.status, renamed.status], [403, 403]);
  }
  assert.equal(await nameOf(at), before);
});

Deno.test("a session's row that says nothing of a browser is the operator's terminal", async () => {
  using at = await setupSignedIn();
  const id = crypto.randomUUID();
  const row = { id, user: at.id, hash: sha256("x"), agent: "", createdAt: at.t.now() };
  await at.t.deps.store.writeAll([
    { key: ["session", id], value: { ...row, seenAt: at.t.now(), expiresAt: at.t.now() + 1000 } },
    { key: ["usession", at.id, id], value: 1 },
  ]);
  assert.match((await at.browser.open(PAGE)).text, /The operator&#39;s terminal/);
});

type At = Awaited<ReturnType<typeof setupSignedIn>>;

/** A request of the browser's, for an answer that is no page. */
function request({ t, browser }: At, path: string, headers: Record<string, string>): Request {
  const cookie = [...browser.jar()].map(([name, value]) => `${name}=${value}`).join("; ");
  return new Request(t.deps.config.origin + path, { headers: { cookie, ...headers } });
}
