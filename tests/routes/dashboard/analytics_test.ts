import assert from "node:assert/strict";
import type { PlanName } from "../../../lib/kit/config.ts";
import { flush, publish, viewOf } from "../../support/visitors.ts";
import { setupSignedIn, signedIn, textsOf } from "./_dashboard.ts";

const DAY = 86_400_000;

/** A blog of that plan with a post, on which views can be counted. */
async function setupRead(plan: PlanName = "creator") {
  const at = await setupSignedIn();
  const own = plan === "creator" ? at : { ...at, ...await signedIn(at.t, plan) };
  const post = await publish(at.t, own, "kites");
  let visitor = 0;
  return {
    ...own,
    async read(n: number, more: { referrer?: string; country?: string } = {}) {
      for (let i = 0; i < n; i++) {
        at.t.deps.views.count({ ...viewOf({ blog: own.blog.id, post }, visitor++), ...more });
      }
      await flush(at.t);
    },
    page: (query = "") => own.browser.open(`${own.home}/analytics${query}`),
    [Symbol.dispose]: () => at[Symbol.dispose](),
  };
}

Deno.test("views and visitors of a period stand beside those of the period before", async () => {
  using at = await setupRead();
  await at.read(4);
  at.t.advance(8 * DAY);
  await at.read(6);
  const week = await at.page("?period=7d");
  assert.equal(week.status, 200);
  assert.deepEqual(textsOf(week.text, "dd"), ["6", "6", "10"]);
  assert.match(textsOf(week.text, "dt")[0], /^Views 50 % more than in the 7 days before$/);
  const month = await at.page();
  assert.deepEqual(textsOf(month.text, "dd"), ["10", "10", "10"]);
  assert.match(textsOf(month.text, "dt")[1], /^Visitors None in the 30 days before$/);
  // Nobody has counted the ninety days before ninety.
  const quarter = await at.page("?period=90d");
  assert.deepEqual(textsOf(quarter.text, "dt")[0], "Views");
  assert.match(quarter.text, /\?period=90d" aria-current="true"/);
});

Deno.test("the chart says its figures to screen readers, and the table beside it has those of every day", async () => {
  using at = await setupRead();
  await at.read(2);
  at.t.advance(DAY);
  await at.read(1);
  const { text } = await at.page("?period=7d");
  assert.match(text, /<svg[^>]*role="img"[^>]*aria-labelledby="chart-title chart-desc"/);
  assert.deepEqual(textsOf(text, "desc"), [
    "3 views in all. The most on 24 Mar: 2 views, 2 visitors. Today, 25 Mar: 1 view, 1 visitor.",
  ]);
  const [table] = textsOf(text, "tbody");
  assert.ok(table.startsWith("2026-03-25 1 1 2026-03-24 2 2 2026-03-23 0 0"), table);
  assert.equal(text.match(/<th scope="row">2026-/g)?.length, 7);
  assert.doesNotMatch(text, /\sstyle=/);
});

Deno.test("the most read posts lead to their own figures, which are theirs alone", async () => {
  using at = await setupRead();
  await at.read(3);
  await publish(at.t, at, "boats");
  const { text } = await at.page("?period=7d");
  const path = `${at.home}/analytics/posts/kites?period=7d`;
  assert.ok(text.includes(`href="${path}"`));
  const post = await at.browser.open(path);
  assert.deepEqual(textsOf(post.text, "h1"), ["About kites"]);
  assert.deepEqual(textsOf(post.text, "dd"), ["3", "3"]);
  const other = await at.browser.open(`${at.home}/analytics/posts/boats`);
  assert.deepEqual(textsOf(other.text, "dd"), ["0", "0"]);
  assert.deepEqual(textsOf(other.text, "desc"), ["No views."]);
});

Deno.test("referrers, countries and browsers are ranked, and what a visitor sent is never markup", async () => {
  using at = await setupRead();
  await at.read(3, { referrer: "https://news.example/a", country: "DE" });
  await at.read(1, { referrer: "https://<b>.example/", country: "<b>" });
  const { text } = await at.page();
  const tables = textsOf(text, "tbody");
  assert.ok(tables.includes("news.example 3"), tables.join("|"));
  assert.ok(tables.includes("Germany 3"), tables.join("|"));
  assert.ok(tables.includes("Firefox 4"), tables.join("|"));
  assert.doesNotMatch(text, /<b>\.example/);
});

Deno.test("a title that is markup is shown as text, among the most read and on its own page", async () => {
  using at = await setupRead();
  await at.read(1);
  const title = "<img src=x onerror=alert(1)>";
  await at.t.api("PUT", "/posts/kites", { key: at.key, body: { title } });
  for (
    const { text } of [await at.page(), await at.browser.open(`${at.home}/analytics/posts/kites`)]
  ) {
    assert.match(text, /&lt;img src=x/);
    assert.doesNotMatch(text, /<img src=x/);
  }
});

Deno.test("a plan without analytics is told which has it, and one without sources shows the views alone", async () => {
  using free = await setupRead("free");
  await free.read(1);
  for (const path of ["", "/posts/kites"]) {
    const { status, text } = await free.page(path);
    assert.equal(status, 200);
    assert.match(text, /Analytics requires the Starter plan or above\./);
    assert.match(text, /href="\/upgrade"/);
    assert.doesNotMatch(text, /<svg[^>]*role="img"/);
  }
  assert.doesNotMatch((await free.browser.open(free.home)).text, /Views in 30 days/);
  using starter = await setupRead("starter");
  await starter.read(2, { referrer: "https://news.example/" });
  const { text } = await starter.page();
  assert.deepEqual(textsOf(text, "dd"), ["2", "2", "2"]);
  assert.match(text, /They come with the Creator plan and above/);
  assert.doesNotMatch(text, /news\.example/);
});

Deno.test("the overview shows the views of the last 30 days", async () => {
  using at = await setupRead();
  await at.read(5);
  const { text } = await at.browser.open(at.home);
  assert.match(textsOf(text, "dt").at(-1)!, /Views in 30 days/);
  assert.equal(textsOf(text, "dd").at(-1), "5");
});

Deno.test("another's blog or post, and one that is not there, have no figures", async () => {
  using at = await setupRead();
  const stranger = await at.t.tenant();
  await publish(at.t, stranger, "theirs");
  const paths = [
    `/app/blogs/${stranger.blog.slug}/analytics`,
    `/app/blogs/${stranger.blog.slug}/analytics/posts/theirs`,
    `${at.home}/analytics/posts/theirs`,
    `${at.home}/analytics/posts/a%00b`,
    `${at.home}/analytics/posts/${"x".repeat(3000)}`,
    `${at.home}/analytics/posts/constructor`,
  ];
  for (const path of paths) assert.equal((await at.browser.open(path)).status, 404, path);
  for (const query of ["?period=1y", "?period=constructor", "?period=%00"]) {
    assert.match((await at.page(query)).text, /\?period=30d" aria-current="true"/, query);
  }
});
