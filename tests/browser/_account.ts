/// <reference lib="dom" />
import assert from "node:assert/strict";
import axe from "axe-core";
import type { Browser, Page as Tab } from "playwright-core";
import { runAdmin, type Server, startServer } from "../support/server.ts";
import { findChromium, launch, PATIENCE } from "./_browser.ts";

const SCHEMES = ["light", "dark"] as const;

/** Runs `use` with a server of its own and a browser, which must meet no fault. */
export async function withServer(
  env: Record<string, string>,
  use: (at: { server: Server; browser: Browser; env: Record<string, string> }) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const all = { POSTLARK_KV: `${dir}/kv.db`, ...env };
  const server = await startServer(all);
  const browser = await launch(findChromium()!);
  try {
    await use({ server, browser, env: { ...all, POSTLARK_ORIGIN: server.origin } });
  } finally {
    await browser.close();
    await server.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

/** A tab on the smallest screen; `faults` are what it complains of. */
export async function openTab(browser: Browser): Promise<{ tab: Tab; faults: string[] }> {
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

/** Signs a tab in to a new account with the blog "ada"; gives the blog's key. */
export async function enter(
  tab: Tab,
  env: Record<string, string>,
  plan = "creator",
): Promise<string> {
  const options = ["--email", "ada@example.com", "--plan", plan, "--blog", "ada"];
  const made = await runAdmin(env, "user", "create", ...options);
  const link = await runAdmin(env, "login-link", "--email", "ada@example.com");
  await tab.goto(JSON.parse(link.stdout).url);
  await tab.getByRole("button", { name: "Sign in" }).click();
  await tab.getByRole("heading", { name: "Your blogs" }).waitFor();
  return JSON.parse(made.stdout).key;
}

/** Judges the page as it stands, in both colours; keeps a picture of each in $SCREENSHOTS. */
export async function judge(tab: Tab, name: string): Promise<void> {
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
