import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import { setup } from "../../_setup.ts";
import { suspendAccount } from "../../../lib/account/plan_changes.ts";
import { checkStore } from "../../../lib/operator/check/mod.ts";
import { BrowserDouble } from "../../support/browser_double.ts";
import {
  ask,
  codeFor,
  codeForm,
  connected,
  consent,
  decide,
  discover,
  formOf,
  MCP,
  options,
  ORIGIN,
  post,
  reads,
  REDIRECT,
  refreshForm,
  register,
  signedIn,
} from "./_flow.ts";

const DAY = 86_400_000;

for (const method of ["none", "client_secret_post", "client_secret_basic"] as const) {
  Deno.test(`a client library walks from a 401 to tokens, a refresh and a revocation (${method})`, async () => {
    using t = await setup();
    const tenant = await t.tenant();
    const challenge = (await t.api("GET", "/posts")).headers.get("www-authenticate")!;
    const found = /resource_metadata="([^"]+)"/.exec(challenge)![1];
    assert.equal((await t.send("GET", found)).body.resource, ORIGIN);

    const as = await discover(t);
    const made = await register(t, { token_endpoint_auth_method: method });
    const client = { client_id: made.client_id } as oauth.Client;
    const secret = made.client_secret as string;
    const auth = method === "none"
      ? oauth.None()
      : method === "client_secret_post"
      ? oauth.ClientSecretPost(secret)
      : oauth.ClientSecretBasic(secret);
    const { url, verifier, state } = await ask({ client });

    // The sign-in comes first, and leads back to the request.
    const stranger = await new BrowserDouble(t).open(url.href);
    const back = new URL(stranger.url).searchParams.get("return_to");
    assert.equal(back, url.pathname + url.search);
    const browser = await signedIn(t, tenant.id);
    const returned = await consent(browser, new URL(back!, ORIGIN));
    assert.ok(returned.href.startsWith(`${REDIRECT}&code=`), returned.href);

    const params = oauth.validateAuthResponse(as, client, returned, state);
    const answer = await oauth.authorizationCodeGrantRequest(
      ...[as, client, auth, params, REDIRECT, verifier] as const,
      { ...options(t), additionalParameters: { resource: MCP } },
    );
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer);
    assert.equal(tokens.expires_in, 3600);
    assert.equal(tokens.scope, "posts:read posts:write");
    assert.match(tokens.access_token, /^pk_oauth_/);
    const refresh = tokens.refresh_token!;

    const body = { title: "By an app", content: "Text." };
    const post = await t.api("POST", "/posts", { key: tokens.access_token, body });
    assert.equal(post.status, 201, post.text);
    assert.equal((await t.api("GET", "/blogs", { key: tokens.access_token })).status, 403);

    t.advance(3_600_000);
    const late = await t.api("GET", "/posts", { key: tokens.access_token });
    assert.deepEqual([late.status, late.body.reason], [401, "credential_expired"]);
    assert.match(late.headers.get("www-authenticate")!, /error="invalid_token"/);
    const again = await oauth.processRefreshTokenResponse(
      as,
      client,
      await oauth.refreshTokenGrantRequest(as, client, auth, refresh, options(t)),
    );
    assert.notEqual(again.refresh_token, refresh);
    assert.equal(await reads(t, again.access_token), 200);

    const ended = await oauth.revocationRequest(
      ...[as, client, auth, again.refresh_token!, options(t)] as const,
    );
    await oauth.processRevocationResponse(ended);
    assert.equal(await reads(t, again.access_token), 401);
    assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
  });
}

Deno.test("on api. the metadata names that host, and its authorization server is the origin", async () => {
  using t = await setup();
  const host = "http://api.localhost:8000";
  const { headers } = await t.send("GET", `${host}/v1/posts`);
  const metadata = `${host}/.well-known/oauth-protected-resource`;
  assert.ok(headers.get("www-authenticate")!.includes(`"${metadata}"`));
  for (const path of ["", "/mcp", "/v1"]) {
    const { body, headers } = await t.send("GET", metadata + path);
    assert.deepEqual([body.resource, body.authorization_servers], [host + path, [ORIGIN]]);
    assert.ok(!body.scopes_supported.includes("account:write"));
    assert.equal(headers.get("access-control-allow-origin"), "*");
  }
  // Whatever a request calls the host, only the configured ones are named.
  assert.equal((await discover(t, new URL(`${host}/mcp`))).issuer, ORIGIN);
});

Deno.test("a page of another origin may register and fetch tokens, and never with cookies", async () => {
  using t = await setup();
  for (const path of ["register", "token", "revoke"]) {
    const got = await t.send("OPTIONS", `${ORIGIN}/oauth/${path}`, {
      headers: { origin: "https://elsewhere.test", "access-control-request-method": "POST" },
    });
    assert.equal(got.headers.get("access-control-allow-origin"), "*");
    assert.equal(got.headers.get("access-control-allow-credentials"), null);
  }
});

Deno.test("an app is listed among the tokens with its last use, and ended there at once", async () => {
  using t = await setup();
  const { tenant, client, access, refresh } = await connected(t);
  await reads(t, access);
  const list = async () => (await t.api("GET", "/account/tokens", { key: tenant.token })).body.data;
  const [row, other] = await list();
  assert.deepEqual(row.app, { client_id: client.client_id, name: "Quill" });
  assert.deepEqual([row.name, row.blog_id, row.mode], ["Quill", null, "live"]);
  assert.deepEqual(row.scopes, ["posts:read", "posts:write"]);
  assert.equal(row.key_prefix, access.slice(0, 12));
  assert.equal(Date.parse(row.last_used_at), t.now());
  assert.equal(Date.parse(row.expires_at) - t.now(), 90 * DAY);
  assert.equal(other.app, null);
  await t.runJob("sweep");
  assert.equal(t.deps.used.size, 0);
  assert.equal((await list())[0].last_used_at, row.last_used_at);

  const path = `/account/tokens/${row.id}`;
  const stranger = await t.tenant();
  assert.equal((await t.api("DELETE", path, { key: stranger.token })).status, 404);
  const ended = await t.api("DELETE", path, { key: tenant.token });
  assert.deepEqual(ended.body, { deleted: true, revoked: true });
  const got = await t.api("GET", "/posts", { key: access });
  assert.deepEqual([got.status, got.body.reason], [401, "credential_revoked"]);
  const { body } = await post(t, refreshForm(client, refresh));
  assert.equal(body.error, "invalid_grant");
  assert.equal((await list()).length, 1);
  assert.equal((await t.api("DELETE", path, { key: tenant.token })).status, 404);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("a list with a cursor holds apps and tokens together, newest first", async () => {
  using t = await setup();
  const { tenant } = await connected(t);
  t.advance(1000);
  const body = { name: "newest" };
  await t.api("POST", "/account/tokens", { key: tenant.token, body });
  const names: string[] = [];
  let cursor = "";
  do {
    const path = `/account/tokens?limit=1${cursor && `&cursor=${cursor}`}`;
    const got = await t.api("GET", path, { key: tenant.token });
    names.push(...got.body.data.map(({ name }: { name: string }) => name));
    cursor = got.body.next_cursor;
  } while (cursor);
  assert.deepEqual(names.slice(0, 2), ["newest", "Quill"]);
  assert.equal(new Set(names).size, names.length);
});

Deno.test("the consent page lists what was asked for, and gives what is ticked", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const browser = await signedIn(t, tenant.id);
  const client = await register(t) as oauth.Client;
  const scope = "posts:* packs:write nonsense account:* ";
  const { url, verifier } = await ask({ client, query: { scope } });
  const { text } = await browser.open(url.href);
  const boxes = [...text.matchAll(/name="may\.([^"]+)" value="1"( checked)?/g)];
  assert.deepEqual(boxes.map(([, name, ticked]) => [name, !!ticked]), [
    ["posts:read", true],
    ["posts:write", true],
    ["account:read", true],
    ["packs:write", false],
  ]);
  const form = formOf(text);
  delete form["may.posts:write"];
  const { headers } = await decide(browser, { ...form, "may.blogs:write": "1" });
  const code = new URL(headers.get("location")!).searchParams.get("code")!;
  const got = await post(t, codeForm(client, { code, verifier }));
  assert.equal(got.body.scope, "posts:read account:read");
  const key = got.body.access_token;
  const write = await t.api("POST", "/posts", { key, body: { title: "x", content: "y" } });
  assert.deepEqual([write.status, write.body.reason], [403, "scope_missing"]);
});

Deno.test("no way of asking gives account:write, and no app makes a credential that outlives it", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const browser = await signedIn(t, tenant.id);
  const client = await register(t, { scope: "account:write *" }) as oauth.Client;
  for (const scope of ["*", "account:* blogs:write", null]) {
    const { url, verifier } = await ask({ client, query: { scope } });
    const { text } = await browser.open(url.href);
    assert.ok(!text.includes("account:write"));
    const { headers } = await decide(browser, {
      ...formOf(text),
      "may.account:write": "1",
      "may.*": "1",
    });
    const code = new URL(headers.get("location")!).searchParams.get("code")!;
    const { body } = await post(t, codeForm(client, { code, verifier }));
    assert.ok(body.scope.includes("blogs:write") && !body.scope.includes("account:write"));
    const key = body.access_token;
    const made = await t.api("POST", "/account/tokens", { key, body: { name: "mine" } });
    assert.deepEqual([made.status, made.body.reason], [403, "scope_missing"]);
    for (const expires_in of [1, null]) {
      const path = `/blogs/${tenant.blog.id}/api-keys`;
      const scopes = ["posts:read"];
      const minted = await t.api("POST", path, { key, body: { scopes, expires_in } });
      assert.deepEqual([minted.status, minted.body.reason], [403, "exceeds_credential"]);
    }
  }
  const { url } = await ask({ client, query: { scope: "account:write" } });
  const refused = await browser.open(url.href);
  assert.equal(refused.status, 400);
  assert.match(refused.text, /error=invalid_scope/);
});

Deno.test("a user who ticks nothing is asked again, and one who denies sends the app away", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const browser = await signedIn(t, tenant.id);
  const client = await register(t) as oauth.Client;
  const { url, state } = await ask({ client });
  const form = formOf((await browser.open(url.href)).text);
  const { request, user } = form;
  const none = await decide(browser, { request, user, decision: "allow" });
  assert.equal(none.status, 400);
  assert.match(none.text, /Tick what the app may do/);
  assert.ok(!none.text.includes("checked"));
  for (const decision of ["deny", "", "other"]) {
    const { headers } = await decide(browser, { ...form, decision });
    const to = new URL(headers.get("location")!);
    assert.equal(to.searchParams.get("error"), "access_denied");
    assert.equal(to.searchParams.get("state"), state);
    assert.equal(to.searchParams.get("iss"), ORIGIN);
    assert.equal(to.searchParams.has("code"), false);
  }
});

Deno.test("an unused app is forgotten after a week, one in use stays as long as its grants", async () => {
  using t = await setup();
  const { client, refresh, browser } = await connected(t);
  const unused = await register(t) as oauth.Client;
  t.advance(7 * DAY);
  const gone = await browser.open((await ask({ client: unused })).url.href);
  assert.equal(gone.status, 400);
  assert.match(gone.text, /not known here/);
  let token = refresh;
  for (let n = 0; n < 4; n++) {
    t.advance(80 * DAY);
    const { status, body } = await post(t, refreshForm(client, token));
    assert.equal(status, 200, `after ${n + 1} times 80 days`);
    token = body.refresh_token;
  }
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
  t.advance(90 * DAY);
  assert.equal((await post(t, refreshForm(client, token))).body.error, "invalid_grant");
});

Deno.test("a suspended account's apps stop at once, and go on when it is resumed", async () => {
  using t = await setup();
  const { tenant, browser, client, access, refresh } = await connected(t);
  const pending = await codeFor(browser, { client });
  await suspendAccount(t.deps, tenant.id, true);
  assert.equal(await reads(t, access), 403);
  assert.equal((await post(t, refreshForm(client, refresh))).body.error, "invalid_grant");
  assert.equal((await post(t, codeForm(client, pending))).body.error, "invalid_grant");
  assert.equal((await browser.open((await ask({ client })).url.href)).status, 403);
  await suspendAccount(t.deps, tenant.id, false);
  assert.equal(await reads(t, access), 200);
  assert.equal((await post(t, refreshForm(client, refresh))).status, 200);
});

Deno.test("a deleted account leaves nothing of its apps", async () => {
  using t = await setup();
  const { tenant, client, access, refresh } = await connected(t);
  await t.api("POST", "/account/delete", { key: tenant.token });
  assert.equal(await reads(t, access), 401);
  assert.equal((await post(t, refreshForm(client, refresh))).body.error, "invalid_grant");
  const { store } = t.deps;
  const rows = await Array.fromAsync(store.kv.list({ prefix: ["oauthgrant"] }));
  assert.deepEqual(rows.map(({ key }) => key), []);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("no token, code or secret is in the store or the log", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const browser = await signedIn(t, tenant.id);
  const made = await register(t, { token_endpoint_auth_method: "client_secret_post" });
  const client = made as oauth.Client;
  const secret = { client_secret: made.client_secret as string };
  const got = await codeFor(browser, { client });
  const first = (await post(t, { ...codeForm(client, got), ...secret })).body;
  const form = { ...refreshForm(client, first.refresh_token), ...secret };
  const second = (await post(t, form)).body;
  await post(t, { ...codeForm(client, got), ...secret });
  const secrets = [
    ...[got.code, got.verifier, made.client_secret as string],
    ...[first, second].flatMap((tokens) => [tokens.access_token, tokens.refresh_token]),
  ];
  let text = Deno.inspect(t.logs, { depth: 9, strAbbreviateSize: 1e6 });
  for await (const { key, value } of t.deps.store.kv.list({ prefix: [] })) {
    text += Deno.inspect([key, value], { depth: 9, strAbbreviateSize: 1e6 });
  }
  assert.ok(text.includes(client.client_id));
  for (const one of secrets) {
    assert.ok(!text.includes(one) && !text.includes(one.slice(-40)), one.slice(0, 20));
  }
});
