/// <reference lib="dom" />
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { unzipSync } from "fflate";
import { runAdmin } from "../support/server.ts";
import { enter, judge, openTab, withServer } from "./_account.ts";
import { findChromium } from "./_browser.ts";

const executable = findChromium();

if (executable) {
  Deno.test("an account is renamed, ends another session, takes its posts along, and is deleted by its address", () =>
    withServer({}, async ({ server: { origin }, browser, env }) => {
      const { tab, faults } = await openTab(browser);
      const key = await enter(tab, env);
      await fetch(`${origin}/v1/posts`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ title: "Kites", content: "Up." }),
      }).then((answer) => answer.body?.cancel());
      await runAdmin(env, "session", "create", "--email", "ada@example.com");
      await tab.getByRole("link", { name: "Account", exact: true }).click();
      await tab.getByRole("heading", { name: "Where you are signed in" }).waitFor();
      await judge(tab, "account");

      await tab.getByLabel("Name").fill("Ada Lovelace");
      await tab.getByRole("button", { name: "Save" }).click();
      await tab.getByRole("status").filter({ hasText: "Saved." }).waitFor();
      assert.equal(await tab.getByLabel("Name").inputValue(), "Ada Lovelace");
      await tab.getByRole("button", { name: "End The operator's terminal" }).click();
      await tab.getByRole("status").filter({ hasText: "That session was ended" }).waitFor();
      assert.equal(await tab.getByRole("button", { name: /^End / }).count(), 0);

      // The answer waits until its progress was judged.
      let release = () => {};
      const held = new Promise<void>((resolve) => release = resolve);
      await tab.route("**/account/export*", async (route) => {
        await held;
        await route.continue();
      });
      const arrived = tab.waitForEvent("download");
      await tab.getByRole("link", { name: "Download as ZIP" }).click();
      await tab.getByText("Waiting for the first bytes").waitFor();
      await judge(tab, "account-exporting");
      release();
      const download = await arrived;
      assert.match(download.suggestedFilename(), /^postlark-.*\.zip$/);
      const files = unzipSync(new Uint8Array(await readFile(await download.path())));
      assert.match(new TextDecoder().decode(files["ada/posts/kites.md"]), /Up\./);
      await tab.getByRole("status").filter({ hasText: /is here: \d/ }).waitFor();
      assert.ok(await tab.getByRole("progressbar").isHidden());
      await tab.unroute("**/account/export*");

      await tab.getByText("See what would be lost").click();
      await tab.getByLabel("Type ada@example.com").fill("ada");
      await tab.getByRole("button", { name: "Delete the account for good" }).click();
      await tab.getByRole("alert").filter({ hasText: "Nothing was deleted" }).waitFor();
      await judge(tab, "account-delete");
      await tab.getByLabel("Type ada@example.com").fill("ada@example.com");
      await tab.getByRole("button", { name: "Delete the account for good" }).click();
      await tab.getByRole("status").filter({ hasText: "Your account is deleted" }).waitFor();
      await judge(tab, "account-deleted");
      await tab.goto(`${origin}/app/account`);
      await tab.getByRole("heading", { name: "Sign in" }).waitFor();
      assert.deepEqual(faults, []);
    }));

  Deno.test("an export that is stopped, or that breaks off, saves nothing and says so", () =>
    withServer({}, async ({ server: { origin }, browser, env }) => {
      const { tab, faults } = await openTab(browser);
      await enter(tab, env);
      await tab.goto(`${origin}/app/account`);
      const link = tab.getByRole("link", { name: "Download as JSON" });
      await tab.route("**/account/export*", () => {});
      await link.click();
      await tab.getByRole("button", { name: "Stop" }).click();
      await tab.getByRole("status").filter({ hasText: "Stopped; nothing was saved" }).waitFor();
      await tab.unroute("**/account/export*");
      await tab.route("**/account/export*", (route) => route.abort());
      await link.click();
      await tab.getByRole("status").filter({ hasText: "The export broke off" }).waitFor();
      assert.ok(await tab.getByRole("button", { name: "Stop" }).isHidden());
      assert.deepEqual(faults.filter((line) => !line.includes("net::ERR_FAILED")), []);
    }));
}
