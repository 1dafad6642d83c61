/// <reference lib="dom" />
import assert from "node:assert/strict";
import axe from "axe-core";
import type { Browser, Page as Tab } from "playwright-core";
import { startOidcProvider } from "../support/oidc_provider.ts";
import { runAdmin, type Server, startServer } from "../support/server.ts";
import { findChromium, launch, PATIENCE } from "./_browser.ts";

const executable = findChromium();
const SCHEMES = ["light", "dark"] as const;

/** Runs `use` with a server of its own and a browser, which must meet no fault. */
async function withServer(
  env: Record<string, string>,
  use: (at: { server: Server; browser: Browser; env: Record<string, string> }) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const all = { POSTLARK_KV: `${dir}/kv.db`, ...env };
  const server = await startServer(all);
  const browser = await launch(executable!);
  try {
    await use({ server, browser, env: { ...all, POSTLARK_ORIGIN: server.origin } });
  } finally {
    await browser.close();
    await server.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

/** A tab without JavaScript of the pages', on the smallest screen; `faults` are what it complains of. */
async function openTab(browser: Browser): Promise<{ tab: Tab; faults: string[] }> {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  const tab = await context.newPage();
  tab.setDefaultTimeout(PATIENCE);
  const faults: string[] = [];
  tab.on("pageerror", (error) => faults.push(String(error)));
  tab.on("console", (line) => {
    // A status that is meant is no fault of the page's.
    if (line.type() === "error" && !/status of 4\d\d/.test(line.text())) faults.push(line.text());
  });
  return { tab, faults };
}

/** Judges the page as it stands, in both colours. */
async function judge(tab: Tab, name: string): Promise<void> {
  for (const colorScheme of SCHEMES) {
    await tab.emulateMedia({ colorScheme });
    await tab.evaluate(axe.source);
    const found = await tab.evaluate(async () => {
      // deno-lint-ignore no-explicit-any -- what the line above has put there
      const { violations } = await (globalThis as any).axe.run();
      return violations.flatMap((rule: { id: string; nodes: { html: string }[] }) =>
        rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 150)}`)
      );
    });
    assert.deepEqual(found, [], `${name}, ${colorScheme}`);
    const fits = await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    assert.ok(fits, `${name} is wider than the screen`);
    const shots = Deno.env.get("SCREENSHOTS");
    if (shots) {
      await tab.screenshot({ path: `${shots}/${name}-${colorScheme}.png`, fullPage: true });
    }
  }
}

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
