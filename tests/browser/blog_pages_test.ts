import assert from "node:assert/strict";
import axe from "axe-core";
import type { Browser, BrowserContext, Page as Tab } from "playwright-core";
import {
  ASSETS,
  MERMAID_PATH,
  type Page,
  PLATFORM_CSP,
  platformNotFound,
} from "../../render/blog/mod.ts";
import { pagesOf, SITE, siteWith, THEMES } from "../render/_blog.ts";
import { findChromium, launch, PATIENCE, until } from "./_browser.ts";

const executable = findChromium();
const PIXEL = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
);
// As much of Mermaid as the starter asks for.
const MERMAID = `
let theme;
export default {
  initialize(config) { theme = config.theme; },
  render: async (id, source) => ({
    svg: '<svg width="9" height="9" id="' + id + '" data-theme="' + theme + '" role="graphics-document">' +
      '<style>#' + id + '{color:red}</style><text>' + source.replace(">", "&gt;") + '</text></svg>',
  }),
};`;

type Visit = { tab: Tab; faults: string[]; foreign: string[] };

/** A tab in which blog.example serves these pages by name, under their policies, and nothing else answers. */
async function visit(context: BrowserContext, pages: Record<string, Page>): Promise<Visit> {
  context.setDefaultTimeout(PATIENCE);
  const tab = await context.newPage();
  const faults: string[] = [];
  const foreign: string[] = [];
  tab.on("console", (line) => line.type() === "error" && faults.push(line.text()));
  tab.on("pageerror", (error) => faults.push(String(error)));
  await tab.route("**/*", (route) => {
    const url = new URL(route.request().url());
    if (url.origin !== SITE.url) {
      foreign.push(url.origin);
      return route.fulfill({ contentType: "text/html", body: "<title>Video</title>" });
    }
    const path = decodeURIComponent(url.pathname);
    const asset = ASSETS.find((asset) => asset.path === path);
    if (asset) return route.fulfill({ contentType: asset.type, body: asset.body });
    if (path === MERMAID_PATH) {
      return route.fulfill({ contentType: "text/javascript", body: MERMAID });
    }
    const page = pages[path.slice(1)];
    if (!page) {
      return route.fulfill({ contentType: "image/png", body: PIXEL as Uint8Array & string });
    }
    const headers = { "content-security-policy": page.csp };
    return route.fulfill({ contentType: "text/html; charset=utf-8", headers, body: page.html });
  });
  return { tab, faults, foreign };
}

async function withBrowser(use: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await launch(executable!);
  try {
    await use(browser);
  } finally {
    await browser.close();
  }
}

function addressOf(name: string): string {
  return `${SITE.url}/${encodeURIComponent(name)}`;
}

/** Goes to the diagram, and waits until it is there. */
async function drawn(tab: Tab, attribute = ""): Promise<void> {
  await tab.locator("pre.mermaid").scrollIntoViewIfNeeded();
  await tab.waitForSelector(`.mermaid svg${attribute}`);
}

async function violations(tab: Tab): Promise<string[]> {
  // Not as a script of the page, which its policy would stop.
  await tab.evaluate(axe.source);
  return await tab.evaluate(async () => {
    // deno-lint-ignore no-explicit-any -- what the line above has put there
    const { violations } = await (globalThis as any).axe.run();
    return violations.flatMap((rule: { id: string; nodes: { html: string }[] }) =>
      rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 150)}`)
    );
  });
}

if (executable) {
  for (const theme of THEMES) {
    for (const colorScheme of ["light", "dark"] as const) {
      Deno.test(`no page in ${theme} has a fault that axe sees, in ${colorScheme} colours`, () =>
        withBrowser(async (browser) => {
          const pages: Record<string, Page> = {
            ...pagesOf(siteWith({ theme })),
            "no blog": { html: platformNotFound, csp: PLATFORM_CSP },
          };
          const context = await browser.newContext({
            colorScheme,
            viewport: { width: 390, height: 844 },
          });
          const { tab, faults, foreign } = await visit(context, pages);
          for (const name of Object.keys(pages)) {
            await tab.goto(addressOf(name));
            if (name === "a post") await drawn(tab);
            assert.deepEqual(await violations(tab), [], name);
            assert.ok(
              await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
              `${name} is wider than the screen`,
            );
          }
          assert.deepEqual(faults, []);
          const elsewhere = foreign.filter((origin) => !origin.endsWith("youtube-nocookie.com"));
          assert.deepEqual(elsewhere, []);
        }));
    }
  }

  Deno.test("the toggle changes the colours, and the choice is there before the next page is painted", () =>
    withBrowser(async (browser) => {
      const context = await browser.newContext({ colorScheme: "light" });
      const { tab, faults } = await visit(context, pagesOf(SITE));
      const background = () => tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
      await tab.goto(addressOf("a post of text only"));
      const light = await background();
      await tab.click(".toggle");
      await until("the colours change", async () => await background() !== light);
      const dark = await background();
      await tab.goto(addressOf("the index"));
      assert.equal(await background(), dark);
      const scheme = await tab.evaluate(() => getComputedStyle(document.body).colorScheme);
      assert.equal(scheme, "dark");
      await tab.click(".toggle");
      await until("the colours are light again", async () => await background() === light);
      await tab.click(".toggle");
      await until("the colours are dark again", async () => await background() === dark);
      await tab.emulateMedia({ media: "print", colorScheme: "dark" });
      await until("the print is light", async () => await background() === light);
      assert.deepEqual(faults, []);
    }));

  Deno.test("a block of code is copied without its line numbers, and a diff as what it leads to", () =>
    withBrowser(async (browser) => {
      const context = await browser.newContext({
        permissions: ["clipboard-read", "clipboard-write"],
      });
      const { tab, faults } = await visit(context, pagesOf(SITE));
      await tab.goto(addressOf("a post"));
      const copied: string[] = [];
      for (const button of await tab.locator(".copy").all()) {
        // It says so for two seconds only.
        await Promise.all([button.filter({ hasText: "Copied" }).waitFor(), button.click()]);
        copied.push(await tab.evaluate(() => navigator.clipboard.readText()));
      }
      assert.deepEqual(copied, [
        'let a = 1; // a comment\nconst b: string = "two";',
        "const a = 1;",
        "curl https://example.org/",
      ]);
      assert.deepEqual(faults, []);
    }));

  Deno.test("diagrams are drawn in the colours of the page, and again when those change", () =>
    withBrowser(async (browser) => {
      const context = await browser.newContext({ colorScheme: "light" });
      const { tab, faults } = await visit(context, pagesOf(SITE));
      await tab.goto(addressOf("a post"));
      const drawing = tab.locator(".mermaid svg[aria-label=Diagram]");
      await drawn(tab, "[data-theme=neutral]");
      assert.equal(await drawing.locator("text").textContent(), "graph LR\n  A --> B");
      await tab.click(".toggle");
      await tab.waitForSelector(".mermaid svg[data-theme=dark]");
      assert.equal(await drawing.count(), 1);
      assert.deepEqual(faults, []);
    }));

  Deno.test("a script that gets into a text all the same does not run", () =>
    withBrowser(async (browser) => {
      const name = "a post";
      const page = pagesOf(SITE)[name];
      const smuggled =
        "<script>document.title='run'</script><img src=http: onerror=\"document.title='run'\">";
      const pages = { [name]: { ...page, html: page.html.replace("</article>", `${smuggled}$&`) } };
      const { tab, faults } = await visit(await browser.newContext(), pages);
      await tab.goto(addressOf(name));
      await drawn(tab);
      assert.notEqual(await tab.title(), "run");
      const refused = () => faults.filter((fault) => fault.includes("Content Security Policy"));
      await until("both are refused", () => refused().length >= 2);
      assert.equal(refused().length, 2);
    }));
}
