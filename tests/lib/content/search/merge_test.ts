import assert from "node:assert/strict";
import type { IndexedPost } from "../../../../lib/content/search/document.ts";
import { withLease } from "../../../../lib/content/search/lease.ts";
import type { Hooks } from "../../../support/hooked_kv.ts";
import { Random } from "../../../support/random.ts";
import {
  expectContents,
  findMisplaced,
  makeIndexed,
  openIndex,
  readContents,
} from "../../../support/search_index.ts";

type Index = Awaited<ReturnType<typeof openIndex>>;

async function publishAll(t: Index, documents: Map<number, IndexedPost>): Promise<void> {
  for (const [n, row] of documents) await t.publish(row, { n });
}

function makeAnts(ns: number[]): Map<number, IndexedPost> {
  return new Map(ns.map((n) => [n, makeIndexed({ title: "ant", tags: [`tag ${n}`] })]));
}

function range(from: number, to: number, step = 1): number[] {
  const ns: number[] = [];
  for (let n = from; n < to; n += step) ns.push(n);
  return ns;
}

Deno.test("a merge leaves in the posting lists the terms of every document, and nothing in the log", async () => {
  using t = await openIndex();
  const documents = makeAnts(range(0, 50));
  await publishAll(t, documents);
  assert.deepEqual(await t.merge(), { added: 50, killed: 0, busy: false });
  assert.deepEqual(await readContents(t.store), expectContents(documents));
  assert.deepEqual(await t.merge(), { added: 0, killed: 0, busy: false });
});

Deno.test("a merge takes a killed document out of every list, and a list without documents is gone", async () => {
  using t = await openIndex();
  const documents = makeAnts(range(0, 20));
  await publishAll(t, documents);
  await t.merge();
  for (const n of [0, 7, 19]) {
    await t.kill(n);
    documents.delete(n);
  }
  assert.deepEqual(await t.merge(), { added: 0, killed: 3, busy: false });
  assert.deepEqual(await readContents(t.store), expectContents(documents));
  for (const n of documents.keys()) await t.kill(n);
  await t.merge();
  assert.equal((await t.store.list({ start: [], end: [true] }, 10)).length, 0);
});

Deno.test("documents in whatever order end up in chunks in order, however few a chunk holds", async () => {
  const random = new Random(3);
  using t = await openIndex();
  const living = new Map<number, IndexedPost>();
  for (let round = 0; round < 12; round++) {
    const fresh = makeAnts(Array.from({ length: 25 }, () => random.below(1_000_000)));
    for (const n of living.keys()) fresh.delete(n);
    await publishAll(t, fresh);
    for (const [n, row] of fresh) living.set(n, row);
    for (const n of living.keys()) {
      if (random.below(round === 9 ? 2 : 12)) continue;
      await t.kill(n);
      living.delete(n);
    }
    await t.merge({ chunkBytes: 40, batch: 7 });
    assert.deepEqual(await readContents(t.store), expectContents(living));
    assert.deepEqual(await findMisplaced(t.store, 40), []);
  }
});

Deno.test("a merge that has nothing to change writes no chunk", async () => {
  const hooks: Hooks = {};
  using t = await openIndex({ hooks });
  await publishAll(t, makeAnts(range(0, 30)));
  // Crashes where it would take the rows from the log.
  let commits = 0;
  hooks.before = (kind) => {
    if (kind !== "commit") return;
    if (++commits === 3) throw new Error("crashed");
  };
  await assert.rejects(t.merge(), { reason: "outcome_unknown" });
  commits = -100;
  const { added } = await t.merge();
  // The lease, its end, and the log.
  assert.deepEqual([added, commits], [30, -97]);
});

Deno.test("a merge that finds the lease taken leaves the log to whoever has it, until it ends", async () => {
  using t = await openIndex();
  using other = await openIndex({ kv: t.raw });
  await publishAll(t, makeAnts([1, 2]));
  await withLease(other.deps, async () => {
    assert.deepEqual(await t.merge(), { added: 0, killed: 0, busy: true });
    t.advance(59_999);
    assert.equal((await t.merge()).busy, true);
    t.advance(1);
    assert.deepEqual(await t.merge(), { added: 2, killed: 0, busy: false });
  });
});

Deno.test("two merges asked for at once in one instance are one", async () => {
  using t = await openIndex();
  await publishAll(t, makeAnts([1, 2]));
  const [one, two] = await Promise.all([t.merge(), t.merge()]);
  assert.equal(one, two);
  assert.equal(one.added, 2);
});

Deno.test("a log of many batches is merged whole under one lease", async () => {
  using t = await openIndex();
  const documents = makeAnts(range(0, 25));
  await publishAll(t, documents);
  assert.deepEqual(await t.merge({ batch: 10 }), { added: 25, killed: 0, busy: false });
  assert.deepEqual(await readContents(t.store), expectContents(documents));
});

Deno.test("a merge that was cut short at any of its commits is made good by the next", async () => {
  for (let last = 1; last <= 8; last++) {
    const hooks: Hooks = {};
    using t = await openIndex({ hooks });
    const documents = makeAnts(range(0, 60));
    await publishAll(t, documents);
    await t.merge({ chunkBytes: 40 });
    for (const n of range(0, 60, 2)) {
      await t.kill(n);
      documents.delete(n);
    }
    const more = makeAnts(range(100, 140));
    await publishAll(t, more);
    let commits = 0;
    hooks.before = (kind) => {
      if (kind === "commit" && ++commits >= last) throw new Error("crashed");
    };
    await t.merge({ chunkBytes: 40, batch: 50 }).catch(() => {});
    assert.ok(commits >= last);
    hooks.before = undefined;
    t.advance(60_000);
    await t.merge({ chunkBytes: 40, batch: 50 });
    const living = new Map([...documents, ...more]);
    assert.deepEqual(await readContents(t.store), expectContents(living), `commit ${last}`);
  }
});

Deno.test("a merge of which one commit failed takes nothing from the log", async () => {
  for (const failing of [2, 3, 4]) {
    const hooks: Hooks = {};
    using t = await openIndex({ hooks });
    const documents = makeAnts(range(0, 100));
    await publishAll(t, documents);
    let commits = 0;
    hooks.before = (kind) => {
      if (kind === "commit" && ++commits === failing) throw new Error("the network is down");
    };
    await assert.rejects(t.merge(), { reason: "outcome_unknown" });
    assert.equal((await readContents(t.store)).logged, 100);
    await t.merge();
    assert.deepEqual(await readContents(t.store), expectContents(documents));
  }
});

Deno.test("an engine that takes the place of the posting lists is fed from the log, again where that failed", async () => {
  using t = await openIndex();
  const documents = makeAnts([1, 2, 3]);
  await publishAll(t, documents);
  await t.kill(2);
  const heard: { add: number[]; kill: number[] }[] = [];
  let fails = true;
  const engine = {
    index({ add, kill }: { add: { n: number; row: IndexedPost }[]; kill: number[] }) {
      heard.push({ add: add.map(({ n }) => n), kill });
      assert.deepEqual(add.map(({ row }) => row.title), ["ant", "ant"]);
      return fails ? Promise.reject(new Error("it does not answer")) : Promise.resolve();
    },
  };
  await assert.rejects(t.merge({ engine }), /does not answer/);
  assert.equal((await readContents(t.store)).logged, 4);
  fails = false;
  assert.deepEqual(await t.merge({ engine }), { added: 2, killed: 1, busy: false });
  assert.deepEqual(heard, Array(2).fill({ add: [1, 3], kill: [2] }));
  assert.deepEqual(await readContents(t.store), { terms: {}, documents: [1, 3], logged: 0 });
});
