import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import { setup } from "../../_setup.ts";
import { atOnce, setupPair } from "../../support/pair.ts";
import { assertValidHtml } from "../../support/valid_html.ts";
import { BrowserDouble } from "../../support/browser_double.ts";
import {
  ask,
  codeFor,
  codeForm,
  connected,
  consent,
  decide,
  formOf,
  MCP,
  ORIGIN,
  post,
  reads,
  REDIRECT,
  refreshForm,
  register,
  signedIn,
} from "./_flow.ts";

const SECOND = 1000;

Deno.test("an address that is not registered gets nothing, and nobody is sent there", async () => {
  using t = await setup();
  const browser = await signedIn(t, (await t.tenant()).id);
  const client = await register(t, {
    redirect_uris: [REDIRECT, "http://127.0.0.1/cb", "com.example.app:/cb"],
  }) as oauth.Client;
  const wrong = [
    "https://app.example/callback",
    "https://app.example/callback?from=postlark&more=1",
    "https://app.example/callback/?from=postlark",
    "https://app.example/Callback?from=postlark",
    "https://app.example/x/../callback?from=postlark",
    "https://app.example:443/callback?from=postlark",
    "https://app.example:8443/callback?from=postlark",
    "https://evil.example/callback?from=postlark",
    "https://app.example.evil.example/callback?from=postlark",
    "https://app.example@evil.example/callback?from=postlark",
    "http://app.example/callback?from=postlark",
    `${REDIRECT}#fragment`,
    `${REDIRECT}\\@evil.example`,
    "http://127.0.0.1:9999/other",
    "http://localhost:9999/cb",
    "http://user@127.0.0.1:9999/cb",
    "http://127.0.0.1:9999/cb#fragment",
    "http://127.0.0.1:9999@evil.example/cb",
    "http://127.0.0.1.evil.example/cb",
    "https://127.0.0.1/cb",
    "com.example.app:/cb/other",
    "com.example.other:/cb",
    "javascript:alert(1)",
  ];
  for (const redirect_uri of wrong) {
    const { url } = await ask({ client, query: { redirect_uri } });
    const { status, headers, text } = await browser.send(url.href);
    assert.equal(status, 400, redirect_uri);
    assert.equal(headers.get("location"), null, redirect_uri);
    assert.match(text, /has not registered/);
    assert.ok(!text.includes("evil"), "the page leads nowhere");
    const form = { request: url.search, user: "", decision: "allow", "may.posts:read": "1" };
    const answer = await decide(browser, form);
    assert.deepEqual([answer.status, answer.headers.get("location")], [400, null], redirect_uri);
  }
  for (const right of ["http://127.0.0.1:51234/cb", "http://127.0.0.1/cb", "com.example.app:/cb"]) {
    const { url } = await ask({ client, query: { redirect_uri: right } });
    const to = await consent(browser, url);
    assert.ok(to.href.startsWith(`${right}?code=`), to.href);
  }
});

Deno.test("an unknown client, or a doubled parameter, is no way to send anyone anywhere", async () => {
  using t = await setup();
  const client = await register(t) as oauth.Client;
  const { url } = await ask({ client });
  const changes: ((params: URLSearchParams) => void)[] = [
    (params) => params.set("client_id", "00000000-0000-7000-8000-000000000000"),
    (params) => params.set("client_id", "\0"),
    (params) => params.delete("client_id"),
    (params) => params.append("client_id", client.client_id),
    (params) => params.append("redirect_uri", "https://evil.example/"),
    (params) => params.set("state", "x".repeat(7000)),
  ];
  for (const change of changes) {
    const at = new URL(url);
    change(at.searchParams);
    const { status, headers } = await new BrowserDouble(t).send(at.href);
    assert.deepEqual([status, headers.get("location")], [400, null], at.search.slice(0, 100));
  }
});

Deno.test("a bad request goes back to the user's own machine at once, and elsewhere by a click alone", async () => {
  using t = await setup();
  const client = await register(t, {
    redirect_uris: [REDIRECT, "http://localhost/cb"],
  }) as oauth.Client;
  const wrong: [Record<string, string | null>, string][] = [
    [{ response_type: "token" }, "unsupported_response_type"],
    [{ response_type: null }, "unsupported_response_type"],
    [{ response_mode: "fragment" }, "invalid_request"],
    [{ code_challenge: null }, "invalid_request"],
    [{ code_challenge: "short" }, "invalid_request"],
    [{ code_challenge_method: "plain" }, "invalid_request"],
    [{ code_challenge_method: null }, "invalid_request"],
    [{ scope: "account:write" }, "invalid_scope"],
    [{ scope: "nonsense" }, "invalid_scope"],
    [{ state: "x".repeat(2001) }, "invalid_request"],
    [{ resource: "https://other.example/mcp" }, "invalid_target"],
    [{ resource: `${ORIGIN}/mcp/other` }, "invalid_target"],
    [{ resource: `${ORIGIN}:80/mcp` }, "invalid_target"],
    [{ resource: "http://blog-1.localhost:8000/mcp" }, "invalid_target"],
    [{ resource: `${MCP}?a=b` }, "invalid_target"],
    [{ resource: "nonsense" }, "invalid_target"],
  ];
  for (const [query, error] of wrong) {
    const far = await ask({ client, query });
    const shown = await new BrowserDouble(t).send(far.url.href);
    assert.deepEqual([shown.status, shown.headers.get("location")], [400, null]);
    const back = /href="(https:\/\/app\.example[^"]+)"/.exec(shown.text)![1];
    const params = new URL(back.replaceAll("&amp;", "&")).searchParams;
    assert.equal(params.get("error"), error, JSON.stringify(query));
    assert.equal(params.get("from"), "postlark");

    const redirect_uri = "http://localhost:7777/cb";
    const near = await ask({ client, query: { ...query, redirect_uri } });
    const { status, headers } = await new BrowserDouble(t).send(near.url.href);
    assert.equal(status, 303);
    const to = new URL(headers.get("location")!);
    assert.equal(to.origin, "http://localhost:7777");
    assert.equal(to.searchParams.get("error"), error);
    assert.equal(to.searchParams.get("iss"), ORIGIN);
    if (near.state.length < 100 && !query.state) {
      assert.equal(to.searchParams.get("state"), near.state);
    }
  }
});

Deno.test("consent counts only from a page of the origin itself", async () => {
  using t = await setup();
  const browser = await signedIn(t, (await t.tenant()).id);
  const client = await register(t) as oauth.Client;
  const { url } = await ask({ client });
  const form = formOf((await browser.open(url.href)).text);
  const foreign: Record<string, string>[] = [
    {},
    { origin: "https://app.example" },
    { origin: "null" },
    { origin: "http://api.localhost:8000" },
    { origin: "http://blog-1.localhost:8000" },
    { origin: ORIGIN, "sec-fetch-site": "cross-site" },
    { origin: ORIGIN, "sec-fetch-site": "same-site" },
  ];
  for (const headers of foreign) {
    const answer = await decide(browser, form, headers);
    assert.deepEqual([answer.status, answer.headers.get("location")], [403, null]);
  }
  const rows = await Array.fromAsync(t.deps.store.kv.list({ prefix: ["oauthcode"] }));
  assert.equal(rows.length, 0);
});

Deno.test("a page that one account saw decides nothing for another, and nothing without a session", async () => {
  using t = await setup();
  const [one, other] = [await t.tenant(), await t.tenant()];
  const browser = await signedIn(t, one.id);
  const client = await register(t) as oauth.Client;
  const { url } = await ask({ client });
  const form = formOf((await browser.open(url.href)).text);
  const swapped = await decide(await signedIn(t, other.id), form);
  assert.equal(swapped.status, 400);
  assert.match(swapped.text, /another account than before/);
  assert.ok(swapped.text.includes(other.email) && !swapped.text.includes(one.email));
  const nobody = await decide(new BrowserDouble(t), form);
  assert.match(nobody.headers.get("location")!, /\/auth\/sign-in/);
});

Deno.test("the consent page can be framed by nobody, runs nothing, and its form leads home or to the app", async () => {
  using t = await setup();
  const browser = await signedIn(t, (await t.tenant()).id);
  const redirects = [
    [REDIRECT, "https://app.example"],
    ["https://app.example:8443/cb", "https://app.example:8443"],
    ["http://127.0.0.1:4567/cb", "http://127.0.0.1:4567"],
    ["http://[::1]/cb", "http:"],
    ["cursor://app.example/cb", "cursor:"],
  ];
  const name = `<img src=x onerror=alert(1)> "Postlark"\u202Etxt\0`;
  const uris = redirects.map(([uri]) => uri);
  const answer = await t.send("POST", `${ORIGIN}/oauth/register`, {
    body: { redirect_uris: uris, client_name: name.replace("\0", "") },
  });
  const client = answer.body as oauth.Client;
  for (const [redirect_uri, source] of redirects) {
    const { url } = await ask({ client, query: { redirect_uri } });
    const { text, headers } = await browser.send(url.href);
    const csp = headers.get("content-security-policy")!;
    assert.ok(csp.includes(`form-action 'self' ${source};`), csp);
    assert.match(csp, /^default-src 'none'; .*frame-ancestors 'none'$/);
    assert.ok(!csp.includes("script-src") && !csp.includes("unsafe"));
    assert.equal(headers.get("cache-control"), "no-store");
    assert.ok(!text.includes("<img") && !text.includes("\u202E"));
    assert.match(text, /unverified/);
    assert.ok(text.includes(redirect_uri));
    await assertValidHtml(text);
  }
});

Deno.test("a code works once, and brought again ends what it gave", async () => {
  using t = await setup();
  const { browser, client } = await connected(t);
  const form = codeForm(client, await codeFor(browser, { client }));
  const { body } = await post(t, form);
  assert.equal(await reads(t, body.access_token), 200);
  const again = await post(t, form);
  assert.deepEqual([again.status, again.body.error], [400, "invalid_grant"]);
  assert.equal(await reads(t, body.access_token), 401);
  const refreshed = await post(t, refreshForm(client, body.refresh_token));
  assert.equal(refreshed.body.error, "invalid_grant");
});

Deno.test("a used code that is brought without its verifier ends nothing", async () => {
  using t = await setup();
  const { browser, client } = await connected(t);
  const form = codeForm(client, await codeFor(browser, { client }));
  const { body } = await post(t, form);
  const stolen = { ...form, code_verifier: oauth.generateRandomCodeVerifier() };
  assert.equal((await post(t, stolen)).body.error, "invalid_grant");
  assert.equal(await reads(t, body.access_token), 200);
  assert.equal((await post(t, refreshForm(client, body.refresh_token))).status, 200);
});

Deno.test("of ten that bring a code at once, at most one gets tokens, and they are ended", async () => {
  using pair = await setupPair();
  const { one: t } = pair;
  const { browser, client } = await connected(t);
  const form = codeForm(client, await codeFor(browser, { client }));
  const all = await atOnce(10, (n) => post(pair.nth(n), form));
  const won = all.filter(({ status }) => status === 200);
  assert.equal(won.length, 1);
  assert.equal(all.filter(({ body }) => body.error === "invalid_grant").length, 9);
  assert.equal(await reads(t, won[0].body.access_token), 401);
});

Deno.test("a code is bound to its client, its redirect, its verifier and its two minutes", async () => {
  using t = await setup();
  const { browser, client } = await connected(t);
  const other = await register(t) as oauth.Client;
  const got = await codeFor(browser, { client });
  const form = codeForm(client, got);
  const { redirect_uri: _r, ...withoutRedirect } = form;
  const { code_verifier: _v, ...withoutVerifier } = form;
  const wrong: [Record<string, string>, string][] = [
    [{ ...form, client_id: other.client_id }, "invalid_grant"],
    [{ ...form, client_id: "nonsense" }, "invalid_client"],
    [{ ...form, client_secret: "made up" }, "invalid_client"],
    [{ ...form, redirect_uri: "https://app.example/" }, "invalid_grant"],
    [withoutRedirect, "invalid_grant"],
    [withoutVerifier, "invalid_request"],
    [{ ...form, code_verifier: oauth.generateRandomCodeVerifier() }, "invalid_grant"],
    [
      { ...form, code_verifier: await oauth.calculatePKCECodeChallenge(got.verifier) },
      "invalid_grant",
    ],
    [{ ...form, code_verifier: "x" }, "invalid_grant"],
    [{ ...form, code: "nonsense" }, "invalid_grant"],
    [{ ...form, resource: "https://other.example" }, "invalid_target"],
    [{ ...form, resource: `${ORIGIN}/v1` }, "invalid_target"],
    [{ ...form, grant_type: "password" }, "unsupported_grant_type"],
  ];
  for (const [tried, error] of wrong) {
    const { status, body, headers } = await post(t, tried);
    assert.equal(body.error, error, JSON.stringify(tried));
    assert.equal(status, error === "invalid_client" ? 401 : 400);
    assert.equal(headers.get("cache-control"), "no-store");
  }
  const late = await codeFor(browser, { client });
  assert.equal((await post(t, { ...form, resource: MCP })).status, 200, "none of these used it up");
  t.advance(120 * SECOND);
  assert.equal((await post(t, codeForm(client, late))).body.error, "invalid_grant");
});

Deno.test("a client with a secret is nobody without it", async () => {
  using t = await setup();
  const browser = await signedIn(t, (await t.tenant()).id);
  const made = await register(t, { token_endpoint_auth_method: "client_secret_basic" });
  const client = made as oauth.Client;
  const form = codeForm(client, await codeFor(browser, { client }));
  const basic = (id: string, secret: string) => ({
    headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
  });
  const id = client.client_id;
  const secret = made.client_secret as string;
  for (const sent of [{}, basic(id, "wrong"), basic(id, ""), basic(id, `${secret}x`)]) {
    const { status, body } = await post(t, form, sent);
    assert.deepEqual([status, body.error], [401, "invalid_client"]);
  }
  const challenged = await post(t, form, basic(id, "wrong"));
  assert.match(challenged.headers.get("www-authenticate")!, /^Basic /);
  const twice = await post(t, { ...form, client_secret: secret }, basic(id, secret));
  assert.equal(twice.body.error, "invalid_request");
  const { client_id: _, ...bare } = form;
  assert.equal((await post(t, bare, basic(id, secret))).status, 200);
});
