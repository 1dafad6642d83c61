import assert from "node:assert/strict";
import { SEARCHED_POSTS } from "../../lib/content/discovery/sandbox.ts";
import { postKey, type PostRow } from "../../lib/content/posts/_record.ts";
import { newId } from "../../lib/kit/ids.ts";
import { type Service, setup, type Tenant } from "../_setup.ts";
import { setupPair } from "../support/pair.ts";

const HOUR = 3_600_000;
const post = { title: "Wombats", content: "Text.", slug: "wombats", status: "published" };

// deno-lint-ignore no-explicit-any
type Result = any;

async function publish(t: Service, key: string, fields: Record<string, unknown>): Promise<void> {
  const made = await t.api("POST", "/posts", { key, body: { content: "Text.", ...fields } });
  assert.equal(made.status, 201, made.text);
}

/** What a query finds, by slug, after the total was compared with it. */
async function find(t: Service, key: string, q: string): Promise<string[]> {
  const got = await t.api("GET", `/search?q=${encodeURIComponent(q)}`, { key });
  assert.equal(got.status, 200, got.text);
  assert.equal(got.body.pagination.total, got.body.data.length);
  return got.body.data.map(({ slug }: Result) => slug);
}

async function withTestKey(t: Service): Promise<Tenant & { test: string }> {
  const tenant = await t.tenant();
  const path = `/blogs/${tenant.blog.id}/api-keys`;
  const made = await t.api("POST", path, { key: tenant.key, body: { mode: "test" } });
  return { ...tenant, test: made.body.key };
}

Deno.test("a post is found by the next request after the call that published it, whichever call that is", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await publish(t, key, { ...post, slug: "created" });
  assert.deepEqual(await find(t, key, "wombats"), ["created"]);
  await publish(t, key, { ...post, slug: "drafted", status: "draft" });
  const at = new Date(t.now() + HOUR).toISOString();
  await publish(t, key, { ...post, slug: "scheduled", status: undefined, scheduled_at: at });
  assert.deepEqual(await find(t, key, "wombats"), ["created"]);
  t.advance(1000);
  await t.api("POST", "/posts/drafted/publish", { key });
  assert.deepEqual(await find(t, key, "wombats"), ["drafted", "created"]);
  t.advance(HOUR);
  await t.runJob("publish_scheduled");
  assert.deepEqual(await find(t, key, "wombats"), ["scheduled", "drafted", "created"]);
});

for (const merged of [false, true]) {
  const when = merged ? "after the merge" : "before the merge";
  Deno.test(`what is edited, renamed, restored, unpublished or deleted is found as it is now, ${when}`, async () => {
    using t = await setup();
    const { key } = await t.tenant();
    const settle = async () => {
      if (merged) assert.equal((await t.runJob("merge_search")).busy, false);
    };
    const expect = async (found: Record<string, string[]>) => {
      for (const [q, slugs] of Object.entries(found)) {
        assert.deepEqual(await find(t, key, q), slugs, q);
      }
      await settle();
    };
    await publish(t, key, { ...post, content: "## Burrows\n\nText.", tags: ["fauna"] });
    await expect({ wombat: ["wombats"], burrow: ["wombats"], fauna: ["wombats"], koala: [] });
    await t.api("PUT", "/posts/wombats", { key, body: { title: "Koalas" } });
    await expect({ wombat: [], burrow: ["wombats"], koala: ["wombats"] });
    await t.api("PUT", "/posts/wombats", { key, body: { slug: "koalas", tags: ["trees"] } });
    await expect({ koala: ["koalas"], fauna: [], tree: ["koalas"] });
    await t.api("PUT", "/posts/koalas", { key, body: { content: "## Bark\n\nText." } });
    await expect({ burrow: [], bark: ["koalas"] });
    await t.api("PUT", "/posts/koalas", { key, body: { meta: { description: "Eucalyptus." } } });
    await expect({ eucalyptus: ["koalas"], bark: ["koalas"] });
    const { body } = await t.api("GET", "/posts/koalas/revisions", { key });
    const first = body.data.at(-1).id;
    await t.api("POST", `/posts/koalas/revisions/${first}/restore`, { key });
    await expect({ wombat: ["koalas"], burrow: ["koalas"], koala: [], eucalyptus: [] });
    await t.api("POST", "/posts/koalas/unpublish", { key });
    await expect({ wombat: [], burrow: [] });
    await t.api("POST", "/posts/koalas/publish", { key });
    await expect({ wombat: ["koalas"] });
    await t.api("DELETE", "/posts/koalas", { key });
    await expect({ wombat: [], fauna: [] });
  });
}

Deno.test("an edit is found on another instance by the next request", async () => {
  using pair = await setupPair();
  const { one, two } = pair;
  const { key } = await one.tenant();
  await publish(one, key, post);
  assert.deepEqual(await find(two, key, "wombats"), ["wombats"]);
  await two.runJob("merge_search");
  await one.api("PUT", "/posts/wombats", { key, body: { title: "Koalas" } });
  assert.deepEqual(await find(two, key, "koalas"), ["wombats"]);
  assert.deepEqual(await find(two, key, "wombats"), []);
});

Deno.test("a result has the fields of the reference, its address, language and times, without mark-up", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  const text = "Some *marked* `text` with a [link](/x) & <b>more</b>. ".repeat(20);
  await publish(t, key, {
    ...post,
    content: `## On wombats\n\n${text}`,
    tags: ["Fauna"],
    meta: { description: "About <them>." },
  });
  const { body } = await t.api("GET", "/search?q=wombats", { key });
  const [{ excerpt, ...rest }] = body.data;
  assert.deepEqual(rest, {
    title: "Wombats",
    slug: "wombats",
    url: `${blog.url}/wombats`,
    meta_description: "About <them>.",
    tags: ["Fauna"],
    lang: "en",
    created_at: "2026-03-24T10:00:00.000Z",
    published_at: "2026-03-24T10:00:00.000Z",
  });
  assert.ok(excerpt.startsWith("On wombats Some marked text with a link & more. Some"), excerpt);
  assert.ok(excerpt.length > 150 && excerpt.length <= 200 && excerpt.endsWith("…"), excerpt);
  assert.deepEqual(body.pagination, { page: 1, per_page: 20, total: 1, total_pages: 1 });
});

Deno.test("a description that is not given is the first two sentences, in results too", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await publish(t, key, { ...post, content: "One zebra. Two. Three." });
  const { body } = await t.api("GET", "/search?q=zebra", { key });
  assert.equal(body.data[0].meta_description, "One zebra. Two.");
  assert.equal(body.data[0].excerpt, "One zebra. Two. Three.");
});

Deno.test("a hit in the title comes before one in the description, in a heading, in a tag; the text itself is not searched", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const other = { title: "Other", status: "published", meta: { description: "None." } };
  await publish(t, key, { ...other, slug: "text", content: "A quokka.\n\n#### Quokka" });
  await publish(t, key, { ...other, slug: "tag", tags: ["Quokka"] });
  await publish(t, key, { ...other, slug: "heading", content: "### The quokkas\n\nText." });
  await publish(t, key, { ...other, slug: "description", meta: { description: "A quokka." } });
  await publish(t, key, { ...other, slug: "title", title: "Quokka" });
  const ranked = ["title", "description", "heading", "tag"];
  assert.deepEqual(await find(t, key, "quokka"), ranked);
  await t.runJob("merge_search");
  assert.deepEqual(await find(t, key, "QUOKKAS"), ranked);
});

Deno.test("words are combined with AND; OR, -word and quotes mean what they do in a web search", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const titles = { ab: "Apple banana", a: "Apple", b: "Banana", c: "Cherry" };
  for (const [slug, title] of Object.entries(titles)) {
    await publish(t, key, { title, slug, status: "published" });
  }
  const found = {
    "apple banana": ["ab"],
    "banana apple": ["ab"],
    "apple OR cherry": ["a", "ab", "c"],
    "apple -banana": ["a"],
    '"banana apple"': ["ab"],
    '-"apple banana" apple': ["a"],
    "the apple": ["a", "ab"],
    "the": [],
    "-": [],
    '"': [],
    "OR": [],
  };
  for (const [q, slugs] of Object.entries(found)) {
    assert.deepEqual((await find(t, key, q)).sort(), slugs, q);
  }
});

Deno.test("only the blog's own published posts are found", async () => {
  using t = await setup();
  const [mine, theirs] = [await t.tenant(), await t.tenant()];
  await publish(t, mine.key, post);
  await publish(t, mine.key, { ...post, slug: "draft", status: "draft" });
  await publish(t, theirs.key, { ...post, slug: "theirs" });
  assert.deepEqual(await find(t, mine.key, "wombats"), ["wombats"]);
  assert.deepEqual(await find(t, theirs.key, "wombats"), ["theirs"]);
  await t.runJob("merge_search");
  assert.deepEqual(await find(t, mine.key, "wombats"), ["wombats"]);
});

Deno.test("pages hold all hits once, under the exact total, with more than 50 a page clamped", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  for (let n = 0; n < 55; n++) {
    if (n === 30) await t.runJob("merge_search");
    await publish(t, key, {
      ...post,
      slug: `post-${n}`,
      title: n % 5 ? "Wombat" : "Wombat wombat",
    });
  }
  const page = async (query: string) => {
    const { body } = await t.api("GET", `/search?q=wombat&${query}`, { key });
    const { data, pagination: { total, ...rest } } = body;
    assert.equal(total, 55);
    return { slugs: data.map(({ slug }: Result) => slug), ...rest };
  };
  const all = [];
  for (let n = 1; n <= 4; n++) all.push(...(await page(`per_page=15&page=${n}`)).slugs);
  assert.equal(all.length, 55);
  assert.equal(new Set(all).size, 55);
  // Two hits in the title weigh more than one.
  assert.ok(all.slice(0, 11).every((slug) => Number(slug.slice(5)) % 5 === 0), String(all));
  const clamped = await page("per_page=1000");
  assert.deepEqual(clamped, { slugs: all.slice(0, 50), page: 1, per_page: 50, total_pages: 2 });
  assert.deepEqual((await page("page=1000000000")).slugs, []);
});

Deno.test("with a cursor nothing is skipped or repeated while posts come and go", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const make = (slug: string, title: string) => publish(t, key, { ...post, slug, title });
  for (let n = 0; n < 30; n++) {
    t.advance(1000);
    await make(`kept-${n}`, n % 3 ? "Wombat" : "Wombat wombat wombat");
    await make(`gone-${n}`, "Wombat wombat");
  }
  const seen: string[] = [];
  let cursor: string | null = null;
  for (let n = 0; cursor !== null || n === 0; n++) {
    const after: string = cursor ? `&cursor=${cursor}` : "";
    const { body } = await t.api("GET", `/search?q=wombat&limit=4${after}`, { key });
    assert.equal(body.pagination, undefined);
    assert.ok(body.data.length <= 4);
    seen.push(...body.data.map(({ slug }: Result) => slug));
    cursor = body.next_cursor;
    if (n % 4 === 1) await t.runJob("merge_search");
    if (n >= 30) continue;
    t.advance(1000);
    await make(`new-${n}`, n % 2 ? "Wombat wombat wombat" : "Wombat");
    await t.api("DELETE", `/posts/gone-${29 - n}`, { key });
    // The very post that the cursor stands at.
    if (n === 5) await t.api("POST", `/posts/${seen.at(-1)}/unpublish`, { key });
  }
  assert.equal(new Set(seen).size, seen.length, "a post came twice");
  const kept = Array.from({ length: 30 }, (_, n) => `kept-${n}`);
  for (const slug of kept) assert.ok(seen.includes(slug), slug);
});

for (const change of ["came before it", "went"]) {
  Deno.test(`a cursor finds its place after more posts ${change} than one look reaches`, async () => {
    using t = await setup();
    const { key } = await t.tenant();
    const ask = async (limit: number, cursor = "") => {
      const { body } = await t.api("GET", `/search?q=wombats&limit=${limit}${cursor}`, { key });
      return { slugs: body.data.map(({ slug }: Result) => slug), cursor: body.next_cursor };
    };
    for (let n = 0; n < 30; n++) {
      t.advance(1000);
      await publish(t, key, { ...post, slug: `post-${n}` });
    }
    const all = Array.from({ length: 30 }, (_, n) => `post-${29 - n}`);
    const first = await ask(25);
    assert.deepEqual(first.slugs, all.slice(0, 25));
    t.advance(1000);
    for (let n = 0; n < 60; n++) {
      if (change !== "went") await publish(t, key, { ...post, slug: `new-${n}` });
      else if (n < 25) await t.api("DELETE", `/posts/${all[n]}`, { key });
    }
    const second = await ask(3, `&cursor=${first.cursor}`);
    assert.deepEqual(second.slugs, all.slice(25, 28));
    const third = await ask(3, `&cursor=${second.cursor}`);
    assert.deepEqual(third, { slugs: all.slice(28), cursor: null });
  });
}

Deno.test("q is required, and has at most 100 characters, whatever they are", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  for (const query of ["", "?q=", "?q=%20%09", "?page=1", "?Q=x"]) {
    const got = await t.api("GET", `/search${query}`, { key });
    assert.equal(got.status, 400, query);
    assert.equal(got.body.error, "bad_request");
    assert.equal(got.body.message, "q parameter is required");
  }
  for (const character of ["x", "語", "🦜"]) {
    const ask = (length: number) =>
      t.api("GET", `/search?q=${encodeURIComponent(character.repeat(length))}`, { key });
    assert.equal((await ask(100)).status, 200);
    const refused = await ask(101);
    assert.equal(refused.status, 400);
    assert.equal(refused.body.message, "q must have at most 100 characters");
  }
});

Deno.test("any text is a query, and none a fault", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  await publish(t, key, post);
  const odd = ["'", "\\", "-", "--", "- -", '""', '"a', "OR OR", "a OR", "OR a", "@", "#", "~en"];
  const hostile = ["\u202e", "\u{e0001}", "%", "__proto__", "constructor", "a".repeat(100), "ﷺ"];
  for (const q of [...odd, ...hostile, "-wombats", "\ufffd"]) {
    const got = await t.api("GET", `/search?q=${encodeURIComponent(q)}`, { key });
    assert.equal(got.status, 200, q);
  }
  // What filters by blog or language is no word of a post.
  for (const q of [`@${blog.id}`, "~en", "en"]) assert.deepEqual(await find(t, key, q), [], q);
});

Deno.test("a test key finds the sandbox's published posts at preview URLs, a live key the blog's own", async () => {
  using t = await setup();
  const { key, test } = await withTestKey(t);
  await publish(t, key, post);
  await publish(t, test, { ...post, slug: "tried", content: "## Burrows\n\nText." });
  await publish(t, test, { ...post, slug: "draft", status: "draft" });
  assert.deepEqual(await find(t, key, "wombats"), ["wombats"]);
  assert.deepEqual(await find(t, test, "wombat burrows -koala"), ["tried"]);
  const { body } = await t.api("GET", "/search?q=wombats", { key: test });
  const [found] = body.data;
  assert.match(found.url, /\/_\/preview\/[0-9a-f]{32}$/);
  assert.equal((await t.send("GET", found.url)).status, 200);
  const { body: live } = await t.api("GET", "/search?q=wombats", { key });
  assert.deepEqual(Object.keys(found).sort(), Object.keys(live.data[0]).sort());
  t.advance(30 * 24 * HOUR);
  assert.deepEqual(await find(t, test, "wombats"), []);
});

Deno.test("a sandbox is ranked and paged as the index is", async () => {
  using t = await setup();
  const { key, test } = await withTestKey(t);
  for (const credential of [key, test]) {
    await publish(t, credential, { ...post, slug: "tag", title: "Koala", tags: ["wombats"] });
    await publish(t, credential, { ...post, slug: "heading", title: "K", content: "## Wombats" });
    await publish(t, credential, { ...post, slug: "twice", title: "Wombat wombats" });
    await publish(t, credential, post);
  }
  assert.deepEqual(await find(t, test, "wombats"), await find(t, key, "wombats"));
  const { body } = await t.api("GET", "/search?q=wombats&limit=3", { key: test });
  const rest = await t.api("GET", `/search?q=wombats&limit=3&cursor=${body.next_cursor}`, {
    key: test,
  });
  const slugs = [...body.data, ...rest.body.data].map(({ slug }) => slug);
  assert.deepEqual(slugs, await find(t, key, "wombats"));
  assert.equal(rest.body.next_cursor, null);
});

Deno.test("of a sandbox's posts the newest thousand are searched", async () => {
  using t = await setup();
  const { test } = await withTestKey(t);
  await publish(t, test, { ...post, slug: "oldest" });
  const [row] = await t.deps.store.list<PostRow>({ start: ["post"], end: ["post", true] }, 1);
  t.advance(HOUR);
  const copies = Array.from({ length: SEARCHED_POSTS - 1 }, () => {
    const id = newId(t.now());
    return { key: postKey(row.value.space, id), value: { ...row.value, id } };
  });
  await t.deps.store.writeAll(copies);
  const total = async () =>
    (await t.api("GET", "/search?q=wombats", { key: test })).body.pagination.total;
  assert.equal(await total(), SEARCHED_POSTS);
  await publish(t, test, { ...post, title: "Koala", slug: "newest" });
  assert.equal(await total(), SEARCHED_POSTS - 1);
});

Deno.test("a post with fields as long as they may be, of whatever script, is published and found", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const runs: Record<string, [first: number, count: number, word: number]> = {
    latin: [0x61, 26, 8],
    han: [0x4e00, 20_000, 1000],
    "rare-han": [0x20000, 20_000, 1000],
    thai: [0x0e01, 40, 100],
    // One character of these becomes several.
    "squared-words": [0x3300, 88, 3],
    "arabic-phrase": [0xfdfa, 1, 5],
  };
  for (const [slug, [first, count, word]] of Object.entries(runs)) {
    const text = (length: number) =>
      Array.from(
        { length },
        (_, i) => i % word === word - 1 ? " " : String.fromCodePoint(first + (i * 97) % count),
      ).join("").trim().padEnd(length, "x");
    const body = {
      title: text(1000),
      slug,
      content: Array.from({ length: 30 }, (_, n) => `## ${text(400 + n)}`).join("\n\n"),
      tags: Array.from({ length: 10 }, (_, n) => [...text(49)].slice(n).join("") + n),
      status: "published",
      meta: { description: text(500) },
    };
    const made = await t.api("POST", "/posts", { key, body });
    assert.equal(made.status, 201, `${slug} ${made.text.slice(0, 300)}`);
    const q = [...body.title].slice(0, 90).join("").split(" ")[0];
    assert.deepEqual(await find(t, key, q), [slug]);
    await t.runJob("merge_search");
    assert.deepEqual(await find(t, key, q), [slug]);
  }
});
