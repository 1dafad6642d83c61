import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  chunkKeys,
  compress,
  decompress,
  fitsOneCommit,
  joinChunks,
  stageBlobs,
  stageRemoval,
  sweepRemovals,
  toBlob,
} from "../../../lib/kit/blob.ts";
import { Store, transact } from "../../../lib/kit/kv.ts";
import { hookKv, type Hooks } from "../../support/hooked_kv.ts";
import { openStore } from "../../support/store.ts";

const HOUR = 3_600_000;

async function open(hooks: Hooks = {}) {
  const kv = await openStore();
  return { kv, store: new Store(hookKv(kv, hooks)), [Symbol.dispose]: () => kv.close() };
}

function sweep(store: Store, now: number) {
  return sweepRemovals(store, { now, log() {} });
}

async function countRows(kv: Deno.Kv): Promise<number> {
  let n = 0;
  for await (const _ of kv.list({ prefix: [] })) n++;
  return n;
}

const removal = {
  prefixes: [["b", "1"]],
  unless: { key: ["owner"], field: "blob", equals: "1" },
};

Deno.test("compress and decompress give any text back, also above the size that is done apart", async () => {
  const noise = randomBytes(150_000).toString("base64");
  for (const text of ["", "a", "héllo 漢字 🎉", "x".repeat(500_000), noise]) {
    assert.equal(await decompress(await compress(text)), text);
  }
});

Deno.test("a blob of several chunks is read back whole, and null where one is missing", async () => {
  using t = await open();
  const bytes = new Uint8Array(randomBytes(130_001));
  const blob = toBlob(["b", "1"], bytes);
  assert.equal(blob.chunks.length, 3);
  const staged = await stageBlobs(t.store, [blob], { id: "1", now: 0, removal });
  await transact(t.store, (tx) => Promise.resolve(staged.write(tx)));
  const keys = chunkKeys(blob.prefix, 3);
  assert.deepEqual(joinChunks(await t.store.getMany(keys)), bytes);
  await t.kv.delete(["b", "1", 1]);
  assert.equal(joinChunks(await t.store.getMany(keys)), null);
});

Deno.test("what does not fit one commit is written ahead, and swept after an hour if its commit never comes", async () => {
  using t = await open();
  const blob = toBlob(["b", "1"], new Uint8Array(randomBytes(1_700_000)));
  assert.equal(fitsOneCommit([blob]), false);
  await stageBlobs(t.store, [blob], { id: "1", now: 0, removal });
  assert.equal(await countRows(t.kv), blob.chunks.length + 1);
  assert.deepEqual(await sweep(t.store, HOUR - 1), { removals: 0, keys: 0, failed: 0 });
  assert.equal((await sweep(t.store, HOUR)).removals, 1);
  assert.equal(await countRows(t.kv), 0);
});

Deno.test("the sweeper leaves alone what was committed, even where the intent is still there", async () => {
  using t = await open();
  const blob = toBlob(["b", "1"], new Uint8Array(randomBytes(1_700_000)));
  await stageBlobs(t.store, [blob], { id: "1", now: 0, removal });
  await t.kv.set(["owner"], { blob: "1" });
  await sweep(t.store, HOUR);
  assert.equal(await countRows(t.kv), blob.chunks.length + 1);
});

Deno.test("the commit of staged blobs takes the intent away", async () => {
  using t = await open();
  const blob = toBlob(["b", "1"], new Uint8Array(randomBytes(1_700_000)));
  const staged = await stageBlobs(t.store, [blob], { id: "1", now: 0, removal });
  await transact(t.store, (tx) => Promise.resolve(staged.write(tx)));
  assert.equal(await countRows(t.kv), blob.chunks.length);
});

Deno.test("a removal takes thousands of keys, and only the rows that still say what it expects", async () => {
  using t = await open();
  for (let i = 0; i < 1100; i++) await t.kv.set(["old", "x", i], i);
  await t.kv.set(["old", "y", 0], "stays");
  await t.kv.set(["mine"], { to: "x" });
  await t.kv.set(["taken"], { to: "another" });
  await transact(t.store, (tx) => {
    const rows = [["mine"], ["taken"]].map((key) => ({ key, field: "to", equals: "x" }));
    stageRemoval(tx, { prefixes: [["old", "x"]], rows }, { due: 5, id: "x" });
    return Promise.resolve();
  });
  await sweep(t.store, 5);
  const left = await Array.fromAsync(t.kv.list({ prefix: [] }), (row) => row.key[0]);
  assert.deepEqual(left.toSorted(), ["old", "taken"]);
});

Deno.test("one removal that fails does not hold up the others, and is tried again", async () => {
  const hooks: Hooks = {};
  using t = await open(hooks);
  await transact(t.store, (tx) => {
    for (const id of ["x", "y"]) {
      tx.set(["old", id, 0], id);
      stageRemoval(tx, { prefixes: [["old", id]] }, { due: 5, id });
    }
    return Promise.resolve();
  });
  let broken = true;
  hooks.before = (kind) => {
    if (kind === "list" || !broken) return;
    broken = false;
    throw new Error("a fault of the store");
  };
  const events: unknown[] = [];
  const options = { now: 5, log: (line: Record<string, unknown>) => void events.push(line.event) };
  const first = await sweepRemovals(t.store, options);
  assert.deepEqual([first.removals, first.failed], [1, 1]);
  assert.deepEqual(events, ["removal_postponed"]);
  assert.deepEqual(await t.store.getMany([["old", "x", 0]]).then(([row]) => row.value), "x");
  assert.equal((await sweepRemovals(t.store, options)).removals, 1);
  assert.equal(await countRows(t.kv), 0);
});
