/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Frame, Page as Tab } from "playwright-core";
import { findChromium, until } from "./_browser.ts";
import { fill, routesOf, sendForm } from "./_routes.ts";
import { loginLink, lure, onStage, type Stage } from "./_stage.ts";

const executable = findChromium();
const SESSION = "__Host-postlark";

// What is counted, and what follows from what is stored: searches, feeds, pages, views of readers.
const DERIVED =
  /^(?:rl|rlip|rlup|used|fts.*|pubver|doc|docchunk|og|ogchunk|page|purge|view.*|salt|visitors|flush|hit.*)$/;

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

/** The rows of the store that somebody's act changes, each with its version. */
async function storedOf({ env }: Stage): Promise<Map<string, string>> {
  const kv = await Deno.openKv(env.POSTLARK_KV);
  const rows = new Map<string, string>();
  for await (const { key, versionstamp } of kv.list({ prefix: [] })) {
    if (!DERIVED.test(String(key[0]))) rows.set(JSON.stringify(key), versionstamp);
  }
  kv.close();
  return rows;
}

/** What a form needs to be taken where it comes from the service itself: of each, something that exists. */
async function propsOf({ api, victim }: Stage) {
  const { data: [blog] } = await api(victim, { method: "GET", path: "/blogs" }) as Listed;
  const make = (path: string, body: unknown) => api(victim, { method: "POST", path, body });
  const post = await make("/posts", { title: "Kites", content: "Up.", status: "published" });
  const hook = await make(`/blogs/${blog.id}/webhooks`, { url: "https://receiver.example/" });
  const { data: [key] } = await api(victim, {
    method: "GET",
    path: `/blogs/${blog.id}/api-keys`,
  }) as Listed;
  const ids: Record<string, string> = {
    posts: post.id as string,
    revisions: "1",
    slug: "kites",
    webhooks: hook.id as string,
    keys: key.id,
    tokens: key.id,
  };
  const fields = {
    ...{ name: "Taken over", slug: "kites", title: "Taken over", content: "Taken over", etag: "" },
    ...{ action: "delete", confirm: "ada", hostname: "evil.example.com", mode: "live" },
    ...{ url: "https://evil.example/", events: "post.published", all: "1", expires: "never" },
    ...{ pack_type: "100", plan: "scale", everywhere: "1", then: "published", kind: "indexing" },
  };
  return { ids, fields };
}

type Listed = { data: { id: string }[] };

/** Sends the same with scripts, in each way that needs no leave; what a script can read of the answers. */
async function sendByScript(tab: Tab, to: { url: string; fields: Record<string, string> }) {
  return await tab.evaluate(async ({ url, fields }) => {
    const body = new URLSearchParams(fields);
    const asked: RequestInit[] = [
      { method: "POST", mode: "no-cors", body },
      { method: "POST", mode: "no-cors", body: JSON.stringify(fields) },
      { method: "POST", body },
      {
        method: "POST",
        body: JSON.stringify(fields),
        headers: { "content-type": "application/json" },
      },
      { method: "GET" },
    ];
    const read: string[] = [];
    for (const init of asked) {
      const answer = await fetch(url, { ...init, credentials: "include" }).catch(() => null);
      if (answer && answer.type !== "opaque") read.push(`${init.method} ${url}: ${answer.status}`);
    }
    navigator.sendBeacon(url, body);
    return read;
  }, to);
}

/** What a frame shows, with its address; "" for the browser's own word that it may not. */
async function textInFrame(frame: Frame): Promise<string> {
  let shown = { href: "", text: "" };
  // That it has loaded is known to its page before it is known here.
  await until("the frame has its page", async () => {
    shown = await frame.evaluate(() => ({ href: location.href, text: document.body.innerText }))
      .catch(() => ({ href: "", text: "" }));
    return !["", "about:blank"].includes(shown.href);
  });
  return shown.href.startsWith("chrome-error:") ? "" : `${shown.href}: ${shown.text}`;
}

/** The texts of frames of a page at these addresses; a frame that shows nothing has none. */
async function textsInFrames(tab: Tab, urls: string[]): Promise<string[]> {
  await tab.evaluate(async (urls) => {
    await Promise.all(urls.map((url) => {
      const frame = document.createElement("iframe");
      frame.src = url;
      // What is refused loads too, as an empty page.
      const loaded = new Promise((resolve) => frame.onload = resolve);
      document.body.append(frame);
      return loaded;
    }));
  }, urls);
  const frames = tab.frames().filter((frame) => frame !== tab.mainFrame());
  const texts = await Promise.all(frames.map(textInFrame));
  await tab.evaluate(() => document.querySelectorAll("iframe").forEach((one) => one.remove()));
  return texts.filter((text) => text !== "");
}

/** Opens a window by a page's script, which keeps it as `opened`. */
async function openWindow(tab: Tab, url: string): Promise<Tab> {
  const [opened] = await Promise.all([
    tab.waitForEvent("popup"),
    tab.evaluate((url) => {
      Object.assign(globalThis, { opened: open(url) });
    }, url),
  ]);
  await opened.waitForURL(url);
  return opened;
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

  Deno.test("no form of the dashboard's is taken from a blog's page or another site's", () =>
    onStage(async (stage) => {
      const { origin, victim, attackers } = stage;
      const { ids, fields } = await propsOf(stage);
      const tab = await stage.enter(victim);
      const paths = await routesOf("POST");
      assert.ok(paths.length > 30, "the routes are not found");
      const before = await storedOf(stage);
      for (const attacker of attackers) {
        for (const path of paths) {
          const url = origin + fill(path, { ids, slug: victim.slug });
          await lure(tab, attacker);
          const sent = await sendForm(tab, { url, fields });
          assert.equal(sent.status, 403, `${path} from ${attacker}`);
          const cookie = sent.headers.cookie?.includes(SESSION) ?? false;
          assert.equal(cookie, attacker === attackers[0], "the cookie is not as expected");
        }
        await lure(tab, attacker);
        for (const path of paths) {
          const url = origin + fill(path, { ids, slug: victim.slug });
          assert.deepEqual(await sendByScript(tab, { url, fields }), []);
        }
      }
      assert.deepEqual(await storedOf(stage), before);
      await tab.goto(`${origin}/app/account`);
      const own = await sendForm(tab, { url: `${origin}/app/account/profile`, fields });
      assert.equal(own.status, 303);
      assert.notDeepEqual(await storedOf(stage), before);
    }));

  Deno.test("no page of the dashboard shows in a frame of a blog's or of another site's", () =>
    onStage(async (stage) => {
      const { origin, victim, attackers } = stage;
      const { ids } = await propsOf(stage);
      const tab = await stage.enter(victim);
      const paths = (await routesOf("GET")).filter((path) => !path.startsWith("/assets/"));
      assert.ok(paths.length > 20, "the routes are not found");
      const urls = paths.map((path) => origin + fill(path, { ids, slug: victim.slug }));
      for (const attacker of attackers) {
        await lure(tab, attacker);
        const control = attackers[1];
        assert.match((await textsInFrames(tab, [control])).join(), /Hello/, "no frame shows");
        assert.deepEqual(await textsInFrames(tab, urls), []);
      }
    }));

  Deno.test("a page that opens the dashboard in a window sees nothing of it, nor the dashboard of that page", () =>
    onStage(async ({ origin, enter, victim, attackers }) => {
      const tab = await enter(victim);
      for (const attacker of attackers) {
        await lure(tab, attacker);
        const control = await openWindow(tab, attacker);
        assert.equal(
          await control.evaluate(() => opener !== null),
          true,
          "no window has an opener",
        );
        const opened = await openWindow(tab, `${origin}/app`);
        await opened.getByText(`Signed in as ${victim.email}`).waitFor();
        assert.equal(await opened.evaluate(() => opener), null);
        const seen = await tab.evaluate(() => {
          // deno-lint-ignore no-explicit-any -- what openWindow() has put there
          const { opened } = globalThis as any;
          return { closed: opened.closed, frames: opened.length };
        });
        assert.deepEqual(seen, { closed: true, frames: 0 });
        await opened.close();
        await control.close();
      }
    }));

  Deno.test("another site signs nobody in to its own account", () =>
    onStage(async (stage) => {
      const { origin, attacker, attackers } = stage;
      const link = await loginLink(stage, attacker);
      const fields = { token: new URL(link).searchParams.get("token")! };
      const tab = await stage.open();
      for (const from of attackers) {
        await lure(tab, from);
        const sent = await sendForm(tab, { url: `${origin}/auth/login-link`, fields });
        assert.equal(sent.status, 403);
        await lure(tab, from);
        await sendByScript(tab, { url: `${origin}/auth/login-link`, fields });
        assert.deepEqual(await textsInFrames(tab, [link]), []);
        await tab.goto(`${origin}/app`);
        await tab.getByRole("heading", { name: "Sign in" }).waitFor();
      }
      await tab.goto(link);
      await tab.getByRole("button", { name: "Sign in" }).click();
      await tab.getByText(`Signed in as ${attacker.email}`).waitFor();
    }));

  Deno.test("a flood of a blog's cookies leaves the session as it is or ends it, and makes it nobody else's", () =>
    onStage(async ({ origin, enter, victim, attacker, attackers: [evil] }) => {
      const forged = forgeries(await sessionOf(await enter(attacker), origin));
      for (const size of [1, 100, 4000]) {
        const tab = await enter(victim);
        await lure(tab, evil);
        const flood = Array.from({ length: 400 }, (_, n) => (
          `c${n}=${"x".repeat(size)}; Domain=postlark.test; Path=/; Secure`
        ));
        await toss(tab, [...flood, ...forged]);
        const answer = await tab.goto(`${origin}/app`).catch(() => null);
        const text = answer ? await tab.locator("body").innerText() : "";
        assert.equal(text.includes(attacker.email), false, `cookies of ${size} bytes`);
        const kept = text.includes(`Signed in as ${victim.email}`);
        assert.ok(kept || answer === null || answer.status() >= 400 || /Sign in/.test(text), text);
        await tab.context().close();
      }
    }));
}
