import assert from "node:assert/strict";
import type * as oauth from "oauth4webapi";
import { setup } from "../../_setup.ts";
import { startOidcProvider } from "../../support/oidc_provider.ts";
import { BrowserDouble } from "../../support/browser_double.ts";
import { ask, codeForm, decide, formOf, ORIGIN, post, register } from "./_flow.ts";

Deno.test("the sign-in at a provider leads back to the longest request, and a newcomer goes on there", async () => {
  await using idp = await startOidcProvider();
  await idp.serve(ORIGIN);
  using t = await setup({ env: idp.env });
  t.deps.fetch = fetch;
  idp.state.person = { sub: "ada", name: "Ada", email: "ada@example.com", email_verified: true };
  const client = await register(t) as oauth.Client;
  const state = "ä/".repeat(600);
  const { url, verifier } = await ask({ client, query: { state } });
  const browser = new BrowserDouble(t);
  const page = await browser.open(url.href);
  const [, link] = /href="(\/auth\/sign-in\/oidc[^"]+)"/.exec(page.text)!;
  const seen = await browser.open(link.replaceAll("&amp;", "&"));
  assert.match(seen.text, /Connect <bdi>Quill<\/bdi>\?/);
  assert.match(seen.text, /ada@example\.com/);
  const { headers } = await decide(browser, formOf(seen.text));
  const to = new URL(headers.get("location")!);
  assert.equal(to.searchParams.get("state"), state);
  const got = await post(t, codeForm(client, { code: to.searchParams.get("code")!, verifier }));
  assert.equal(got.status, 200, got.text);
});

Deno.test("where sign-up is closed no app makes an account, whatever it asks", async () => {
  await using idp = await startOidcProvider();
  await idp.serve(ORIGIN);
  using t = await setup({ env: { ...idp.env, POSTLARK_SIGNUP: "closed" } });
  t.deps.fetch = fetch;
  idp.state.person = { sub: "eve", name: "Eve", email: "eve@example.com", email_verified: true };
  const client = await register(t) as oauth.Client;
  const { url } = await ask({ client });
  const browser = new BrowserDouble(t);
  const query = new URLSearchParams({ return_to: url.pathname + url.search });
  const refused = await browser.open(`/auth/sign-in/oidc?${query}`);
  assert.equal(refused.status, 403);
  assert.match(refused.text, /Sign-up is closed/);
  assert.match((await browser.open(url.href)).url, /\/auth\/sign-in\?/);
  assert.deepEqual(await Array.fromAsync(t.deps.store.kv.list({ prefix: ["user"] })), []);
});
