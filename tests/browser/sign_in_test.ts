/// <reference lib="dom" />
import assert from "node:assert/strict";
import { startOidcProvider } from "../support/oidc_provider.ts";
import { runAdmin } from "../support/server.ts";
import { judge, openTab, withServer } from "./_account.ts";
import { findChromium } from "./_browser.ts";

const executable = findChromium();

if (executable) {
  Deno.test("a newcomer signs in at a provider, makes the first blog, and signs out", async () => {
    await using idp = await startOidcProvider({ ask: true });
    idp.state.person = { sub: "ada", name: "Ada", email: "ada@example.com", email_verified: true };
    await withServer(idp.env, async ({ server: { origin, port }, browser }) => {
      await idp.serve(origin);
      const { tab, faults } = await openTab(browser);
      await tab.goto(`${origin}/app`);
      await judge(tab, "sign-in");
      await tab.getByRole("link", { name: "Continue with Example ID" }).click();
      await tab.getByRole("button", { name: "I am Ada" }).click();
      await tab.getByRole("heading", { name: "Make your first blog" }).waitFor();
      assert.equal(tab.url(), `${origin}/app`);
      await judge(tab, "first-blog");
      await tab.getByLabel("Name").fill("Notes of Ada");
      await tab.getByLabel("Address").fill("admin");
      await tab.getByRole("button", { name: "Make it" }).click();
      await tab.getByRole("alert").filter({ hasText: "reserved name" }).waitFor();
      assert.equal(await tab.getByLabel("Name").inputValue(), "Notes of Ada");
      await judge(tab, "refused-blog");
      await tab.getByLabel("Address").fill("ada");
      await tab.getByRole("button", { name: "Make it" }).click();
      await tab.getByRole("link", { name: `ada.localhost:${port}` }).waitFor();
      await judge(tab, "app");
      await tab.getByRole("link", { name: "Compare the plans" }).click();
      await tab.getByRole("heading", { name: "Enterprise" }).waitFor();
      await judge(tab, "plans");
      await tab.getByRole("button", { name: "Sign out" }).click();
      await tab.getByRole("status").filter({ hasText: "You are signed out" }).waitFor();
      await judge(tab, "signed-out");
      await tab.goto(`${origin}/app`);
      await tab.getByRole("heading", { name: "Sign in" }).waitFor();
      await tab.goto(`${origin}/auth/callback/oidc?state=none`);
      await judge(tab, "refused");
      assert.deepEqual(faults, []);
    });
  });

  Deno.test("the demo account is one click away on a development server, and the operator's link two", () =>
    withServer({ POSTLARK_DEV: "1" }, async ({ server, browser, env }) => {
      const { tab, faults } = await openTab(browser);
      await tab.goto(`${server.origin}/auth/sign-in`);
      await judge(tab, "development");
      await tab.getByRole("button", { name: "Sign in as the demo account" }).click();
      await tab.getByText("Signed in as demo@localhost").waitFor();
      await tab.goto(`${server.origin}/auth/sign-out`);
      await judge(tab, "sign-out");
      await tab.getByRole("button", { name: "Sign out everywhere" }).click();
      await tab.getByRole("status").waitFor();

      const made = await runAdmin(env, "login-link", "--email", "demo@localhost");
      const { url } = JSON.parse(made.stdout);
      await tab.goto(url);
      await judge(tab, "login-link");
      await tab.getByRole("button", { name: "Sign in" }).click();
      await tab.getByText("Signed in as demo@localhost").waitFor();
      assert.equal(tab.url(), `${server.origin}/app`);
      assert.deepEqual(faults, []);
      assert.ok(!server.output().includes(new URL(url).searchParams.get("token")!));
    }));
}
