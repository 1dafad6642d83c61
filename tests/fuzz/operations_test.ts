import assert from "node:assert/strict";
import { OPERATIONS } from "../support/api_document.ts";
import { fuzz, sayTotals } from "./_run.ts";

Deno.test("5,000 random requests of two tenants break no promise of the document, and show nobody another's data", async () => {
  const seed = crypto.getRandomValues(new Uint16Array(1))[0];
  const totals = await fuzz({ requests: 5000, seed });
  console.log(`seed ${seed}: ${sayTotals(totals)}`);
  assert.equal(totals.asked.size, OPERATIONS.length);
  assert.ok(totals.succeeded.size > OPERATIONS.length / 2, `${totals.succeeded.size} succeeded`);
  assert.ok(totals.own > 0, "nobody was shown even their own data");
});
