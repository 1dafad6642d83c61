import assert from "node:assert/strict";
import type { Ctx } from "../../../../lib/ctx.ts";
import { onBehalfOf } from "../../../../lib/account/accounts.ts";
import { postKey, type PostRow, postsPrefix } from "../../../../lib/content/posts/_record.ts";
import { findByTitle, TITLE_SCAN, titleMatcher } from "../../../../lib/content/posts/titles.ts";
import { newId } from "../../../../lib/kit/ids.ts";
import { under } from "../../../../lib/kit/kv.ts";
import { type Service, setup, type Tenant } from "../../../_setup.ts";
import type { Hooks } from "../../../support/hooked_kv.ts";
import { countRounds } from "../../../support/kv_rounds.ts";

/** A context of the tenant's own blog. */
function ctxOf(t: Service, tenant: Tenant): Ctx {
  return { ...onBehalfOf(t.deps, tenant.id), blog: tenant.blog.id };
}

async function write(t: Service, { key }: Tenant, posts: Record<string, unknown>[]) {
  for (const post of posts) {
    t.advance(1000);
    const got = await t.api("POST", "/posts", { key, body: { content: "x", ...post } });
    assert.equal(got.status, 201, got.text);
  }
}

/** Copies of a blog's only post, the first of them the oldest. */
async function copy(t: Service, { blog }: Tenant, titles: string[]): Promise<void> {
  const [{ value: row }] = await t.deps.store.list<PostRow>(under(postsPrefix(blog.id)), 1);
  await t.deps.store.writeAll(titles.map((title, i) => {
    const id = newId(t.now() + 1000 + i);
    return { key: postKey(blog.id, id), value: { ...row, id, slug: `copy-${i}`, title } };
  }));
}

for (
  const [q, title, fits] of [
    ["kite", "Flying KITES", true],
    ["kites fly", "Flying kites", true],
    ["kites boats", "Flying kites", false],
    ["uber", "Über alles", true],
    ["ÜBER", "uber alles", true],
    ["strasse", "Die Straße", true],
    ["e\u0301te\u0301", "L'été", true],
    ["ﬁne", "A fine day", true],
    ["“kites”", "kites", true],
    ["c++", "Why C++", true],
    ['"', 'a "quoted" title', false],
    ["東京", "東京の夏", true],
    ["й", "Синий", true],
  ] as const
) {
  Deno.test(`${q} ${fits ? "finds" : "does not find"} the title ${title}`, () => {
    assert.equal(titleMatcher(q)(title), fits);
  });
}

Deno.test("posts of every status are found by title, newest first, within a status and a tag", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  await write(t, tenant, [
    { title: "Kites one" },
    { title: "Kites two", status: "published", tags: ["Wind"] },
    { title: "Boats", content: "Kites." },
    { title: "Kites three", tags: ["wind"] },
  ]);
  const find = async (query: Partial<Parameters<typeof findByTitle>[1]>) => {
    const { data } = await findByTitle(ctxOf(t, tenant), { q: "kite", limit: 20, ...query });
    return data.map(({ slug }) => slug);
  };
  assert.deepEqual(await find({}), ["kites-three", "kites-two", "kites-one"]);
  assert.deepEqual(await find({ status: "draft" }), ["kites-three", "kites-one"]);
  assert.deepEqual(await find({ tag: "WIND" }), ["kites-three", "kites-two"]);
  assert.deepEqual(await find({ q: "nothing" }), []);
});

Deno.test("a full page leads to the rest, each post once", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  await write(t, tenant, Array.from({ length: 5 }, (_, n) => ({ title: `Kites ${n}` })));
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const found = await findByTitle(ctxOf(t, tenant), { q: "kites", limit: 2, cursor });
    seen.push(...found.data.map(({ slug }) => slug));
    assert.ok(found.data.length > 0);
    cursor = found.next_cursor ?? undefined;
  } while (cursor);
  assert.deepEqual(seen, ["kites-4", "kites-3", "kites-2", "kites-1", "kites-0"]);
});

Deno.test("one search reads a bounded part of a large blog, and its cursor goes on behind it", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const tenant = await t.tenant();
  await write(t, tenant, [{ title: "The oldest" }]);
  const reach = TITLE_SCAN.batch * TITLE_SCAN.rounds;
  await copy(t, tenant, Array.from({ length: reach }, () => "Another"));
  const query = { q: "oldest", limit: 20 };
  const first = await countRounds(hooks, () => findByTitle(ctxOf(t, tenant), query));
  // Its blog, then the posts.
  assert.equal(first.rounds, 1 + TITLE_SCAN.rounds, JSON.stringify(first.waves));
  assert.deepEqual(first.value.data, []);
  const cursor = first.value.next_cursor!;
  const second = await findByTitle(ctxOf(t, tenant), { ...query, cursor });
  assert.deepEqual(second.data.map(({ title }) => title), ["The oldest"]);
  assert.equal(second.next_cursor, null);
});

Deno.test("another's posts are not found", async () => {
  using t = await setup();
  const [tenant, stranger] = [await t.tenant(), await t.tenant()];
  await write(t, stranger, [{ title: "Kites" }]);
  const found = await findByTitle(ctxOf(t, tenant), { q: "kites", limit: 20 });
  assert.deepEqual(found.data, []);
  const foreign = { ...ctxOf(t, tenant), blog: stranger.blog.id };
  await assert.rejects(findByTitle(foreign, { q: "kites", limit: 20 }), {
    reason: "blog_not_found",
  });
});
