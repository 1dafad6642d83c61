/// <reference lib="dom" />
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Page as Tab } from "playwright-core";
import { GOOD } from "../support/images.ts";
import { enter, judge, openTab, withServer } from "./_account.ts";
import { findChromium, until } from "./_browser.ts";

const executable = findChromium();

function isSaved(tab: Tab): Promise<void> {
  return tab.locator("[data-state]").filter({ hasText: /^Saved$/ }).waitFor();
}

if (executable) {
  Deno.test("a post is written with an image and a live preview, saved by itself, and published", () =>
    withServer({}, async ({ server: { origin }, browser, env }) => {
      const { tab, faults } = await openTab(browser);
      const key = await enter(tab, env);
      await tab.goto(`${origin}/app/blogs/ada/posts/new`);
      await tab.getByLabel("Title", { exact: true }).fill("Kites");
      const text = tab.getByRole("textbox", { name: "Text, in Markdown" });
      await text.click();
      await tab.keyboard.type("Up **high** <img src=x onerror=alert(1)>\n\n");
      const preview = tab.frameLocator("iframe[title='Preview of the post']");
      await preview.locator("article strong", { hasText: "high" }).waitFor();
      const isolated = await tab.evaluate(() => {
        const frame = document.querySelector<HTMLIFrameElement>("[data-frame] iframe")!;
        return frame.contentDocument === null;
      });
      assert.ok(isolated, "the page can look into the preview, and so the preview into the page");
      await isSaved(tab);
      assert.match(tab.url(), /\/posts\/[0-9a-f-]{36}$/);

      const image = GOOD.find(({ type }) => type === "image/png")!;
      await tab.locator("[data-files]").setInputFiles({
        name: "kite.png",
        mimeType: image.type,
        buffer: Buffer.from(image.bytes),
      });
      await preview.locator("article img[alt='kite']").waitFor({ state: "attached" });
      await tab.locator("[data-frame] iframe").scrollIntoViewIfNeeded();
      await preview.locator("article img[alt='kite']").waitFor();
      await text.press("Control+End");
      await tab.keyboard.type("\n\nThe end");
      await text.press("Control+s");
      await isSaved(tab);
      await tab.locator("summary", { hasText: "How a link" }).click();
      await tab.getByRole("button", { name: "Show it" }).click();
      await tab.frameLocator("iframe[name=card]").getByText("Kites").waitFor();
      await judge(tab, "dashboard-editor");
      await tab.getByRole("button", { name: "Publish" }).click();
      await tab.getByRole("status").filter({ hasText: "Published." }).waitFor();

      const answer = await fetch(`${origin}/v1/posts/kites`, {
        headers: { authorization: `Bearer ${key}` },
      });
      const post = await answer.json();
      assert.equal(post.status, "published");
      assert.match(post.content_md, /Up \*\*high\*\*[^]*!\[kite\]\(http[^]*The end/);
      assert.deepEqual(faults, []);
    }));

  Deno.test("of two windows on one post neither loses its text: the second is told and compares", () =>
    withServer({}, async ({ server: { origin }, browser, env }) => {
      const { tab: first, faults } = await openTab(browser);
      const key = await enter(first, env);
      const authorization = `Bearer ${key}`;
      const made = await fetch(`${origin}/v1/posts`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify({ title: "Boats", content: "Old.", status: "published" }),
      });
      const { id } = await made.json();
      const stored = async () => {
        const answer = await fetch(`${origin}/v1/posts/boats`, { headers: { authorization } });
        return (await answer.json()).content_md;
      };
      const url = `${origin}/app/blogs/ada/posts/${id}`;
      const second = await first.context().newPage();
      for (const tab of [first, second]) await tab.goto(url);
      const textIn = (tab: Tab) => tab.getByRole("textbox", { name: "Text, in Markdown" });
      for (const [tab, words] of [[first, "One. "], [second, "Two. "]] as const) {
        await textIn(tab).press("Control+Home");
        await tab.keyboard.type(words);
        await textIn(tab).press("Control+s");
        if (tab === first) await isSaved(tab);
      }
      const alert = second.getByRole("alert").filter({ hasText: "changed elsewhere" });
      await alert.waitFor();
      assert.equal(await stored(), "One. Old.");
      await alert.getByRole("button", { name: "Compare" }).click();
      await second.locator(".cm-deletedChunk").filter({ hasText: "One. Old." }).waitFor();
      await judge(second, "dashboard-conflict");

      // What is given up stays in the browser, for whoever thinks better of it.
      await alert.getByRole("button", { name: "Take the other" }).click();
      await until("the stored text is shown", async () => (
        (await textIn(second).textContent())?.includes("One. Old.") ?? false
      ));
      await second.getByRole("button", { name: "Restore it" }).click();
      await until("the other text is back", async () => (
        (await textIn(second).textContent())?.includes("Two. Old.") ?? false
      ));
      await textIn(second).press("Control+s");
      await second.getByRole("button", { name: "Save mine over it" }).click();
      await isSaved(second);
      assert.equal(await stored(), "Two. Old.");
      assert.deepEqual(faults, []);
    }));

  Deno.test("what a lost window had not saved of a post that was new is offered at the post", () =>
    withServer({}, async ({ server: { origin }, browser, env }) => {
      const { tab } = await openTab(browser);
      await enter(tab, env);
      const start = `${origin}/app/blogs/ada/posts/new`;
      await tab.goto(start);
      await tab.getByLabel("Title", { exact: true }).fill("Kites");
      const textIn = (tab: Tab) => tab.getByRole("textbox", { name: "Text, in Markdown" });
      await textIn(tab).click();
      await tab.keyboard.type("Up");
      await textIn(tab).press("Control+s");
      await isSaved(tab);
      const url = tab.url();
      await tab.route("**/editor/save", (route) => route.abort());
      await textIn(tab).press("Control+End");
      await tab.keyboard.type(" and away");
      await until(
        "the browser keeps the text",
        () =>
          tab.evaluate(() => Object.values(localStorage).some((kept) => kept.includes("and away"))),
      );
      const next = await tab.context().newPage();
      await tab.close();
      await next.goto(url);
      await next.getByRole("button", { name: "Restore it" }).click();
      await until("the text is back", async () => (
        (await textIn(next).textContent()) === "Up and away"
      ));
      await textIn(next).press("Control+s");
      await isSaved(next);
      await next.goto(start);
      await textIn(next).waitFor();
      assert.equal(await next.getByRole("alert").count(), 0);
    }));

  Deno.test("without JavaScript, what was written after the session's end is kept until it is sent again", () =>
    withServer({}, async ({ server: { origin }, browser, env }) => {
      const { tab: first } = await openTab(browser);
      const key = await enter(first, env);
      const storageState = await first.context().storageState();
      const context = await browser.newContext({ javaScriptEnabled: false, storageState });
      const tab = await context.newPage();
      await tab.goto(`${origin}/app/blogs/ada/posts/new`);
      await tab.getByLabel("Title", { exact: true }).fill("Kites");
      const text = "\nUp & </textarea>\n\naway";
      await tab.getByRole("textbox", { name: "Text, in Markdown" }).fill(text);
      await context.clearCookies();
      await tab.getByRole("button", { name: "Publish" }).click();
      await tab.getByRole("heading", { name: "You are signed out" }).waitFor();
      assert.equal(await tab.getByLabel("content").inputValue(), text);
      const other = context.waitForEvent("page");
      await tab.getByRole("link", { name: "Sign in in another tab" }).click();
      await (await other).getByRole("heading", { name: "Sign in" }).waitFor();
      await context.addCookies(storageState.cookies);
      await tab.getByRole("button", { name: "Send it again" }).click();
      await tab.getByRole("status").filter({ hasText: "Published." }).waitFor();
      const headers = { authorization: `Bearer ${key}` };
      const answer = await fetch(`${origin}/v1/posts/kites`, { headers });
      assert.equal((await answer.json()).content_md, text);
    }));

  Deno.test("a form that writes is sent once, however fast its button is pressed", () =>
    withServer({}, async ({ server: { origin }, browser, env }) => {
      const { tab, faults } = await openTab(browser);
      await enter(tab, env);
      await tab.goto(`${origin}/app/blogs/ada/keys`, { waitUntil: "load" });
      const kept = await tab.evaluate(() => {
        const kept: boolean[] = [];
        // After the page's own listener, and in place of the request.
        addEventListener("submit", (event) => {
          kept.push(event.defaultPrevented);
          event.preventDefault();
        });
        const button = document.querySelector<HTMLButtonElement>("form.short button")!;
        for (let press = 0; press < 3; press++) button.click();
        return kept;
      });
      assert.deepEqual(kept, [false, true, true]);
      assert.deepEqual(faults, []);
    }));
}
