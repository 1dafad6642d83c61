import assert from "node:assert/strict";
import { rollUpViews } from "../../../../lib/content/analytics/mod.ts";
import { type Service, setup, type Tenant } from "../../../_setup.ts";
import type { Hooks } from "../../../support/hooked_kv.ts";
import { setupPair } from "../../../support/pair.ts";
import { Random } from "../../../support/random.ts";
import {
  analyticsOf,
  flush,
  overview,
  publish,
  rowsOf,
  viewOf,
} from "../../../support/visitors.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const LIVE = ["hit", "hitpost", "salt", "visitors", "viewopen"];
const PACKED = ["viewday", "views"];

/** Posts with views of a first day: the first has `posts.length`, the next one less, and so on. */
async function viewed(t: Service, tenant: Tenant, count: number): Promise<string[]> {
  const posts: string[] = [];
  for (let n = 0; n < count; n++) posts.push(await publish(t, tenant, `post-${n}`));
  await visit(t, tenant, posts);
  return posts;
}

async function visit(t: Service, tenant: Tenant, posts: string[]): Promise<void> {
  posts.forEach((post, n) => {
    for (let visitor = n; visitor < posts.length; visitor++) {
      const referrer = `https://host-${visitor % 3}.example/`;
      t.deps.views.count({ ...viewOf({ blog: tenant.blog.id, post }, visitor), referrer });
    }
  });
  await flush(t);
}

/** All figures of a blog, as the API gives them. */
async function figures(t: Service, key: string, posts: number) {
  const answers = await Promise.all(["7d", "30d", "90d"].map((period) => overview(t, key, period)));
  for (let n = 0; n < posts; n++) answers.push(await analyticsOf(t, key, `post-${n}?period=90d`));
  return answers;
}

async function packed(t: Service) {
  return (await rowsOf(t, ...PACKED)).map(({ key, value }) => [key, value]);
}

async function service(posts: number) {
  const hooks: Hooks = {};
  const t = await setup({ hooks });
  const tenant = await t.tenant();
  const ids = await viewed(t, tenant, posts);
  return {
    t,
    hooks,
    tenant,
    key: tenant.key,
    posts: ids,
    [Symbol.dispose]: () => t[Symbol.dispose](),
  };
}

Deno.test("a day is closed two minutes after its end, not before, and its figures stay as they were", async () => {
  using s = await service(20);
  const { t, key } = s;
  t.advance(14 * HOUR + 119_999);
  const before = await figures(t, key, 20);
  assert.deepEqual(await t.runJob("roll_up_views"), { days: 0, packed: 0 });
  t.advance(1);
  assert.deepEqual(await t.runJob("roll_up_views"), { days: 1, packed: 21 });
  assert.deepEqual(await figures(t, key, 20), before);
  assert.equal(before[0].total_views, 210);
  assert.deepEqual(await rowsOf(t, ...LIVE), []);
});

Deno.test("rolling a day up twice changes nothing", async () => {
  using s = await service(3);
  const { t } = s;
  t.advance(DAY);
  await t.runJob("roll_up_views");
  const once = await packed(t);
  assert.deepEqual(await t.runJob("roll_up_views"), { days: 0, packed: 0 });
  assert.deepEqual(await packed(t), once);
});

Deno.test("a roll-up that comes days late packs each day apart", async () => {
  using s = await service(3);
  const { t, tenant, key, posts } = s;
  for (let day = 0; day < 3; day++) {
    t.advance(DAY);
    await visit(t, tenant, posts.slice(day));
  }
  t.advance(5 * DAY);
  const before = await figures(t, key, 3);
  assert.deepEqual(await t.runJob("roll_up_views"), { days: 4, packed: 13 });
  assert.deepEqual(await figures(t, key, 3), before);
  const views = before[1].daily_views.slice(-9).map((day: { views: number }) => day.views);
  assert.deepEqual(views, [6, 6, 3, 1, 0, 0, 0, 0, 0]);
  assert.equal(before[1].total_views, 16);
});

Deno.test("a roll-up that is cut short at any call to the store is finished by the next", async () => {
  using whole = await service(9);
  whole.t.advance(DAY);
  await whole.t.runJob("roll_up_views");
  const wanted = await figures(whole.t, whole.key, 9);
  let cut = 0;
  for (let call = 1; cut === call - 1; call++) {
    using s = await service(9);
    const { t, hooks, key } = s;
    t.advance(DAY);
    let calls = 0;
    hooks.before = () => {
      if (++calls >= call) throw new Error("killed");
    };
    await rollUpViews(t.deps).then(() => {}, () => cut++);
    hooks.before = undefined;
    // Readers see the same before the roll-up, where it was cut, and after it.
    for (let run = 0; run < 2; run++) {
      const got = await figures(t, key, 9);
      got.forEach((one, i) => assert.deepEqual({ ...one, title: "" }, { ...wanted[i], title: "" }));
      await t.runJob("roll_up_views");
    }
    assert.deepEqual(await rowsOf(t, ...LIVE), []);
  }
  assert.ok(cut > 10, `only ${cut} calls were cut`);
});

Deno.test("two instances that roll up at once, with jitter and lost answers, pack each view once", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const random = new Random(seed);
    const hooks: Hooks = {};
    using pair = await setupPair({ hooks });
    const { one, two } = pair;
    const tenant = await one.tenant();
    await viewed(one, tenant, 20);
    const before = await figures(one, tenant.key, 20);
    pair.advance(DAY);
    hooks.before = () => new Promise((resolve) => setTimeout(resolve, random.below(3)));
    hooks.committed = () => random.below(5) ? undefined : Promise.reject(new Error("reset"));
    const runs = [one, two, one, two].map((t) => t.runJob("roll_up_views").catch(() => {}));
    await Promise.all(runs);
    hooks.before = hooks.committed = undefined;
    await one.runJob("roll_up_views");
    assert.deepEqual(await rowsOf(one, ...LIVE), [], `seed ${seed}`);
    const after = await figures(one, tenant.key, 20);
    after.forEach((got, i) => {
      assert.equal(got.total_views, before[i].total_views, `seed ${seed}`);
      assert.deepEqual(got.referrers, before[i].referrers, `seed ${seed}`);
    });
  }
});

Deno.test("views that are flushed while the day is rolled up are packed whole or left out whole", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const random = new Random(seed);
    const hooks: Hooks = {};
    using pair = await setupPair({ hooks });
    const { one, two } = pair;
    const tenant = await one.tenant();
    const at = { blog: tenant.blog.id, post: await publish(one, tenant, "post-0") };
    two.deps.views.count(viewOf(at, 0));
    await flush(two);
    for (let n = 1; n <= 10; n++) two.deps.views.count(viewOf(at, n));
    pair.advance(DAY);
    hooks.before = () => new Promise((resolve) => setTimeout(resolve, random.below(4)));
    await Promise.all([one.runJob("roll_up_views"), flush(two)]);
    hooks.before = undefined;
    await one.runJob("roll_up_views");
    const lost = two.logs.filter(({ event }) => event === "views_not_counted").length * 10;
    assert.equal((await overview(one, tenant.key)).total_views, 11 - lost, `seed ${seed}`);
    assert.equal((await analyticsOf(one, tenant.key, "post-0")).total_views, 11 - lost);
    assert.deepEqual(await rowsOf(one, ...LIVE), []);
  }
});

Deno.test("a deleted post leaves the top posts at once, its own figures with its versions, and stays in the totals", async () => {
  using s = await service(3);
  const { t, tenant, key, posts } = s;
  t.advance(DAY);
  await t.runJob("roll_up_views");
  await visit(t, tenant, posts);
  assert.equal((await t.api("DELETE", "/posts/post-0", { key })).status, 200);
  const slugs = (await overview(t, key)).top_posts.map(({ slug }: { slug: string }) => slug);
  assert.deepEqual(slugs, ["post-1", "post-2"]);
  assert.equal((await overview(t, key)).total_views, 12);
  t.advance(26 * HOUR);
  await t.runJob("roll_up_views");
  await t.runJob("sweep");
  assert.equal((await overview(t, key)).total_views, 12);
  assert.ok((await rowsOf(t, ...PACKED)).every((row) => row.key[2] !== posts[0]));
});

Deno.test("a deleted blog leaves no figures, its views of the day included", async () => {
  using s = await service(3);
  const { t, tenant, posts } = s;
  t.advance(DAY);
  await t.runJob("roll_up_views");
  await visit(t, tenant, posts);
  const path = `/blogs/${tenant.blog.id}`;
  assert.equal((await t.api("DELETE", path, { key: tenant.token })).status, 200);
  assert.deepEqual(await rowsOf(t, "hit", "hitpost", ...PACKED), []);
  // A page that another instance still showed for a moment.
  t.deps.views.count(viewOf({ blog: tenant.blog.id, post: posts[0] }, 99));
  await flush(t);
  t.advance(DAY);
  await t.runJob("roll_up_views");
  assert.deepEqual(await rowsOf(t, ...LIVE, ...PACKED), []);
});

Deno.test("a past day names the thousand most viewed of its posts", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const blog = tenant.blog.id;
  const top = await publish(t, tenant, "top");
  const rare = await publish(t, tenant, "rare");
  const post = (n: number) => `${rare.slice(0, 24)}${String(n).padStart(12, "0")}`;
  for (let n = 0; n < 1100; n++) {
    t.deps.views.count(viewOf({ blog, post: post(n) }, 1));
    t.deps.views.count(viewOf({ blog, post: post(n) }, 2));
  }
  for (let n = 0; n < 3; n++) t.deps.views.count(viewOf({ blog, post: top }, n));
  t.deps.views.count(viewOf({ blog, post: rare }, 1));
  await flush(t);
  t.advance(DAY);
  await t.runJob("roll_up_views");
  const got = await overview(t, tenant.key);
  assert.deepEqual(got.top_posts, [{ slug: "top", title: "About top", views: 3 }]);
  assert.equal(got.total_views, 2204);
  assert.equal((await analyticsOf(t, tenant.key, "rare")).total_views, 1);
  const [row] = await rowsOf(t, "viewday");
  assert.equal((row.value as { posts: Uint8Array }).posts.length, 20_000);
});
