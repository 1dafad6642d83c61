/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page as Tab } from "playwright-core";
import { enter, judge, openTab, withServer } from "./_account.ts";
import { findChromium, until } from "./_browser.ts";

const executable = findChromium();
// What a browser says of scripts that a sandbox keeps from running.
const BLOCKED = /Blocked script execution|frame is sandboxed|allow-scripts/;

/** HTML and CSS that tries by each way to run a script, and says so to whoever listens. */
function attack(origin: string): Record<string, string> {
  const run = `(top||self).name='pwned';parent.postMessage('pwned','*');fetch('${origin}/pwned')`;
  return {
    headerHtml:
      `<p id="shown">Shown</p><script>${run}</script><img src="${origin}/x" onerror="${run}">
      <a id="lead" href="javascript:${run}" target="_top">Lead</a>
      <svg onload="${run}"></svg><form action="${origin}/pwned"><button id="go">Go</button></form>`,
    footerHtml: `<iframe srcdoc="<script>${run}</script>"></iframe>
      <meta http-equiv="refresh" content="0;url=javascript:${run}"><body onload="${run}">`,
    adCode: `<object data="javascript:${run}"></object><details open ontoggle="${run}">x</details>`,
    headHtml: `<base href="${origin}/pwned/"><script src="${origin}/pwned.js"></script>`,
    layoutHtml:
      `<html><head>{{head}}<title>{{title}}</title>{{style}}</head><body onpageshow="${run}">{{header}}{{content}}{{footer}}</body></html>`,
    customCss:
      `p{color:rgb(1,2,3)} </style><script>${run}</script> a{background:url("javascript:${run}")}`,
  };
}

if (executable) {
  Deno.test(
    "a theme is chosen and styled with a preview that follows, and the blog shows it once it is saved",
    () =>
      withServer({}, async ({ server: { origin, port }, browser, env }) => {
        const { tab, faults } = await openTab(browser);
        await enter(tab, env);
        await tab.goto(`${origin}/app/blogs/ada/theme`);
        const preview = tab.frameLocator(".shown iframe:not(.coming)");
        await preview.getByRole("heading", { name: "ada" }).waitFor();
        await judge(tab, "theme");
        const before = await tab.evaluate(() => history.length);
        await tab.getByLabel("Terminal").check();
        await tab.locator("summary", { hasText: "Styles" }).click();
        await tab.getByLabel("Custom CSS").fill("h1{letter-spacing:7px}");
        await until(
          "the preview has the style",
          () =>
            preview.locator("h1").evaluate((h1) => getComputedStyle(h1).letterSpacing === "7px")
              .catch(() => false),
        );
        assert.equal(await tab.evaluate(() => history.length), before);
        await judge(tab, "theme-preview");
        await tab.getByLabel("Style sheet elsewhere").fill("http://example.com/a.css");
        await tab.getByRole("button", { name: "Save the theme" }).click();
        await tab.getByRole("alert").filter({ hasText: "must be an https URL" }).waitFor();
        await judge(tab, "theme-refused");
        await tab.getByLabel("Style sheet elsewhere").fill("");
        await tab.getByRole("button", { name: "Save the theme" }).click();
        await tab.getByRole("status").filter({ hasText: "Saved" }).waitFor();
        assert.equal(await tab.getByLabel("Terminal").isChecked(), true);
        await wide(tab, "theme-wide");
        await tab.goto(`http://${blogHost(port)}/`);
        const spacing = () =>
          tab.evaluate(() => getComputedStyle(document.querySelector("h1")!).letterSpacing);
        await until("the blog has the style", async () => await spacing() === "7px");
        assert.deepEqual(faults.filter((fault) => !BLOCKED.test(fault)), []);
      }),
  );

  Deno.test(
    "without JavaScript the preview is a button's, and shows what is not saved",
    () =>
      withServer({}, async ({ server: { origin }, browser, env }) => {
        const { tab: first } = await openTab(browser);
        await enter(first, env);
        const storageState = await first.context().storageState();
        const context = await browser.newContext({ javaScriptEnabled: false, storageState });
        const tab = await context.newPage();
        await tab.goto(`${origin}/app/blogs/ada/theme`);
        await tab.locator("summary", { hasText: "HTML of yours" }).click();
        await tab.getByLabel("Above the header").fill("<p>Unsaved banner</p>");
        await tab.getByRole("button", { name: "Preview" }).click();
        const frame = tab.frameLocator("iframe[name=preview]");
        await frame.getByText("Unsaved banner").waitFor();
        assert.equal(
          await tab.getByLabel("Above the header").inputValue(),
          "<p>Unsaved banner</p>",
        );
        await tab.reload();
        await frame.getByRole("heading", { name: "ada" }).waitFor();
        assert.equal(await frame.getByText("Unsaved banner").count(), 0);
      }),
  );

  Deno.test("no script of a theme runs in its preview, neither at the dashboard's origin nor at any other", () =>
    withServer({}, async ({ server: { origin, port }, browser, env }) => {
      const { tab } = await openTab(browser);
      await enter(tab, env, "scale");
      const asked: string[] = [];
      const dialogs: string[] = [];
      tab.context().on("request", (request) => asked.push(request.url()));
      tab.on("dialog", (dialog) => (dialogs.push(dialog.message()), void dialog.dismiss()));
      await tab.goto(`${origin}/app/blogs/ada/theme`);
      await tab.evaluate(() => {
        addEventListener("message", ({ data }) => data === "pwned" && (self.name = "told"));
      });
      await tab.evaluate(() => {
        for (const group of document.querySelectorAll("details")) group.open = true;
      });
      const theme = attack(origin);
      const labels: Record<string, string> = {
        headerHtml: "Above the header",
        footerHtml: "Below the footer",
        adCode: "Advertisement",
        headHtml: "In the head",
        layoutHtml: "Page template",
        customCss: "Custom CSS",
      };
      for (const [name, text] of Object.entries(theme)) {
        await tab.getByLabel(labels[name]).fill(text);
      }
      const preview = tab.frameLocator(".shown iframe:not(.coming)");
      await preview.locator("#shown").waitFor();
      await until(
        "the owner's CSS is there",
        () =>
          preview.locator("#shown").evaluate((p) => getComputedStyle(p).color === "rgb(1, 2, 3)")
            .catch(() => false),
      );
      await preview.locator("#lead").click();
      await preview.locator("#go").click();
      const name = () => tab.evaluate(() => self.name);
      assert.equal(await name(), "");
      assert.deepEqual(asked.filter((url) => url.includes("/pwned")), []);
      assert.deepEqual(dialogs, []);
      assert.equal(tab.url(), `${origin}/app/blogs/ada/theme`);
      const isolated = await tab.evaluate(() => (
        document.querySelector<HTMLIFrameElement>(".shown iframe")!.contentDocument === null
      ));
      assert.ok(isolated, "the page can look into the preview, and so the preview into the page");

      // The same runs where it may: on the blog itself.
      await tab.getByRole("button", { name: "Save the theme" }).click();
      await tab.getByRole("status").filter({ hasText: "Saved" }).waitFor();
      await judge(tab, "theme-saved");
      await tab.goto(`http://${blogHost(port)}/`);
      await until("the blog runs its owner's scripts", async () => await name() === "pwned");
    }));
}

function blogHost(port: number): string {
  return `ada.localhost:${port}`;
}

/** Keeps a picture of the page on a desktop. */
async function wide(tab: Tab, name: string): Promise<void> {
  await tab.setViewportSize({ width: 1280, height: 900 });
  await judge(tab, name);
}
