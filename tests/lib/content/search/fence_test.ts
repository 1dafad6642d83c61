import assert from "node:assert/strict";
import { decodePostings } from "../../../../lib/content/search/codec.ts";
import type { IndexedPost } from "../../../../lib/content/search/document.ts";
import { chunksOf } from "../../../../lib/content/search/keys.ts";
import { withLease } from "../../../../lib/content/search/lease.ts";
import type { Store } from "../../../../lib/kit/kv.ts";
import type { Hooks } from "../../../support/hooked_kv.ts";
import {
  expectContents,
  makeIndexed,
  openIndex,
  readContents,
} from "../../../support/search_index.ts";

const CHUNK_BYTES = 40;

function makeAnts(ns: number[]): Map<number, IndexedPost> {
  return new Map(ns.map((n) => [n, makeIndexed({ title: "ant" })]));
}

/** Holds the commit of this number, from 1, until it is let go. */
function holdCommit(hooks: Hooks, number: number) {
  const held = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  let commits = 0;
  hooks.before = async (kind) => {
    if (kind !== "commit" || ++commits !== number) return;
    held.resolve();
    await go.promise;
  };
  return { held: held.promise, letGo: go.resolve };
}

/** Looks at what is stored after each commit, while no other one goes out. */
function watchCommits(hooks: Hooks, look: () => Promise<void>): void {
  let last = Promise.resolve();
  let end = () => {};
  hooks.before = async (kind) => {
    if (kind !== "commit") return;
    const turn = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    await turn;
    end = resolve;
  };
  hooks.committed = async () => {
    try {
      await look();
    } finally {
      end();
    }
  };
}

async function listAnts(store: Store): Promise<number[]> {
  const rows = await store.list<Uint8Array>(chunksOf("ant"), Infinity);
  return rows.flatMap(({ value }) => [...decodePostings([{ bytes: value }]).numbers]);
}

// The lease is the first commit, the chunks are the second, what is retired is the third.
for (const [commit, what] of [[2, "chunks"], [3, "retiring"]] as const) {
  Deno.test(`a merger paused before its ${what} past its lease changes nothing once its successor is done`, async () => {
    const hooks: Hooks = {};
    using paused = await openIndex({ hooks });
    using successor = await openIndex({ kv: paused.raw });
    const documents = makeAnts([1, 2, 3]);
    for (const [n, row] of documents) await successor.publish(row, { n });
    const { held, letGo } = holdCommit(hooks, commit);
    const merging = assert.rejects(paused.merge(), { reason: "contention" });
    await held;

    await successor.kill(2);
    documents.delete(2);
    successor.advance(60_000);
    assert.deepEqual(await successor.merge(), { added: 2, killed: 1, busy: false });
    // The same number once more: what the first one would retire is not its own.
    documents.set(2, makeIndexed({ title: "bee" }));
    await successor.publish(documents.get(2)!, { n: 2 });
    letGo();
    await merging;
    assert.deepEqual((await successor.find("ant")).hits.map(({ n }) => n), [3, 1]);
    assert.deepEqual((await successor.find("bee")).hits.map(({ n }) => n), [2]);
    await successor.merge();
    assert.deepEqual(await readContents(successor.store), expectContents(documents));
  });
}

Deno.test("a commit whose answer was lost and that lands after the merger gave up changes nothing", async () => {
  using t = await openIndex();
  let land = () => Promise.resolve<unknown>(null);
  let commits = 0;
  const kv = new Proxy(t.raw, {
    get(kv, name) {
      if (name !== "atomic") return Reflect.get(kv, name).bind(kv);
      return () => {
        const operation = kv.atomic();
        const commit = () => Deno.AtomicOperation.prototype.commit.call(operation);
        operation.commit = () => {
          if (++commits !== 2) return commit();
          land = commit;
          return Promise.reject(new Error("the connection is gone"));
        };
        return operation;
      };
    },
  });
  using merger = await openIndex({ kv });
  await t.publish(makeIndexed({ title: "ant" }), { n: 1 });
  await t.publish(makeIndexed({ title: "ant" }), { n: 2 });
  await assert.rejects(merger.merge(), { reason: "outcome_unknown" });
  await t.kill(1);
  await t.merge();
  assert.equal((await land() as Deno.KvCommitError).ok, false);
  assert.deepEqual(await listAnts(t.store), [2]);
});

Deno.test("a lease that was lost is neither renewed nor given back, and its successor keeps it", async () => {
  using t = await openIndex();
  using other = await openIndex({ kv: t.raw });
  await withLease(t.deps, async (lost) => {
    other.advance(60_000);
    const done = await withLease(other.deps, async (lease) => {
      await assert.rejects(lost.renew(), { reason: "contention" });
      await lost.release();
      assert.equal(await withLease(t.deps, () => Promise.resolve(true)), null);
      await lease.commit([]);
      await lease.renew();
      return true;
    });
    assert.equal(done, true);
  });
});

Deno.test("between any two commits of a merge every document is in its list, and once", async () => {
  const hooks: Hooks = {};
  using merger = await openIndex({ hooks });
  using t = await openIndex({ kv: merger.raw });
  // Full chunks, whose documents leave room between them for more than a chunk.
  const old = Array.from({ length: 60 }, (_, i) => (i + 1) * 1000);
  for (const [n, row] of makeAnts(old)) await t.publish(row, { n });
  await t.merge({ chunkBytes: CHUNK_BYTES });
  const killed = old.slice(20, 30);
  for (const n of killed) await t.kill(n);
  const fresh = old.flatMap((n) => [n - 600, n - 500, n - 400]);
  for (const [n, row] of makeAnts(fresh)) await t.publish(row, { n });

  const states: number[][] = [];
  watchCommits(hooks, async () => void states.push(await listAnts(t.store)));
  // A commit of its own for every few chunks: more of them than one holds.
  await merger.merge({ chunkBytes: CHUNK_BYTES, batch: 30 });
  assert.ok(new Set(states.map((state) => state.length)).size > 5);
  const stays = old.filter((n) => !killed.includes(n));
  for (const state of states) {
    assert.deepEqual(state, [...new Set(state)].sort((a, b) => a - b));
    assert.deepEqual(stays.filter((n) => !state.includes(n)), []);
  }
  assert.deepEqual(states.at(-1), [...stays, ...fresh].sort((a, b) => a - b));
});

Deno.test("a list's chunks are changed in many commits, each whole, where one cannot hold them all", async () => {
  const hooks: Hooks = {};
  using merger = await openIndex({ hooks });
  using t = await openIndex({ kv: merger.raw });
  const old = Array.from({ length: 900 }, (_, i) => (i + 1) * 100_000);
  for (const [n, row] of makeAnts(old)) await t.publish(row, { n });
  await t.merge({ chunkBytes: CHUNK_BYTES });
  const fresh = old.map((n) => n + 1);
  for (const [n, row] of makeAnts(fresh)) await t.publish(row, { n });

  const sizes = new Set<number>();
  watchCommits(hooks, async () => {
    const state = await listAnts(t.store);
    sizes.add(state.length);
    assert.deepEqual(state, [...new Set(state)].sort((a, b) => a - b));
    assert.equal(old.filter((n) => !state.includes(n)).length, 0);
  });
  await merger.merge({ chunkBytes: CHUNK_BYTES });
  // Before, after, and in between.
  assert.ok(sizes.size >= 3, String([...sizes]));
  assert.equal((await t.find("ant")).total, 1800);
});
