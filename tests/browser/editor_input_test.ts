/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page as Tab } from "playwright-core";
import { GOOD } from "../support/images.ts";
import { enter, judge, openTab, withServer } from "./_account.ts";
import { findChromium, PATIENCE, until } from "./_browser.ts";

const executable = findChromium();

/** Waits until the editor says that all is stored. */
async function saved(tab: Tab): Promise<void> {
  await tab.locator("[data-state]").filter({ hasText: /^Saved$/ }).waitFor();
}

function textIn(tab: Tab) {
  return tab.getByRole("textbox", { name: "Text, in Markdown" });
}

function previewIn(tab: Tab) {
  return tab.frameLocator("iframe[title='Preview of the post']");
}

type Json = Record<string, unknown>;

async function call(origin: string, key: string, path: string, body?: Json) {
  const answer = await fetch(`${origin}/v1${path}`, {
    method: body ? "POST" : "GET",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const json = await answer.json();
  assert.ok(answer.ok, JSON.stringify(json));
  return json;
}

/** Drops a file on an element, as one that comes from outside the browser. */
async function drop(tab: Tab, selector: string, file: string): Promise<void> {
  const { x, y, width, height } = (await tab.locator(selector).boundingBox())!;
  const session = await tab.context().newCDPSession(tab);
  const data = { items: [], files: [file], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    const at = { x: x + width / 2, y: y + height / 2 };
    await session.send("Input.dispatchDragEvent", { type, ...at, data });
  }
}

if (executable) {
  Deno.test("images are dropped and pasted into the text, and diagrams are drawn in the preview", () =>
    withServer({}, async ({ server: { origin }, browser, env }) => {
      const { tab, faults } = await openTab(browser);
      const key = await enter(tab, env);
      await tab.goto(`${origin}/app/blogs/ada/posts/new`);
      await tab.getByLabel("Title", { exact: true }).fill("Kites");
      await textIn(tab).click();
      await tab.keyboard.insertText("Before\n\n");
      const { bytes } = GOOD.find(({ type }) => type === "image/png")!;
      const file = await Deno.makeTempFile({ prefix: "kite-", suffix: ".png" });
      await Deno.writeFile(file, bytes);
      await drop(tab, ".writing", file);
      await previewIn(tab).locator("article img[alt^='kite-']").waitFor({ state: "attached" });
      await Deno.remove(file);

      await tab.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await tab.evaluate(async () => {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = 8;
        canvas.getContext("2d")!.fillRect(0, 0, 8, 8);
        const blob = await new Promise<Blob>((done) => canvas.toBlob((one) => done(one!)));
        await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
      });
      await textIn(tab).press("Control+End");
      await textIn(tab).press("Control+v");
      await previewIn(tab).locator("article img[alt='image']").waitFor({ state: "attached" });

      await textIn(tab).press("Control+End");
      await tab.keyboard.insertText("\n\n```mermaid\ngraph TD; A-->B;\n```\n\nThe end");
      const drawing = previewIn(tab).locator("pre.mermaid svg");
      await drawing.waitFor({ state: "attached" });
      await tab.locator("[data-frame] iframe").scrollIntoViewIfNeeded();
      await drawing.getByText("A", { exact: true }).waitFor();
      await textIn(tab).press("Control+s");
      await saved(tab);
      await tab.getByRole("heading", { name: "Edit post" }).waitFor();
      assert.match(await tab.title(), /^Kites · /);
      const { content_md } = await call(origin, key, "/posts/kites");
      const order = /Before[^]*!\[kite-[^\]]*\]\(http[^]*!\[image\]\(http[^]*mermaid[^]*The end/;
      assert.match(content_md, order);
      assert.doesNotMatch(content_md, /Uploading/);
      await judge(tab, "editor-diagram");
      assert.deepEqual(faults, []);
    }));

  Deno.test("the keys that the editor names format, undo, save and publish", () =>
    withServer({}, async ({ server: { origin }, browser, env }) => {
      const { tab, faults } = await openTab(browser);
      const key = await enter(tab, env);
      await tab.goto(`${origin}/app/blogs/ada/posts/new`);
      await tab.getByLabel("Title", { exact: true }).fill("Keys");
      const text = textIn(tab);
      await text.click();
      for (const [keys, word] of [["b", "bold"], ["i", "slanted"], ["e", "code"], ["k", "link"]]) {
        await tab.keyboard.insertText(`${word}`);
        for (const _ of word) await text.press("Shift+ArrowLeft");
        await text.press(`Control+${keys}`);
        await text.press("Control+End");
        await tab.keyboard.insertText("\n\n");
      }
      await tab.keyboard.insertText("mistake");
      await text.press("Control+z");
      await tab.keyboard.insertText("\n\nend");
      await text.press("Control+s");
      await saved(tab);
      const stored = async () => (await call(origin, key, "/posts/keys"));
      const { content_md, status } = await stored();
      assert.equal(status, "draft");
      const words = ["**bold**", "*slanted*", "`code`", "[link](https://)", "end"];
      assert.deepEqual(content_md.trim().split(/\n\n+/), words);
      await text.press("Control+End");
      await tab.keyboard.insertText("Last words");
      await text.press("Control+Enter");
      await tab.getByRole("status").filter({ hasText: "Published." }).waitFor();
      assert.deepEqual(
        [(await stored()).status, (await stored()).content_md.endsWith("Last words")],
        ["published", true],
      );
      // The text takes no focus prisoner.
      await textIn(tab).focus();
      await textIn(tab).press("Escape");
      await tab.keyboard.press("Tab");
      assert.equal(await tab.evaluate(() => document.activeElement?.className), "hidden");
      assert.deepEqual(faults, []);
    }));

  Deno.test("a post is scheduled in a time zone, the writer's own unless another is chosen", () =>
    withServer({}, async ({ server: { origin }, browser, env }) => {
      const { tab: first } = await openTab(browser);
      const key = await enter(first, env);
      const { id } = await call(origin, key, "/posts", { title: "Later", content: "x" });
      const state = await first.context().storageState();
      const context = await browser.newContext({
        storageState: state,
        timezoneId: "Asia/Taipei",
        viewport: { width: 360, height: 740 },
      });
      const tab = await context.newPage();
      tab.setDefaultTimeout(PATIENCE);
      await tab.goto(`${origin}/app/blogs/ada/posts/${id}`);
      await tab.locator("summary", { hasText: "Schedule" }).click();
      const zone = tab.getByLabel("Time zone");
      await until("the own zone is proposed", async () => (
        await zone.inputValue() === "Asia/Taipei"
      ));
      const year = new Date().getUTCFullYear() + 1;
      await tab.getByLabel("Date and time").fill(`${year}-01-15T09:30`);
      await judge(tab, "editor-schedule");
      const at = async () => (await call(origin, key, "/posts/later")).scheduled_at;
      await tab.getByRole("button", { name: "Schedule", exact: true }).click();
      await tab.getByRole("status").filter({ hasText: "Scheduled." }).waitFor();
      assert.equal(Date.parse(await at()), Date.parse(`${year}-01-15T01:30:00Z`));
      await tab.locator("summary", { hasText: "Schedule" }).click();
      await tab.getByLabel("Date and time").fill(`${year}-01-15T09:30`);
      await zone.selectOption("America/New_York");
      await tab.getByRole("button", { name: "Move the schedule" }).click();
      // What it says of this one it has said of the first one too.
      await until("the schedule has moved", async () => (
        Date.parse(await at()) === Date.parse(`${year}-01-15T14:30:00Z`)
      ));
    }));

  Deno.test("what is not saved is kept for its account alone, and forgotten at the sign-out", () =>
    withServer({}, async ({ server: { origin }, browser, env }) => {
      const { tab, faults } = await openTab(browser);
      const key = await enter(tab, env);
      const post = { title: "Boats", content: "Old.", status: "published" };
      const { id } = await call(origin, key, "/posts", post);
      const url = `${origin}/app/blogs/ada/posts/${id}`;
      await tab.evaluate((url) => {
        localStorage.setItem(`postlark-editor another ${url} 1`, "{}");
      }, url);
      const kept = () => tab.evaluate(() => Object.keys(localStorage));
      await tab.goto(url);
      await textIn(tab).press("Control+Home");
      await tab.keyboard.insertText("Secret. ");
      const { id: user } = await call(origin, key, "/account/profile");
      await until("the text is kept", async () => (await kept()).length > 0);
      assert.deepEqual(
        (await kept()).map((name) => name.split(" ").slice(0, 3)),
        [["postlark-editor", user, url]],
      );
      const other = await tab.context().newPage();
      await other.goto(`${origin}/app`);
      await other.getByRole("button", { name: "Sign out", exact: true }).click();
      await other.waitForURL(/signed_out/);
      assert.deepEqual(await other.evaluate(() => Object.keys(localStorage)), []);
      assert.deepEqual(faults, []);
    }));
}
