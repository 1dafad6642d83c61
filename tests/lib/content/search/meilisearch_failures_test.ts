import assert from "node:assert/strict";
import { findThrough, type SearchEngine } from "../../../../lib/content/search/engine.ts";
import { parseQuery } from "../../../../lib/content/search/query.ts";
import { indexedPost, openEngine } from "./_engine.ts";

const UNAVAILABLE = { reason: "search_unavailable", status: 503 };

type World = Awaited<ReturnType<typeof openEngine>>;

const sure = () => Promise.resolve();

async function totalOf(t: World, q: string): Promise<number> {
  return (await t.find(q)).total;
}

Deno.test("a merge cut short after the engine took its documents counts none of them twice", async () => {
  using t = await openEngine();
  await t.publish({ title: "walk" });
  const killed = await t.publish({ title: "walk" });
  await t.merge();
  await t.kill(killed);
  const n = await t.publish({ title: "walk" });
  const index = async (change: Parameters<SearchEngine["index"]>[0]) => {
    await t.engine.index(change);
    throw new Error("cut short");
  };
  await assert.rejects(t.merge({ engine: { index } }), /cut short/);
  assert.ok(t.held().includes(n) && !t.held().includes(killed));
  assert.equal(await t.waiting(), 1);
  assert.equal(await totalOf(t, "walk"), 2);
  assert.deepEqual(await t.merge(), { added: 1, killed: 1, busy: false });
  assert.equal(await totalOf(t, "walk"), 2);
});

Deno.test("a task that fails leaves the log as it is, and the next merge brings all of it in", async () => {
  using t = await openEngine();
  await t.publish({ title: "walk" });
  await t.merge();
  const n = await t.publish({ title: "walk" });
  t.server.failure = {
    message: "The disk is full.",
    code: "no_space_left_on_device",
    type: "system",
    link: "",
  };
  await assert.rejects(t.merge(), UNAVAILABLE);
  assert.match(String(t.logs[0].error), /The disk is full/);
  assert.equal(await t.waiting(), 1);
  assert.ok(!t.held().includes(n));
  assert.equal(await totalOf(t, "walk"), 2);
  await t.merge();
  assert.equal(await t.waiting(), 0);
  assert.equal(await totalOf(t, "walk"), 2);
});

Deno.test("a wrong key and a missing one fail queries and merges, and the log says why", async () => {
  for (
    const [sent, reason] of [["wrong", /API key is invalid/], ["", /header is missing/]] as const
  ) {
    using t = await openEngine({ key: "right", sent });
    await t.publish({ title: "walk" });
    await assert.rejects(t.find("walk"), UNAVAILABLE);
    await assert.rejects(t.merge(), UNAVAILABLE);
    assert.match(String(t.logs[0].error), reason);
    assert.equal(await t.waiting(), 1);
  }
  using t = await openEngine({ key: "right" });
  await t.publish({ title: "walk" });
  await t.merge();
  assert.equal(await totalOf(t, "walk"), 1);
});

Deno.test("while the engine does not answer queries are 503, the log grows, and nothing is lost", async () => {
  for (const down of ["refused", "silent"] as const) {
    using t = await openEngine();
    const killed = await t.publish({ title: "walk" });
    await t.merge();
    t.server.down = down;
    t.setPatience({ deadline: 20 });
    await t.kill(killed);
    await t.publish({ title: "walk" });
    await assert.rejects(t.find("walk"), (error: { details: { retryAfter: number } }) => {
      assert.ok(error.details.retryAfter > 0);
      return true;
    });
    await assert.rejects(t.merge(), UNAVAILABLE);
    assert.equal(await t.waiting(), 1);
    t.server.down = "";
    t.setPatience({});
    assert.equal(await totalOf(t, "walk"), 1, down);
    assert.deepEqual(await t.merge(), { added: 1, killed: 1, busy: false });
    assert.equal(await totalOf(t, "walk"), 1, down);
  }
});

Deno.test("an answer that is not Meilisearch's is a failure, not an empty result", async () => {
  using t = await openEngine();
  await t.publish({ title: "walk" });
  await t.merge();
  t.server.intercept = () => new Response("<html>Bad gateway</html>", { status: 200 });
  await assert.rejects(t.find("walk"), UNAVAILABLE);
  t.server.intercept = () => Response.json({ hits: [] });
  await assert.rejects(t.find("walk"), UNAVAILABLE);
  await assert.rejects(t.engine.index({ add: [], kill: [1] }), UNAVAILABLE);
});

Deno.test("what was sent is not sent again while it waits, and additions stay before kills", async () => {
  using t = await openEngine();
  const n = await t.publish({ title: "walk" });
  await t.merge();
  t.server.stuck = true;
  t.setPatience({ looks: 2 });
  const next = await t.publish({ title: "walk" });
  await assert.rejects(t.merge(), UNAVAILABLE);
  const sent = t.server.tasks.length;
  await t.kill(next);
  await t.kill(n);
  await assert.rejects(t.merge(), UNAVAILABLE);
  assert.equal(t.server.tasks.length, sent);
  assert.equal(await totalOf(t, "walk"), 0);
  t.server.stuck = false;
  t.setPatience({});
  await t.merge();
  assert.equal(t.server.tasks.length, sent + 1);
  assert.deepEqual(t.held(), []);
  assert.equal(await totalOf(t, "walk"), 0);
});

Deno.test("a change may come twice, and a document that it adds and kills is gone", async () => {
  using t = await openEngine();
  const row = indexedPost({ title: "walk" });
  const change = { add: [{ n: 1, row }, { n: 2, row }], kill: [2, 3] };
  await t.engine.index(change);
  await t.engine.index(change);
  assert.deepEqual(t.held(), [1]);
});

Deno.test("a merger that takes longer than its lease lasts sends nothing more", async () => {
  using t = await openEngine();
  await t.publish({ title: "walk" });
  await t.merge();
  const sent = t.server.tasks.length;
  await t.publish({ title: "walk" });
  t.server.intercept = () => {
    t.advance(25_000);
    return null;
  };
  await assert.rejects(t.merge(), UNAVAILABLE);
  assert.equal(t.server.tasks.length, sent);
  t.server.intercept = () => null;
  t.advance(60_000);
  assert.equal((await t.merge()).added, 1);
});

Deno.test("an index that is gone fails queries and merges, until a rebuild has fed it anew", async () => {
  using t = await openEngine();
  assert.equal(await totalOf(t, "walk"), 0);
  const n = await t.publish({ title: "walk" });
  await t.merge();
  t.server.indexes.clear();
  await assert.rejects(t.find("walk"), UNAVAILABLE);
  const next = await t.publish({ title: "walk" });
  await assert.rejects(t.merge(), UNAVAILABLE);
  assert.match(String(t.logs[0].error), /admin search rebuild/);
  const row = indexedPost({ title: "walk" });
  assert.equal(await t.engine.replace(documents([n, next]), sure), 2);
  assert.deepEqual(await t.find("walk").then(({ ns }) => ns), [next, n]);
  assert.deepEqual(await t.merge(), { added: 1, killed: 0, busy: false });
  assert.equal(await totalOf(t, "walk"), 2);

  async function* documents(ns: number[]) {
    for (const n of ns) yield await Promise.resolve({ n, row });
  }
});

Deno.test("documents that are replaced are found until all of the new ones are in", async () => {
  using t = await openEngine();
  await t.publish({ title: "walk" });
  await t.merge();
  const seen: number[] = [];
  async function* documents() {
    for (let n = 1; n <= 1001; n++) {
      if (n === 1 || n === 1001) seen.push(await totalOf(t, "walk"), await totalOf(t, "hills"));
      yield { n, row: indexedPost({ title: "hills" }) };
    }
  }
  assert.equal(await t.engine.replace(documents(), sure), 1001);
  assert.deepEqual(seen, [1, 0, 1, 0]);
  assert.equal(await totalOf(t, "walk"), 0);
  assert.equal(await totalOf(t, "hills"), 1001);
  assert.deepEqual([...t.server.indexes.keys()], ["postlark_posts"]);
});

Deno.test("a replacement cut short leaves what was there, and the next one starts over", async () => {
  using t = await openEngine();
  await t.publish({ title: "walk" });
  await t.merge();
  const row = indexedPost({ title: "hills" });
  async function* documents(last: number) {
    for (let n = 1; n <= last; n++) yield await Promise.resolve({ n, row });
    if (last > 1000) throw new Error("cut short");
  }
  const unsure = () => Promise.reject(new Error("no longer"));
  await assert.rejects(t.engine.replace(documents(1001), sure), UNAVAILABLE);
  await assert.rejects(t.engine.replace(documents(3), unsure), UNAVAILABLE);
  assert.equal(await totalOf(t, "walk"), 1);
  assert.equal(await totalOf(t, "hills"), 0);
  assert.equal(await t.engine.replace(documents(2), sure), 2);
  assert.equal(await totalOf(t, "hills"), 2);
});

Deno.test("documents in the log stand among the engine's first thousand hits, and no page skips a hit", async () => {
  const fed = Array.from({ length: 1500 }, (_, i) => ({ n: 10_000 - i, score: 1 - i / 2000 }));
  const engine = {
    search: (_query: unknown, _filters: unknown, page: { offset: number; limit: number }) =>
      Promise.resolve({
        total: fed.length,
        hits: fed.slice(page.offset, page.offset + page.limit),
      }),
    score: (posting: { terms: string }) => Number(posting.terms),
  } as unknown as SearchEngine;
  const logged = [0.95, 0.7, 0.1].map((score, i) => ({
    n: 20_000 + i,
    posting: { terms: String(score), masks: new Uint8Array(1) },
  }));
  const question = { query: parseQuery("walk"), filters: [], logged, without: [] };
  const ns: number[] = [];
  for (let offset = 0; offset < 1550; offset += 50) {
    const { total, hits } = await findThrough(engine, { ...question, offset, limit: 50 });
    assert.equal(total, 1503);
    for (let i = 1; i < hits.length; i++) assert.ok(hits[i - 1].score >= hits[i].score);
    ns.push(...hits.map(({ n }) => n));
  }
  assert.equal(new Set(ns.slice(0, 1050)).size, 1050);
  assert.equal(ns.indexOf(20_000), 100);
  assert.equal(ns.indexOf(20_001), 601);
  // The one that has no place there yet; until it has, the page behind the thousandth hit repeats one.
  assert.ok(!ns.includes(20_002));
  assert.ok(fed.every(({ n }) => ns.includes(n)));
  assert.equal(ns.length, fed.length + 3);
});
