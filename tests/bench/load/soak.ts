import { sendOpen } from "./_measure.ts";
import { type Second, withTraffic } from "./_world.ts";

// Mixed traffic at a steady rate: throughput, waiting, memory and lateness of timers, minute by minute.
// deno run --frozen -A tests/bench/load/soak.ts [minutes] [requests a second]
const [minutes = 30, rate = 300] = Deno.args.map(Number);
await withTraffic(async ({ traffic, seconds }) => {
  const rss: number[] = [];
  for (let minute = 1; minute <= minutes; minute++) {
    const before = seconds().length;
    const { statuses, ...stretch } = await sendOpen(traffic, { rate, seconds: 60 });
    const passed = seconds().slice(before);
    const most = (of: (second: Second) => number) => Math.max(...passed.map(of));
    rss.push(passed.at(-1)!.rss);
    const loop = {
      p50: median(passed.map(({ p50 }) => p50)),
      p99: median(passed.map(({ p99 }) => p99)),
    };
    console.log(
      minute,
      JSON.stringify({
        ...stretch,
        statuses,
        rss: rss.at(-1),
        loop,
        worst: most(({ max }) => max),
      }),
    );
  }
  console.log(
    `memory: ${
      slope(rss.slice(Math.floor(rss.length / 3))).toFixed(2)
    } MiB a minute after the first third`,
  );
});

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Of the least squares' line through equally spaced values. */
function slope(values: number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const rise = values.reduce((sum, value, i) => sum + (i - middle) * (value - mean), 0);
  return rise / values.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
}
