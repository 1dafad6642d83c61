import assert from "node:assert/strict";
import { under } from "../../lib/kit/kv.ts";
import { type Service, setup } from "../_setup.ts";
import { MeilisearchStandIn } from "../support/meilisearch.ts";

const post = { title: "Wombats", content: "Text.", slug: "wombats", status: "published" };

// deno-lint-ignore no-explicit-any
type Result = any;

/** A service whose documents an engine holds. */
async function setupEngine() {
  const server = new MeilisearchStandIn("");
  const t = await setup({ env: { POSTLARK_MEILISEARCH_URL: "http://search.example" } });
  t.deps.fetch = server.fetch;
  return { t, server, [Symbol.dispose]: () => t[Symbol.dispose]() };
}

async function publish(t: Service, key: string, fields: Record<string, unknown>): Promise<void> {
  const made = await t.api("POST", "/posts", { key, body: { ...post, ...fields } });
  assert.equal(made.status, 201, made.text);
}

async function find(t: Service, path: string, key?: string): Promise<string[]> {
  const got = await t.api("GET", path, { key });
  assert.equal(got.status, 200, got.text);
  assert.equal(got.body.pagination.total, got.body.data.length);
  return got.body.data.map(({ slug }: Result) => slug);
}

Deno.test("with an engine a post is found at once, edited, taken down and deleted at once, merged or not", async () => {
  using e = await setupEngine();
  const { t } = e;
  const { key, blog } = await t.tenant();
  const expect = async (slugs: string[], q = "wombats") => {
    for (let look = 0; look < 2; look++) {
      assert.deepEqual(await find(t, `/search?q=${q}`, key), slugs);
      assert.deepEqual(await find(t, `/discover?q=${q}&lang=en`), slugs);
      const { text } = await t.view(blog.slug, `/search?q=${q}`);
      assert.equal(text.includes('href="/wombats"'), slugs.includes("wombats"));
      await t.runJob("merge_search");
    }
    assert.deepEqual(await t.deps.store.list(under(["ftslog"]), 10), []);
  };
  await publish(t, key, { tags: ["Fauna"] });
  await expect(["wombats"]);
  await t.api("PUT", "/posts/wombats", { key, body: { title: "Koalas" } });
  await expect([]);
  await expect(["wombats"], "koalas");
  await t.api("POST", "/posts/wombats/unpublish", { key });
  await expect([], "koalas");
  await t.api("POST", "/posts/wombats/publish", { key });
  await expect(["wombats"], "koalas");
  await t.api("DELETE", "/posts/wombats", { key });
  await expect([], "koalas");
});

Deno.test("with an engine a deleted blog's posts are never found again, and its documents go from it", async () => {
  using e = await setupEngine();
  const { t } = e;
  const [mine, theirs] = [await t.tenant(), await t.tenant()];
  for (let n = 0; n < 3; n++) await publish(t, mine.key, { slug: `mine-${n}` });
  await publish(t, theirs.key, { slug: "theirs" });
  await t.runJob("merge_search");
  await publish(t, mine.key, { slug: "mine-3" });
  await t.api("DELETE", `/blogs/${mine.blog.id}`, { key: mine.token });
  assert.deepEqual(await find(t, "/discover?q=wombats"), ["theirs"]);
  await t.runJob("merge_search");
  assert.deepEqual(await find(t, "/discover?q=wombats"), ["theirs"]);
  for (const noun of ["ftshide", "ftslog", "deletion"]) {
    assert.deepEqual(await t.deps.store.list(under([noun]), 10), [], noun);
  }
  assert.equal((await t.deps.store.list(under(["ftsdoc"]), 10)).length, 1);
});

Deno.test("with an engine a cursor skips and repeats nothing while posts come and go", async () => {
  using e = await setupEngine();
  const { t } = e;
  const { key } = await t.tenant();
  for (let n = 0; n < 20; n++) {
    t.advance(1000);
    await publish(t, key, { slug: `kept-${n}` });
    await publish(t, key, { slug: `gone-${n}` });
  }
  await t.runJob("merge_search");
  const seen: string[] = [];
  let cursor = "";
  for (let n = 0; n === 0 || cursor; n++) {
    const { body } = await t.api("GET", `/search?q=wombats&limit=5${cursor}`, { key });
    seen.push(...body.data.map(({ slug }: Result) => slug));
    cursor = body.next_cursor ? `&cursor=${body.next_cursor}` : "";
    t.advance(1000);
    if (n < 6) {
      await publish(t, key, { slug: `new-${n}` });
      await t.api("DELETE", `/posts/gone-${19 - n}`, { key });
    }
    if (n % 2) await t.runJob("merge_search");
  }
  assert.equal(new Set(seen).size, seen.length, "a post came twice");
  for (let n = 0; n < 20; n++) assert.ok(seen.includes(`kept-${n}`), `kept-${n}`);
});

Deno.test("while the engine is away searches are 503 and nothing else is", async () => {
  using e = await setupEngine();
  const { t } = e;
  const { key, blog } = await t.tenant();
  await publish(t, key, {});
  await t.runJob("merge_search");
  t.deps.fetch = () => Promise.reject(new Error("the engine is away"));
  await publish(t, key, { slug: "second" });
  await assert.rejects(t.runJob("merge_search"));
  for (const path of ["/search?q=wombats", "/discover?q=wombats"]) {
    const got = await t.api("GET", path, { key });
    assert.equal(got.status, 503, got.text);
    assert.ok(got.headers.has("retry-after"));
    assert.doesNotMatch(got.text, /away/);
  }
  assert.equal((await t.view(blog.slug, "/search?q=wombats")).status, 503);
  assert.equal((await t.view(blog.slug, "/search")).status, 200);
  assert.equal((await t.view(blog.slug, "/second")).status, 200);
  t.deps.fetch = e.server.fetch;
  await t.runJob("merge_search");
  assert.deepEqual((await find(t, "/search?q=wombats", key)).sort(), ["second", "wombats"]);
});
