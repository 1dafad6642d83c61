/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page as Tab } from "playwright-core";
import { askHost } from "../support/ask_host.ts";
import { readFixture } from "../support/images.ts";
import { startOidcProvider } from "../support/oidc_provider.ts";
import { runAdmin } from "../support/server.ts";
import { openTab, withServer } from "./_account.ts";
import { findChromium, PATIENCE, until } from "./_browser.ts";

const executable = findChromium();
const picture = readFixture("png-rgb.png");

/** Signs up at the provider, and makes the first blog. */
async function signUp(tab: Tab, origin: string): Promise<void> {
  await tab.goto(`${origin}/`);
  await tab.getByRole("link", { name: "Sign in" }).first().click();
  await tab.getByRole("link", { name: "Continue with Example ID" }).click();
  await tab.getByRole("button", { name: "I am Ada" }).click();
  await tab.getByRole("heading", { name: "Make your first blog" }).waitFor();
  await tab.getByLabel("Name").fill("Notes of Ada");
  await tab.getByLabel("Address").fill("ada");
  await tab.getByRole("button", { name: "Make it" }).click();
  await tab.getByRole("link", { name: "Notes of Ada", exact: true }).click();
  await tab.getByRole("heading", { name: "Notes of Ada" }).waitFor();
  const buttons = await tab.locator("header .button").evaluateAll((all) => (
    all.map((one) => one.getBoundingClientRect().top)
  ));
  assert.deepEqual([buttons.length, new Set(buttons).size], [2, 1], "the header has two rows");
}

/** Makes a key, and reads it from the page. */
async function makeKey(tab: Tab): Promise<string> {
  await tab.getByRole("link", { name: "make an API key" }).click();
  await tab.getByLabel("Name").fill("First");
  await tab.getByRole("button", { name: "Make the key" }).click();
  await tab.getByRole("heading", { name: "First is made" }).waitFor();
  return await tab.getByLabel("the key", { exact: true }).innerText();
}

async function revokeKey(tab: Tab): Promise<void> {
  await tab.getByRole("link", { name: "API keys" }).click();
  await tab.locator("summary[aria-label='Revoke First']").click();
  await tab.getByRole("button", { name: "Revoke First" }).click();
  await tab.getByRole("status").filter({ hasText: "The key was revoked" }).waitFor();
}

/** Opens the editor, and types; the post is then stored as a draft. */
async function write(tab: Tab, post: { title: string; text: string }): Promise<void> {
  await tab.getByRole("link", { name: "Posts", exact: true }).click();
  await tab.getByRole("link", { name: "Write a post" }).first().click();
  await tab.getByLabel("Title", { exact: true }).fill(post.title);
  await tab.getByRole("textbox", { name: "Text, in Markdown" }).click();
  await tab.keyboard.type(post.text);
  await tab.locator("[data-state]").filter({ hasText: /^Saved$/ }).waitFor();
}

/** Drops a picture into the text, as a hand would. */
async function dropPicture(tab: Tab): Promise<void> {
  const text = tab.getByRole("textbox", { name: "Text, in Markdown" });
  await text.evaluate((element, bytes) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([new Uint8Array(bytes)], "kite.png", { type: "image/png" }));
    const { left, top } = element.getBoundingClientRect();
    const at = { clientX: left + 10, clientY: top + 10 };
    element.dispatchEvent(
      new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer, ...at }),
    );
  }, [...picture.bytes]);
  await until("the picture is in the text", async () => (
    /!\[kite\]\(http/.test(await text.innerText())
  ));
}

/** Looks at the post as its page will be, in a window of its own, before anyone else can. */
async function preview(tab: Tab, title: string): Promise<void> {
  const opening = tab.context().waitForEvent("page", { timeout: PATIENCE });
  await tab.getByRole("button", { name: "Preview", exact: true }).click();
  const seen = await opening;
  await seen.getByRole("heading", { name: title }).waitFor({ timeout: PATIENCE });
  await seen.close();
}

/** Reads the post on the blog's own host. */
async function readOnBlog(tab: Tab, blog: string): Promise<void> {
  await tab.getByRole("link", { name: "View", exact: true }).click();
  await tab.getByRole("heading", { name: "Kites" }).waitFor();
  assert.equal(tab.url(), `${blog}/kites`);
  await tab.locator("article strong", { hasText: "high" }).waitFor();
  const image = tab.locator("article img[alt='kite']");
  await image.scrollIntoViewIfNeeded();
  await until("the picture is there", () =>
    image.evaluate((element) => (
      element instanceof HTMLImageElement && element.complete && element.naturalWidth > 0
    )));
  await tab.goBack();
}

async function schedule(tab: Tab): Promise<void> {
  await tab.locator("summary", { hasText: "Schedule" }).click();
  await tab.getByLabel("Time zone").selectOption("UTC");
  const year = new Date().getUTCFullYear() + 1;
  await tab.getByLabel("Date and time").fill(`${year}-01-15T09:30`);
  await tab.getByRole("button", { name: "Schedule", exact: true }).click();
  await tab.getByRole("status").filter({ hasText: "Scheduled." }).waitFor();
}

/** Signs out; neither an address of the dashboard nor Back shows anything of the account then. */
async function signOut(tab: Tab, page: string): Promise<void> {
  await tab.getByRole("button", { name: "Sign out" }).click();
  await tab.getByRole("status").filter({ hasText: "You are signed out" }).waitFor();
  await tab.goBack();
  await tab.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.doesNotMatch(await tab.content(), /Notes of Ada|Kites|Boats/);
  await tab.goto(page);
  await tab.getByRole("heading", { name: "Sign in" }).waitFor();
}

if (executable) {
  Deno.test("a newcomer signs up, writes with a picture, publishes, schedules, revokes the key and signs out", async () => {
    await using idp = await startOidcProvider({ ask: true });
    idp.state.person = { sub: "ada", name: "Ada", email: "ada@example.com", email_verified: true };
    await withServer(idp.env, async ({ server: { origin, port }, browser, env }) => {
      await idp.serve(origin);
      const blog = `http://ada.localhost:${port}`;
      const { tab, faults } = await openTab(browser);
      await signUp(tab, origin);
      // Schedules are not for every plan; the operator gives one that has them.
      await runAdmin(env, "user", "plan", "--email", "ada@example.com", "--plan", "creator");
      const key = await makeKey(tab);
      const posts = () =>
        fetch(`${origin}/v1/posts`, { headers: { authorization: `Bearer ${key}` } });
      const statuses = async () => {
        const { data } = await (await posts()).json();
        return data.map((post: Record<string, string>) => [post.title, post.status]);
      };
      assert.deepEqual(await statuses(), []);
      await write(tab, { title: "Kites", text: "Up **high**.\n\n" });
      await dropPicture(tab);
      await preview(tab, "Kites");
      const hidden = await askHost({ host: new URL(blog).host, port }, { path: "/kites" });
      assert.equal(hidden.status, 404);
      await tab.getByRole("button", { name: "Publish" }).click();
      await tab.getByRole("status").filter({ hasText: "Published." }).waitFor();
      await readOnBlog(tab, blog);
      await write(tab, { title: "Boats", text: "Not yet." });
      await schedule(tab);
      assert.deepEqual(await statuses(), [["Boats", "scheduled"], ["Kites", "published"]]);
      await revokeKey(tab);
      const refused = await posts();
      await refused.body?.cancel();
      assert.equal(refused.status, 401);
      await signOut(tab, `${origin}/app/blogs/ada/posts`);
      assert.deepEqual(faults, []);
    });
  });
}
