import assert from "node:assert/strict";
import { setup } from "../../_setup.ts";
import type { Hooks } from "../../support/hooked_kv.ts";
import { BrowserDouble } from "../../support/browser_double.ts";
import { codeFor, codeForm, connected, ORIGIN, post, reads, refreshForm } from "./_flow.ts";

/** Loses the answer of one commit, which happens: the one after `skipped` others. */
function lose(hooks: Hooks, skipped = 0): void {
  hooks.committed = () => {
    if (skipped-- !== 0) return;
    throw new Error("the answer was lost");
  };
}

Deno.test("a code, a refresh and a revocation succeed once though the store's answer is lost", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { browser, client } = await connected(t);
  const form = codeForm(client, await codeFor(browser, { client }));
  lose(hooks);
  const first = await post(t, form);
  assert.equal(first.status, 200, first.text);
  assert.equal(await reads(t, first.body.access_token), 200);
  lose(hooks);
  const second = await post(t, refreshForm(client, first.body.refresh_token));
  assert.equal(second.status, 200, second.text);
  assert.equal(await reads(t, second.body.access_token), 200);
  lose(hooks);
  const end = { client_id: client.client_id, token: second.body.refresh_token };
  assert.equal((await post(t, end, { path: "/oauth/revoke" })).status, 200);
  assert.equal(await reads(t, second.body.access_token), 401);
  const grants = await Array.fromAsync(t.deps.store.kv.list({ prefix: ["oauthgrant"] }));
  assert.equal(grants.length, 2);
});

Deno.test("a confirmation and its token come once, whichever answer of the store is lost", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const tenant = await t.tenant();
  const browser = new BrowserDouble(t);
  await browser.signInTo(tenant.id);
  for (let nth = 0; nth < 6; nth++) {
    const name = `laptop ${nth}`;
    const { body } = await t.send("POST", `${ORIGIN}/auth/device`, { body: { name } });
    lose(hooks, nth);
    const form = { user_code: body.user_code, user: tenant.id, decision: "allow" };
    const confirmed = await browser.post("/auth/device/confirm", form);
    assert.equal(confirmed.status, 200, `commit ${nth}: ${confirmed.text}`);
    lose(hooks, nth % 2);
    const polled = await t.send("GET", `${ORIGIN}/auth/device/poll?code=${body.device_code}`);
    hooks.committed = undefined;
    assert.equal(polled.body.status, "authorized", polled.text);
    const { data } = (await t.api("GET", "/account/tokens", { key: polled.body.token })).body;
    assert.equal(data.filter((one: { name: string }) => one.name === name).length, 1);
  }
});

Deno.test("while the store is away every endpoint says so, in the form of its standard", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { client, refresh } = await connected(t);
  hooks.before = () => {
    throw new Error("the store is away");
  };
  const answers = [
    await post(t, refreshForm(client, refresh)),
    await post(t, { client_id: client.client_id, token: refresh }, { path: "/oauth/revoke" }),
    await t.send("POST", `${ORIGIN}/oauth/register`, { body: { redirect_uris: ["https://a.b"] } }),
  ];
  for (const { status, body, headers } of answers) {
    assert.deepEqual([status, body.error], [503, "temporarily_unavailable"]);
    assert.ok(headers.has("retry-after"));
    assert.doesNotMatch(JSON.stringify(body), /away/);
  }
  hooks.before = undefined;
  assert.equal((await post(t, refreshForm(client, refresh))).status, 200);
  assert.ok(!JSON.stringify(t.logs).includes(refresh));
});
