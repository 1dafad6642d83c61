import { sendClosed, sendOpen } from "./_measure.ts";
import { withTraffic } from "./_world.ts";

// Finds the capacity, offers three times of it, then half of it: what is refused, how long the rest waits, and
// whether it recovers. deno run --frozen -A tests/bench/load/overload.ts [seconds]
const seconds = Number(Deno.args[0] ?? 30);
await withTraffic(async ({ traffic, seconds: monitored }) => {
  await sendClosed(traffic, { connections: 64, seconds: 5 });
  const capacity = await sendClosed(traffic, { connections: 64, seconds });
  console.log("capacity, 64 at once", capacity);
  console.log("3 x", await sendOpen(traffic, { rate: 3 * capacity.taken, seconds }));
  console.log(
    "0.5 x, first 5 s",
    await sendOpen(traffic, { rate: capacity.taken / 2, seconds: 5 }),
  );
  console.log("0.5 x", await sendOpen(traffic, { rate: capacity.taken / 2, seconds }));
  console.log("highest RSS, MiB", Math.max(...monitored().map(({ rss }) => rss)));
});
