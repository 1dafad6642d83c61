import assert from "node:assert/strict";
import { type Service, setup, type Tenant } from "../_setup.ts";
import { type Key, keyText, under } from "../../lib/kit/kv.ts";
import { decodePostings, encodePostings } from "../../lib/content/search/codec.ts";
import type { IndexedPost } from "../../lib/content/search/document.ts";
import { mergeLog } from "../../lib/content/search/merge.ts";
import { rebuildIndex } from "../../lib/content/search/rebuild.ts";
import type { PostRow } from "../../lib/content/posts/_record.ts";
import { checkAccounts } from "../../lib/operator/check/accounts.ts";
import { checkBlogs } from "../../lib/operator/check/blogs.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { checkSearch } from "../../lib/operator/check/search.ts";
import { Walk } from "../../lib/operator/check/walk.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { Random } from "../support/random.ts";

const CHUNK = { chunkBytes: 30 };
const MINUTE = 60_000;
const STRANGER = "018f0000-0000-7000-8000-000000000000";

type Row<T> = { key: Key; value: T };
/** Rows to write in place of what is there; undefined deletes. */
type Change = { key: Key; value?: unknown }[];

async function publish(t: Service, key: string, title: string): Promise<void> {
  const body = { title, content: `## About ${title}\n\nText.`, status: "published", tags: ["T"] };
  const got = await t.api("POST", "/posts", { key, body });
  assert.equal(got.status, 201, got.text);
}

/** Thirty posts, two seconds apart, merged into lists of many chunks. */
async function published(t: Service): Promise<Tenant> {
  const tenant = await t.tenant("scale");
  for (let i = 0; i < 30; i++) {
    await publish(t, tenant.key, `Apple number ${i}`);
    t.advance(2000);
  }
  await mergeLog(t.deps, CHUNK);
  return tenant;
}

function rowsOf<T>(t: Service, ...prefix: Key): Promise<Row<T>[]> {
  return t.deps.store.list<T>(under(prefix), Infinity);
}

async function named(t: Service): Promise<string[]> {
  const { differences } = await checkStore(t.deps, 0);
  return differences.map(({ key, problem }) => `${keyText(key)}: ${problem}`);
}

function rewritten(bytes: Uint8Array, change: (numbers: number[], masks: number[]) => void) {
  const { numbers, masks } = decodePostings([{ bytes }]);
  const [n, m] = [[...numbers], [...masks]];
  change(n, m);
  const postings = { numbers: Float64Array.from(n), masks: Uint8Array.from(m) };
  return encodePostings(postings, 1e5)[0].bytes;
}

type Parts = {
  chunks: Row<Uint8Array>[];
  documents: Row<IndexedPost>[];
  posts: Row<PostRow>[];
};
type Corruption = { change: Change; key: Key; problem: RegExp };

/** What can become of an index, and what check has to say of it. */
const CORRUPTIONS: Record<string, (parts: Parts) => Corruption> = {
  "a post without its document": ({ documents: [, doc] }) => ({
    change: [{ key: doc.key }],
    key: doc.key,
    problem: /is missing in the search index/,
  }),
  "a post that names no document": ({ posts: [post] }) => ({
    change: [{ key: post.key, value: { ...post.value, fts: null } }],
    key: post.key,
    problem: /has no document/,
  }),
  "a draft that names a document": ({ posts: [post] }) => ({
    change: [{ key: post.key, value: { ...post.value, status: "draft" } }],
    key: post.key,
    problem: /not published, and names a document/,
  }),
  "a document without a post": ({ documents: [doc] }) => ({
    change: [{ key: ["ftsdoc", 77], value: doc.value }],
    key: ["ftsdoc", 77],
    problem: /no post names/,
  }),
  "a document of a post that is not there": ({ documents: [doc] }) => ({
    change: [{ key: ["ftsdoc", 77], value: { ...doc.value, post: STRANGER } }],
    key: ["ftsdoc", 77],
    problem: /no post names/,
  }),
  "a document with a term that its post has not": ({ documents: [doc] }) => ({
    change: [{ key: doc.key, value: { ...doc.value, ...withTerm(doc.value, "pear") } }],
    key: doc.key,
    problem: /not as the post makes it/,
  }),
  "a document with another title": ({ documents: [doc] }) => ({
    change: [{ key: doc.key, value: { ...doc.value, title: "Pear" } }],
    key: doc.key,
    problem: /not as the post makes it/,
  }),
  "a malformed document": ({ documents: [doc] }) => ({
    change: [{ key: doc.key, value: { ...doc.value, masks: new Uint8Array(1) } }],
    key: doc.key,
    problem: /malformed: has not one mask/,
  }),
  "a tombstone of a living document": ({ documents: [doc] }) => ({
    change: [{ key: ["ftslog", doc.key[1], 0], value: 1 }],
    key: ["ftsdoc", doc.key[1]],
    problem: /marked as killed/,
  }),
  "a row of the log without a document": ({ documents: [doc] }) => ({
    change: [{ key: ["ftslog", 77, 1], value: 1 }],
    key: ["ftslog", 77, 1],
    problem: /no such document/,
    ...doc && {},
  }),
  "a malformed row of the log": ({ documents: [doc] }) => ({
    change: [{ key: ["ftslog", doc.key[1], 1], value: { terms: 5 } }],
    key: ["ftslog", doc.key[1], 1],
    problem: /malformed/,
  }),
  "a missing chunk": ({ chunks }) => ({
    change: [{ key: chunks[3].key }],
    key: chunks[3].key,
    problem: /does not list/,
  }),
  "a chunk that is cut off": ({ chunks }) => ({
    change: [{ key: chunks[3].key, value: chunks[3].value.slice(0, -2) }],
    key: chunks[3].key,
    problem: /cannot be decoded/,
  }),
  "a chunk that is empty": ({ chunks }) => ({
    change: [{ key: chunks[3].key, value: new Uint8Array() }],
    key: chunks[3].key,
    problem: /holds no document/,
  }),
  "a chunk that is no bytes": ({ chunks }) => ({
    change: [{ key: chunks[3].key, value: "bytes" }],
    key: chunks[3].key,
    problem: /malformed/,
  }),
  "a chunk with a document twice": ({ chunks }) => ({
    change: [{
      key: chunks[3].key,
      value: rewritten(chunks[3].value, (n, m) => {
        n.splice(1, 0, n[0]);
        m.splice(1, 0, m[0]);
      }),
    }],
    key: chunks[3].key,
    problem: /not in order/,
  }),
  "a chunk whose key is above its first document": ({ chunks }) => ({
    change: [
      { key: chunks[0].key },
      {
        key: [...chunks[0].key.slice(0, 2), (chunks[0].key[2] as number) + 1],
        value: chunks[0].value,
      },
    ],
    key: [...chunks[0].key.slice(0, 2), (chunks[0].key[2] as number) + 1],
    problem: /stands before its key/,
  }),
  "a chunk that reaches into the next": ({ chunks }) => ({
    change: [{
      key: chunks[2].key,
      value: rewritten(chunks[2].value, (n, m) => {
        n.push((chunks[3].key[2] as number) + 5);
        m.push(1);
      }),
    }],
    key: chunks[2].key,
    problem: /reaches into the next/,
  }),
  "a chunk that lacks a document": ({ chunks }) => ({
    change: [{
      key: chunks[3].key,
      value: rewritten(chunks[3].value, (n, m) => {
        n.splice(1, 1);
        m.splice(1, 1);
      }),
    }],
    key: ["fts", chunks[3].key[1], decodePostings([{ bytes: chunks[3].value }]).numbers[1]],
    problem: /does not list/,
  }),
  "a posting with another mask": ({ chunks }) => ({
    change: [{
      key: chunks[3].key,
      value: rewritten(chunks[3].value, (_n, m) => void (m[1] ^= 3)),
    }],
    key: chunks[3].key,
    problem: /with another mask/,
  }),
  "a ghost: a posting of no document": ({ chunks }) => ({
    change: [{
      key: chunks[3].key,
      value: rewritten(chunks[3].value, (n, m) => {
        n.splice(1, 0, n[0] + 1);
        m.splice(1, 0, 1);
      }),
    }],
    key: chunks[3].key,
    problem: /does not have this term/,
  }),
  "a ghost: a list of a term that nothing has": ({ documents: [doc] }) => ({
    change: [{
      key: ["fts", "pear", doc.key[1]],
      value: rewritten(new Uint8Array(), (n, m) => {
        n.push(doc.key[1] as number);
        m.push(1);
      }),
    }],
    key: ["fts", "pear", doc.key[1]],
    problem: /does not have this term/,
  }),
  "a row of no form of the index": () => ({
    change: [{ key: ["fts", "pear"], value: 1 }, { key: ["ftslog", "x"], value: 1 }],
    key: ["fts", "pear"],
    problem: /malformed/,
  }),
};

function withTerm({ terms, masks }: IndexedPost, term: string) {
  return { terms: `${terms} ${term}`, masks: Uint8Array.from([...masks, 1]) };
}

async function titles(t: Service, { key }: Tenant, q: string): Promise<string[]> {
  const { body } = await t.api("GET", `/search?q=${q}&per_page=100`, { key });
  assert.equal(body.pagination.total, body.data.length);
  return body.data.map(({ title }: { title: string }) => title).sort();
}

for (const [name, corrupt] of Object.entries(CORRUPTIONS)) {
  Deno.test(`check names ${name}, and search rebuild puts it right`, async () => {
    using t = await setup();
    const tenant = await published(t);
    const apples = await titles(t, tenant, "apple");
    assert.equal(apples.length, 30);
    assert.deepEqual(await named(t), []);
    const { change, key, problem } = corrupt({
      chunks: await rowsOf(t, "fts", "appl"),
      documents: await rowsOf(t, "ftsdoc"),
      posts: await rowsOf(t, "post"),
    });
    const drafts = change.filter(({ value }) => Object(value).status === "draft").length;
    await t.deps.store.writeAll(change);
    const found = (await named(t)).filter((text) => text.startsWith(keyText(key)));
    assert.ok(found.some((text) => problem.test(text)), `${await named(t)}`);
    await rebuildIndex(t.deps, CHUNK);
    const left = (await named(t)).filter((text) => /^\["fts/.test(text) || /search/.test(text));
    assert.deepEqual(left, []);
    assert.equal((await titles(t, tenant, "apple")).length, apples.length - drafts);
    assert.deepEqual(await titles(t, tenant, "pear"), []);
  });
}

/** One walk over what has to do with search: nothing that a second walk would weed out. */
async function namedAtOnce(t: Service): Promise<string[]> {
  const walk = new Walk(t.deps);
  const blogs = await checkBlogs(walk, await checkAccounts(walk));
  await checkSearch(walk, blogs);
  return [...walk.differences.values()].map(({ key, problem }) => `${keyText(key)}: ${problem}`);
}

Deno.test("check finds nothing wrong after a merge that died at any of its commits, nor beside its successor", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const tenant = await published(t);
  const { key } = tenant;
  let whole = false;
  for (let last = 1; !whole; last++) {
    await publish(t, key, `Apple after ${last}`);
    const edited = `/posts/apple-number-${last}`;
    assert.equal((await t.api("PUT", edited, { key, body: { title: "Pear" } })).status, 200);
    let commits = 0;
    hooks.before = (kind) => {
      if (kind === "commit" && ++commits > last) throw new Error("killed");
    };
    // Few writes a commit, so that the merge has many.
    whole = await mergeLog(t.deps, { ...CHUNK, batch: 3 }).then(() => true, () => false);
    hooks.before = undefined;
    assert.deepEqual(await namedAtOnce(t), []);
    t.advance(2 * MINUTE);
  }
  await mergeLog(t.deps, CHUNK);
  assert.deepEqual(await named(t), []);
});

Deno.test("check finds nothing wrong while posts are published, edited, deleted and merged", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { key } = await published(t);
  const random = new Random(3);
  hooks.before = () => new Promise((resolve) => setTimeout(resolve, random.below(3)));
  let going = true;
  const write = async (from: number) => {
    for (let n = from; going; n += 2) {
      await publish(t, key, `Plum ${n}`);
      const body = { title: `Cherry ${n}` };
      await t.api("PUT", `/posts/apple-number-${n % 30}`, { key, body });
      await t.api("DELETE", `/posts/plum-${n - 4}`, { key });
      t.advance(500);
    }
  };
  const merge = async () => {
    while (going) await mergeLog(t.deps, { ...CHUNK, batch: 7 });
  };
  const writers = [write(100), write(101), merge()];
  for (let i = 0; i < 12; i++) assert.deepEqual(await namedAtOnce(t), []);
  going = false;
  await Promise.all(writers);
});

Deno.test("check expects no document of a row of the log that is killed", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await publish(t, key, "Apple");
  const [doc] = await rowsOf<IndexedPost>(t, "ftsdoc");
  await t.deps.store.writeAll([{ key: doc.key }]);
  assert.equal((await named(t)).length, 2);
  await t.deps.store.writeAll([{ key: ["ftslog", doc.key[1], 0], value: 1 }]);
  assert.equal((await named(t)).length, 1);
});

Deno.test("check reads no posting lists where an engine has taken their place", async () => {
  using t = await setup({ env: { POSTLARK_MEILISEARCH_URL: "http://localhost:7700" } });
  const { key } = await t.tenant();
  await publish(t, key, "Apple");
  const [doc] = await rowsOf<IndexedPost>(t, "ftsdoc");
  await t.deps.store.writeAll([{ key: ["ftslog", doc.key[1], 1] }]);
  assert.deepEqual(await named(t), []);
  await t.deps.store.writeAll([{ key: doc.key }]);
  assert.equal((await named(t)).length, 1);
});
