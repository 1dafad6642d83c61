import assert from "node:assert/strict";
import { startServer } from "../support/server.ts";
import { findChromium, launch, PATIENCE } from "./_browser.ts";

const executable = findChromium();

if (executable) {
  Deno.test("the API reference shows every group of operations and asks nothing of another origin", async () => {
    const dir = await Deno.makeTempDir();
    const server = await startServer({ POSTLARK_DEV: "1", POSTLARK_KV: `${dir}/kv.db` });
    const browser = await launch(executable);
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      page.setDefaultTimeout(PATIENCE);
      const faults: string[] = [];
      const foreign: string[] = [];
      page.on("console", (line) => line.type() === "error" && faults.push(line.text()));
      page.on("pageerror", (error) => faults.push(String(error)));
      page.on("request", (request) => {
        if (new URL(request.url()).origin !== server.origin) foreign.push(request.url());
      });
      await page.goto(`${server.origin}/docs`);
      await page.getByRole("heading", { name: "Postlark API" }).waitFor();
      for (const group of ["Posts", "Blogs", "API keys", "Account"]) {
        await page.getByRole("link", { name: group, exact: true }).first().waitFor();
      }
      await page.getByRole("link", { name: /^Create a post/ }).first().click();
      await page.getByRole("heading", { name: "Create a post" }).waitFor();
      assert.deepEqual(foreign, []);
      assert.deepEqual(faults, []);
    } finally {
      await browser.close();
      await server.stop();
      await Deno.remove(dir, { recursive: true });
    }
  });
}
