/// <reference lib="dom" />
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { GOOD } from "../support/images.ts";
import { enter, judge, openTab, withServer } from "./_account.ts";
import { findChromium } from "./_browser.ts";

const executable = findChromium();
const png = GOOD.find(({ type }) => type === "image/png")!;

function fileOf(name: string, bytes: Uint8Array = png.bytes, mimeType: string = png.type) {
  return { name, mimeType, buffer: Buffer.from(bytes) };
}

if (executable) {
  Deno.test("images are chosen, dropped and pasted into the media page, copied from it and deleted there", () =>
    withServer({ POSTLARK_LIMIT_UPLOADS: "100" }, async ({ server: { origin }, browser, env }) => {
      const { tab, faults } = await openTab(browser);
      await enter(tab, env);
      await tab.goto(`${origin}/app/blogs/ada/media`);
      await tab.getByText("No image is here yet").waitFor();
      await judge(tab, "media-empty");
      const hostile = "<img src onerror>.png";
      await tab.getByLabel("Images", { exact: true }).setInputFiles([
        fileOf("kite.png"),
        fileOf(hostile),
      ]);
      await tab.getByRole("status").filter({ hasText: "2 images were uploaded" }).waitFor();
      await give(tab, "drop", "boat.png");
      await tab.getByRole("status").filter({ hasText: "1 image was uploaded" }).waitFor();
      await tab.locator(".image", { hasText: "boat.png" }).waitFor();
      await give(tab, "paste", "pasted.png");
      await tab.locator(".image", { hasText: "pasted.png" }).waitFor();
      const shown = tab.locator(".thumb img");
      assert.equal(await shown.count(), 4);
      await shown.first().scrollIntoViewIfNeeded();
      await tab.waitForFunction(() => {
        const image = document.querySelector<HTMLImageElement>(".thumb img")!;
        return image.complete && image.naturalWidth > 0;
      });
      assert.equal(await tab.locator("[onerror]").count(), 0);
      await judge(tab, "media");
      await tab.setViewportSize({ width: 1280, height: 900 });
      await judge(tab, "media-wide");
      await tab.setViewportSize({ width: 360, height: 740 });

      await tab.getByLabel("Images", { exact: true }).setInputFiles([
        fileOf("not.png", new TextEncoder().encode("no image")),
        fileOf("good.png"),
      ]);
      await tab.getByText(/not\.png was not uploaded: The image/).waitFor();
      await tab.getByRole("link", { name: "Show the one that was uploaded" }).waitFor();
      await judge(tab, "media-refused");
      await tab.getByRole("link", { name: "Show the one that was uploaded" }).click();
      await tab.locator(".image", { hasText: "good.png" }).waitFor();

      await tab.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await tab.getByRole("button", { name: "Copy Markdown of kite.png" }).click();
      await tab.getByRole("status").filter({ hasText: /^Copied$/ }).waitFor();
      const copied = await tab.evaluate(() => navigator.clipboard.readText());
      const at = copied.match(/^!\[kite\]\((http[^)]+\.png)\)$/)?.[1];
      assert.ok(at, copied);
      const image = () =>
        fetch(at).then(async ({ status, body }) => (await body?.cancel(), status));
      assert.equal(await image(), 200);
      await tab.locator("summary[aria-label='Delete kite.png']").click();
      await judge(tab, "media-delete");
      await tab.getByRole("button", { name: "Delete it for good" }).locator("visible=true").click();
      await tab.getByRole("status").filter({ hasText: "The image was deleted" }).waitFor();
      assert.equal(await tab.locator(".image", { hasText: "kite.png" }).count(), 0);
      assert.deepEqual(faults, []);
    }));

  Deno.test("without JavaScript several images are uploaded at once, and what is refused says why", () =>
    withServer({}, async ({ server: { origin }, browser, env }) => {
      const { tab: first } = await openTab(browser);
      await enter(first, env);
      const context = await browser.newContext({
        javaScriptEnabled: false,
        storageState: await first.context().storageState(),
      });
      const tab = await context.newPage();
      await tab.goto(`${origin}/app/blogs/ada/media`);
      await tab.getByLabel("Images", { exact: true }).setInputFiles([
        fileOf("kite.png"),
        fileOf("text.txt", new TextEncoder().encode("text"), "text/plain"),
        fileOf("large.png", new Uint8Array(5 * 1024 ** 2 + 1)),
      ]);
      await tab.getByRole("button", { name: "Upload" }).click();
      await tab.getByRole("status").filter({ hasText: "1 image was uploaded" }).waitFor();
      const told = await tab.getByRole("alert").innerText();
      assert.match(told, /text\.txt: It is none of the kinds[^]*large\.png: [^]*at most 5 MB/);
      assert.equal(await tab.locator(".image", { hasText: "kite.png" }).count(), 1);
    }));
}

/** Drops or pastes a picture, as a hand would; the tab then shows the list again. */
async function give(
  tab: Awaited<ReturnType<typeof openTab>>["tab"],
  how: "drop" | "paste",
  name: string,
): Promise<void> {
  await tab.evaluate(({ how, name, bytes }) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
    const options = { bubbles: true, cancelable: true };
    dispatchEvent(
      how === "drop"
        ? new DragEvent("drop", { ...options, dataTransfer: data })
        : new ClipboardEvent("paste", { ...options, clipboardData: data }),
    );
  }, { how, name, bytes: [...png.bytes] });
}
