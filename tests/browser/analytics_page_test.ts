import assert from "node:assert/strict";
import { get } from "node:http";
import { asVisitor } from "../support/visitors.ts";
import { enter, judge, openTab, withServer } from "./_account.ts";
import { findChromium, until } from "./_browser.ts";

const executable = findChromium();

/** Opens a page of a blog as the n-th visitor; fetch cannot name its host. */
function read(url: string, n: number): Promise<number | undefined> {
  const { host, port, pathname: path } = new URL(url);
  const headers = { ...asVisitor(n), host, referer: "https://news.example/", "x-country": "DE" };
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode));
    }).on("error", reject);
  });
}

if (executable) {
  Deno.test("views are seen on the overview and in the analytics, of the blog and of a post", () =>
    withServer(
      { POSTLARK_TRUST_PROXY: "1", POSTLARK_COUNTRY_HEADER: "x-country" },
      async ({ server: { origin }, browser, env }) => {
        const { tab, faults } = await openTab(browser);
        const key = await enter(tab, env);
        for (const title of ["Kites", "A title that is <b>long</b> ".repeat(5).trim()]) {
          const made = await fetch(`${origin}/v1/posts`, {
            method: "POST",
            headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
            body: JSON.stringify({ title, content: "x", status: "published" }),
          });
          const { url } = await made.json();
          for (let n = 0; n < 3; n++) assert.equal(await read(url, n), 200);
        }
        await tab.goto(`${origin}/app/blogs/ada`);
        await until("the views are written", async () => {
          await tab.reload();
          return await tab.locator(".tile", { hasText: "Views in 30 days" })
            .locator("dd", { hasText: /^6$/ }).count() > 0;
        });
        await judge(tab, "analytics-overview");
        await tab.getByRole("link", { name: "Views in 30 days" }).click();
        await tab.getByRole("heading", { name: "Analytics" }).waitFor();
        await tab.getByRole("img", { name: "Views by day, the last 30 days" }).waitFor();
        await tab.locator("summary", { hasText: "The same as a table" }).click();
        await judge(tab, "analytics");
        await tab.getByRole("link", { name: "7 days" }).click();
        await tab.waitForURL(/period=7d/);
        assert.equal(
          await tab.getByRole("link", { name: "7 days" }).getAttribute("aria-current"),
          "true",
        );
        await tab.getByRole("row", { name: "Germany 6" }).waitFor();
        await tab.getByRole("link", { name: "Kites" }).click();
        await tab.getByRole("heading", { name: "Kites" }).waitFor();
        await tab.getByRole("row", { name: "news.example 3" }).waitFor();
        await judge(tab, "analytics-post");
        assert.deepEqual(faults, []);
      },
    ));

  Deno.test("a plan without analytics says which has it", () =>
    withServer({}, async ({ server: { origin }, browser, env }) => {
      const { tab, faults } = await openTab(browser);
      await enter(tab, env, "free");
      await tab.goto(`${origin}/app/blogs/ada/analytics`);
      await tab.getByRole("heading", { name: "Your plan has no analytics" }).waitFor();
      await judge(tab, "analytics-none");
      assert.deepEqual(faults, []);
    }));
}
