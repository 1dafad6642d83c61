import assert from "node:assert/strict";
import type { IndexedPost } from "../../../../lib/content/search/document.ts";
import { readDocuments } from "../../../../lib/content/search/documents.ts";
import { findDocuments } from "../../../../lib/content/search/find.ts";
import { readLog } from "../../../../lib/content/search/log.ts";
import { type Hit, searchLists } from "../../../../lib/content/search/lists.ts";
import { SCORES } from "../../../../lib/content/search/score.ts";
import { parseQuery, type Query } from "../../../../lib/content/search/query.ts";
import { type Range, Store } from "../../../../lib/kit/kv.ts";
import type { Hooks } from "../../../support/hooked_kv.ts";
import { countRounds } from "../../../support/kv_rounds.ts";
import { Random } from "../../../support/random.ts";
import { makeIndexed, openIndex } from "../../../support/search_index.ts";

const WORDS = ["ant", "bee", "cat", "dog", "elk", "fox"];
const BLOGS = ["one", "two", "three"];
const LANGS = ["en", "de", "ja"];

function makeRandom(random: Random): IndexedPost {
  const words = (n: number) => Array.from({ length: n }, () => random.pick(WORDS)).join(" ");
  return makeIndexed({
    title: words(1 + random.below(3)),
    description: words(random.below(4)),
    tags: random.below(2) ? [random.pick(WORDS)] : [],
    blog: random.pick(BLOGS),
    lang: random.pick(LANGS),
  });
}

// What a search means, written out; the sum in double precision.
function search(documents: Map<number, IndexedPost>, query: Query, filters: string[]): Hit[] {
  const hits: Hit[] = [];
  for (const [n, { terms, masks }] of documents) {
    const masked = new Map(terms.split(" ").map((term, i) => [term, masks[i]]));
    const has = (term: string) => masked.has(term);
    const matches = query.any.some(({ all, none }) =>
      all.every(has) && !none.some((group) => group.every(has))
    );
    if (!matches || !filters.every(has)) continue;
    const sum = query.scored.reduce((sum, term) => sum + SCORES[masked.get(term) ?? 0], 0);
    hits.push({ n, score: query.scored.length ? Math.fround(sum / query.scored.length) : 0 });
  }
  return hits.sort((a, b) => b.score - a.score || b.n - a.n);
}

function randomQuery(random: Random): string {
  const operand = () => {
    const word = random.pick(WORDS);
    const quoted = random.below(6) === 0 ? `"${word} ${random.pick(WORDS)}"` : word;
    return (random.below(4) === 0 ? "-" : "") + quoted;
  };
  const words = Array.from({ length: 1 + random.below(4) }, operand);
  return words.join(random.below(3) === 0 ? " OR " : " ");
}

Deno.test("a search finds what its query says, wherever the documents are kept", async () => {
  const random = new Random(7);
  using t = await openIndex();
  const living = new Map<number, IndexedPost>();
  const publish = async (count: number) => {
    for (let i = 0; i < count; i++) {
      t.advance(random.below(3000));
      const row = makeRandom(random);
      living.set(await t.publish(row), row);
    }
  };
  const kill = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const n = random.pick([...living.keys()]);
      await t.kill(n);
      living.delete(n);
    }
  };
  for (let round = 0; round < 4; round++) {
    await publish(60);
    await kill(10);
    await t.merge({ chunkBytes: 60 });
    await publish(20);
    await kill(8);
    for (let i = 0; i < 60; i++) {
      const q = randomQuery(random);
      const filters = random.pick([[], [], ["@one"], ["~de"], ["#cat"], ["@two", "~en"]]);
      const expected = search(living, parseQuery(q), filters);
      const found = await t.find(q, filters);
      assert.deepEqual(found, { total: expected.length, hits: expected }, `${q} ${filters}`);
    }
  }
});

Deno.test("the pages of a search are one after the other what it finds, of equals the latest first", async () => {
  using t = await openIndex();
  for (let i = 0; i < 60; i++) {
    await t.publish(makeIndexed({ title: i % 7 ? "ant" : "ant ant", blog: "one" }), { n: i });
    if (i === 40) await t.merge();
  }
  const log = await readLog(t.store);
  const find = (offset: number, limit: number) =>
    findDocuments(t.store, { log, query: parseQuery("ant"), filters: [], offset, limit });
  const pages = await Promise.all([0, 7, 14, 21, 28, 35, 42, 49, 56].map((at) => find(at, 7)));
  const twice = [56, 49, 42, 35, 28, 21, 14, 7, 0];
  const once = Array.from({ length: 60 }, (_, i) => 59 - i).filter((n) => !twice.includes(n));
  assert.deepEqual(pages.flatMap(({ hits }) => hits.map(({ n }) => n)), [...twice, ...once]);
  assert.ok(pages.every(({ total }) => total === 60));
  assert.deepEqual(await find(60, 7), { total: 60, hits: [] });
  assert.deepEqual(await find(0, 0), { total: 60, hits: [] });
});

Deno.test("a query that finds nothing asks the store for nothing", async () => {
  const hooks: Hooks = {};
  using t = await openIndex({ hooks });
  await t.publish(makeIndexed({ title: "the ant" }));
  const log = await readLog(t.store);
  const question = { log, query: parseQuery("the"), filters: [], offset: 0, limit: 20 };
  const { rounds, value } = await countRounds(hooks, () => findDocuments(t.store, question));
  assert.deepEqual([rounds, value], [0, { total: 0, hits: [] }]);
});

Deno.test("a search is two rounds, and one more for its documents; what was read of them is known", async () => {
  const hooks: Hooks = {};
  using t = await openIndex({ hooks });
  const publish = async (count: number) => {
    for (let i = 0; i < count; i++) {
      t.advance(1000);
      await t.publish(makeIndexed({ title: "ant bee" }));
    }
  };
  await publish(150);
  await t.merge({ chunkBytes: 20 });
  await publish(15);
  const search = async () => {
    const log = await readLog(t.store);
    const query = parseQuery("ant bee");
    const found = await findDocuments(t.store, { log, query, filters: [], offset: 0, limit: 20 });
    return await readDocuments(t.store, found.hits.map(({ n }) => n));
  };
  const { waves, value } = await countRounds(hooks, search);
  // The log; one list a word, of however many chunks, and what is logged, ten a call; the rest of the page.
  assert.deepEqual(waves.map(({ reads }) => reads), [1, 4, 1]);
  assert.equal(value.filter((row) => row?.title === "ant bee").length, 20);
  await publish(1);
  const again = await countRounds(hooks, search);
  assert.deepEqual(again.waves.map(({ reads }) => reads), [1, 3]);
  assert.equal(again.value.filter((row) => row?.title === "ant bee").length, 20);
});

Deno.test("a document scores the same in the log and in the posting lists", async () => {
  using t = await openIndex();
  for (let i = 0; i < 20; i++) {
    await t.publish(makeIndexed({ title: "ant bee cat", description: "cat cat", tags: ["bee"] }));
    if (i % 2) await t.merge();
  }
  const { hits } = await t.find("ant OR bee OR cat");
  assert.equal(hits.length, 20);
  assert.equal(new Set(hits.map(({ score }) => score)).size, 1);
});

Deno.test("searches that need a document at once have it read once", async () => {
  const hooks: Hooks = {};
  using t = await openIndex({ hooks });
  for (let n = 0; n < 20; n++) await t.publish(makeIndexed({ title: "ant" }), { n });
  const ns = Array.from({ length: 20 }, (_, n) => n);
  const { waves, value } = await countRounds(
    hooks,
    () => Promise.all([ns, ns.slice(5), [3, 99]].map((some) => readDocuments(t.store, some))),
  );
  assert.deepEqual(waves, [{ reads: 3, commits: 0 }]);
  assert.deepEqual(value.map((rows) => rows.filter((row) => row?.title === "ant").length), [
    20,
    15,
    1,
  ]);
});

Deno.test("a document that is gone by the time it is read is null, and the others are there", async () => {
  using t = await openIndex();
  const [gone, kept] = [await t.publish(makeIndexed({ title: "ant" })), 7];
  await t.publish(makeIndexed({ title: "ant two" }), { n: kept });
  await t.kill(gone);
  await t.merge();
  const rows = await readDocuments(t.store, [gone, kept]);
  assert.deepEqual(rows.map((row) => row?.title ?? null), [null, "ant two"]);
});

Deno.test("each further alternative costs as much as the one before", async () => {
  using t = await openIndex();
  const words = Array.from({ length: 40 }, (_, i) => `word${i}`);
  for (let n = 0; n < 30; n++) await t.publish(makeIndexed({ title: words.join(" ") }), { n });
  await t.merge();
  const countBytes = async (alternatives: number) => {
    let bytes = 0;
    const get = (chunk: Uint8Array, name: string) => {
      bytes++;
      return Reflect.get(chunk, name, chunk);
    };
    const list = async (range: Range, limit: number) =>
      (await t.store.list<Uint8Array>(range, limit))
        .map((row) => ({
          ...row,
          value: new Proxy(row.value, { get } as ProxyHandler<Uint8Array>),
        }));
    const query = parseQuery(words.slice(0, alternatives).join(" OR "));
    const page = { offset: 0, limit: 20, without: [] };
    const found = await searchLists({ list } as Store, { query, filters: [] }, page);
    assert.equal(found.total, 30);
    return bytes;
  };
  const [ten, forty] = [await countBytes(10), await countBytes(40)];
  assert.ok(forty < 5 * ten, `${forty} bytes are read, for a quarter of the words ${ten}`);
});
