import { BoundExceeded, renderMarkdown } from "../../render/markdown/mod.ts";
import { hostileKinds } from "./_hostile.ts";

/** Run by markdown_memory_test.ts in a process of its own, with `--v8-flags=--expose-gc`; prints megabytes. */
const SMALL = 30_000;
const LARGE = 1_000_000;
/** What took most memory by itself, of all kinds at 1 MB: see `tests/bench/render.ts hostile`. */
const LARGEST = [
  "numbered empty lines",
  "ampersands",
  "callouts in items",
  "quotes in a tag",
  "scripts in formulas",
  "URLs",
  "delimiters in turn",
];
const { gc } = globalThis as unknown as { gc: () => void };

function render(source: string): void {
  try {
    renderMarkdown(source);
  } catch (error) {
    if (!(error instanceof BoundExceeded)) throw error;
  }
}

/** Once timers and finalizers have had their turn. */
async function settle(): Promise<{ heap: number; rss: number }> {
  for (let i = 0; i < 5; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, rss } = Deno.memoryUsage();
  return { heap: heapUsed / 2 ** 20, rss: rss / 2 ** 20 };
}

function peak(): number {
  const [, kilobytes] = /VmHWM:\s*(\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))!;
  return Number(kilobytes) / 2 ** 10;
}

function renderLargest(): void {
  const kinds = hostileKinds(LARGE);
  for (const name of LARGEST) {
    gc();
    render(kinds[name].source);
  }
}

for (const kind of Object.values(hostileKinds(1_000))) render(kind.source);
const before = await settle();
for (const kind of Object.values(hostileKinds(SMALL))) render(kind.source);
renderLargest();
const after = await settle();
renderLargest();
const again = await settle();
console.log(JSON.stringify({ before, after, again, peak: peak() }));
