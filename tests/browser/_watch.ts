/// <reference lib="dom" />
import type { Browser, BrowserContext, Page as Tab } from "playwright-core";
import { PATIENCE } from "./_browser.ts";

/** What pages have done that a text of a tenant's must not make them do. */
export type Watch = { context: BrowserContext; ran: string[]; foreign: string[] };

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`;
const PLAYER = /^https:\/\/www\.youtube-nocookie\.com\/embed\/[\w-]{11}(?:\?start=\d+)?$/;

/**
 * A context in which alert(), a dialog, a new window or another address of a tab counts as a script that
 * ran; what is asked of other origins is noted and not sent, but for pictures of img.example and
 * YouTube's player. With `bypassCSP` nothing but the HTML itself keeps scripts from running.
 */
export async function watch(browser: Browser, options: { bypassCSP: boolean }): Promise<Watch> {
  const context = await browser.newContext({ ...options, viewport: { width: 800, height: 600 } });
  context.setDefaultTimeout(PATIENCE);
  const ran: string[] = [];
  const foreign: string[] = [];
  await context.exposeBinding("ran", ({ page }) => void ran.push(page.url()));
  await context.addInitScript(() => {
    // deno-lint-ignore no-explicit-any -- the binding from above
    globalThis.alert = () => (globalThis as any).ran();
  });
  context.on("dialog", (dialog) => {
    ran.push(`${dialog.type()} on ${dialog.page()?.url()}`);
    return dialog.dismiss();
  });
  await context.route("**/*", (route) => {
    const request = route.request();
    const url = new URL(request.url());
    const type = request.resourceType();
    const ours = url.hostname.endsWith("localhost");
    const allowed = type === "image" ? url.hostname === "img.example" : PLAYER.test(url.href);
    if (!ours && !allowed) {
      foreign.push(`${type} ${url} from ${request.frame().url()}`);
      return route.abort();
    }
    if (type === "image" && !request.isNavigationRequest()) {
      return route.fulfill({ contentType: "image/svg+xml", body: PICTURE });
    }
    return ours ? route.continue() : route.fulfill({ contentType: "text/html", body: "" });
  });
  return { context, ran, foreign };
}

/** Opens each address, three at a time, and calls `look` on its page. */
export async function openAll(
  { context, ran }: Watch,
  urls: string[],
  look: (tab: Tab, url: string) => Promise<void>,
): Promise<void> {
  const left = urls.values();
  const tabs = Math.min(3, urls.length);
  await Promise.all(Array.from({ length: tabs }, async () => {
    const tab = await context.newPage();
    tab.on("popup", (popup) => void ran.push(`a window of ${popup.url()}`));
    for (const url of left) {
      try {
        await tab.goto(url);
      } catch (error) {
        // What the browser does not show, it saves.
        if (String(error).includes("Download is starting")) continue;
        throw error;
      }
      await look(tab, url);
      if (tab.url().split("#")[0] !== new URL(url).href) ran.push(`${url} went to ${tab.url()}`);
    }
    await tab.close();
  }));
}

/** What on a page could run a script, now or at a click, or load what is not a picture; nothing but ours. */
export async function findHarm(tab: Tab): Promise<string[]> {
  return await tab.evaluate(async () => {
    const found: string[] = [];
    // What is no HTML, the browser shows in a page of its own.
    if (document.contentType !== "text/html") return found;
    const elements = [...document.querySelectorAll("*")];
    for (const element of elements) {
      const name = element.localName;
      const note = () => void found.push(element.outerHTML.slice(0, 200));
      if (/^(object|embed|applet|base|form|textarea|template|frame|svg|video|audio)$/.test(name)) {
        note();
      }
      if (name === "iframe" && !element.closest(".video")) note();
      if (name === "style" && !element.closest("head")) note();
      if (name === "script" && !element.closest("head")) note();
      if (name === "meta" && element.hasAttribute("http-equiv")) note();
      for (const { name: attribute, value } of element.attributes) {
        if (attribute.startsWith("on") || attribute === "srcdoc" || attribute === "style") note();
        if (!/^(href|xlink:href|src|action|formaction|data|cite|ping|srcset)$/.test(attribute)) {
          continue;
        }
        const url = URL.parse(value, location.href);
        if (url && !/^(https?|mailto):$/.test(url.protocol)) note();
      }
    }
    await new Promise((resolve) => requestAnimationFrame(resolve));
    return found;
  });
}
