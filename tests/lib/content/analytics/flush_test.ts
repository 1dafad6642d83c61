import assert from "node:assert/strict";
import { rollUpViews } from "../../../../lib/content/analytics/mod.ts";
import { AppError } from "../../../../lib/kit/errors.ts";
import { Store } from "../../../../lib/kit/kv.ts";
import { setup } from "../../../_setup.ts";
import type { Hooks } from "../../../support/hooked_kv.ts";
import { countRounds } from "../../../support/kv_rounds.ts";
import { Random } from "../../../support/random.ts";
import { flush, overview, publish, rowsOf, viewOf } from "../../../support/visitors.ts";

const DAY = 86_400_000;
const MINUTE = 60_000;

async function service() {
  const hooks: Hooks = {};
  const t = await setup({ hooks });
  const tenant = await t.tenant();
  const at = { blog: tenant.blog.id, post: await publish(t, tenant, "post") };
  return { t, hooks, at, key: tenant.key, [Symbol.dispose]: () => t[Symbol.dispose]() };
}

Deno.test("counting asks the store for nothing, be it the first view of a day or the hundredth", async () => {
  using s = await service();
  const { t, hooks, at } = s;
  let calls = 0;
  hooks.before = () => void calls++;
  for (let day = 0; day < 2; day++, t.advance(DAY)) {
    for (let n = 0; n < 100; n++) t.deps.views.count(viewOf(at, n));
    assert.equal(calls, 0);
    await flush(t);
    assert.notEqual(calls, 0);
    calls = 0;
  }
});

Deno.test("a flush with nothing to write asks the store for nothing", async () => {
  using s = await service();
  const { t, hooks, at } = s;
  t.deps.views.count(viewOf(at, 1));
  await flush(t);
  t.deps.views.count(viewOf(at, 1));
  assert.deepEqual((await countRounds(hooks, () => flush(t))).waves, []);
});

Deno.test("500 posts that were viewed are written in three commits", async () => {
  using s = await service();
  const { t, hooks, at } = s;
  t.deps.views.count(viewOf(at, 0));
  await flush(t);
  for (let n = 1; n <= 500; n++) {
    const post = at.post.slice(0, -3) + String(n).padStart(3, "0");
    t.deps.views.count(viewOf({ ...at, post }, n % 50));
  }
  const { commits } = await countRounds(hooks, () => flush(t));
  assert.equal(commits, 3);
});

Deno.test("a flush whose answers are lost writes each view once", async () => {
  using s = await service();
  const { t, hooks, at, key } = s;
  const random = new Random(5);
  let lost = 0;
  for (let n = 0; n < 60; n++) {
    hooks.committed = () => {
      if (random.below(3)) return;
      lost++;
      throw new Error("the connection was reset");
    };
    t.deps.views.count(viewOf(at, n));
    await flush(t).catch(() => {});
    hooks.committed = undefined;
  }
  await flush(t);
  assert.ok(lost > 5);
  assert.equal((await overview(t, key)).total_views, 60);
});

Deno.test("a flush that the store refuses for a while loses nothing and doubles nothing", async () => {
  using s = await service();
  const { t, hooks, at, key } = s;
  const random = new Random(9);
  for (let n = 0; n < 40; n++) {
    t.deps.views.count(viewOf(at, n));
    hooks.before = () => random.below(2) ? undefined : Promise.reject(new Error("away"));
    await flush(t).catch((error) => assert.equal((error as AppError).status, 503));
  }
  hooks.before = () => Promise.reject(new Error("away"));
  await assert.rejects(flush(t), AppError);
  hooks.before = undefined;
  await flush(t);
  assert.equal((await overview(t, key)).total_views, 40);
  assert.equal((await overview(t, key)).total_uv_7d, 40);
});

Deno.test("a commit that lands after its flush was given up is not written again", async () => {
  using s = await service();
  const { t, hooks, at, key } = s;
  t.deps.views.count(viewOf(at, 0));
  await flush(t);
  t.deps.views.count(viewOf(at, 1));
  const patient = t.deps.store;
  t.deps.store = new Store(patient.kv, 500);
  let release = () => {};
  let late: Promise<void> | undefined;
  hooks.before = (kind) => {
    if (kind !== "commit") return late && Promise.reject(new Error("away"));
    late = new Promise((resolve) => release = resolve);
    return late;
  };
  // The commit is not answered within the deadline, and no read after it.
  await assert.rejects(flush(t), AppError);
  hooks.before = undefined;
  t.deps.store = patient;
  const landed = new Promise<void>((resolve) => hooks.committed = resolve);
  release();
  await landed;
  hooks.committed = undefined;
  await flush(t);
  assert.equal((await overview(t, key)).total_views, 2);
});

Deno.test("what was counted before midnight belongs to that day though it is flushed after it", async () => {
  using s = await service();
  const { t, at, key } = s;
  t.advance(14 * 60 * MINUTE - 1);
  t.deps.views.count(viewOf(at, 1));
  t.advance(1);
  t.deps.views.count(viewOf(at, 1));
  await flush(t);
  const days = (await overview(t, key)).daily_views.slice(-2);
  assert.deepEqual(days, [
    { date: "2026-03-24", views: 1, uv: 1 },
    { date: "2026-03-25", views: 1, uv: 1 },
  ]);
});

Deno.test("a view that comes in during a flush which ends after midnight is kept", async () => {
  using s = await service();
  const { t, hooks, at, key } = s;
  t.advance(14 * 60 * MINUTE - 1);
  t.deps.views.count(viewOf(at, 1));
  await flush(t);
  t.deps.views.count(viewOf(at, 2));
  hooks.before = (kind) => {
    if (kind !== "commit") return;
    hooks.before = undefined;
    t.deps.views.count(viewOf(at, 3));
    t.advance(1);
  };
  await flush(t);
  await flush(t);
  const days = (await overview(t, key)).daily_views.slice(-2);
  assert.deepEqual(days, [
    { date: "2026-03-24", views: 3, uv: 3 },
    { date: "2026-03-25", views: 0, uv: 0 },
  ]);
});

for (const begun of [true, false]) {
  Deno.test(
    `a flush after the day was closed writes nothing of it, where the day was ${
      begun ? "begun" : "unknown"
    }`,
    async () => {
      using s = await service();
      const { t, at, key } = s;
      if (begun) {
        t.deps.views.count(viewOf(at, 1));
        await flush(t);
      }
      t.deps.views.count(viewOf(at, 2));
      const { views } = t.deps;
      // Another instance rolls the day up while this one does not come to flush.
      t.deps.views = { count() {}, flush: () => Promise.resolve() };
      t.advance(DAY);
      await t.runJob("roll_up_views");
      await views.flush(t.deps);
      const { event, views: lost } = t.logs.at(-1)!;
      assert.deepEqual({ event, lost }, { event: "views_not_counted", lost: 1 });
      assert.deepEqual(await rowsOf(t, "hit", "hitpost", "salt", "visitors", "viewopen"), []);
      assert.equal((await overview(t, key)).total_views, begun ? 1 : 0);
    },
  );
}

Deno.test("a flush that has read the day's salt cannot land once the day was closed", async () => {
  using s = await service();
  const { t, hooks, at, key } = s;
  t.deps.views.count(viewOf(at, 1));
  await flush(t);
  t.deps.views.count(viewOf(at, 2));
  t.advance(DAY);
  hooks.before = async (kind) => {
    if (kind !== "commit") return;
    hooks.before = undefined;
    await rollUpViews({ ...t.deps, views: { count() {}, flush: () => Promise.resolve() } });
  };
  await flush(t);
  assert.deepEqual(await rowsOf(t, "hit", "hitpost", "visitors", "viewopen"), []);
  assert.equal((await overview(t, key)).total_views, 1);
  assert.equal(t.logs.at(-1)!.event, "views_not_counted");
});

Deno.test("flushes that are asked for at once write each view once", async () => {
  using s = await service();
  const { t, at, key } = s;
  const flushes = [];
  for (let n = 0; n < 50; n++) {
    t.deps.views.count(viewOf(at, n));
    if (n % 5 === 0) flushes.push(flush(t));
  }
  await Promise.all([...flushes, flush(t)]);
  assert.equal((await overview(t, key)).total_views, 50);
});
