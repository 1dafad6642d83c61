import assert from "node:assert/strict";
import type { IndexedPost } from "../../../../lib/content/search/document.ts";
import { buildIndex } from "../../../../lib/content/search/bulk.ts";
import {
  chunksOf,
  documentKey,
  logKey,
  readChunkKey,
} from "../../../../lib/content/search/keys.ts";
import {
  newDocumentNumber,
  stageHidden,
  stageKilled,
  stageShown,
} from "../../../../lib/content/search/log.ts";
import { transact } from "../../../../lib/kit/kv.ts";
import type { Hooks } from "../../../support/hooked_kv.ts";
import {
  expectContents,
  makeIndexed,
  openIndex,
  readContents,
} from "../../../support/search_index.ts";

type Index = Awaited<ReturnType<typeof openIndex>>;

async function publishAnts(t: Index, ns: number[]): Promise<Map<number, IndexedPost>> {
  const documents = new Map(ns.map((n) => [n, makeIndexed({ title: "ant", tags: ["x"] })]));
  for (const [n, row] of documents) await t.publish(row, { n });
  return documents;
}

/** Searches once for each call that a search makes, and does something before that one. */
async function interrupt(
  prepare: (t: Index) => Promise<void>,
  act: (t: Index) => Promise<unknown>,
): Promise<number[][]> {
  const found: number[][] = [];
  for (let at = 1, calls = 1; at <= calls; at++) {
    using t = await openIndex();
    await prepare(t);
    calls = 0;
    const before = async () => {
      if (++calls === at) await act(t);
    };
    using searcher = await openIndex({ kv: t.raw, hooks: { before } });
    const { hits } = await searcher.find("ant", ["@one"]);
    found.push(hits.map(({ n }) => n));
  }
  assert.ok(found.length >= 3, "a search reads the log and two lists");
  return found;
}

Deno.test("a document that is merged before any call of a search is found", async () => {
  const found = await interrupt(async (t) => void await publishAnts(t, [1]), (t) => t.merge());
  assert.deepEqual(found, found.map(() => [1]));
});

Deno.test("a document whose kill is merged before any call of a search is not found", async () => {
  const found = await interrupt(async (t) => {
    await publishAnts(t, [1, 2]);
    await t.merge();
    await t.kill(1);
  }, (t) => t.merge());
  assert.deepEqual(found, found.map(() => [2]));
});

Deno.test("a hidden blog that is emptied and shown before any call of a search is not found", async () => {
  const found = await interrupt(async (t) => {
    await publishAnts(t, [1, 2]);
    await transact(t.store, (tx) => Promise.resolve(stageHidden(tx, "one")));
  }, async (t) => {
    for (const n of [1, 2]) await t.kill(n);
    await transact(t.store, (tx) => Promise.resolve(stageShown(tx, "one")));
  });
  assert.deepEqual(found, found.map(() => []));
});

Deno.test("a document killed before it is merged is found neither before the merge nor after", async () => {
  using t = await openIndex();
  await publishAnts(t, [1, 2]);
  await t.kill(1);
  assert.deepEqual((await t.find("ant")).hits.map(({ n }) => n), [2]);
  // The first batch ends between the tombstone and the add row.
  await t.merge({ batch: 1 });
  assert.deepEqual((await t.find("ant")).hits.map(({ n }) => n), [2]);
  assert.deepEqual((await readContents(t.store)).documents, [2]);
});

Deno.test("a document killed while it is merged stays killed", async () => {
  const hooks: Hooks = {};
  using merger = await openIndex({ hooks });
  using t = await openIndex({ kv: merger.raw });
  await publishAnts(t, [1, 2]);
  let commits = 0;
  hooks.before = async (kind) => {
    if (kind === "commit" && ++commits === 2) await t.kill(1);
  };
  await merger.merge();
  assert.deepEqual((await t.find("ant")).hits.map(({ n }) => n), [2]);
  await t.merge();
  assert.deepEqual((await t.find("ant")).hits.map(({ n }) => n), [2]);
  assert.deepEqual((await readContents(t.store)).documents, [2]);
});

Deno.test("at no moment is a tombstone gone and anything else of its document there", async () => {
  const hooks: Hooks = {};
  using merger = await openIndex({ hooks });
  using t = await openIndex({ kv: merger.raw });
  await publishAnts(t, [1, 2]);
  await t.merge();
  await publishAnts(t, [3, 4]);
  for (const n of [1, 3]) await t.kill(n);
  const states: string[] = [];
  hooks.committed = async () => {
    for (const n of [1, 3]) {
      const rows = await t.store.getMany([logKey(n, 0), logKey(n, 1), documentKey(n)]);
      const [tombstone, add, document] = rows.map(({ value }) => value !== null);
      states.push(tombstone ? "killed" : add || document ? "back" : "gone");
    }
  };
  await merger.merge();
  assert.deepEqual([...new Set(states)], ["killed", "gone"]);
});

Deno.test("a log that takes more than one read hides what it kills", async () => {
  using t = await openIndex();
  await publishAnts(t, Array.from({ length: 520 }, (_, n) => n));
  for (let n = 0; n < 519; n++) await t.kill(n);
  assert.deepEqual((await t.find("ant")).hits.map(({ n }) => n), [519]);
});

Deno.test("a chunk that is split between two reads of its list gives each document once", async () => {
  using t = await openIndex();
  const row = makeIndexed({ title: "ant" });
  const old = Array.from({ length: 3300 }, (_, i) => ({ n: (i + 1) * 100_000, row }));
  await buildIndex(t.store, old, { chunkBytes: 16 });
  const chunks = await t.store.list(chunksOf("ant"), Infinity);
  assert.ok(chunks.length > 1000);
  // Into the last chunk that the first read has.
  const { first } = readChunkKey(chunks[999].key);
  let lists = 0;
  const before = async (kind: string) => {
    if (kind !== "list" || ++lists !== 3) return;
    await publishAnts(t, [first + 1, first + 2, first + 3, first + 4]);
    await t.merge({ chunkBytes: 16 });
    const after = await t.store.list(chunksOf("ant"), Infinity);
    assert.ok(after.length > chunks.length);
  };
  using searcher = await openIndex({ kv: t.raw, hooks: { before } });
  const { total, hits } = await searcher.find("ant");
  assert.equal(lists, 3);
  const found = new Set(hits.map(({ n }) => n));
  assert.equal(found.size, total);
  assert.equal(hits.length, total);
  assert.deepEqual(old.filter(({ n }) => !found.has(n)), []);
});

Deno.test("a document older than all others of its words can be killed again", async () => {
  using t = await openIndex();
  const documents = await publishAnts(t, [1000]);
  await t.merge();
  await publishAnts(t, [10]);
  await t.merge();
  assert.deepEqual((await t.find("ant")).hits.map(({ n }) => n), [1000, 10]);
  await t.kill(10);
  await t.merge();
  assert.deepEqual(await readContents(t.store), expectContents(documents));
});

Deno.test("a kill takes a document out of the lists of its blog, its tags and its language", async () => {
  using t = await openIndex();
  await publishAnts(t, [1]);
  await t.merge();
  const { terms } = await readContents(t.store);
  assert.deepEqual(Object.keys(terms).sort(), ["#x", "@one", "ant", "x", "~en"]);
  await t.kill(1);
  await t.merge();
  assert.deepEqual(await readContents(t.store), { terms: {}, documents: [], logged: 0 });
});

Deno.test("two thousand documents of one second have numbers that hardly ever meet", () => {
  const numbers = new Set(Array.from({ length: 2000 }, () => newDocumentNumber(2e12)));
  // Some 1,970 of 16 random bits; 1,580 of 12.
  assert.ok(numbers.size > 1900, String(numbers.size));
});

Deno.test("a merge whose commits all fail at once ends with one error", async () => {
  const hooks: Hooks = {};
  using t = await openIndex({ hooks });
  await publishAnts(t, Array.from({ length: 400 }, (_, i) => i * 1_000_000));
  let commits = 0;
  const underWay = Promise.withResolvers<void>();
  hooks.before = async (kind) => {
    if (kind !== "commit" || ++commits === 1) return;
    // The first is the lease's, the last its end.
    if (commits === 4) underWay.resolve();
    if (commits <= 4) await underWay.promise;
    throw new Error("the network is down");
  };
  await assert.rejects(t.merge({ chunkBytes: 9 }), { reason: "outcome_unknown" });
  assert.equal(commits, 5);
});

Deno.test("no commit of a merge checks more than the fence or holds more than a store takes", async () => {
  const sizes: { checks: number; mutations: number }[] = [];
  using plain = await openIndex();
  const kv = new Proxy(plain.raw, {
    get(kv, name) {
      if (name !== "atomic") return Reflect.get(kv, name).bind(kv);
      return () => {
        const size = { checks: 0, mutations: 0 };
        sizes.push(size);
        const operation = kv.atomic();
        for (const kind of ["check", "set", "delete"] as const) {
          const call = operation[kind].bind(operation) as (...args: unknown[]) => unknown;
          operation[kind] = (...args: unknown[]) => {
            if (kind === "check") size.checks += args.length;
            else size.mutations++;
            call(...args);
            return operation;
          };
        }
        return operation;
      };
    },
  });
  // Long words of three bytes a character, and kills of more than one getMany.
  const words = (from: number) =>
    Array.from(
      { length: 300 },
      (_, i) => String.fromCodePoint(0x1200 + i % 70).repeat(21) + (from + i),
    );
  for (let n = 0; n < 15; n++) {
    const row = makeIndexed({ title: words(n * 100).join(" ") });
    assert.ok(row.terms.split(" ").length > 250);
    await plain.publish({ ...row, title: "" }, { n: n * 1e9 });
  }
  using merger = await openIndex({ kv });
  await merger.merge({ chunkBytes: 16 });
  for (let n = 0; n < 12; n++) await plain.kill(n * 1e9);
  await merger.merge({ chunkBytes: 16 });
  assert.equal((await readContents(plain.store)).documents.length, 3);
  assert.ok(sizes.length > 20, String(sizes.length));
  assert.equal(Math.max(...sizes.map(({ checks }) => checks)), 1);
  assert.ok(Math.max(...sizes.map(({ mutations }) => mutations)) <= 1000);
});

Deno.test("a tombstone of a document that is gone is taken away and harms no other", async () => {
  using t = await openIndex();
  const documents = await publishAnts(t, [1, 2]);
  await t.merge();
  await t.kill(2);
  await t.merge();
  documents.delete(2);
  await transact(t.store, (tx) => Promise.resolve(stageKilled(tx, 2)));
  assert.deepEqual(await t.merge(), { added: 0, killed: 1, busy: false });
  assert.deepEqual(await readContents(t.store), expectContents(documents));
});
