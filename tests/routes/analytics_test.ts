import assert from "node:assert/strict";
import { countRounds } from "../support/kv_rounds.ts";
import { analyticsOf, CHROME, flush, overview, publish, setupViewed } from "../support/visitors.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;

Deno.test("an overview and a post's analytics hold the reference's fields and ours", async () => {
  using s = await setupViewed({ env: { POSTLARK_COUNTRY_HEADER: "CF-IPCountry" } });
  const { t, tenant, key } = s;
  await publish(t, tenant, "other");
  for (let n = 0; n < 3; n++) {
    await s.visit(n, "/post", { "cf-ipcountry": "DE", referer: "https://news.example/a" });
  }
  await s.visit(0, "/other", { "user-agent": CHROME, "cf-ipcountry": "FR" });
  await s.visit(1, "/other");
  await flush(t);
  const today = { date: "2026-03-24", views: 5, uv: 4 };
  const before = Array.from({ length: 6 }, (_, i) => (
    { date: `2026-03-${18 + i}`, views: 0, uv: 0 }
  ));
  assert.deepEqual(await overview(t, key, "7d"), {
    title: tenant.blog.slug,
    period: "7d",
    total_views: 5,
    total_views_7d: 5,
    total_views_30d: 5,
    total_uv_7d: 4,
    total_uv_30d: 4,
    views_7d: 5,
    views_30d: 5,
    daily_views: [...before, today],
    top_posts: [
      { slug: "post", title: "About post", views: 3 },
      { slug: "other", title: "About other", views: 2 },
    ],
    referrers: [{ host: "news.example", views: 3 }],
    countries: [{ country: "DE", views: 3 }, { country: "FR", views: 1 }],
    browsers: [{ browser: "Firefox", views: 4 }, { browser: "Chrome", views: 1 }],
  });
  assert.deepEqual(await analyticsOf(t, key, "other?period=7d"), {
    slug: "other",
    title: "About other",
    period: "7d",
    total_views: 2,
    total_views_7d: 2,
    total_views_30d: 2,
    total_uv_7d: 2,
    total_uv_30d: 2,
    views_7d: 2,
    views_30d: 2,
    daily_views: [...before, { ...today, views: 2, uv: 2 }],
    referrers: [],
    countries: [{ country: "FR", views: 1 }],
    browsers: [{ browser: "Chrome", views: 1 }, { browser: "Firefox", views: 1 }],
  });
});

Deno.test("days run oldest first without holes, as many as the period has, over months and roll-ups", async () => {
  using s = await setupViewed();
  const { t, key } = s;
  const views = new Map<string, number>();
  for (let day = 0; day < 100; day++) {
    const date = new Date(t.now()).toISOString().slice(0, 10);
    // Some days have none.
    for (let n = 0; n < day % 4; n++) await s.visit(n);
    if (day % 4) views.set(date, day % 4);
    await flush(t);
    if (day < 99) {
      t.advance(DAY);
      await t.runJob("roll_up_views");
    }
  }
  const dates = Array.from({ length: 90 }, (_, i) => {
    return new Date(t.now() - (89 - i) * DAY).toISOString().slice(0, 10);
  });
  const sum = (some: string[]) => some.reduce((n, date) => n + (views.get(date) ?? 0), 0);
  for (const [period, length] of [["7d", 7], ["30d", 30], ["90d", 90]] as const) {
    for (
      const got of [
        await overview(t, key, period),
        await analyticsOf(t, key, `post?period=${period}`),
      ]
    ) {
      const wanted = dates.slice(-length).map((date) => {
        const n = views.get(date) ?? 0;
        return { date, views: n, uv: n };
      });
      assert.deepEqual(got.daily_views, wanted);
      assert.equal(got.total_views, [...views.values()].reduce((a, b) => a + b));
      assert.equal(got.total_views_7d, sum(dates.slice(-7)));
      assert.equal(got.total_views_30d, sum(dates.slice(-30)));
      assert.equal(got.browsers[0].views, sum(dates.slice(-length)));
    }
  }
  const [top] = (await overview(t, key, "7d")).top_posts;
  assert.equal(top.views, sum(dates.slice(-7)));
  assert.equal((await overview(t, key)).daily_views.length, 30, "30d unless given");
});

Deno.test("the ten most viewed posts of the period are the top posts, whatever was viewed before it", async () => {
  using s = await setupViewed();
  const { t, tenant, key } = s;
  for (let n = 0; n < 12; n++) await publish(t, tenant, `p-${n}`);
  for (let n = 0; n < 30; n++) await s.visit(n);
  await flush(t);
  t.advance(20 * DAY);
  await t.runJob("roll_up_views");
  for (let n = 0; n < 12; n++) {
    for (let visitor = 0; visitor <= n; visitor++) await s.visit(visitor, `/p-${n}`);
  }
  await flush(t);
  const slugs = (period: string) =>
    overview(t, key, period).then((got) => got.top_posts.map((p: { slug: string }) => p.slug));
  const recent = Array.from({ length: 10 }, (_, i) => `p-${11 - i}`);
  assert.deepEqual(await slugs("7d"), recent);
  assert.deepEqual(await slugs("30d"), ["post", ...recent.slice(0, 9)]);
  // What the two days' lists have of a post is added up.
  t.advance(DAY);
  await t.runJob("roll_up_views");
  for (let n = 0; n < 12; n++) await s.visit(n, "/p-0");
  await flush(t);
  assert.equal((await slugs("7d"))[0], "p-0");
});

Deno.test("a renamed post keeps its figures", async () => {
  using s = await setupViewed();
  const { t, key } = s;
  await s.visit(1);
  await s.visit(2);
  await flush(t);
  await t.api("PUT", "/posts/post", { key, body: { slug: "renamed", title: "New" } });
  await s.visit(2, "/renamed");
  await s.visit(3, "/renamed");
  await flush(t);
  const got = await analyticsOf(t, key, "renamed");
  assert.deepEqual([got.slug, got.title, got.total_views], ["renamed", "New", 3]);
  assert.deepEqual((await overview(t, key)).top_posts, [
    { slug: "renamed", title: "New", views: 3 },
  ]);
  assert.equal((await t.api("GET", "/analytics/posts/post", { key })).status, 404);
});

Deno.test("Free has no analytics, Starter the basic ones, Creator the advanced ones", async () => {
  for (const plan of ["free", "starter", "creator", "scale", "enterprise"] as const) {
    using s = await setupViewed({ plan });
    await s.visit(1);
    await flush(s.t);
    for (const path of ["/analytics/overview", "/analytics/posts/post"]) {
      const got = await s.t.api("GET", path, { key: s.key });
      if (plan === "free") {
        assert.equal(got.status, 403);
        assert.equal(got.body.message, "Analytics requires the Starter plan or above.");
        assert.equal(got.body.upgrade_url, `${s.t.deps.config.origin}/upgrade`);
        continue;
      }
      assert.equal(got.body.total_views, 1);
      const advanced = ["referrers", "countries", "browsers"].filter((name) => name in got.body);
      assert.equal(advanced.length, plan === "starter" ? 0 : 3);
    }
  }
});

for (const period of ["1d", "7", "", "30D", "365d"]) {
  Deno.test(`a period of "${period}" is 400 and says which there are`, async () => {
    using s = await setupViewed();
    for (const path of ["/analytics/overview", "/analytics/posts/post"]) {
      const got = await s.t.api("GET", `${path}?period=${period}`, { key: s.key });
      assert.equal(got.status, 400);
      assert.deepEqual(got.body.issues, [
        { path: "period", message: "period must be 7d, 30d or 90d" },
      ]);
    }
  });
}

Deno.test("an account token's X-Blog-Id says whose figures it reads", async () => {
  using s = await setupViewed();
  const { t, tenant } = s;
  const made = await t.api("POST", "/blogs", {
    key: tenant.token,
    body: { slug: "second-blog", name: "Second" },
  });
  await s.visit(1);
  await flush(t);
  const read = (blog: string) => {
    const sent = { key: tenant.token, headers: { "x-blog-id": blog } };
    return t.api("GET", "/analytics/overview", sent);
  };
  assert.equal((await read(tenant.blog.id)).body.total_views, 1);
  const second = await read(made.body.id);
  assert.deepEqual([second.body.title, second.body.total_views], ["Second", 0]);
  assert.equal((await read(crypto.randomUUID())).status, 403);
});

Deno.test("another tenant's post of the same slug has its own figures", async () => {
  using s = await setupViewed();
  const { t } = s;
  const other = await t.tenant();
  await publish(t, other, "post");
  await s.visit(1);
  await flush(t);
  assert.equal((await analyticsOf(t, other.key, "post")).total_views, 0);
  assert.equal((await overview(t, other.key)).total_views, 0);
});

Deno.test("the figures take four rounds at most, however many days and posts were viewed", async () => {
  using s = await setupViewed();
  const { t, hooks, tenant, key } = s;
  for (let n = 0; n < 30; n++) await publish(t, tenant, `p-${n}`);
  for (let day = 0; day < 95; day++) {
    for (let n = 0; n < 3; n++) {
      const referer = `https://host-${day % 40}.example/`;
      await s.visit(n, `/p-${(day + n) % 30}`, { referer });
    }
    await flush(t);
    t.advance(DAY);
    await t.runJob("roll_up_views");
  }
  await s.visit(1);
  await flush(t);
  for (const period of ["7d", "30d", "90d"]) {
    t.advance(HOUR);
    const blog = await countRounds(hooks, () => overview(t, key, period));
    assert.ok(blog.waves.length <= 4, JSON.stringify(blog.waves));
    assert.ok(blog.waves.reduce((n, { reads }) => n + reads, 0) <= 12, JSON.stringify(blog.waves));
    const post = await countRounds(hooks, () => analyticsOf(t, key, `p-1?period=${period}`));
    assert.ok(post.waves.length <= 4, JSON.stringify(post.waves));
  }
});
