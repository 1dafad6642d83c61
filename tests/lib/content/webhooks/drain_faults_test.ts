import assert from "node:assert/strict";
import type { Hooks } from "../../../support/hooked_kv.ts";
import { drainOutbox } from "../../../../lib/content/webhooks/mod.ts";
import { world, write } from "./_world.ts";

Deno.test("a run that loses the store ends only once what is on its way has arrived", async () => {
  const hooks: Hooks = {};
  using w = await world({ hooks });
  const { t, tenant, receiver } = w;
  const [sent, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  receiver.answer = async () => {
    sent.resolve();
    await gate.promise;
    return 204;
  };
  await write(t, tenant, "A");
  let ended = false;
  const run = drainOutbox(t.deps).catch(() => {}).finally(() => ended = true);
  await sent.promise;
  const lost = Promise.withResolvers<void>();
  hooks.before = (kind) => {
    if (kind !== "list") return;
    lost.resolve();
    throw new Error("away");
  };
  const woken = drainOutbox(t.deps).catch(() => {});
  await lost.promise;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(ended, false);
  hooks.before = undefined;
  gate.resolve();
  await Promise.all([run, woken]);
  assert.deepEqual(receiver.types(), ["post.created"]);
});
