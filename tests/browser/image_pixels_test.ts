import assert from "node:assert/strict";
import { cleanImage } from "../../lib/content/media/strip/mod.ts";
import { GOOD } from "../support/images.ts";
import { findChromium, launch } from "./_browser.ts";

const executable = findChromium();

/** Runs in the page: the picture as it is shown, and every frame of it with its time, hashed. */
async function decode({ base64, type }: { base64: string; type: string }): Promise<unknown> {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  // deno-lint-ignore no-explicit-any
  const page = globalThis as any;
  // deno-lint-ignore no-explicit-any
  const hash = async (source: any, width: number, height: number) => {
    const canvas = new page.OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    context.drawImage(source, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const digest = await crypto.subtle.digest("SHA-256", data);
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16)).join();
  };
  const shown = await page.createImageBitmap(new Blob([bytes], { type }));
  const decoder = new page.ImageDecoder({ data: bytes, type });
  await decoder.tracks.ready;
  await decoder.completed;
  const track = decoder.tracks.selectedTrack;
  const frames = [];
  for (let frameIndex = 0; frameIndex < track.frameCount; frameIndex++) {
    const { image } = await decoder.decode({ frameIndex });
    const pixels = await hash(image, image.displayWidth, image.displayHeight);
    frames.push([image.timestamp, image.duration, pixels]);
    image.close();
  }
  return {
    width: shown.width,
    height: shown.height,
    pixels: await hash(shown, shown.width, shown.height),
    loops: track.repetitionCount,
    frames,
  };
}

Deno.test({
  name: "a browser shows every cleaned image exactly as the one that was sent, frame by frame",
  ignore: executable === null,
  async fn() {
    const browser = await launch(executable!);
    // Decoders are there only for a page of a trusted origin.
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      () => new Response("<!doctype html>", { headers: { "content-type": "text/html" } }),
    );
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${server.addr.port}/`);
      const look = (bytes: Uint8Array, type: string) =>
        page.evaluate(decode, { base64: bytes.toBase64(), type });
      const seen = new Set<string>();
      for (const { name, type, bytes } of GOOD) {
        const cleaned = cleanImage(bytes, type);
        // deno-lint-ignore no-explicit-any
        const [before, after]: any[] = [await look(bytes, type), await look(cleaned.bytes, type)];
        assert.deepEqual(after, before, name);
        assert.deepEqual([after.width, after.height], [cleaned.width, cleaned.height], name);
        if (/animated/.test(name)) assert.equal(after.frames.length, 3, name);
        if (/jpeg-orientation/.test(name)) seen.add(after.pixels);
      }
      assert.equal(seen.size, 8, "each orientation shows otherwise");
    } finally {
      await browser.close();
      await server.shutdown();
    }
  },
});
