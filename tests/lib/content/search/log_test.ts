import assert from "node:assert/strict";
import {
  backlogOf,
  newDocumentNumber,
  noteLogged,
  readLog,
  stageHidden,
  stageIndexed,
  stageShown,
} from "../../../../lib/content/search/log.ts";
import { relieveLog } from "../../../../lib/content/search/merge.ts";
import { removeBlogDocuments } from "../../../../lib/content/search/remove.ts";
import { withLease } from "../../../../lib/content/search/lease.ts";
import { Store, transact, type Tx } from "../../../../lib/kit/kv.ts";
import type { Hooks } from "../../../support/hooked_kv.ts";
import { countRounds } from "../../../support/kv_rounds.ts";
import { makeIndexed, openIndex, readContents } from "../../../support/search_index.ts";

async function stage(store: Store, change: (tx: Tx) => void): Promise<void> {
  await transact(store, (tx) => Promise.resolve(change(tx)));
}

Deno.test("document numbers go by the second, and are exact for two centuries", () => {
  const [early, late] = ["2025-01-01T00:00:00Z", "2225-01-01T00:00:00Z"].map(Date.parse);
  assert.ok(newDocumentNumber(early) < 2 ** 16);
  assert.ok(newDocumentNumber(early + 999) < 2 ** 16);
  assert.ok(newDocumentNumber(early + 1000) >= 2 ** 16);
  const last = newDocumentNumber(late);
  assert.ok(Number.isSafeInteger(last) && last < 2 ** 49);
});

Deno.test("a number that is taken is drawn again, and keeps its document", async () => {
  using t = await openIndex();
  await t.publish(makeIndexed({ title: "ant" }), { n: 7 });
  const drawn: number[] = [];
  await transact(t.store, (tx) => {
    const n = drawn.length ? 8 : 7;
    drawn.push(n);
    stageIndexed(tx, n, makeIndexed({ title: "bee" }));
    return Promise.resolve();
  });
  assert.deepEqual(drawn, [7, 8]);
  assert.deepEqual((await t.find("ant")).hits.map(({ n }) => n), [7]);
  assert.deepEqual((await t.find("bee")).hits.map(({ n }) => n), [8]);
});

Deno.test("the log is read in one round with all that is hidden", async () => {
  const hooks: Hooks = {};
  using t = await openIndex({ hooks });
  const [ant, bee] = [await t.publish(makeIndexed({ title: "ant" })), 7];
  await t.publish(makeIndexed({ title: "bee", blog: "two" }), { n: bee });
  await t.publish(makeIndexed({ title: "cat" }), { n: 9 });
  await t.kill(9);
  await stage(t.store, (tx) => stageHidden(tx, "two"));
  const { rounds, value } = await countRounds(hooks, () => readLog(t.store));
  assert.equal(rounds, 1);
  assert.deepEqual([...value.adds], [bee, ant]);
  assert.deepEqual([...value.dead], [9]);
  assert.deepEqual([...value.hidden], ["two"]);
});

Deno.test("searches share a read of the log that begins after the last of them asked, and none before it", async () => {
  using t = await openIndex();
  let calls = 0;
  const answers: PromiseWithResolvers<void>[] = [];
  const slow = {
    async *list(...args: Parameters<Deno.Kv["list"]>) {
      const answer = answers[calls++] = Promise.withResolvers<void>();
      const rows = await Array.fromAsync(t.raw.list(...args));
      await answer.promise;
      yield* rows;
    },
  };
  const store = new Store(slow as unknown as Deno.Kv);
  const first = readLog(store);
  const n = await t.publish(makeIndexed({ title: "ant" }));
  const later = Array.from({ length: 5 }, () => readLog(store));
  answers[0].resolve();
  assert.deepEqual([...(await first).adds], []);
  while (calls < 2) await new Promise((resolve) => setTimeout(resolve));
  answers[1].resolve();
  for (const log of await Promise.all(later)) assert.deepEqual([...log.adds], [n]);
  assert.equal(calls, 2);
  const last = readLog(store);
  answers[2].resolve();
  assert.deepEqual([...(await last).adds], [n]);
});

Deno.test("the documents of a hidden blog are found nowhere until it is shown again", async () => {
  using t = await openIndex();
  const find = async (q: string, filters: string[] = []) =>
    (await t.find(q, filters)).hits.map(({ n }) => n);
  await t.publish(makeIndexed({ title: "ant", blog: "one" }), { n: 1 });
  await t.publish(makeIndexed({ title: "ant", blog: "two" }), { n: 2 });
  await t.merge();
  await t.publish(makeIndexed({ title: "ant", blog: "one" }), { n: 3 });
  await t.publish(makeIndexed({ title: "ant", blog: "two" }), { n: 4 });
  await stage(t.store, (tx) => stageHidden(tx, "two"));
  assert.deepEqual(await find("ant"), [3, 1]);
  assert.deepEqual(await find("ant OR bee"), [3, 1]);
  assert.deepEqual(await find("-bee"), [3, 1]);
  assert.deepEqual(await find("ant", ["@two"]), []);
  await t.merge();
  assert.deepEqual(await find("ant"), [3, 1]);
  await stage(t.store, (tx) => stageShown(tx, "two"));
  assert.deepEqual(await find("ant"), [4, 3, 2, 1]);
});

Deno.test("a merge is asked for at every hundredth row of the log, and not before", async () => {
  using t = await openIndex();
  for (let i = 0; i < 99; i++) noteLogged(t.deps);
  assert.deepEqual(t.alarms, []);
  noteLogged(t.deps);
  assert.deepEqual(t.alarms, ["merge_search"]);
  noteLogged(t.deps, 99);
  assert.equal(t.alarms.length, 1);
  noteLogged(t.deps, 2);
  assert.equal(t.alarms.length, 2);
});

Deno.test("publishing asks the store for nothing more while the log is short", async () => {
  const hooks: Hooks = {};
  using t = await openIndex({ hooks });
  await t.publish(makeIndexed({ title: "ant" }));
  noteLogged(t.deps, 1000);
  const { waves } = await countRounds(hooks, () => relieveLog(t.deps));
  assert.deepEqual(waves, []);
});

Deno.test("a publisher helps to merge before it adds to a log that is too long", async () => {
  using t = await openIndex();
  for (let i = 0; i < 12; i++) {
    await relieveLog(t.deps, { limit: 5 });
    await t.publish(makeIndexed({ title: "ant" }));
    noteLogged(t.deps);
    const { logged } = await readContents(t.store);
    assert.ok(logged <= 6, `${logged} rows`);
  }
  assert.equal((await t.find("ant")).total, 12);
});

Deno.test("a publisher learns of a long log from a search, and of a short one from a merge", async () => {
  using t = await openIndex();
  using other = await openIndex({ kv: t.raw });
  for (let i = 0; i < 8; i++) await other.publish(makeIndexed({ title: "ant" }));
  await relieveLog(t.deps, { limit: 5 });
  assert.equal((await readContents(t.store)).logged, 8);
  await t.find("ant");
  await relieveLog(t.deps, { limit: 5 });
  assert.equal((await readContents(t.store)).logged, 0);
});

Deno.test("a publisher waits while another instance merges, and not once the log is short", async () => {
  using t = await openIndex();
  using other = await openIndex({ kv: t.raw });
  for (let i = 0; i < 8; i++) await t.publish(makeIndexed({ title: "ant" }));
  noteLogged(t.deps, 8);
  let waited = false;
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const merging = withLease(other.deps, async () => {
    begun.resolve();
    await end.promise;
  });
  await begun.promise;
  const relieved = relieveLog(t.deps, { limit: 5 }).then(() => waited = true);
  await t.find("ant");
  assert.equal(waited, false);
  end.resolve();
  await merging;
  await relieved;
  assert.equal((await readContents(t.store)).logged, 0);
});

Deno.test("a publisher that took the log for long looks once, whoever merges, and goes on", async () => {
  const hooks: Hooks = {};
  using t = await openIndex({ hooks });
  using other = await openIndex({ kv: t.raw });
  for (let i = 0; i < 3; i++) await other.publish(makeIndexed({ title: "ant" }));
  noteLogged(t.deps, 2000);
  let looks = 0;
  hooks.before = (kind) => void (looks += Number(kind === "get"));
  await withLease(other.deps, () => relieveLog(t.deps));
  assert.equal(looks, 1);
});

Deno.test("a merge asks for another where a hundred rows came meanwhile", async () => {
  const hooks: Hooks = {};
  using t = await openIndex({ hooks });
  for (const meanwhile of [99, 100]) {
    await t.publish(makeIndexed({ title: "ant" }));
    let lists = 0;
    hooks.before = (kind) => {
      if (kind === "list" && ++lists === 3) backlogOf(t.store).rows += meanwhile;
    };
    await t.merge();
    assert.equal(t.alarms.length, meanwhile === 100 ? 1 : 0);
    hooks.before = undefined;
  }
});

Deno.test("a publisher goes on as soon as a batch of a longer merge made room", async () => {
  const hooks: Hooks = {};
  using t = await openIndex({ hooks });
  for (let i = 0; i < 30; i++) await t.publish(makeIndexed({ title: "ant" }));
  noteLogged(t.deps, 30);
  let commits = 0;
  const rest = Promise.withResolvers<void>();
  hooks.before = async (kind) => {
    // The lease, the chunks, the log; then the second batch begins.
    if (kind === "commit" && ++commits > 3) await rest.promise;
  };
  await relieveLog(t.deps, { limit: 25, batch: 10 });
  assert.equal((await readContents(t.store)).logged, 20);
  rest.resolve();
  await t.merge();
  assert.equal((await readContents(t.store)).logged, 0);
});

Deno.test("a publisher goes on where the merge fails", async () => {
  const hooks: Hooks = {};
  using t = await openIndex({ hooks });
  await t.publish(makeIndexed({ title: "ant" }));
  noteLogged(t.deps, 2000);
  hooks.before = () => Promise.reject(new Error("the network is down"));
  await relieveLog(t.deps);
  hooks.before = undefined;
  assert.equal((await t.find("ant")).total, 1);
});

Deno.test("removing a blog's documents kills all of them and no other's, merged or not, and may be repeated", async () => {
  using t = await openIndex();
  for (let i = 0; i < 30; i++) {
    await t.publish(makeIndexed({ title: "ant", blog: i % 3 ? "one" : "two" }), { n: i });
    if (i === 20) await t.merge();
  }
  await t.kill(3);
  await removeBlogDocuments(t.deps, "two");
  await removeBlogDocuments(t.deps, "two");
  assert.equal((await t.find("ant", ["@two"])).total, 0);
  assert.equal((await t.find("ant")).total, 20);
  await t.merge();
  const { terms, documents } = await readContents(t.store);
  assert.equal(documents.length, 20);
  assert.equal(terms["@two"], undefined);
  assert.equal(Object.keys(terms["@one"]).length, 20);
});
