import assert from "node:assert/strict";
import { enter, judge, openTab, withServer } from "./_account.ts";
import { findChromium } from "./_browser.ts";

const executable = findChromium();

if (executable) {
  Deno.test("a blog is renamed on its settings, and deleted there by whoever types its name", () =>
    withServer({}, async ({ server: { origin }, browser, env }) => {
      const { tab, faults } = await openTab(browser);
      await enter(tab, env);
      await tab.goto(`${origin}/app/blogs/ada/settings`);
      await judge(tab, "settings");
      await tab.getByLabel("Name", { exact: true }).fill("Kites & more");
      await tab.getByLabel("Description").fill("On kites.");
      await tab.getByRole("button", { name: "Save" }).click();
      await tab.getByRole("status").filter({ hasText: "Saved" }).waitFor();
      assert.match(await tab.title(), /Kites & more/);
      await tab.locator("summary", { hasText: "Delete Kites" }).click();
      await tab.getByLabel("Type ada to confirm").fill("Ada?");
      await tab.getByRole("button", { name: "Delete it for good" }).click();
      await tab.getByRole("alert").filter({ hasText: "Type the name" }).waitFor();
      await judge(tab, "settings-refused");
      await tab.setViewportSize({ width: 1280, height: 900 });
      await judge(tab, "settings-wide");
      await tab.getByLabel("Type ada to confirm").fill("ada");
      await tab.getByRole("button", { name: "Delete it for good" }).click();
      await tab.getByRole("status").filter({ hasText: "The blog was deleted" }).waitFor();
      const answer = await tab.goto(`${origin}/app/blogs/ada`);
      assert.equal(answer!.status(), 404);
      assert.deepEqual(faults, []);
    }));
}
