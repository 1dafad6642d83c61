// Put before the service: a line each second that says how it fares: how late its timers were, in
// milliseconds, and its memory, in MiB.
const STEP = 10;
const EVERY = 1000;
const MIB = 1024 ** 2;

let last = performance.now();
let late: number[] = [];
const stepping = setInterval(() => {
  const now = performance.now();
  late.push(Math.max(0, now - last - STEP));
  last = now;
}, STEP);
const telling = setInterval(() => {
  const sorted = late.toSorted((a, b) => a - b);
  late = [];
  const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] * 10) / 10;
  const rss = Math.round(Deno.memoryUsage().rss / MIB);
  const line = { monitor: true, rss, p50: at(0.5), p99: at(0.99), max: at(1 - 1e-9) };
  console.error(JSON.stringify(line));
}, EVERY);
// The runtime begins with the service once nothing of what came before it is under way.
[stepping, telling].forEach((timer) => Deno.unrefTimer(timer));

export {};
