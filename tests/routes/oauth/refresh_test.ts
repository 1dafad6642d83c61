import assert from "node:assert/strict";
import type * as oauth from "oauth4webapi";
import { setup } from "../../_setup.ts";
import { atOnce, setupPair } from "../../support/pair.ts";
import { connected, ORIGIN, post, reads, refreshForm, register } from "./_flow.ts";

const SECOND = 1000;

Deno.test("a refresh token that was lost on its way is given again, for thirty seconds and until it is used", async () => {
  using t = await setup();
  const { client, refresh } = await connected(t);
  t.advance(60 * SECOND);
  const first = await post(t, refreshForm(client, refresh));
  t.advance(29 * SECOND);
  const again = await post(t, refreshForm(client, refresh));
  assert.equal(again.status, 200);
  assert.deepEqual(
    { ...again.body, expires_in: null },
    { ...first.body, expires_in: null },
  );
  assert.equal(again.body.expires_in, 3600 - 29);
  const second = await post(t, refreshForm(client, first.body.refresh_token));
  assert.notEqual(second.body.refresh_token, first.body.refresh_token);
  // Two steps back is a theft, however soon.
  assert.equal((await post(t, refreshForm(client, refresh))).body.error, "invalid_grant");
  assert.equal(await reads(t, second.body.access_token), 401);
  const last = await post(t, refreshForm(client, second.body.refresh_token));
  assert.equal(last.body.error, "invalid_grant");
});

Deno.test("ten refreshes at once give one and the same pair", async () => {
  using pair = await setupPair();
  const { one: t } = pair;
  const { client, refresh } = await connected(t);
  const all = await atOnce(10, (n) => post(pair.nth(n), refreshForm(client, refresh)));
  assert.deepEqual(new Set(all.map(({ status }) => status)), new Set([200]));
  assert.equal(new Set(all.map(({ body }) => body.refresh_token)).size, 1);
  assert.equal(await reads(t, all[0].body.access_token), 200);
});

Deno.test("a refresh token that is used after its thirty seconds ends the access of thief and owner", async () => {
  using t = await setup();
  const { client, access, refresh } = await connected(t);
  const next = (await post(t, refreshForm(client, refresh))).body;
  t.advance(30 * SECOND);
  const stolen = await post(t, refreshForm(client, refresh));
  assert.deepEqual([stolen.status, stolen.body.error], [400, "invalid_grant"]);
  for (const key of [access, next.access_token]) assert.equal(await reads(t, key), 401);
  const owner = await post(t, refreshForm(client, next.refresh_token));
  assert.equal(owner.body.error, "invalid_grant");
});

Deno.test("another client's, a made-up and a changed refresh token are refused, and end nothing", async () => {
  using t = await setup();
  const { client, access, refresh } = await connected(t);
  const other = await register(t) as oauth.Client;
  const flip = (at: number) =>
    refresh.slice(0, at) + (refresh[at] === "0" ? "1" : "0") + refresh.slice(at + 1);
  const tried: [oauth.Client, string][] = [
    [other, refresh],
    [client, access],
    [client, flip(12)],
    [client, flip(50)],
    [client, "pk_refresh_" + "0".repeat(112)],
    [client, "nonsense"],
  ];
  for (const [who, token] of tried) {
    assert.equal((await post(t, refreshForm(who, token))).body.error, "invalid_grant", token);
    const form = { client_id: who.client_id, token };
    if (token !== access) {
      const revoked = await post(t, form, { path: "/oauth/revoke" });
      assert.equal(revoked.status, 200);
    }
  }
  assert.equal(await reads(t, access), 200);
  assert.equal(await reads(t, refresh), 401);
  assert.equal((await post(t, refreshForm(client, refresh))).status, 200);
  const form = { client_id: client.client_id, token: access };
  await post(t, form, { path: "/oauth/revoke" });
  assert.equal(await reads(t, access), 401, "an access token is revoked alone");
});

Deno.test("a refresh narrows its access token, and never widens it", async () => {
  using t = await setup();
  const { client, refresh } = await connected(t);
  for (const scope of ["posts:read blogs:read", "*", "account:write", "nonsense"]) {
    const { body } = await post(t, { ...refreshForm(client, refresh), scope });
    assert.equal(body.error, "invalid_scope", scope);
  }
  const foreign = { ...refreshForm(client, refresh), resource: "https://other.example" };
  assert.equal((await post(t, foreign)).body.error, "invalid_target");
  const { body } = await post(t, { ...refreshForm(client, refresh), scope: "posts:read" });
  assert.equal(body.scope, "posts:read");
  const write = { title: "x", content: "y" };
  const refused = await t.api("POST", "/posts", { key: body.access_token, body: write });
  assert.equal(refused.status, 403);
  const wide = await post(t, refreshForm(client, body.refresh_token));
  assert.equal(wide.body.scope, "posts:read posts:write");
});

Deno.test("the token endpoint takes forms alone, each parameter once", async () => {
  using t = await setup();
  const { client, refresh } = await connected(t);
  const form = refreshForm(client, refresh);
  const json = await t.send("POST", `${ORIGIN}/oauth/token`, { body: form });
  assert.deepEqual([json.status, json.body.error], [400, "invalid_request"]);
  const twice = new URLSearchParams(form);
  twice.append("client_id", client.client_id);
  const doubled = await t.send("POST", `${ORIGIN}/oauth/token`, { raw: twice });
  assert.equal(doubled.body.error, "invalid_request");
  const large = await post(t, { ...form, x: "y".repeat(20_000) });
  assert.equal(large.status, 413);
  const { refresh_token: _, ...bare } = form;
  assert.equal((await post(t, bare)).body.error, "invalid_request");
  assert.equal((await post(t, {})).body.error, "invalid_request");
});

Deno.test("failures of an address are counted, and what succeeds is not", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_UNAUTHORIZED: "3" } });
  const { client, refresh } = await connected(t);
  const wrong = refreshForm(client, "nonsense");
  for (let n = 0; n < 3; n++) assert.equal((await post(t, wrong)).status, 400);
  const over = await post(t, wrong);
  assert.equal(over.status, 429);
  assert.ok(Number(over.headers.get("retry-after")) > 0);
  assert.equal((await post(t, refreshForm(client, refresh))).status, 200);
});
