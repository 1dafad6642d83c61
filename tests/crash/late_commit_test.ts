import assert from "node:assert/strict";
import { Store, transact } from "../../lib/kit/kv.ts";
import { hookKv, type Hooks } from "../support/hooked_kv.ts";
import { openStore } from "../support/store.ts";

Deno.test("a commit that passed its deadline and lands just before the next attempt reads counts once", async () => {
  const raw = await openStore();
  const landing = Promise.withResolvers<void>();
  const landed = Promise.withResolvers<void>();
  let [commits, reads] = [0, 0];
  const hooks: Hooks = {
    async before(kind) {
      if (kind === "commit" && ++commits === 1) await landing.promise;
      // First the body's, then the look at whether the commit landed, then the next attempt's.
      if (kind === "getMany" && ++reads === 3) {
        landing.resolve();
        await landed.promise;
      }
    },
    committed: () => landed.resolve(),
  };
  const store = new Store(hookKv(raw, hooks), 50);
  const result = await transact(store, async (tx) => {
    const n = (await tx.get<number>(["n"]) ?? 0) + 1;
    tx.set(["n"], n);
    return n;
  });
  assert.equal((await raw.get(["n"])).value, 1);
  assert.equal(result, 1);
  raw.close();
});
