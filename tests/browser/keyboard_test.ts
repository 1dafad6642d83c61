/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Locator, Page as Tab } from "playwright-core";
import { runAdmin } from "../support/server.ts";
import { openTab, withServer } from "./_account.ts";
import { findChromium, until } from "./_browser.ts";

const executable = findChromium();
// No page has as many things to stop at.
const STOPS = 150;

/** What has the focus without an outline, of its own or of what stands for it; null where it shows. */
async function showsFocus(tab: Tab): Promise<string | null> {
  return await tab.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    // What is framed shows its own focus.
    if (!element || element === document.body || element.localName === "iframe") return null;
    const root = element.getRootNode();
    const host = root instanceof ShadowRoot ? root.host : null;
    const shown = [element, element.closest("label"), element.closest(".cm-editor"), host].some(
      (one) => {
        if (!one) return false;
        const { outlineStyle, outlineWidth } = getComputedStyle(one);
        const { width, height, left, top } = one.getBoundingClientRect();
        const seen = width > 1 && height > 1 && left + width > 0 && top + height > 0;
        return seen && outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
      },
    );
    return shown ? null : element.outerHTML.slice(0, 200);
  });
}

async function seeFocus(tab: Tab): Promise<void> {
  const hidden = await showsFocus(tab);
  if (hidden === null) return;
  // The editor's comes a moment later.
  await until(`the focus is seen on ${hidden}`, async () => await showsFocus(tab) === null);
}

/** Presses Tab, or Shift+Tab, until the focus is there; each stop on the way has to show it. */
async function tabTo(tab: Tab, to: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  await to.waitFor();
  for (let stop = 0; stop < STOPS; stop++) {
    await tab.keyboard.press(key);
    await seeFocus(tab);
    if (await hasFocus(to)) return;
  }
  assert.fail(`${to} is not reached by ${key}`);
}

async function hasFocus(locator: Locator): Promise<boolean> {
  return await locator.evaluate((element) => element.matches(":focus-within"));
}

/** Goes to a link or button, and presses Enter. */
async function follow(tab: Tab, role: "link" | "button", name: string): Promise<void> {
  await tabTo(tab, tab.getByRole(role, { name, exact: true }).first());
  await tab.keyboard.press("Enter");
}

/** Signs in by the operator's link. */
async function enter(tab: Tab, env: Record<string, string>): Promise<void> {
  const email = ["--email", "ada@example.com"];
  await runAdmin(env, "user", "create", ...email, "--plan", "creator");
  const link = await runAdmin(env, "login-link", ...email);
  await tab.goto(JSON.parse(link.stdout).url);
  await follow(tab, "button", "Sign in");
  await tab.getByRole("heading", { name: "Make your first blog" }).waitFor();
}

/** The first stop of a page leads past its header. */
async function skip(tab: Tab): Promise<void> {
  const link = tab.getByRole("link", { name: "Skip to the content" });
  await tab.keyboard.press("Tab");
  assert.ok(await hasFocus(link));
  await seeFocus(tab);
  await tab.keyboard.press("Enter");
  await until("the content has the focus", () => hasFocus(tab.locator("main")));
  await tab.keyboard.press("Tab");
  assert.ok(await hasFocus(tab.locator("main")), "the next stop is not in the content");
}

async function makeBlog(tab: Tab): Promise<void> {
  assert.ok(await hasFocus(tab.getByLabel("Name")));
  await tab.keyboard.type("Notes");
  await tabTo(tab, tab.getByLabel("Address"));
  await tab.keyboard.type("ada");
  await follow(tab, "button", "Make it");
  await follow(tab, "link", "Notes");
  await follow(tab, "link", "Write a post");
}

/** Writes a post, leaves the text in the ways that the editor says, and publishes. */
async function write(tab: Tab): Promise<void> {
  const text = tab.getByRole("textbox", { name: "Text, in Markdown" });
  await text.waitFor();
  await tabTo(tab, tab.getByLabel("Title", { exact: true }));
  await tab.keyboard.type("Kites");
  await tabTo(tab, text);
  await tab.keyboard.type("- Up\n**high**");
  await tab.keyboard.press("Escape");
  await tab.keyboard.press("Tab");
  assert.equal(await hasFocus(text), false, "the text keeps the focus");
  await tabTo(tab, text, "Shift+Tab");
  await tab.keyboard.press("Escape");
  await tab.keyboard.press("Shift+Tab");
  assert.equal(await hasFocus(text), false, "the text keeps the focus");
  await tabTo(tab, tab.getByRole("button", { name: "Publish" }), "Shift+Tab");
  await tab.locator("[data-state]").filter({ hasText: /^Saved$/ }).waitFor();
  await tab.keyboard.press("Space");
  await tab.getByRole("status").filter({ hasText: "Published." }).waitFor();
}

/** Makes a key that may read posts, for a chosen time. */
async function makeKey(tab: Tab): Promise<void> {
  await follow(tab, "link", "API keys");
  await tabTo(tab, tab.getByLabel("Name"));
  await tab.keyboard.type("Reader");
  const expires = tab.getByLabel("Expires");
  await tabTo(tab, expires);
  const before = await expires.inputValue();
  await tab.keyboard.press("ArrowUp");
  assert.notEqual(await expires.inputValue(), before);
  const some = tab.getByLabel("Only what is ticked");
  await tabTo(tab, tab.getByRole("radio", { checked: true }));
  await tab.keyboard.press("ArrowDown");
  assert.ok(await some.isChecked());
  await tabTo(tab, tab.getByLabel("posts:read"));
  await tab.keyboard.press("Space");
  await follow(tab, "button", "Make the key");
  await tab.getByRole("heading", { name: "Reader is made" }).waitFor();
  await tab.getByRole("row").filter({ hasText: /Reader[^]*posts:read/ }).waitFor();
}

/** Opens the menu that asks again, closes it, opens it, and revokes the key. */
async function revokeKey(tab: Tab): Promise<void> {
  const summary = tab.locator("summary[aria-label='Revoke Reader']");
  const button = tab.getByRole("button", { name: "Revoke Reader", exact: true });
  await tabTo(tab, summary);
  await tab.keyboard.press("Enter");
  await tabTo(tab, button);
  await tab.keyboard.press("Escape");
  assert.ok(await hasFocus(summary));
  assert.ok(await button.isHidden());
  await tab.keyboard.press("Space");
  await tabTo(tab, button);
  await tab.keyboard.press("Enter");
  await tab.getByRole("status").filter({ hasText: "The key was revoked" }).waitFor();
}

async function switchBlog(tab: Tab): Promise<void> {
  const link = tab.getByRole("navigation", { name: "Blogs" }).getByRole("link", { name: "Notes" });
  await tabTo(tab, tab.locator("summary", { hasText: "Blog:" }));
  assert.ok(await link.isHidden());
  await tab.keyboard.press("Enter");
  await tabTo(tab, link);
  await tab.keyboard.press("Enter");
  await tab.getByText("Publish from elsewhere").waitFor();
}

if (executable) {
  Deno.test("with the keyboard alone one signs in, makes a blog, publishes, makes and revokes a key, and signs out", () =>
    withServer({}, async ({ browser, env }) => {
      const { tab, faults } = await openTab(browser);
      await enter(tab, env);
      await skip(tab);
      await makeBlog(tab);
      await write(tab);
      await makeKey(tab);
      await revokeKey(tab);
      await switchBlog(tab);
      await follow(tab, "button", "Sign out");
      await tab.getByRole("status").filter({ hasText: "You are signed out" }).waitFor();
      assert.deepEqual(faults, []);
    }));
}
