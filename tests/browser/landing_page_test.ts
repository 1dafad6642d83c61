/// <reference lib="dom" />
import assert from "node:assert/strict";
import { judge, openTab, withServer } from "./_account.ts";
import { findChromium } from "./_browser.ts";

const executable = findChromium();

if (executable) {
  Deno.test("the landing page shows a request and its answer, leads to the reference and the sign-in, and asks no other origin", () =>
    withServer({}, async ({ server: { origin }, browser }) => {
      const { tab, faults } = await openTab(browser);
      const foreign: string[] = [];
      tab.on("request", (request) => {
        if (new URL(request.url()).origin !== origin) foreign.push(request.url());
      });
      await tab.goto(`${origin}/`);
      await tab.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished)));
      assert.ok(await tab.getByText(/^\$ curl -s/).isVisible());
      await judge(tab, "landing");
      await tab.setViewportSize({ width: 1280, height: 800 });
      await judge(tab, "landing-wide");
      await tab.setViewportSize({ width: 360, height: 740 });

      await tab.getByRole("link", { name: "Make a blog" }).click();
      await tab.getByRole("heading", { name: "Sign in" }).waitFor();
      await tab.goBack();
      await tab.getByRole("link", { name: "Read the API" }).click();
      await tab.getByRole("heading", { name: "Postlark API" }).waitFor();
      assert.deepEqual([foreign, faults], [[], []]);
    }));

  Deno.test("nothing on the landing page moves for who asked for less motion", () =>
    withServer({}, async ({ server: { origin }, browser }) => {
      const { tab, faults } = await openTab(browser);
      const moving = () => tab.evaluate(() => document.getAnimations().length);
      await tab.emulateMedia({ reducedMotion: "reduce" });
      await tab.goto(`${origin}/`);
      assert.equal(await moving(), 0);
      await tab.emulateMedia({ reducedMotion: "no-preference" });
      await tab.goto(`${origin}/`);
      assert.ok(await moving() > 0);
      assert.deepEqual(faults, []);
    }));
}
