import assert from "node:assert/strict";
import { auditLists } from "../../../../lib/content/search/audit.ts";
import { buildIndex } from "../../../../lib/content/search/bulk.ts";
import { decodePostings } from "../../../../lib/content/search/codec.ts";
import { describePost, type IndexedPost } from "../../../../lib/content/search/document.ts";
import { findDocuments } from "../../../../lib/content/search/find.ts";
import { logKey } from "../../../../lib/content/search/keys.ts";
import { readLog } from "../../../../lib/content/search/log.ts";
import { mergeLog } from "../../../../lib/content/search/merge.ts";
import { parseQuery } from "../../../../lib/content/search/query.ts";
import { Store, under } from "../../../../lib/kit/kv.ts";
import { Random } from "../../../support/random.ts";
import { openStore } from "../../../support/store.ts";

const BLOG = "018f0000-0000-7000-8000-000000000000";
const WORDS = ["apple", "pear", "plum", "cherry", "quince", "grape", "melon", "lemon"];

async function open() {
  const kv = await openStore();
  return { store: new Store(kv), [Symbol.dispose]: () => kv.close() };
}

function rowOf(i: number, words: string[]): IndexedPost {
  const [title, description] = [words.slice(0, 2).join(" "), words.slice(2).join(" ")];
  const post = { title, description, headings: [], tags: [`tag${i % 3}`], blog: BLOG, lang: "en" };
  const shown = { title, description, tags: post.tags, blog: BLOG, lang: "en" };
  return {
    ...describePost(post),
    ...shown,
    post: `post-${i}`,
    owner: BLOG,
    slug: `post-${i}`,
    excerpt: "",
    createdAt: i,
    publishedAt: i,
  };
}

/** Documents of a few words, in the order of their numbers, close together and far apart. */
function documents(count: number): { n: number; row: IndexedPost }[] {
  const random = new Random(count);
  let n = 1e9;
  return Array.from({ length: count }, (_, i) => {
    n += 1 + random.below(i % 7 ? 100 : 1e8);
    return { n, row: rowOf(i, Array.from({ length: 5 }, () => random.pick(WORDS))) };
  });
}

async function listOf(store: Store, term: string): Promise<Map<number, number>> {
  const chunks = await store.list<Uint8Array>(under(["fts", term]), Infinity);
  const { numbers, masks } = decodePostings(chunks.map(({ value }) => ({ bytes: value })));
  return new Map([...numbers].map((n, i) => [n, masks[i]]));
}

for (const options of [{}, { chunkBytes: 60 }, { chunkBytes: 60, budget: 500 }]) {
  Deno.test(`a bulk build with ${JSON.stringify(options)} lists every term of every document, and what it builds merges on`, async () => {
    using t = await open();
    const { store } = t;
    const all = documents(3000);
    const report = await buildIndex(store, all, options);
    const postings = all.flatMap(({ n, row }) =>
      row.terms.split(" ").map((term, i) => ({ n, term, mask: row.masks[i] }))
    );
    assert.equal(report.documents, all.length);
    assert.equal(report.postings, postings.length);
    const chunks = await store.list<Uint8Array>(under(["fts"]), Infinity);
    assert.equal(report.chunks, chunks.length);
    assert.ok(chunks.every(({ value }) => value.length <= (options.chunkBytes ?? 4096)));
    const lists = Map.groupBy(postings, ({ term }) => term);
    for (const [term, wanted] of lists) {
      const list = await listOf(store, term);
      assert.deepEqual(list, new Map(wanted.map(({ n, mask }) => [n, mask])), term);
    }
    assert.deepEqual(new Set(chunks.map(({ key }) => key[1])), new Set(lists.keys()));
    assert.deepEqual(
      await Array.fromAsync(auditLists(store, (noun) => store.scan(under([noun])))),
      [],
    );

    const [first, last] = [all[0], all.at(-1)!];
    await store.writeAll([{ key: logKey(first.n, 0), value: 1 }]);
    await mergeLog({ store, clock: () => 0, alarm: () => {} }, options);
    const query = parseQuery(last.row.title);
    const question = { query, filters: [], offset: 0, limit: 5000 };
    const found = await findDocuments(store, { log: await readLog(store), ...question });
    const terms = last.row.title.split(" ");
    const has = ({ row }: { row: IndexedPost }) =>
      terms.every((word) => `${row.title} ${row.description}`.split(" ").includes(word));
    const wanted = all.slice(1).filter(has).map(({ n }) => n);
    assert.deepEqual(found.hits.map(({ n }) => n).sort((a, b) => a - b), wanted);
  });
}

Deno.test("a bulk build takes documents with the longest terms and the most", async () => {
  using t = await open();
  const headings = Array.from({ length: 900 }, (_, i) => `${"ä".repeat(60)}${i}`);
  const post = { title: "Long", description: "", headings, tags: [], blog: BLOG, lang: "en" };
  const rows = Array.from({ length: 40 }, (_, i) => (
    { n: i + 1, row: { ...rowOf(i, ["Long"]), ...describePost(post) } }
  ));
  assert.ok(rows[0].row.terms.length > 10_000);
  const { documents } = await buildIndex(t.store, rows);
  assert.equal(documents, 40);
  assert.deepEqual(
    [...(await listOf(t.store, "~en")).keys()],
    rows.map(({ n }) => n),
  );
});

Deno.test("a bulk build refuses an index that is not empty, and documents out of order", async () => {
  using t = await open();
  const [one, two] = documents(2);
  await assert.rejects(buildIndex(t.store, [two, one]), /comes after/);
  using used = await open();
  await buildIndex(used.store, [one]);
  await assert.rejects(buildIndex(used.store, [two]), /not empty/);
});
