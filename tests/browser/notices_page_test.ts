import assert from "node:assert/strict";
import { Store, transact } from "../../lib/kit/kv.ts";
import { stageNotice } from "../../lib/metering/notices.ts";
import { enter, judge, openTab, withServer } from "./_account.ts";
import { findChromium } from "./_browser.ts";

const executable = findChromium();

type Json = Record<string, unknown>;

async function call(origin: string, key: string, path: string, body?: Json, method = "POST") {
  const answer = await fetch(`${origin}/v1${path}`, {
    method: body ? method : "GET",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const json = await answer.json();
  assert.ok(answer.ok, JSON.stringify(json));
  return json;
}

if (executable) {
  Deno.test("what an account is told stands on its pages until it is dismissed", () =>
    withServer({}, async ({ server: { origin }, browser, env }) => {
      const { tab, faults } = await openTab(browser);
      const key = await enter(tab, env);
      const { id: user } = await call(origin, key, "/account/profile");
      const { data: [{ id: blog }] } = await call(origin, key, "/blogs");
      const kv = await Deno.openKv(env.POSTLARK_KV);
      const url = `https://receiver.example/${"long/".repeat(20)}`;
      await transact(new Store(kv), (tx) => {
        const now = Date.now();
        stageNotice(tx, user, { kind: "pack.low", left: 10, now });
        const of = { blog, hook: blog, url, why: "failing" } as const;
        stageNotice(tx, user, { kind: "webhook.disabled", ...of, now });
        return Promise.resolve();
      });
      kv.close();
      await tab.goto(`${origin}/app`);
      await tab.getByText("Your packs came down to 10 posts.").waitFor();
      await judge(tab, "notices-home");
      await tab.goto(`${origin}/app/blogs/ada`);
      await judge(tab, "notices-overview");
      await tab.getByRole("button", { name: "Dismiss: few posts left in packs" }).click();
      await tab.getByText("Your packs came down").waitFor({ state: "detached" });
      assert.equal(new URL(tab.url()).pathname, "/app/blogs/ada");
      await tab.getByRole("link", { name: "See its deliveries and switch it on" }).click();
      await tab.getByRole("heading", { name: "Webhooks", exact: true }).waitFor();
      assert.deepEqual(faults, []);
    }));

  Deno.test("a draft is found by a part of its title, and a revision restored though the post was changed since", () =>
    withServer({}, async ({ server: { origin }, browser, env }) => {
      const { tab, faults } = await openTab(browser);
      const key = await enter(tab, env);
      const text = (line: string) => `First\n\n${line}\n\nLast`;
      await call(origin, key, "/posts", {
        title: "Über Drachen",
        slug: "kites",
        content: text("Old"),
      });
      await call(origin, key, "/posts/kites", { content: text("New") }, "PUT");
      await tab.goto(`${origin}/app/blogs/ada/posts`);
      await tab.getByLabel("Search", { exact: true }).fill("uber drach");
      await tab.getByRole("button", { name: "Show" }).click();
      await tab.getByRole("heading", { name: "1 title with “uber drach”" }).waitFor();
      await judge(tab, "search-titles");
      await tab.getByRole("link", { name: "Über Drachen" }).click();
      await tab.locator("summary", { hasText: "Address, tags" }).click();
      await tab.getByRole("link", { name: "Revisions" }).click();
      await tab.getByRole("link", { name: "Revision 1" }).click();
      await tab.locator("del", { hasText: "New" }).waitFor();
      await judge(tab, "revision");
      await call(origin, key, "/posts/kites", { content: text("Newest") }, "PUT");
      await tab.getByRole("button", { name: "Restore it" }).click();
      await tab.getByRole("alert").filter({ hasText: "Not restored" }).waitFor();
      await tab.locator("del", { hasText: "Newest" }).waitFor();
      await judge(tab, "revision-conflict");
      await tab.getByRole("button", { name: "Restore it" }).click();
      await tab.getByRole("status").filter({ hasText: "Restored" }).waitFor();
      assert.equal((await call(origin, key, "/posts/kites")).content_md, text("Old"));
      assert.deepEqual(faults, []);
    }));
}
