import { fuzz, sayTotals } from "./_run.ts";

// deno run --frozen -A tests/fuzz/long.ts [requests] [seed]
const [requests = "100000", seed = "1"] = Deno.args;
const began = performance.now();
const totals = await fuzz({ requests: Number(requests), seed: Number(seed) });
const seconds = Math.round((performance.now() - began) / 1000);
console.log(`seed ${seed}: ${sayTotals(totals)}; ${seconds} s`);
