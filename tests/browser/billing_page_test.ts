import assert from "node:assert/strict";
import { runAdmin } from "../support/server.ts";
import { enter, judge, openTab, withServer } from "./_account.ts";
import { findChromium } from "./_browser.ts";

const executable = findChromium();

if (executable) {
  Deno.test("an account sees what it has used, buys a pack and finds it in the ledger, and learns what a downgrade ends", () =>
    withServer({ POSTLARK_BILLING: "manual" }, async ({ browser, env }) => {
      const { tab, faults } = await openTab(browser);
      await enter(tab, env);
      await tab.getByRole("link", { name: "Billing", exact: true }).click();
      await tab.getByRole("heading", { name: "Plan: Creator" }).waitFor();
      await tab.getByText("Nothing has moved yet").waitFor();
      assert.equal(await tab.getByRole("meter", { name: "Blogs" }).getAttribute("max"), "3");
      await judge(tab, "billing");
      await tab.getByRole("button", { name: "Buy 100 posts for $10" }).click();
      await tab.getByRole("status").filter({ hasText: "A pack of 100 posts is credited" })
        .waitFor();
      await tab.getByRole("heading", { name: "100 posts in packs" }).waitFor();
      await tab.getByRole("rowheader", { name: /^Pack bought/ }).waitFor();
      await runAdmin(env, "user", "plan", "--email", "ada@example.com", "--plan", "free");
      await tab.reload();
      await tab.getByText("your pages show as on Creator").waitFor();
      assert.equal(await tab.getByRole("button", { name: /^Buy/ }).count(), 0);
      await judge(tab, "billing-grace");
      assert.deepEqual(faults, []);
    }));
}
