import assert from "node:assert/strict";
import { type Service, setup, type Tenant } from "../../../_setup.ts";
import type { Hooks } from "../../../support/hooked_kv.ts";
import { Random } from "../../../support/random.ts";
import { AppError } from "../../../../lib/kit/errors.ts";
import { type Key, under } from "../../../../lib/kit/kv.ts";
import type { IndexedPost } from "../../../../lib/content/search/document.ts";
import type { Change, Document } from "../../../../lib/content/search/engine.ts";
import { mergeLog } from "../../../../lib/content/search/merge.ts";
import {
  rebuildIndex,
  type RebuildReport,
  type RebuildRow,
} from "../../../../lib/content/search/rebuild.ts";
import { checkStore } from "../../../../lib/operator/check/mod.ts";
import { runCommand } from "../../../../routes/operator/mod.ts";

const OPTIONS = { chunkBytes: 40, batch: 5 };
const MINUTE = 60_000;
const WORDS = ["apple", "pear", "plum", "cherry", "quince"];

async function publish(t: Service, { key }: Tenant, n: number): Promise<void> {
  const title = `${WORDS[n % WORDS.length]} number${n}`;
  const body = { title, content: "Fruit.", slug: `post-${n}`, status: "published", tags: ["x"] };
  const got = await t.api("POST", "/posts", { key, body });
  assert.equal(got.status, 201, got.text);
}

/** A blog of posts that were merged into lists of small chunks. */
async function published(t: Service, count: number): Promise<Tenant> {
  const tenant = await t.tenant("enterprise");
  for (let n = 0; n < count; n++) {
    await publish(t, tenant, n);
    t.advance(1500);
  }
  await mergeLog(t.deps, OPTIONS);
  return tenant;
}

function rowsOf<T>(t: Service, ...prefix: Key) {
  return t.deps.store.list<T>(under(prefix), Infinity);
}

async function remove(t: Service, ...nouns: string[]): Promise<void> {
  for (const noun of nouns) {
    await t.deps.store.writeAll((await rowsOf(t, noun)).map(({ key }) => ({ key })));
  }
}

async function slugs(t: Service, { key }: Tenant, q: string): Promise<string[]> {
  const { body, text } = await t.api("GET", `/search?q=${q}&per_page=100`, { key });
  assert.ok(body?.data, text);
  assert.equal(body.pagination.total, body.data.length);
  return body.data.map(({ slug }: { slug: string }) => slug).sort();
}

async function allFound(t: Service, tenant: Tenant): Promise<string[][]> {
  return await Promise.all(WORDS.map((word) => slugs(t, tenant, word)));
}

async function assertSound(t: Service): Promise<void> {
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
  assert.deepEqual(await rowsOf(t, "ftsrebuild"), []);
}

Deno.test("a rebuild changes nothing in an index that agrees with the posts", async () => {
  using t = await setup();
  await published(t, 30);
  const versions = async () =>
    (await Promise.all(["fts", "ftsdoc", "ftslog", "post"].map((noun) => rowsOf(t, noun)))).flat();
  const before = await versions();
  const report = await rebuildIndex(t.deps, OPTIONS);
  assert.deepEqual(report, { log: 0, posts: 0, documents: 0, postings: 0, resumed: false });
  assert.deepEqual(await versions(), before);
});

for (
  const lost of [["fts"], ["ftsdoc"], ["ftslog", "fts"], ["fts", "ftsdoc", "ftslog", "ftslease"]]
) {
  Deno.test(`a rebuild finds what was found before ${lost.join(", ")} was lost`, async () => {
    using t = await setup();
    const tenant = await published(t, 40);
    await publish(t, tenant, 40);
    const before = await allFound(t, tenant);
    await remove(t, ...lost);
    await rebuildIndex(t.deps, OPTIONS);
    assert.deepEqual(await allFound(t, tenant), before);
    await assertSound(t);
  });
}

Deno.test("a rebuild indexes the posts of a store that never had an index", async () => {
  using t = await setup();
  const tenant = await published(t, 12);
  const before = await allFound(t, tenant);
  await remove(t, "fts", "ftsdoc");
  const posts = await rowsOf<object>(t, "post");
  await t.deps.store.writeAll(posts.map(({ key, value }) => {
    const { fts: _, ...rest } = value as { fts: number };
    return { key, value: rest };
  }));
  assert.equal((await rebuildIndex(t.deps, OPTIONS)).posts, 12);
  assert.deepEqual(await allFound(t, tenant), before);
  await assertSound(t);
});

/** Spoils an index in every way that takes a repair of its own. */
async function spoil(t: Service): Promise<void> {
  const documents = await rowsOf<IndexedPost>(t, "ftsdoc");
  const chunks = await rowsOf<Uint8Array>(t, "fts");
  const random = new Random(5);
  const some = <T>(rows: T[]) => rows.filter(() => random.next() < 0.3);
  await t.deps.store.writeAll([
    ...some(documents).map(({ key, value }) => ({ key, value: { ...value, title: "Spoilt" } })),
    ...some(documents).map(({ key }) => ({ key })),
    ...some(chunks).map(({ key, value }) => ({ key, value: value.slice(0, -1) })),
    ...some(chunks).map(({ key }) => ({ key })),
    { key: ["ftsdoc", 5], value: documents[0].value },
    { key: ["ftslog", 6, 1], value: { terms: "plum", masks: new Uint8Array(1) } },
    { key: ["ftslog", documents[1].key[1], 0], value: 1 },
  ]);
}

Deno.test("a rebuild that is killed at any commit goes on where it was, and ends with a sound index", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const tenant = await published(t, 40);
  const before = await allFound(t, tenant);
  await spoil(t);
  let [ends, kills] = [false, 0];
  const places: string[] = [];
  for (; !ends; kills++) {
    let left = 2 + kills;
    hooks.before = (kind) => {
      if (kind === "commit") left--;
      if (left < 0) throw new Error("killed");
    };
    const report = await rebuildIndex(t.deps, OPTIONS).catch(() => null);
    hooks.before = undefined;
    ends = report !== null;
    assert.equal(report?.resumed ?? true, true);
    const row = (await t.deps.store.get<RebuildRow>(["ftsrebuild"])).value;
    if (row) places.push(`${["log", "posts", "documents", "lists"].indexOf(row.phase)}`);
    // The lease of the dead is over.
    t.advance(2 * MINUTE);
  }
  assert.ok(kills > 5, `only ${kills} runs`);
  assert.deepEqual(places, places.toSorted());
  assert.deepEqual(await allFound(t, tenant), before);
  await assertSound(t);
});

Deno.test("a rebuild goes on after the last key that an earlier run noted, and adds to its counts", async () => {
  using t = await setup();
  await published(t, 12);
  const posts = await rowsOf<object>(t, "post");
  const spoilt = posts.map(({ key, value }) => ({ key, value: { ...value, fts: null } }));
  await t.deps.store.writeAll([spoilt[2], spoilt[9]]);
  const row = { run: posts[0].key[2], phase: "posts", after: posts[5].key, at: t.now() };
  const counts = { log: 1, posts: 2, documents: 3, postings: 4 };
  await t.deps.store.writeAll([{ key: ["ftsrebuild"], value: { ...row, ...counts } }]);
  const { documents, ...report } = await rebuildIndex(t.deps, OPTIONS);
  assert.deepEqual(report, { log: 1, posts: 3, postings: 4, resumed: true });
  assert.ok(documents > counts.documents);
  assert.equal((await rebuildIndex(t.deps, OPTIONS)).posts, 1);
  await assertSound(t);
});

Deno.test("a rebuild that was cut short more than a day ago begins anew", async () => {
  using t = await setup();
  await published(t, 12);
  const [{ key, value }] = await rowsOf<object>(t, "post");
  const counts = { log: 1, posts: 2, documents: 3, postings: 4 };
  const row = { run: key[2], phase: "lists", after: null, at: t.now(), ...counts };
  await t.deps.store.writeAll([
    { key, value: { ...value, fts: null } },
    { key: ["ftsrebuild"], value: row },
  ]);
  t.advance(24 * 60 * MINUTE);
  const { posts, resumed } = await rebuildIndex(t.deps, OPTIONS);
  assert.deepEqual({ posts, resumed }, { posts: 1, resumed: false });
});

Deno.test("a rebuild writes no posting list while another has the lease", async () => {
  using t = await setup();
  await published(t, 12);
  const { store } = t.deps;
  const [chunk] = await rowsOf(t, "fts");
  const lease = { key: ["ftslease"], value: { until: t.now() + MINUTE } };
  await store.writeAll([{ key: chunk.key }, lease]);
  const rebuild = rebuildIndex(t.deps, OPTIONS);
  const waited = new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(await Promise.race([rebuild, waited]), undefined);
  assert.equal((await store.get(chunk.key)).value, null);
  await store.writeAll([{ key: lease.key }]);
  await rebuild;
  assert.deepEqual((await store.get(chunk.key)).value, chunk.value);
});

Deno.test("while a rebuild replaces every document, each post is found once, whatever is published, edited and deleted", async () => {
  using t = await setup();
  const tenant = await published(t, 40);
  const stable = (n: number) => n < 20;
  const documents = await rowsOf<IndexedPost>(t, "ftsdoc");
  await t.deps.store.writeAll(
    documents.map(({ key, value }) => ({ key, value: { ...value, excerpt: "Stale." } })),
  );
  let rebuilding = true;
  const rebuild = rebuildIndex(t.deps, OPTIONS).finally(() => rebuilding = false);
  const { key } = tenant;
  const random = new Random(11);
  let next = 40;
  const write = async () => {
    while (rebuilding) {
      const slug = `post-${20 + random.below(20)}`;
      await t.api("PUT", `/posts/${slug}`, { key, body: { content: `Try ${random.next()}.` } });
      await publish(t, tenant, next);
      await t.api("DELETE", `/posts/post-${next++}`, { key });
      t.advance(100);
    }
  };
  let asked = 0;
  const ask = async () => {
    while (rebuilding) {
      const q = WORDS[random.below(WORDS.length)];
      const found = await slugs(t, tenant, q);
      const number = (slug: string) => Number(slug.slice(5));
      const wanted = Array.from({ length: 20 }, (_, n) => n)
        .filter((n) => WORDS[n % WORDS.length] === q);
      const kept = found.map(number).filter(stable).sort((a, b) => a - b);
      assert.deepEqual(kept, wanted, `${q}: ${found}`);
      assert.equal(new Set(found).size, found.length);
      asked++;
    }
  };
  await Promise.all([rebuild, write(), ask(), ask()]);
  assert.ok(asked > 3);
  const left = await rowsOf<IndexedPost>(t, "ftsdoc");
  const dead = new Set(
    (await rowsOf(t, "ftslog")).filter(({ key }) => key[2] === 0).map(({ key }) => key[1]),
  );
  assert.deepEqual(
    left.filter(({ key, value }) => !dead.has(key[1]) && value.excerpt === "Stale."),
    [],
  );
  await assertSound(t);
});

Deno.test("of two rebuilds at once the later goes on, and the earlier says so", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  await published(t, 20);
  await spoil(t);
  let commits = 0;
  let later: Promise<RebuildReport> | undefined;
  hooks.before = async (kind) => {
    if (kind !== "commit" || ++commits !== 4) return;
    later = rebuildIndex(t.deps, OPTIONS);
    await later;
  };
  await assert.rejects(
    rebuildIndex(t.deps, OPTIONS),
    (error) => error instanceof AppError && /taken over/.test(error.message),
  );
  assert.equal((await later)?.resumed, true);
  await assertSound(t);
});

Deno.test("a rebuild for an engine feeds it every living document, and leaves posting lists alone", async () => {
  using t = await setup();
  await published(t, 12);
  const lists = await rowsOf(t, "fts");
  const documents = await rowsOf<IndexedPost>(t, "ftsdoc");
  await t.deps.store.writeAll([{ key: documents[3].key }, {
    key: ["ftsdoc", 5],
    value: documents[0].value,
  }]);
  const held = new Map<number, IndexedPost>();
  const engine = {
    index({ add, kill }: Change) {
      for (const { n, row } of add) held.set(n, row);
      for (const n of kill) held.delete(n);
      return Promise.resolve();
    },
    async replace(all: AsyncIterable<Document>) {
      held.clear();
      for await (const { n, row } of all) held.set(n, row);
      return held.size;
    },
  };
  const { fed, posts, documents: killed } = await rebuildIndex(t.deps, { ...OPTIONS, engine });
  assert.deepEqual({ posts, killed }, { posts: 1, killed: 1 });
  assert.equal(fed, held.size);
  await mergeLog(t.deps, { engine });
  const living = await rowsOf<IndexedPost>(t, "ftsdoc");
  assert.equal(living.length, 12);
  assert.deepEqual([...held.keys()].sort(), living.map(({ key }) => key[1]));
  assert.deepEqual(await rowsOf(t, "fts"), lists);
});

Deno.test("admin search rebuild prints how much it put right", async () => {
  using t = await setup();
  await published(t, 6);
  const [first] = await rowsOf(t, "ftsdoc");
  await t.deps.store.writeAll([{ key: first.key }]);
  const run = async () => {
    const out: string[] = [];
    const terminal = { out: (line: string) => void out.push(line), err: () => {} };
    assert.equal(await runCommand(t.deps, ["search", "rebuild"], terminal), 0);
    const { posts, resumed } = JSON.parse(out[0]);
    return { posts, resumed };
  };
  assert.deepEqual(await run(), { posts: 1, resumed: false });
  assert.deepEqual(await run(), { posts: 0, resumed: false });
});
