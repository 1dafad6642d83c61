import assert from "node:assert/strict";
import { connect } from "../oauth/_flow.ts";
import { setupSignedIn, signedIn, submit, textsOf } from "./_dashboard.ts";

const DAY = 86_400_000;
const SECRET = /pk_live_\w{32}/;
const TOKENS = "/app/tokens";

Deno.test("a token is made as the form says, shown once, and works on its blog alone", async () => {
  using at = await setupSignedIn();
  at.t.advance(1000);
  const seen = await submit(at.browser, TOKENS, [
    ["name", "laptop <b>"],
    ["blog", at.blog.id],
    ["may", "some"],
    ["scope", "posts:read"],
    ["scope", "account:read"],
    ["expires", "1y"],
  ]);
  assert.equal(new URL(seen.url).pathname, TOKENS);
  assert.match(seen.text, /laptop &lt;b&gt; is made/);
  const [token] = SECRET.exec(seen.text)!;
  assert.equal((await at.t.api("GET", "/posts", { key: token })).status, 200);
  assert.equal((await at.t.api("POST", "/posts", { key: token, body: {} })).status, 403);
  const { body } = await at.t.api("GET", "/account/tokens", { key: at.token });
  assert.deepEqual(body.data[0].scopes, ["posts:read", "account:read"]);
  assert.equal(body.data[0].blog_id, at.blog.id);
  assert.equal(Date.parse(body.data[0].expires_at) - at.t.now(), 365 * DAY);
  const again = await at.browser.open(TOKENS);
  assert.doesNotMatch(again.text, SECRET);
  const [first, second] = textsOf(again.text, "tr").slice(1);
  assert.match(first, new RegExp(`laptop &lt;b&gt; .* ${at.blog.slug} posts:read, account:read`));
  assert.match(
    second,
    /^all .* All blogs Everything Last used 24 Mar 2026, 10:00 UTC Does not expire/,
  );
});

Deno.test("a token for all blogs is bound to none, and may do everything unless it is said what", async () => {
  using at = await setupSignedIn();
  at.t.advance(1000);
  const seen = await submit(at.browser, TOKENS, [["name", "all"], ["may", "all"], ["blog", ""]]);
  const [token] = SECRET.exec(seen.text)!;
  const got = await at.t.api("GET", "/account/tokens", { key: token });
  assert.equal(got.body.data[0].blog_id, null);
  assert.deepEqual(got.body.data[0].scopes, ["*"]);
});

Deno.test("a token that cannot be made says why beside the field, with what was typed", async () => {
  using at = await setupSignedIn();
  const other = await signedIn(at.t);
  const seen = await submit(at.browser, TOKENS, [
    ["name", " "],
    ["may", "some"],
    ["expires", "5d"],
  ]);
  assert.equal(seen.status, 400);
  const faults = [...seen.text.matchAll(/id="fault-(\w+)"/g)].map(([, field]) => field);
  assert.deepEqual(faults, ["name", "expires", "scopes"]);
  for (const blog of [other.blog.id, "x", "\0", "y".repeat(5000)]) {
    const refused = await submit(at.browser, TOKENS, [["name", `"><i>`], ["blog", blog]]);
    assert.ok([400, 404].includes(refused.status), `${refused.status}`);
    assert.match(refused.text, /role="alert"/);
    assert.ok(refused.text.includes(`value="&quot;&gt;&lt;i&gt;"`));
    assert.doesNotMatch(refused.text, SECRET);
  }
});

Deno.test("a revoked token is refused at once; nobody revokes another's, nor what is none", async () => {
  using at = await setupSignedIn();
  const other = await signedIn(at.t);
  const idOf = async (key: string) =>
    (await at.t.api("GET", "/account/tokens", { key })).body.data[0].id;
  const theirs = await idOf(other.token);
  for (const none of [theirs, "x", "%00", "y".repeat(5000)]) {
    assert.equal((await at.browser.post(`${TOKENS}/${none}/revoke`)).status, 404);
  }
  assert.equal((await at.t.api("GET", "/posts", { key: other.token })).status, 200);
  const seen = await at.browser.post(`${TOKENS}/${await idOf(at.token)}/revoke`);
  assert.match(seen.text, /The token was revoked/);
  assert.match(seen.text, /No token is in use/);
  assert.equal((await at.t.api("GET", "/posts", { key: at.token })).status, 401);
});

Deno.test("apps are not among the tokens, whose list goes on over pages", async () => {
  using at = await setupSignedIn();
  for (let n = 1; n <= 52; n++) {
    at.t.advance(1000);
    const body = { name: `token ${n}` };
    assert.equal((await at.t.api("POST", "/account/tokens", { key: at.token, body })).status, 201);
  }
  await connect(at.t, at);
  const first = await at.browser.open(TOKENS);
  assert.doesNotMatch(first.text, /Quill/);
  const [, older] = /rel="next" href="([^"]+)"/.exec(first.text)!;
  const second = await at.browser.open(older.replaceAll("&amp;", "&"));
  const names = [first, second].map(({ text }) =>
    textsOf(text, "th").filter((one) => /pk_live/.test(one)).map((one) => one.split(" pk_")[0])
  );
  const all = Array.from({ length: 52 }, (_, i) => `token ${52 - i}`);
  assert.deepEqual(names, [all.slice(0, 50), ["token 2", "token 1", "all"]]);
  assert.match(second.text, /href="\/app\/tokens">Newest/);
  assert.equal((await at.browser.open(`${TOKENS}?after=x`)).status, 400);
});

Deno.test("the page reads nothing of the apps that are connected beside the tokens", async () => {
  using at = await setupSignedIn();
  await connect(at.t, at);
  const { store } = at.t.deps;
  const { body } = await at.t.api("GET", "/account/tokens", { key: at.token });
  const { id } = body.data.find(({ app }: { app: unknown }) => app !== null);
  const read: string[] = [];
  const { getMany } = store;
  store.getMany = (keys) => {
    read.push(...keys.map((key) => key.join()));
    return getMany.call(store, keys) as never;
  };
  assert.match((await at.browser.open(TOKENS)).text, /pk_live/);
  assert.deepEqual(read.filter((key) => key.includes(id)), []);
  assert.notEqual(read.length, 0);
});
