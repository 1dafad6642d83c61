import assert from "node:assert/strict";
import fc from "fast-check";
import { searchEngine, SETTINGS, wordOf } from "../../../../lib/content/search/meilisearch.ts";
import { backlogOf } from "../../../../lib/content/search/log.ts";
import { scoreDocument } from "../../../../lib/content/search/match.ts";
import { parseQuery } from "../../../../lib/content/search/query.ts";
import { Random } from "../../../support/random.ts";
import { rebuildIndex } from "../../../../lib/content/search/rebuild.ts";
import { type Service, setup } from "../../../_setup.ts";
import { MeilisearchStandIn } from "../../../support/meilisearch.ts";
import { openStore } from "../../../support/store.ts";
import { indexedPost, openEngine, type Text } from "./_engine.ts";

Deno.test("a post is found before it is merged, and by the engine alone once it is", async () => {
  using t = await openEngine();
  const n = await t.publish({ title: "A walk in the woods" });
  assert.deepEqual(await t.find("walking"), {
    total: 1,
    ns: [n],
    hits: (await t.find("walk")).hits,
  });
  assert.equal(t.server.indexes.size, 0);
  assert.deepEqual(await t.merge(), { added: 1, killed: 0, busy: false });
  assert.equal(await t.waiting(), 0);
  assert.deepEqual(t.held(), [n]);
  assert.deepEqual((await t.find("walking")).ns, [n]);
});

Deno.test("a killed post is not found from then on, and leaves the engine with the merge", async () => {
  using t = await openEngine();
  const [gone, kept] = [await t.publish({ title: "walk" }), await t.publish({ title: "walk" })];
  await t.merge();
  await t.kill(gone);
  assert.deepEqual(await t.find("walk").then(({ total, ns }) => ({ total, ns })), {
    total: 1,
    ns: [kept],
  });
  assert.deepEqual(t.held(), [gone, kept]);
  await t.merge();
  assert.deepEqual(t.held(), [kept]);
  assert.equal((await t.find("walk")).total, 1);
});

Deno.test("an edited post is found by its new words only, before and after the merge", async () => {
  using t = await openEngine();
  const before = await t.publish({ title: "woods", description: "trees" });
  await t.merge();
  await t.kill(before);
  const after = await t.publish({ title: "hills", description: "trees" });
  for (const merged of [false, true]) {
    if (merged) await t.merge();
    assert.equal((await t.find("woods")).total, 0, `merged: ${merged}`);
    assert.deepEqual((await t.find("hills")).ns, [after]);
    assert.deepEqual((await t.find("trees")).ns, [after]);
  }
});

Deno.test("a post published and killed before any merge never shows", async () => {
  using t = await openEngine();
  await t.kill(await t.publish({ title: "walk" }));
  assert.equal((await t.find("walk")).total, 0);
  await t.merge();
  assert.deepEqual(t.held(), []);
  assert.equal((await t.find("walk")).total, 0);
});

Deno.test("the posts of a hidden blog are not found, though the engine has them", async () => {
  using t = await openEngine();
  await t.publish({ title: "walk", blog: "b1" });
  const other = await t.publish({ title: "walk", blog: "b2" });
  await t.merge();
  await t.hide("b1");
  assert.deepEqual((await t.find("walk")).ns, [other]);
  assert.equal((await t.find("-hills")).total, 1);
});

const WORDS = ["walk", "wood", "hill", "c++", "node.js", "숲길", "東京都庁", "e2e", "2025", "1e3"];
const TAGS = ["Go", "C#", "déjà vu", "旅行", "50%"];

function corpus(random: Random, size: number): Text[] {
  const some = (from: string[], most: number) =>
    Array.from({ length: random.below(most + 1) }, () => random.pick(from));
  return Array.from({ length: size }, () => ({
    title: some(WORDS, 4).join(" "),
    description: some(WORDS, 3).join(" "),
    headings: some(WORDS, 2),
    tags: some(TAGS, 2),
    blog: random.pick(["b1", "b2"]),
    lang: random.pick(["en", "ko"]),
  }));
}

const QUERIES = [
  "walk",
  "walk hill",
  "walk OR hill",
  "walk -hill",
  "-walk",
  '-"walk hill"',
  "walk hill OR wood -c++ OR 숲길",
  "walk OR -hill",
  "c++ node.js",
  "東京",
  "2025",
  "1000",
  "1e3 OR e2e",
  "旅行",
  '"wood hill" walk',
];
const FILTERS = [[], ["@b1"], ["#c%23"], ["#d%C3%A9j%C3%A0%20vu", "~ko"], ["@b2", "~en", "#go"]];

Deno.test("totals and pages hold exactly the posts that match, half of them merged or all", async () => {
  using t = await openEngine();
  const random = new Random(1);
  const posts = new Map<number, ReturnType<typeof indexedPost>>();
  const publish = async (texts: Text[]) => {
    for (const text of texts) posts.set(await t.publish(text), indexedPost(text));
  };
  await publish(corpus(random, 30));
  await t.merge();
  await publish(corpus(random, 30));
  let matched = 0;
  for (const merged of [false, true]) {
    if (merged) await t.merge();
    for (const q of QUERIES) {
      for (const filters of FILTERS) {
        const expected = [...posts].filter(([, post]) =>
          scoreDocument(post, parseQuery(q), filters) !== null
        ).map(([n]) => n);
        const ns: number[] = [];
        for (let offset = 0; offset <= expected.length; offset += 20) {
          const page = await t.find(q, { filters, offset, limit: 20 });
          assert.equal(page.total, expected.length, `${q} ${filters}`);
          ns.push(...page.ns);
        }
        assert.deepEqual(ns.toSorted((a, b) => a - b), expected, `${q} ${filters}`);
        matched += expected.length;
      }
    }
  }
  assert.ok(matched > 500, `only ${matched} matched`);
});

Deno.test("hits come by score to the width of a class, and of equals the latest first", async () => {
  using t = await openEngine();
  const posts = new Map<number, ReturnType<typeof indexedPost>>();
  for (const text of corpus(new Random(2), 80)) {
    posts.set(await t.publish(text), indexedPost(text));
  }
  await t.merge();
  for (const q of ["walk", "walk hill", "wood hill walk"]) {
    const { ns, hits } = await t.find(q, { limit: 100 });
    const exact = ns.map((n) => scoreDocument(posts.get(n)!, parseQuery(q), [])!);
    for (let i = 1; i < ns.length; i++) {
      assert.ok(exact[i - 1] > exact[i] - 1 / 16, `${q}: ${exact[i - 1]} before ${exact[i]}`);
      const same = hits[i - 1].score === hits[i].score;
      assert.ok(same ? ns[i - 1] > ns[i] : hits[i - 1].score > hits[i].score, q);
    }
    assert.ok(exact[0] > exact.at(-1)! + 1 / 16, `${q}: all scores are the same`);
  }
});

Deno.test("a hit in the title comes before one in description, heading and tag, merged or not", async () => {
  using t = await openEngine();
  const tag = await t.publish({ tags: ["walk"] });
  const title = await t.publish({ title: "walk" });
  await t.merge();
  const heading = await t.publish({ headings: ["walk"] });
  const description = await t.publish({ description: "walk" });
  const before = await t.find("walk");
  assert.deepEqual(before.ns, [title, description, heading, tag]);
  await t.merge();
  assert.deepEqual(await t.find("walk"), before);
});

Deno.test("a total above the server's usual limit of 1,000 is exact, and so are the pages behind it", async () => {
  using t = await openEngine();
  const ns: number[] = [];
  for (let i = 0; i < 1010; i++) ns.unshift(await t.publish({ title: "walk" }));
  await t.merge();
  const { total, ns: last } = await t.find("walk", { offset: 1000, limit: 20 });
  assert.equal(total, 1010);
  assert.deepEqual(last, ns.slice(1000));
});

Deno.test("every term becomes one word that no tokenizer splits, folds or reads as a number", () => {
  const term = fc.string({ unit: "grapheme", minLength: 1, maxLength: 80 });
  fc.assert(fc.property(term, term, (a, b) => {
    assert.match(wordOf(a), /^[th][a-z0-9]{1,200}$/);
    assert.equal(wordOf(a) === wordOf(b), a === b);
  }));
  assert.notEqual(wordOf("q51q"), wordOf("Q"));
  assert.notEqual(wordOf("x".repeat(300)), wordOf("x".repeat(301)));
});

Deno.test("the index gets its settings once, and gets them back where they were changed", async () => {
  using t = await openEngine();
  const changes = () => t.server.tasks.filter(({ type }) => type === "settingsUpdate").length;
  for (let i = 0; i < 3; i++) {
    await t.publish({ title: "walk" });
    await t.merge();
    assert.equal(changes(), 1);
  }
  t.server.indexes.get("postlark_posts")!.settings.pagination = { maxTotalHits: 1000 };
  await t.publish({ title: "walk" });
  await t.merge();
  assert.equal(changes(), 2);
  const { settings, primaryKey } = t.server.indexes.get("postlark_posts")!;
  assert.deepEqual(settings.pagination, SETTINGS.pagination);
  assert.equal(primaryKey, "n");
});

async function setupWithEngine(t: Service) {
  const server = new MeilisearchStandIn("secret");
  t.deps.fetch = server.fetch;
  const { key, blog } = await t.tenant();
  const titles = async (query: string) => {
    const { status, body } = await t.api("GET", `/search?${query}`, { key });
    assert.equal(status, 200, JSON.stringify(body));
    return body.data.map(({ title }: { title: string }) => title);
  };
  const publish = async (title: string) => {
    const body = { title, content: "Text.", status: "published" };
    t.advance(1000);
    assert.equal((await t.api("POST", "/posts", { key, body })).status, 201);
  };
  return { server, key, blog, titles, publish };
}

const ENV = {
  POSTLARK_MEILISEARCH_URL: "http://search.example:7700/",
  POSTLARK_MEILISEARCH_KEY: "secret",
};

Deno.test("a service with an engine finds what it publishes at once, and through the engine from then on", async () => {
  using t = await setup({ env: ENV });
  const { server, key, blog, titles, publish } = await setupWithEngine(t);
  for (const title of ["Green hills", "Blue hills", "Red hills"]) await publish(title);
  assert.deepEqual(await titles("q=hills&per_page=2"), ["Red hills", "Blue hills"]);
  assert.equal((await t.runJob("merge_search")).added, 3);
  await t.api("PUT", "/posts/green-hills", { key, body: { title: "Green woods" } });
  await t.api("DELETE", "/posts/red-hills", { key });
  for (const merged of [false, true]) {
    if (merged) await t.runJob("merge_search");
    assert.deepEqual(await titles("q=hills"), ["Blue hills"]);
    assert.deepEqual(await titles("q=hills+OR+woods&limit=1"), ["Green woods"]);
    const discovered = await t.api("GET", "/discover?q=green");
    assert.equal(discovered.body.pagination.total, 1);
    assert.match((await t.view(blog.slug, "/search?q=blue")).text, /Blue hills/);
  }
  assert.equal(server.indexes.get("postlark_posts")!.documents.size, 2);
});

Deno.test("while the engine is down a service publishes, and answers searches 503 with Retry-After", async () => {
  using t = await setup({ env: ENV });
  const { server, key, blog, titles, publish } = await setupWithEngine(t);
  await publish("Green hills");
  await t.runJob("merge_search");
  server.down = "refused";
  backlogOf(t.deps.store).rows = 5000;
  await publish("Blue hills");
  assert.deepEqual(t.logs, []);
  for (const path of ["/search?q=hills", "/discover?q=hills"]) {
    const got = await t.api("GET", path, { key });
    assert.equal(got.status, 503, path);
    assert.equal(got.body.reason, "search_unavailable");
    assert.ok(Number(got.headers.get("retry-after")) > 0);
  }
  const page = await t.view(blog.slug, "/search?q=hills");
  assert.equal(page.status, 503);
  assert.ok(Number(page.headers.get("retry-after")) > 0);
  await assert.rejects(t.runJob("merge_search"));
  server.down = "";
  assert.deepEqual(await titles("q=hills"), ["Blue hills", "Green hills"]);
});

Deno.test("a rebuild feeds the engine that a service is moved to, and the posting lists when it moves back", async () => {
  const kv = await openStore();
  using before = await setup({ kv });
  const { key, titles, publish } = await setupWithEngine(before);
  await publish("Green hills");
  await before.runJob("merge_search");
  using t = await setup({ kv, env: ENV });
  const server = new MeilisearchStandIn("secret");
  t.deps.fetch = server.fetch;
  assert.equal((await t.api("GET", "/search?q=hills", { key })).status, 503);
  const report = await rebuildIndex(t.deps, { engine: searchEngine(t.deps) });
  assert.equal(report.fed, 1);
  const found = await t.api("GET", "/search?q=hills", { key });
  assert.equal(found.body.pagination.total, 1);
  const body = { title: "Blue hills", content: "Text.", status: "published" };
  await t.api("POST", "/posts", { key, body });
  await t.runJob("merge_search");
  assert.deepEqual(await titles("q=hills"), ["Green hills"]);
  await rebuildIndex(before.deps);
  assert.deepEqual((await titles("q=hills")).toSorted(), ["Blue hills", "Green hills"]);
  kv.close();
});
