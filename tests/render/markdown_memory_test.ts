import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("_render_hostile.ts", import.meta.url));
/** Megabytes that a process may keep of what it has rendered: compiled code and caches on its heap, pages of V8. */
const KEPT = { heap: 16, rss: 300 };
const KEPT_AGAIN = 2;
const PEAK = 600;

type Memory = { heap: number; rss: number };

Deno.test("memory returns once all hostile documents are rendered, and 600 MB is enough for the largest", async () => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--frozen", "-A", "--v8-flags=--expose-gc", SCRIPT],
    env: { NO_COLOR: "1" },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.ok(stdout.length > 0, decode(stderr));
  const measured: Record<"before" | "after" | "again", Memory> & { peak: number } = JSON.parse(
    decode(stdout),
  );
  const { before, after, again, peak } = measured;
  const shown = JSON.stringify(measured);
  assert.ok(after.heap - before.heap <= KEPT.heap, shown);
  assert.ok(after.rss - before.rss <= KEPT.rss, shown);
  assert.ok(again.heap - after.heap <= KEPT_AGAIN, shown);
  assert.ok(peak <= PEAK, shown);
});
