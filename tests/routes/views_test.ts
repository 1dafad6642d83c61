import assert from "node:assert/strict";
import { ConfigError, parseConfig } from "../../lib/kit/config.ts";
import type { Service } from "../_setup.ts";
import { countRounds } from "../support/kv_rounds.ts";
import {
  addressOf,
  asVisitor,
  CHROME,
  FIREFOX,
  flush,
  GOOGLEBOT,
  overview,
  publish,
  setupViewed,
} from "../support/visitors.ts";

const DAY = 86_400_000;

Deno.test("a view counts once a visitor, post and day, also where the answer is 304 or kept", async () => {
  using s = await setupViewed();
  const { t, tenant } = s;
  assert.equal(await s.visit(1), 200);
  assert.equal(await s.visit(2), 200);
  const { headers } = await t.view(tenant.blog.slug, "/post");
  const match = { "if-none-match": headers.get("etag")! };
  assert.equal(await s.visit(3, "/post", match), 304);
  t.advance(2000);
  assert.equal(await s.visit(4, "/post", match), 304);
  assert.equal(await s.visit(4), 200);
  assert.equal(await s.visit(1), 200);
  assert.equal(await s.total(), 4);
  t.advance(DAY);
  assert.equal(await s.visit(1), 200);
  assert.equal(await s.total(), 5);
});

Deno.test("an address counts the same in all the ways in which it can be written", async () => {
  using s = await setupViewed();
  for (const [n, path] of ["/post", "/post?utm_source=x", "/p%6Fst", "/post?page=2"].entries()) {
    assert.equal(await s.visit(n, path), 200);
    assert.equal(await s.visit(n, path), 200);
  }
  assert.equal(await s.total(), 4);
});

for (
  const [what, headers] of Object.entries<Record<string, string>>({
    "a crawler's": { "user-agent": GOOGLEBOT },
    "a script's": { "user-agent": "curl/8.5.0" },
    "a program's without a name": { "user-agent": "" },
    "a headless browser's": { "user-agent": CHROME.replace("Chrome/", "HeadlessChrome/") },
    "a prefetch": { "sec-purpose": "prefetch" },
    "a prerender": { "sec-purpose": "prefetch;prerender" },
    "an older browser's prefetch": { "purpose": "prefetch" },
    "an older Firefox's prefetch": { "x-moz": "prefetch" },
    "a preview of Safari's": { "x-purpose": "preview" },
  })
) {
  Deno.test(`a request that is ${what} is answered, and is no view`, async () => {
    using s = await setupViewed();
    for (let n = 0; n < 2; n++) assert.equal(await s.visit(n, "/post", headers), 200);
    assert.equal(await s.visit(2), 200);
    assert.equal(await s.total(), 1);
  });
}

Deno.test("a HEAD is no view, neither of a kept page nor of another", async () => {
  using s = await setupViewed();
  const url = `${s.tenant.blog.url}/post`;
  for (let n = 0; n < 2; n++) {
    const { status } = await s.t.send("HEAD", url, { headers: asVisitor(n) });
    assert.equal(status, 200);
  }
  assert.equal(await s.total(), 0);
});

for (
  const path of ["/", "/archive", "/tag/none", "/post.md", "/post/og.png", "/rss.xml", "/llms.txt"]
) {
  Deno.test(`${path} is no view`, async () => {
    using s = await setupViewed();
    assert.ok([200, 404].includes(await s.visit(1, path)));
    assert.equal(await s.total(), 0);
  });
}

Deno.test("a page that shows no published post is no view: none, a draft, one taken down, a former slug", async () => {
  using s = await setupViewed();
  const { t, key } = s;
  const body = { title: "Draft", slug: "draft", content: "Text." };
  await t.api("POST", "/posts", { key, body });
  assert.equal(await s.visit(1, "/none"), 404);
  assert.equal(await s.visit(1, "/draft"), 404);
  await t.api("PUT", "/posts/post", { key, body: { slug: "renamed" } });
  assert.equal(await s.visit(1, "/post"), 301);
  await t.api("POST", "/posts/renamed/unpublish", { key });
  assert.equal(await s.visit(1, "/renamed"), 410);
  assert.equal(await s.total(), 0);
});

Deno.test("a post that shows in place of a page of the site's is a view", async () => {
  using s = await setupViewed();
  await publish(s.t, s.tenant, "archive");
  assert.equal(await s.visit(1, "/archive"), 200);
  assert.equal(await s.total(), 1);
});

Deno.test("a preview of a sandbox's post is no view", async () => {
  using s = await setupViewed();
  const { t, tenant, key } = s;
  const path = `/blogs/${tenant.blog.id}/api-keys`;
  const made = await t.api("POST", path, { key: tenant.token, body: { mode: "test" } });
  const body = { title: "Try", content: "Text.", status: "published" };
  const { url } = (await t.api("POST", "/posts", { key: made.body.key, body })).body;
  assert.equal((await t.send("GET", url, { headers: asVisitor(1) })).status, 200);
  assert.equal(await s.total(), 0);
  const got = await t.api("GET", "/analytics/overview", { key: made.body.key });
  assert.equal(got.body.reason, "test_mode");
  assert.equal((await overview(t, key)).total_views, 0);
});

Deno.test("X-Forwarded-For makes no visitors where no proxy is trusted", async () => {
  using s = await setupViewed({ env: { POSTLARK_TRUST_PROXY: "0" } });
  for (let n = 0; n < 5; n++) await s.visit(n);
  assert.equal(await s.total(), 1);
});

Deno.test("a blog behind a path of the origin has its views counted, its own host left out of the referrers", async () => {
  using s = await setupViewed({ env: { POSTLARK_BLOG_ADDRESS: "path" } });
  const { t, tenant, key } = s;
  const url = `${t.deps.config.origin}/@${tenant.blog.slug}/post`;
  for (const [n, referer] of [url, "https://news.example/"].entries()) {
    const got = await t.send("GET", url, { headers: asVisitor(n, { referer }) });
    assert.equal(got.status, 200);
  }
  assert.equal(await s.total(), 2);
  assert.deepEqual((await overview(t, key)).referrers, [{ host: "news.example", views: 1 }]);
});

Deno.test("a view costs no round trip beyond its page's, be it the first of the day or a kept one", async () => {
  using s = await setupViewed();
  const { t, hooks } = s;
  await s.visit(1);
  assert.equal(await s.total(), 1);
  for (let day = 0; day < 2; day++) {
    t.advance(DAY);
    const first = await countRounds(hooks, () => s.visit(2));
    assert.deepEqual(first.waves, [{ reads: 1, commits: 0 }]);
    await s.visit(3);
    const kept = await countRounds(hooks, () => s.visit(4));
    assert.deepEqual(kept.waves, []);
    assert.equal(await s.total(), 3 * (day + 1) + 1);
  }
});

Deno.test("two visitors of one address are told apart by their browsers, and a visitor of two addresses is two", async () => {
  using s = await setupViewed();
  const { t, tenant } = s;
  const view = (address: string, agent: string) =>
    t.view(tenant.blog.slug, "/post", { "x-forwarded-for": address, "user-agent": agent });
  await view(addressOf(1), FIREFOX);
  await view(addressOf(1), CHROME);
  await view(`${addressOf(9)}, ${addressOf(1)}`, CHROME);
  await view(addressOf(2), CHROME);
  assert.equal(await s.total(), 3);
});

Deno.test("one hundred requests at once by twenty visitors are twenty views", async () => {
  using s = await setupViewed();
  await Promise.all(Array.from({ length: 100 }, (_, n) => s.visit(n % 20)));
  assert.equal(await s.total(), 20);
});

async function counted(t: Service): Promise<number> {
  await flush(t);
  let sum = 0;
  for await (const { key, value } of t.deps.store.kv.list<Deno.KvU64>({ prefix: ["hit"] })) {
    if (key[4] === "view" && key[2] === "*") sum += Number(value.value);
  }
  return sum;
}

Deno.test("views are counted whatever the plan, so that an upgrade shows what was before it", async () => {
  using s = await setupViewed({ plan: "free" });
  await s.visit(1);
  assert.equal(await counted(s.t), 1);
});

Deno.test("a header that names the country is refused where no proxy is trusted, or where it is no header", () => {
  const secret = { POSTLARK_SECRET: "x".repeat(32) };
  const name = "CF-IPCountry";
  const parse = (env: Record<string, string>) => () => parseConfig({ ...secret, ...env });
  const named = { POSTLARK_COUNTRY_HEADER: name, POSTLARK_TRUST_PROXY: "1" };
  assert.equal(parse(named)().countryHeader, name);
  assert.throws(parse({ POSTLARK_COUNTRY_HEADER: name }), ConfigError);
  assert.throws(parse({ ...named, POSTLARK_COUNTRY_HEADER: "no header" }), ConfigError);
});
