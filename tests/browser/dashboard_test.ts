/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Server } from "../support/server.ts";
import { enter, judge, openTab, withServer } from "./_account.ts";
import { findChromium } from "./_browser.ts";

const executable = findChromium();

type Json = Record<string, unknown>;

/** Calls the API, and gives the answer's status. */
async function call({ origin }: Server, key: string, path: string, body?: Json): Promise<number> {
  const answer = await fetch(`${origin}/v1${path}`, {
    method: body ? "POST" : "GET",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  await answer.body?.cancel();
  return answer.status;
}

if (executable) {
  Deno.test("an account finds its blog, publishes and deletes what is ticked, and searches", () =>
    withServer({}, async ({ server, browser, env }) => {
      const { tab, faults } = await openTab(browser);
      const key = await enter(tab, env);
      for (const title of ["Kites", "Boats", "<img src=x onerror=alert(1)>"]) {
        assert.equal(await call(server, key, "/posts", { title, content: "x" }), 201);
      }
      await judge(tab, "dashboard-home");
      await tab.getByRole("link", { name: "ada", exact: true }).click();
      await tab.getByText("Publish from elsewhere").waitFor();
      await judge(tab, "dashboard-overview");
      await tab.getByRole("link", { name: "Posts", exact: true }).click();
      await tab.getByRole("heading", { name: "3 posts" }).waitFor();
      assert.ok(await tab.getByRole("button", { name: "Publish" }).isDisabled());
      await judge(tab, "dashboard-posts");
      await tab.getByLabel("Choose Kites").check();
      await tab.getByLabel("Choose Boats").check();
      await tab.getByRole("button", { name: "Publish" }).click();
      await tab.getByRole("status").filter({ hasText: "2 posts were published" }).waitFor();
      await tab.getByLabel("Choose <img").check();
      await tab.locator("summary", { hasText: "Delete" }).click();
      await judge(tab, "dashboard-delete");
      await tab.getByRole("button", { name: "Delete what is ticked, for good" }).click();
      await tab.getByRole("status").filter({ hasText: "1 post was deleted" }).waitFor();
      await tab.getByLabel("Search", { exact: true }).fill("kites");
      await tab.getByRole("button", { name: "Show" }).click();
      await tab.getByRole("heading", { name: "1 title with “kites”" }).waitFor();
      await tab.getByLabel("Status").selectOption("Draft");
      await tab.getByLabel("Search", { exact: true }).fill("");
      await tab.getByRole("button", { name: "Show" }).click();
      await tab.getByRole("heading", { name: "0 posts" }).waitFor();
      await judge(tab, "dashboard-no-posts");
      assert.deepEqual(faults, []);
    }));

  Deno.test("a key that is made on its page works until it is revoked there", () =>
    withServer({}, async ({ server, browser, env }) => {
      const { tab, faults } = await openTab(browser);
      await enter(tab, env);
      await tab.goto(`${server.origin}/app/blogs/ada/keys`);
      await judge(tab, "dashboard-keys");
      assert.ok(await tab.getByLabel("posts:read").isHidden());
      await tab.getByLabel("Name").fill("Reader");
      await tab.getByLabel("Only what is ticked").check();
      await tab.getByRole("button", { name: "Make the key" }).click();
      await tab.getByRole("alert").filter({ hasText: "at least one scope" }).waitFor();
      await judge(tab, "dashboard-refused-key");
      await tab.getByLabel("posts:read").check();
      await tab.getByRole("button", { name: "Make the key" }).click();
      await tab.getByRole("heading", { name: "Reader is made" }).waitFor();
      await judge(tab, "dashboard-made-key");
      const key = await tab.getByLabel("the key", { exact: true }).innerText();
      assert.equal(await call(server, key, "/posts"), 200);
      assert.equal(await call(server, key, "/posts", { title: "x" }), 403);
      await tab.reload();
      await tab.getByRole("heading", { name: "2 keys" }).waitFor();
      assert.equal((await tab.content()).includes(key), false);
      await tab.locator("summary[aria-label='Revoke Reader']").click();
      await tab.getByRole("button", { name: "Revoke Reader" }).click();
      await tab.getByRole("status").filter({ hasText: "The key was revoked" }).waitFor();
      assert.equal(await call(server, key, "/posts"), 401);
      assert.deepEqual(faults, []);
    }));
}
