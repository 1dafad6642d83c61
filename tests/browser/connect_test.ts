/// <reference lib="dom" />
import assert from "node:assert/strict";
import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from "oauth4webapi";
import { judge, openTab, withServer } from "./_account.ts";
import { findChromium } from "./_browser.ts";

const executable = findChromium();

/** A program that waits on a port of this machine for its answer. */
function startApp() {
  const answer = Promise.withResolvers<URL>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    if (new URL(request.url).pathname === "/cb") answer.resolve(new URL(request.url));
    return new Response("<!doctype html><title>Back</title><h1>Back in the app</h1>", {
      headers: { "content-type": "text/html" },
    });
  });
  return {
    answer: answer.promise,
    redirect: `http://127.0.0.1:${server.addr.port}/cb`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function send(url: string, body: unknown): Promise<Record<string, string>> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return await answer.json();
}

if (executable) {
  Deno.test("a user signs in on the way to an app's request, unticks a scope, and is back in the app", () =>
    withServer({ POSTLARK_DEV: "1" }, async ({ server: { origin }, browser }) => {
      await using app = startApp();
      const { client_id } = await send(`${origin}/oauth/register`, {
        client_name: "Quill & <b>Ink</b>",
        redirect_uris: ["http://127.0.0.1/cb", "https://app.example/cb"],
      });
      const verifier = generateRandomCodeVerifier();
      const query = {
        ...{ response_type: "code", client_id, state: "a b&c", scope: "posts:* media:* packs:*" },
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        redirect_uri: app.redirect,
      };
      const { tab, faults } = await openTab(browser);
      await tab.goto(`${origin}/oauth/authorize?${new URLSearchParams(query)}`);
      await tab.getByRole("button", { name: "Sign in as the demo account" }).click();
      await tab.getByRole("heading", { name: "Connect Quill & <b>Ink</b>?" }).waitFor();
      await judge(tab, "consent");
      assert.equal(await tab.getByLabel("Buy post packs").isChecked(), false);
      await tab.getByLabel("Write, publish").uncheck();
      await tab.getByRole("button", { name: "Allow" }).click();
      await tab.getByRole("heading", { name: "Back in the app" }).waitFor();
      const { searchParams } = await app.answer;
      assert.equal(searchParams.get("state"), "a b&c");
      assert.equal(searchParams.get("iss"), origin);
      const form = new URLSearchParams({
        ...{ grant_type: "authorization_code", client_id, redirect_uri: app.redirect },
        ...{ code: searchParams.get("code")!, code_verifier: verifier },
      });
      const answer = await fetch(`${origin}/oauth/token`, { method: "POST", body: form });
      const { access_token, scope } = await answer.json();
      assert.equal(scope, "posts:read packs:read media:read media:write");
      const headers = { authorization: `Bearer ${access_token}` };
      const posts = await fetch(`${origin}/v1/posts`, { headers });
      assert.equal(posts.status, 200, await posts.text());

      const bad = { ...query, redirect_uri: "https://app.example/cb", code_challenge: "short" };
      await tab.goto(`${origin}/oauth/authorize?${new URLSearchParams(bad)}`);
      await tab.getByRole("link", { name: "Go back to the app" }).waitFor();
      await judge(tab, "refused-app");
      assert.deepEqual(faults, []);
    }));

  Deno.test("a user compares a device's code, logs it in, and denies another by typing its code", () =>
    withServer({ POSTLARK_DEV: "1" }, async ({ server: { origin }, browser }) => {
      const begin = () => send(`${origin}/auth/device`, { name: "laptop" });
      const poll = async (code: string) =>
        await (await fetch(`${origin}/auth/device/poll?code=${code}`)).json();
      const device = await begin();
      const { tab, faults } = await openTab(browser);
      await tab.goto(device.verify_url);
      await tab.getByRole("button", { name: "Sign in as the demo account" }).click();
      await tab.getByText(device.user_code).waitFor();
      await judge(tab, "device");
      await tab.getByRole("button", { name: "Log it in" }).click();
      await tab.getByRole("status").waitFor();
      await judge(tab, "device-done");
      const { status, token } = await poll(device.device_code);
      assert.equal(status, "authorized");
      const headers = { authorization: `Bearer ${token}` };
      const profile = await fetch(`${origin}/v1/account/profile`, { headers });
      assert.equal((await profile.json()).email, "demo@localhost");

      const other = await begin();
      await tab.goto(`${origin}/auth/device`);
      await judge(tab, "device-start");
      await tab.getByLabel("Code on the device").fill("BBBB-BBBB");
      await tab.getByRole("button", { name: "Go on" }).click();
      await tab.getByRole("alert").waitFor();
      await judge(tab, "device-unknown");
      const typed = other.user_code.toLowerCase().replace("-", " ");
      await tab.getByLabel("Code on the device").fill(typed);
      await tab.getByRole("button", { name: "Go on" }).click();
      await tab.getByText(other.user_code).waitFor();
      await tab.getByRole("button", { name: "Deny" }).click();
      await tab.getByText("Nothing was given to it.").waitFor();
      assert.equal((await poll(other.device_code)).error, "not_found");
      assert.deepEqual(faults, []);
    }));
}
