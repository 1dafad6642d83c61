import assert from "node:assert/strict";
import { BlogDay, Day } from "../../../../lib/content/analytics/_day.ts";
import { newId } from "../../../../lib/kit/ids.ts";
import { setup } from "../../../_setup.ts";
import {
  analyticsOf,
  CHROME,
  flush,
  overview,
  publish,
  rowsOf,
  viewOf,
} from "../../../support/visitors.ts";

const DAY = 86_400_000;

async function service() {
  const t = await setup({
    env: { POSTLARK_TRUST_PROXY: "1", POSTLARK_COUNTRY_HEADER: "x-country" },
  });
  const tenant = await t.tenant();
  const at = { blog: tenant.blog.id, post: await publish(t, tenant, "post") };
  return { t, at, key: tenant.key, [Symbol.dispose]: () => t[Symbol.dispose]() };
}

Deno.test("5,000 referrers of one day fill no more than the rows of a hundred, and every view is in the sum", async () => {
  using s = await service();
  const { t, at, key } = s;
  for (let n = 0; n < 5000; n++) {
    t.deps.views.count({ ...viewOf(at, n), referrer: `https://spam-${n}.example/` });
    if (n % 1000 === 0) await flush(t);
  }
  await flush(t);
  // Of blog and post each `other`, the browser and the views; and the blog's visitors.
  assert.equal((await rowsOf(t, "hit")).length, 100 + 10 + 7);
  const judge = async () => {
    for (const { referrers } of [await overview(t, key), await analyticsOf(t, key, "post")]) {
      assert.ok(referrers.length <= 21);
      assert.equal(referrers.at(-1).host, "other");
      const sum = referrers.reduce((n: number, { views }: { views: number }) => n + views, 0);
      assert.equal(sum, 5000);
    }
  };
  await judge();
  t.advance(DAY);
  await t.runJob("roll_up_views");
  await judge();
});

Deno.test("what a browser calls itself is stored only where it is a known name", async () => {
  using s = await service();
  const { t, at, key } = s;
  const agents = ["Totally/1.0 new", "Mozilla/5.0 <script>alert(1)</script>", "__proto__/1 x"];
  agents.forEach((agent, n) => t.deps.views.count({ ...viewOf(at, n), agent }));
  t.deps.views.count({ ...viewOf(at, 9), agent: CHROME });
  await flush(t);
  assert.deepEqual((await overview(t, key)).browsers, [
    { browser: "Chrome", views: 1 },
    { browser: "other", views: 3 },
  ]);
});

Deno.test("a User-Agent of more than 512 characters is not a browser's", async () => {
  using s = await service();
  const { t, at, key } = s;
  t.deps.views.count({ ...viewOf(at, 1), agent: CHROME.padEnd(513, "x") });
  t.deps.views.count({ ...viewOf(at, 2), agent: CHROME.padEnd(512, "x") });
  await flush(t);
  assert.equal((await overview(t, key)).total_views, 1);
});

for (
  const [referrer, host] of [
    ["https://News.Example/path?q=secret#x", "news.example"],
    ["http://user:pw@news.example.:8443/", "news.example"],
    ["https://bücher.example/", "xn--bcher-kva.example"],
    ["http://constructor/", "constructor"],
    ["http://__proto__/", "other"],
    [`https://${"a.".repeat(60)}example/`, "other"],
    ["http://[2001:db8::1]/", "other"],
    ["http://blog.localhost:8000/other-post", undefined],
    ["http://blog.localhost:9000/", "blog.localhost"],
    ["android-app://com.example.app/", undefined],
    ["javascript:alert(1)", undefined],
    ["https://", undefined],
    ["\u0000 nonsense", undefined],
    ["", undefined],
  ]
) {
  Deno.test(`a view that came from ${JSON.stringify(referrer).slice(0, 60)} counts for ${host}`, async () => {
    using s = await service();
    const { t, at, key } = s;
    t.deps.views.count({ ...viewOf(at, 1), referrer: referrer! });
    await flush(t);
    const { total_views, referrers } = await overview(t, key);
    assert.equal(total_views, 1);
    assert.deepEqual(referrers, host ? [{ host, views: 1 }] : []);
    t.advance(DAY);
    await t.runJob("roll_up_views");
    assert.deepEqual((await overview(t, key)).referrers, referrers);
  });
}

for (
  const [header, country] of [
    ["de", "DE"],
    [" FR ", "FR"],
    ["XX", null],
    ["T1", null],
    ["", null],
    [
      "DEU",
      null,
    ],
    ["🇩🇪", null],
  ]
) {
  Deno.test(`a country of ${JSON.stringify(header)} counts for ${country}`, async () => {
    using s = await service();
    const { t, at, key } = s;
    t.deps.views.count({ ...viewOf(at, 1), country: header });
    await flush(t);
    const { countries } = await overview(t, key);
    assert.deepEqual(countries, country ? [{ country, views: 1 }] : []);
  });
}

Deno.test("past its bounds a day counts those that it knows once more, and nobody else", () => {
  const key = new Uint8Array(32);
  const bounds = { blog: 6, all: 9 };
  const day = new Day("2026-03-24", "salt", key, bounds);
  const post = newId(0);
  const count = (blog: string, visitor: number) => {
    if (!day.blogs.has(blog)) day.begin(blog, new BlogDay());
    const visit = { referrer: null, country: null, browser: "Firefox" };
    return day.count(day.blogs.get(blog)!, { blog, post, visitor: `${visitor}`, ...visit });
  };
  assert.deepEqual([1, 2, 3, 4].map((visitor) => count("a", visitor)), [true, true, true, false]);
  assert.equal(count("a", 2), true);
  assert.equal(day.blogs.get("a")!.tally("*").views, 3);
  assert.deepEqual([1, 2].map((visitor) => count("b", visitor)), [true, false]);
  assert.equal(day.blogs.get("b")!.tally("*").views, 1);
});
