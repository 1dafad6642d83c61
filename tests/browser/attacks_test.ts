/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page as Tab } from "playwright-core";
import { findChromium } from "./_browser.ts";
import { loginLink, lure, onStage, type Stage } from "./_stage.ts";

const executable = findChromium();
const SESSION = "__Host-postlark";

/** The value of a tab's session. */
async function sessionOf(tab: Tab, origin: string): Promise<string> {
  const cookies = await tab.context().cookies(origin);
  return cookies.find(({ name }) => name === SESSION)!.value;
}

/** Has a page's script set cookies, each for the domain of the whole service where the browser lets it. */
async function toss(tab: Tab, cookies: string[]): Promise<void> {
  await tab.evaluate((cookies) => cookies.forEach((cookie) => document.cookie = cookie), cookies);
}

/** Ways to write a cookie that is taken for the session's, or comes before it. */
function forgeries(value: string): string[] {
  const names = [SESSION, "postlark", "__host-postlark", ` ${SESSION}`, `x; ${SESSION}`];
  const places = ["Path=/", "Path=/app", "Path=/auth"];
  const domains = ["Domain=postlark.test", "Domain=.postlark.test", ""];
  const pairs = names.flatMap((name) => [
    `${name}=${value}`,
    `=${name}=${value}`,
    `a="; ${name}=${value}`,
    `${name}\t=${value}`,
  ]);
  return domains.flatMap((domain) =>
    places.flatMap((place) => pairs.map((pair) => `${pair}; ${place}; ${domain}; Secure`))
  );
}

if (executable) {
  Deno.test("cookies that a blog's script sets for the whole domain sign nobody in as another", () =>
    onStage(async ({ origin, open, enter, victim, attacker, attackers: [evil] }) => {
      const forged = forgeries(await sessionOf(await enter(attacker), origin));
      const tab = await enter(victim);
      await lure(tab, evil);
      await toss(tab, forged);
      const [opened] = await Promise.all([
        tab.waitForRequest(`${origin}/app`),
        tab.goto(`${origin}/app`),
      ]);
      const { cookie } = await opened.allHeaders();
      assert.match(cookie, /(^|; )postlark=/, "nothing was tossed");
      await tab.getByText(`Signed in as ${victim.email}`).waitFor();
      const stranger = await open();
      await lure(stranger, evil);
      await toss(stranger, forged);
      await stranger.goto(`${origin}/app`);
      await stranger.getByRole("heading", { name: "Sign in" }).waitFor();
    }));
}
