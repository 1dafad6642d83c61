import assert from "node:assert/strict";
import { startServer } from "../support/server.ts";
import { findChromium, launch, PATIENCE, until } from "./_browser.ts";

const executable = findChromium();

/** What the printed curl command sends. */
function parseCurl(output: string): { url: string; init: RequestInit } {
  const url = /curl (\S+)/.exec(output)![1];
  const headers = [...output.matchAll(/-H "([^:]+): ([^"]+)"/g)].map((m) => [m[1], m[2]]);
  const body = /-d '([^']+)'/.exec(output)![1];
  return { url, init: { method: "POST", headers: headers as [string, string][], body } };
}

if (executable) {
  Deno.test("a newcomer publishes the printed first post and reads it in the browser", async () => {
    const dir = await Deno.makeTempDir();
    const server = await startServer({ POSTLARK_DEV: "1", POSTLARK_KV: `${dir}/kv.db` });
    const browser = await launch(executable);
    try {
      // It is printed once the server already answers.
      await until("the first post is printed", () => server.output().includes("read it at"));
      const { url, init } = parseCurl(server.output());
      const answer = await fetch(url, init);
      assert.equal(answer.status, 201);
      const post = await answer.json();
      assert.match(server.output(), new RegExp(`read it at ${post.url}\n`));

      const page = await browser.newPage({ viewport: { width: 1000, height: 700 } });
      page.setDefaultTimeout(PATIENCE);
      const faults: string[] = [];
      const foreign: string[] = [];
      page.on("console", (line) => line.type() === "error" && faults.push(line.text()));
      page.on("pageerror", (error) => faults.push(String(error)));
      page.on("request", (request) => {
        if (new URL(request.url()).host !== new URL(post.url).host) foreign.push(request.url());
      });
      const opened = await page.goto(post.url);
      assert.equal(opened?.status(), 200);
      assert.equal(await page.locator("h1").innerText(), "Hello world");
      assert.equal(await page.locator("article strong").innerText(), "first");
      await page.click("header a");
      await page.waitForURL((url) => url.pathname === "/");
      assert.equal(await page.locator("main a").first().innerText(), "Hello world");
      assert.deepEqual(foreign, []);
      assert.deepEqual(faults, []);
      const shot = Deno.env.get("SCREENSHOT");
      if (shot) {
        await page.goBack();
        await page.screenshot({ path: shot });
      }
    } finally {
      await browser.close();
      await server.stop();
      await Deno.remove(dir, { recursive: true });
    }
  });
}
