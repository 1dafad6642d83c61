import { tryDeliveries } from "../crash/_webhooks.ts";

/**
 * Delivers 10,000 events to a receiver that fails at random for 30 % of its requests, while the server is
 * killed ten times; prints what came of it. `deno run --frozen -A tests/bench/webhooks.ts [events] [kills]`
 */
const [events = 10_000, kills = 10] = Deno.args.map(Number);
const seed = Number(crypto.getRandomValues(new Uint32Array(1))[0]);
const posts = Math.ceil(events / 10);
console.log(
  JSON.stringify({ seed, ...await tryDeliveries({ events, posts, kills, share: 0.3, seed }) }),
);
Deno.exit(0);
