import assert from "node:assert/strict";
import { ViewCounter } from "../../../../lib/content/analytics/mod.ts";
import { newId } from "../../../../lib/kit/ids.ts";
import { setup } from "../../../_setup.ts";
import { Random } from "../../../support/random.ts";
import {
  addressOf,
  analyticsOf,
  CHROME,
  FIREFOX,
  GOOGLEBOT,
  overview,
  publish,
  rowsOf,
  viewOf,
} from "../../../support/visitors.ts";

const DAY = 86_400_000;
const VIEWS = 200_000;
const VISITORS = 5000;
const POSTS = 500;
const KNOWN = 12;

Deno.test("200,000 views by 5,000 visitors over 500 posts, a tenth by bots, give exact totals and uniques", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const { key, blog: { id: blog } } = tenant;
  const slugs = Array.from({ length: KNOWN }, (_, i) => `post-${i}`);
  const posts: string[] = [];
  for (const slug of slugs) posts.push(await publish(t, tenant, slug));
  while (posts.length < POSTS) posts.push(newId(t.now()));
  const random = new Random(11);
  const pairs = new Set<string>();
  const people = new Set<number>();
  const views = new Map<string, number>();
  const browsers = new Map<string, number>();
  for (let i = 0; i < VIEWS; i++) {
    const visitor = random.below(VISITORS);
    // The first posts are the most viewed, each by another number.
    const post = posts[Math.floor(POSTS * random.next() ** 3)];
    const isBot = random.below(10) === 0;
    const agent = visitor % 3 ? FIREFOX : CHROME;
    t.deps.views.count({ ...viewOf({ blog, post }, visitor), agent: isBot ? GOOGLEBOT : agent });
    if (!isBot && !pairs.has(`${visitor} ${post}`)) {
      pairs.add(`${visitor} ${post}`);
      people.add(visitor);
      views.set(post, (views.get(post) ?? 0) + 1);
      const name = agent === FIREFOX ? "Firefox" : "Chrome";
      browsers.set(name, (browsers.get(name) ?? 0) + 1);
    }
    if (i % 20_000 === 0) await t.deps.views.flush(t.deps);
    // Another process goes on with what this one has written.
    if (i === VIEWS / 2) {
      await t.deps.views.flush(t.deps);
      t.deps.views = new ViewCounter(t.now);
    }
  }
  await t.deps.views.flush(t.deps);
  assert.ok(pairs.size > 90_000 && pairs.size < 180_000, String(pairs.size));
  assert.equal(people.size, VISITORS);
  const ranked = [...views].sort(([, m], [, n]) => n - m);
  const known = ranked.filter(([post]) => posts.indexOf(post) < KNOWN);
  const judge = async () => {
    const got = await overview(t, key, "7d");
    assert.equal(got.total_views, pairs.size);
    assert.equal(got.total_views_7d, pairs.size);
    assert.equal(got.total_uv_7d, VISITORS);
    assert.deepEqual(
      got.top_posts.map((post: { slug: string; views: number }) => [post.slug, post.views]),
      known.slice(0, 10).map(([post, n]) => [slugs[posts.indexOf(post)], n]),
    );
    assert.deepEqual(
      got.browsers.map((
        { browser, views }: { browser: string; views: number },
      ) => [browser, views]),
      [...browsers].sort(([, m], [, n]) => n - m),
    );
    for (const [i, slug] of slugs.entries()) {
      const post = await analyticsOf(t, key, slug);
      assert.equal(post.total_views, views.get(posts[i]));
      assert.equal(post.total_uv_30d, views.get(posts[i]));
    }
    return got.daily_views;
  };
  const today = (await judge()).at(-1);
  assert.deepEqual(today, { date: "2026-03-24", views: pairs.size, uv: VISITORS });
  t.advance(DAY);
  await t.runJob("roll_up_views");
  assert.deepEqual((await judge()).at(-2), today);
  assert.deepEqual(await rowsOf(t, "hit", "hitpost", "salt", "visitors"), []);
});

Deno.test("what a flush has to write is cut into commits that the store takes", async () => {
  using t = await setup();
  const { key, blog: { id: blog } } = await t.tenant();
  const referrer = (n: number) => `https://${"a".repeat(60)}.${"b".repeat(30)}${n % 9}.example/`;
  for (let n = 0; n < 2000; n++) {
    const post = newId(t.now());
    for (let i = 0; i < 9; i++) {
      t.deps.views.count({ ...viewOf({ blog, post }, n * 9 + i), referrer: referrer(i) });
    }
  }
  await t.deps.views.flush(t.deps);
  const got = await overview(t, key);
  assert.equal(got.total_views, 18_000);
  assert.equal(got.total_uv_7d, 18_000);
  assert.equal(got.referrers.length, 9);
  const perPost = await rowsOf(t, "hitpost");
  assert.equal(perPost.length, 2000);
  assert.ok(perPost.every(({ value }) => (value as Deno.KvU64).value === 9n));
});

Deno.test("a visitor counts once a post and day, once a blog and day for its visitors, and anew the next day", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const [one, two] = [await publish(t, tenant, "one"), await publish(t, tenant, "two")];
  const other = await t.tenant();
  const elsewhere = await publish(t, other, "one");
  const blog = tenant.blog.id;
  const visit = (n: number) => {
    for (const post of [one, two, one]) t.deps.views.count(viewOf({ blog, post }, n));
    t.deps.views.count(viewOf({ blog: other.blog.id, post: elsewhere }, n));
  };
  visit(1);
  visit(2);
  await t.deps.views.flush(t.deps);
  visit(2);
  visit(3);
  await t.deps.views.flush(t.deps);
  assert.deepEqual((await overview(t, tenant.key)).daily_views.at(-1), {
    date: "2026-03-24",
    views: 6,
    uv: 3,
  });
  assert.equal((await overview(t, other.key)).total_views, 3);
  t.advance(DAY);
  visit(2);
  await t.deps.views.flush(t.deps);
  const days = (await overview(t, tenant.key)).daily_views;
  assert.deepEqual(
    days.slice(-2).map(({ views, uv }: { views: number; uv: number }) => [views, uv]),
    [
      [6, 3],
      [2, 1],
    ],
  );
});

Deno.test("an address with another browser, and a browser at another address, are other visitors", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const at = { blog: tenant.blog.id, post: await publish(t, tenant, "post") };
  const views = [
    { agent: FIREFOX, address: addressOf(1) },
    { agent: CHROME, address: addressOf(1) },
    { agent: FIREFOX, address: addressOf(2) },
    { agent: FIREFOX, address: addressOf(1) },
  ];
  for (const view of views) t.deps.views.count({ ...viewOf(at, 0), ...view });
  await t.deps.views.flush(t.deps);
  assert.equal((await overview(t, tenant.key)).total_views, 3);
});

Deno.test("two instances count a visitor once each at most, and one that starts later knows both", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const at = { blog: tenant.blog.id, post: await publish(t, tenant, "post") };
  const counters = [new ViewCounter(t.now), new ViewCounter(t.now)];
  const count = async (counter: ViewCounter, from: number, to: number) => {
    for (let n = from; n < to; n++) counter.count(viewOf(at, n));
    await counter.flush(t.deps);
  };
  // Both have begun the day before either has seen any of the ten.
  await count(counters[0], 100, 101);
  await count(counters[1], 101, 102);
  await Promise.all(counters.map((counter) => count(counter, 0, 10)));
  assert.equal((await overview(t, tenant.key)).total_views, 22);
  await count(counters[0], 10, 20);
  await count(new ViewCounter(t.now), 0, 20);
  assert.equal((await overview(t, tenant.key)).total_views, 32);
});

Deno.test("views that wait for their blog to be read are bounded, and the log says how many were left out", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const at = { blog: tenant.blog.id, post: await publish(t, tenant, "post") };
  for (let n = 0; n < 20_003; n++) t.deps.views.count(viewOf(at, n));
  await t.deps.views.flush(t.deps);
  assert.equal((await overview(t, tenant.key)).total_views, 20_000);
  assert.deepEqual(t.logs.at(-1), { event: "views_not_counted", views: 3 });
  t.deps.views.count(viewOf(at, 30_000));
  await t.deps.views.flush(t.deps);
  assert.equal((await overview(t, tenant.key)).total_views, 20_001);
});
