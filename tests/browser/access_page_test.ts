/// <reference lib="dom" />
import assert from "node:assert/strict";
import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from "oauth4webapi";
import type { Page as Tab } from "playwright-core";
import { judge, openTab, withServer } from "./_account.ts";
import { findChromium } from "./_browser.ts";

const executable = findChromium();
const REDIRECT = "https://quill.example/callback";

async function enter(tab: Tab, origin: string): Promise<void> {
  await tab.goto(`${origin}/auth/sign-in`);
  await tab.getByRole("button", { name: "Sign in as the demo account" }).click();
  await tab.getByRole("heading", { level: 1 }).waitFor();
}

async function statusOf(url: string, token: string): Promise<number> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  await answer.body?.cancel();
  return answer.status;
}

/** Registers an app and has the tab's user allow it; gives its access token. */
async function connect(tab: Tab, origin: string): Promise<string> {
  const registered = await fetch(`${origin}/oauth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_name: "Quill & <b>Ink</b>", redirect_uris: [REDIRECT] }),
  });
  const { client_id } = await registered.json();
  const verifier = generateRandomCodeVerifier();
  const query = new URLSearchParams({
    ...{ response_type: "code", client_id, scope: "posts:* media:* analytics:read" },
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const arrived = Promise.withResolvers<URL>();
  await tab.route(`${REDIRECT}?**`, async (route) => {
    arrived.resolve(new URL(route.request().url()));
    await route.fulfill({ contentType: "text/html", body: "<h1>Back in the app</h1>" });
  });
  await tab.goto(`${origin}/oauth/authorize?${query}`);
  await tab.getByRole("button", { name: "Allow" }).click();
  await tab.getByRole("heading", { name: "Back in the app" }).waitFor();
  const code = (await arrived.promise).searchParams.get("code")!;
  const form = { grant_type: "authorization_code", client_id, code, code_verifier: verifier };
  const answer = await fetch(`${origin}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams(form),
  });
  return (await answer.json()).access_token;
}

if (executable) {
  Deno.test("a token that is made on its page works until it is revoked there", () =>
    withServer({ POSTLARK_DEV: "1" }, async ({ server: { origin }, browser }) => {
      const { tab, faults } = await openTab(browser);
      await enter(tab, origin);
      await tab.goto(`${origin}/app/tokens`);
      await judge(tab, "tokens-first");
      await tab.getByLabel("Name").fill("   ");
      await tab.getByLabel("Only what is ticked").check();
      await tab.getByRole("button", { name: "Make the token" }).click();
      await tab.getByRole("alert").filter({ hasText: "at least one scope" }).waitFor();
      await judge(tab, "tokens-refused");
      await tab.getByLabel("Name").fill("laptop");
      await tab.getByLabel("posts:read").check();
      await tab.getByLabel("account:read").check();
      await tab.getByLabel("Reaches").selectOption({ index: 1 });
      await tab.getByRole("button", { name: "Make the token" }).click();
      await tab.getByRole("heading", { name: "laptop is made" }).waitFor();
      await judge(tab, "tokens-made");
      const token = await tab.getByLabel("the token", { exact: true }).innerText();
      assert.equal(await statusOf(`${origin}/v1/posts`, token), 200);
      assert.equal(await statusOf(`${origin}/v1/blogs`, token), 403);
      await tab.reload();
      await tab.getByRole("rowheader", { name: "laptop" }).waitFor();
      assert.equal((await tab.content()).includes(token), false);
      await tab.locator("summary[aria-label='Revoke laptop']").click();
      await judge(tab, "tokens-revoke");
      await tab.getByRole("button", { name: "Revoke laptop" }).click();
      await tab.getByRole("status").filter({ hasText: "The token was revoked" }).waitFor();
      assert.equal(await statusOf(`${origin}/v1/posts`, token), 401);
      assert.deepEqual(faults, []);
    }));

  Deno.test("an app that was let in is listed, and can do nothing once it is disconnected", () =>
    withServer({ POSTLARK_DEV: "1" }, async ({ server: { origin }, browser }) => {
      const { tab, faults } = await openTab(browser);
      await enter(tab, origin);
      await tab.goto(`${origin}/app/apps`);
      await judge(tab, "apps-none");
      const token = await connect(tab, origin);
      assert.equal(await statusOf(`${origin}/v1/posts`, token), 200);
      await tab.goto(`${origin}/app/apps`);
      await tab.getByRole("heading", { name: "Quill & <b>Ink</b>" }).waitFor();
      await judge(tab, "apps-one");
      await tab.locator("summary", { hasText: "Disconnect" }).click();
      await judge(tab, "apps-disconnect");
      await tab.getByRole("button", { name: "Disconnect Quill" }).click();
      await tab.getByRole("status").filter({ hasText: "The app was disconnected" }).waitFor();
      assert.equal(await statusOf(`${origin}/v1/posts`, token), 401);
      assert.deepEqual(faults, []);
    }));
}
