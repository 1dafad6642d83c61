import assert from "node:assert/strict";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page as Tab } from "playwright-core";
import { articleWith, withImages } from "./_article.ts";
import { findChromium, launch, PATIENCE, until } from "./_browser.ts";
import { type Blog, publish, type Service, withService } from "./_site.ts";

const executable = findChromium();
const PHONE = { width: 390, height: 844 };

type Place = { service: Service; blog: Blog; images: string };
type Visit = { tab: Tab; requests: string[]; faults: string[] };

/** A Starter blog and its browser. */
async function withBlog(use: (place: Place, browser: Browser) => Promise<void>): Promise<void> {
  await withImages((images) =>
    withService(async (service) => {
      const browser = await launch(executable!);
      try {
        const blog = await service.createBlog("notes", { plan: "starter", name: "Field Notes" });
        await use({ service, blog, images }, browser);
      } finally {
        await browser.close();
      }
    })
  );
}

/** A tab with an empty profile; notes what it asks for, and what goes wrong. */
async function open(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: PHONE, ...options });
  context.setDefaultTimeout(PATIENCE);
  const tab = await context.newPage();
  const requests: string[] = [];
  const faults: string[] = [];
  tab.on("request", (request) => void requests.push(request.url()));
  tab.on("console", (line) => line.type() === "error" && faults.push(line.text()));
  tab.on("pageerror", (error) => void faults.push(String(error)));
  return { tab, requests, faults };
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

/** Waits until the top of what a link leads to is on the screen. */
async function shown(tab: Tab, id: string): Promise<void> {
  await until(`#${id} is on the screen`, () =>
    tab.locator(`[id="${id}"]`).evaluate((element) => {
      const { top } = element.getBoundingClientRect();
      return top >= 0 && top < innerHeight;
    }));
}

if (executable) {
  Deno.test("a text-only post is one request beside the icon, and runs no script but the toggle", () =>
    withBlog(async ({ service, blog }, browser) => {
      const content = "## One\n\nText with a [link](https://example.com/).\n\n- a\n- b";
      const url = await publish(service, blog, { title: "Plain", slug: "plain", content });
      const { tab, requests, faults } = await open(browser);
      await tab.goto(url, { waitUntil: "networkidle" });
      assert.deepEqual(requests.filter((one) => one !== `${blog.url}/favicon.ico`), [url]);
      const scripts = await tab.locator("script:not([type])").allTextContents();
      assert.equal(scripts.length, 1);
      assert.ok(scripts[0].length <= 300, `${scripts[0].length} bytes`);
      assert.deepEqual(faults, []);
    }));

  Deno.test("Mermaid is asked of our own origin once its diagram comes near, and draws it", () =>
    withBlog(async ({ service, blog, images }, browser) => {
      const url = await publish(service, blog, articleWith(images));
      const { tab, requests, faults } = await open(browser);
      await tab.goto(url, { waitUntil: "networkidle" });
      const mermaid = () => requests.filter((one) => one.includes("mermaid"));
      assert.deepEqual(mermaid(), []);
      await tab.locator("pre.mermaid").scrollIntoViewIfNeeded();
      await tab.locator("pre.mermaid svg").waitFor();
      assert.equal(mermaid().length, 1);
      const nodes = await tab.locator("pre.mermaid .nodeLabel").allInnerTexts();
      assert.deepEqual(nodes.toSorted(), ["Edge", "Outbox", "Reader", "Region", "Writer"]);
      const elsewhere = requests.filter((one) => ![blog.url, images].includes(new URL(one).origin));
      assert.deepEqual(elsewhere, []);
      assert.deepEqual(faults, []);
    }));

  Deno.test("the copy button takes the code without line numbers, and of a diff what stays", () =>
    withBlog(async ({ service, blog, images }, browser) => {
      const url = await publish(service, blog, articleWith(images));
      const { tab } = await open(browser, { permissions: ["clipboard-read", "clipboard-write"] });
      await tab.goto(url);
      const copied: string[] = [];
      for (const button of await tab.locator("figure.code .copy").all()) {
        // It says so for two seconds only.
        await Promise.all([button.filter({ hasText: "Copied" }).waitFor(), button.click()]);
        copied.push(await tab.evaluate(() => navigator.clipboard.readText()));
      }
      assert.equal(copied.length, 2);
      assert.match(copied[0], /^import \{ transact \} from ".\/kv.ts";\n\n\/\*\*[^]*\n\}$/);
      assert.equal(
        copied[1],
        "const page = await render(post);\nawait commit(page);\nawait purge(page);",
      );
    }));

  Deno.test("the colours that a reader chose are there before the next page is painted", () =>
    withBlog(async ({ service, blog }, browser) => {
      const url = await publish(service, blog, { title: "Plain", slug: "plain", content: "Text." });
      const { tab } = await open(browser, { colorScheme: "light" });
      const background = () => tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
      await tab.goto(url);
      const light = await background();
      await tab.click(".toggle");
      await until("the colours change", async () => await background() !== light);
      const dark = await background();
      // As early as the page has a body, which is before its first paint.
      await tab.addInitScript(() => {
        new MutationObserver((_, observer) => {
          if (!document.body) return;
          observer.disconnect();
          document.documentElement.dataset.first = getComputedStyle(document.body).backgroundColor;
        }).observe(document, { childList: true, subtree: true });
      });
      await tab.goto(blog.url);
      assert.equal(await tab.locator("html").getAttribute("data-first"), dark);
      assert.equal(await background(), dark);
    }));

  Deno.test("links to headings and footnotes land, and footnotes lead back", () =>
    withBlog(async ({ service, blog, images }, browser) => {
      const url = await publish(service, blog, articleWith(images));
      const { tab } = await open(browser);
      for (const id of ["the-shape-of-the-problem", "what-happens-on-the-way", "how-it-went"]) {
        await tab.goto(url);
        await tab.click(`.toc a[href="#${id}"]`);
        await shown(tab, id);
      }
      await tab.goto(url);
      await tab.click('sup a[href="#fn:1"]');
      await shown(tab, "fn:1");
      await tab.click('a[href="#fnref:1"]');
      await shown(tab, "fnref:1");
      await tab.goto(`${url}#three-ways-to-stay-fresh`);
      await shown(tab, "three-ways-to-stay-fresh");
    }));

  Deno.test("an old address leads to the new one; what never was is a 404, what was taken down a 410", () =>
    withBlog(async ({ service, blog }, browser) => {
      const { send } = service;
      const old = await publish(service, blog, { title: "One", slug: "one", content: "Text." });
      const gone = await publish(service, blog, { title: "Two", slug: "two", content: "Text." });
      await send(blog, { method: "PUT", path: "/posts/one" }, { slug: "uno" });
      await send(blog, { method: "POST", path: "/posts/two/unpublish" });
      const { tab } = await open(browser);
      const answer = await tab.goto(old);
      assert.equal(answer!.status(), 200);
      assert.equal(tab.url(), `${blog.url}/uno`);
      assert.equal(await tab.locator("h1").innerText(), "One");
      for (
        const [url, status, title] of [
          [`${blog.url}/none`, 404, "Page not found"],
          [gone, 410, "This post is gone"],
        ] as const
      ) {
        assert.equal((await tab.goto(url))!.status(), status);
        assert.equal(await tab.locator("h1").innerText(), title);
        await tab.click("text=front page");
        await tab.waitForURL(`${blog.url}/`);
        assert.deepEqual(await tab.locator(".posts h2").allInnerTexts(), ["One"]);
      }
    }));

  Deno.test("a search leads from any page to what it finds, by keyboard and without a script", () =>
    withBlog(async ({ service, blog }, browser) => {
      const fresh = { title: "Fresh & quick", slug: "fresh", content: "Text." };
      const url = await publish(service, blog, fresh);
      await publish(service, blog, { title: "Other", slug: "other", content: "Text." });
      for (const javaScriptEnabled of [true, false]) {
        const { tab, faults } = await open(browser, { javaScriptEnabled });
        await tab.goto(`${blog.url}/other`);
        await tab.click("nav >> text=Search");
        await tab.waitForURL(`${blog.url}/search`);
        await tab.getByLabel("Search", { exact: true }).fill("fresh quick");
        await tab.keyboard.press("Enter");
        await tab.waitForURL(`${blog.url}/search?q=fresh+quick`);
        assert.equal(await tab.inputValue("[name=q]"), "fresh quick");
        assert.deepEqual(await tab.locator(".posts h2").allInnerTexts(), ["Fresh & quick"]);
        await tab.click(".posts h2 a");
        await tab.waitForURL(url);
        assert.equal(await tab.locator("h1").innerText(), "Fresh & quick");
        assert.deepEqual(faults, []);
      }
    }));

  for (const colorScheme of ["light", "dark"] as const) {
    Deno.test(`axe finds nothing on any page of a blog in ${colorScheme} colours`, () =>
      withBlog(async ({ service, blog, images }, browser) => {
        const post = await publish(service, blog, articleWith(images));
        await publish(service, blog, {
          title: "안녕하세요",
          slug: "hello",
          content: "안녕하세요 여러분",
        });
        const gone = await publish(service, blog, {
          title: "Gone",
          slug: "gone",
          content: "Text.",
        });
        await service.send(blog, { method: "POST", path: "/posts/gone/unpublish" });
        const paths = ["/", "/tag/edge", "/archive", "/search", "/search?q=edge", "/search?q=none"];
        const pages = [...paths, `/search?q=${"x".repeat(101)}`, "/none"].map((path) =>
          blog.url + path
        );
        const { tab, faults } = await open(browser, { colorScheme });
        const judge = async (url: string) => {
          await tab.goto(url);
          if (url === post) {
            await tab.locator("pre.mermaid").scrollIntoViewIfNeeded();
            await tab.locator("pre.mermaid svg").waitFor();
          }
          assert.deepEqual(await violations(tab), [], url);
          const overflow = await tab.evaluate(() =>
            document.documentElement.scrollWidth - innerWidth
          );
          assert.ok(overflow <= 0, `${url} is ${overflow} px wider than the screen`);
        };
        for (const url of [post, ...pages, gone]) await judge(url);
        for (const theme of ["ink", "terminal"]) {
          const to = { method: "PUT", path: `/blogs/${blog.id}` };
          await service.send(blog, to, { theme_config: { theme } });
          await judge(post);
        }
        assert.deepEqual(faults.filter((fault) => !/status of 4(00|04|10)/.test(fault)), []);
      }));
  }
}
