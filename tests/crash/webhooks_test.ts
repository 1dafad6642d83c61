import assert from "node:assert/strict";
import { tryDeliveries } from "./_webhooks.ts";

// What is on its way to one webhook at most, and may have arrived unrecorded when the process ends.
const ABREAST = 8;

Deno.test("each event arrives, in its post's order, at a receiver that fails, from a server that is killed", async () => {
  const seed = Number(crypto.getRandomValues(new Uint32Array(1))[0]);
  const kills = 3;
  const outcome = await tryDeliveries({ events: 400, posts: 100, kills, share: 0.3, seed });
  const told = `seed ${seed}: ${JSON.stringify(outcome)}`;
  assert.equal(outcome.acknowledged, 400, told);
  assert.equal(outcome.missing, 0, told);
  assert.equal(outcome.disorder, 0, told);
  assert.ok(outcome.duplicates <= kills * ABREAST, told);
  assert.deepEqual(outcome.faults, [], told);
  assert.equal(outcome.check, "", told);
});
