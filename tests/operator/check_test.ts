import assert from "node:assert/strict";
import { type Service, setup } from "../_setup.ts";
import type { Key } from "../../lib/kit/kv.ts";
import { keyText, under } from "../../lib/kit/kv.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { newPlan } from "../../lib/metering/plans.ts";
import { FAMILIES, type FamilyName } from "../../lib/operator/check/families.ts";
import type { BlogRow } from "../../lib/content/blogs.ts";
import type { PageRow } from "../../lib/content/posts/page.ts";
import type { PostRow, RevisionRow } from "../../lib/content/posts/_record.ts";
import type { KeyRow } from "../../lib/account/api_keys.ts";
import { makeBusy, rareRows } from "./_busy.ts";

const HOUR = 3_600_000;
const STRANGER = "018f0000-0000-7000-8000-000000000000";
const HASH = "ab".repeat(32);

// deno-lint-ignore no-explicit-any
type Found = { key: Key; value: any };
/** Rows to write in place of what is there; undefined deletes. */
type Change = [Key, unknown][];

async function rowsOf(t: Service, family: string): Promise<Found[]> {
  return await t.deps.store.list(under([family]), 1000);
}

async function rowWhere<T>(
  t: Service,
  family: string,
  test: (value: T, key: Key) => boolean = () => true,
): Promise<{ key: Key; value: T }> {
  const row = (await rowsOf(t, family)).find(({ key, value }) => test(value, key));
  assert.ok(row, `the store has no such ${family}`);
  return row;
}

/** The keys that check names after a change, which is then taken back. */
async function namedAfter(t: Service, change: Change): Promise<string[]> {
  const { store } = t.deps;
  const before = await store.getMany(change.map(([key]) => key));
  await store.writeAll(change.map(([key, value]) => ({ key, value })));
  const { ok, differences } = await checkStore(t.deps, 0);
  await store.writeAll(before.map(({ key, value }) => ({ key, value: value ?? undefined })));
  assert.equal(ok, differences.length === 0);
  return differences.map(({ key }) => keyText(key));
}

Deno.test("check finds nothing in a store in which every verb was used, nor after a sweep a day later", async () => {
  using t = await setup();
  await makeBusy(t, { large: true });
  const before = await checkStore(t.deps, 0);
  assert.deepEqual(before.differences, []);
  t.advance(26 * HOUR);
  for (let i = 0; i < 2; i++) await t.runJob("sweep");
  await t.runJob("publish_scheduled");
  const { differences, counted } = await checkStore(t.deps, 0);
  assert.deepEqual(differences, []);
  const revisions = await rowsOf(t, "revision") as { value: RevisionRow }[];
  const chunks = revisions.reduce((n, { value }) => n + value.md + value.html, 0);
  assert.deepEqual(
    { rev: counted.rev, gc: counted.gc, theme: counted.theme },
    { rev: chunks, gc: 0, theme: 1 },
  );
  assert.ok(chunks < before.counted.rev);
});

Deno.test("check names every row whose value has another form, whatever its noun", async () => {
  using t = await setup();
  const { one } = await makeBusy(t);
  await t.deps.store.writeAll(rareRows(one));
  for (const family of Object.keys(FAMILIES) as FamilyName[]) {
    if (family === "restore") continue;
    const { key } = await rowWhere(t, family);
    for (const value of [{ x: 1 }, "", -1, true]) {
      assert.ok((await namedAfter(t, [[key, value]])).includes(keyText(key)), keyText(key));
    }
    const longer = [...key, "more"];
    assert.ok((await namedAfter(t, [[longer, 1]])).includes(keyText(longer)), keyText(longer));
  }
});

Deno.test("check names what is not there though a record needs it", async () => {
  using t = await setup();
  await makeBusy(t);
  const needed: FamilyName[] = [
    "email",
    "plan",
    "count",
    "bslug",
    "ublog",
    "theme",
    "bkey",
    "tok",
    "ix",
    "n",
    "page",
    "revision",
    "rev",
    "sched",
    "expiry",
    "preview",
  ];
  const rows = await Promise.all(needed.map((family) => liveRow(t, family)));
  rows.push(await rowWhere<{ post: string }>(t, "slug", (row) => "post" in row));
  for (const { key } of rows) {
    const named = await namedAfter(t, [[key, undefined]]);
    assert.equal(named[0], keyText(key));
    // Without its revision, a version's chunks are nobody's.
    if (key[0] !== "revision") assert.equal(named.length, 1);
  }
});

/** A row that some live record needs. */
async function liveRow(t: Service, family: FamilyName) {
  if (family === "bslug") return await rowWhere<{ blog: unknown }>(t, family, (row) => !!row.blog);
  if (family === "n") return await rowWhere<Deno.KvU64>(t, family, (row) => row.value > 0n);
  if (family === "theme") {
    const { value } = await rowWhere<BlogRow>(t, "blog", (row) => row.theme !== null);
    return await rowWhere(t, family, (_, key) => key[2] === value.theme!.id);
  }
  if (family === "rev" || family === "revision") {
    const { value } = await rowWhere<PostRow>(t, "post");
    return await rowWhere(t, family, (_, key) => key[2] === value.id);
  }
  return await rowWhere(t, family);
}

Deno.test("check names what is there though no record explains it", async () => {
  using t = await setup();
  const { one } = await makeBusy(t);
  const { value: post } = await rowWhere<PostRow>(t, "post", (row) => row.preview === null);
  const { space, id } = post;
  const chunk = new Uint8Array(3);
  const added: [Key, unknown][] = [
    [["email", "nobody@example.com"], one.id],
    [["identity", "https://issuer.example", "subject"], STRANGER],
    [["plan", STRANGER], newPlan("free", STRANGER)],
    [["uidentity", one.id, "https://issuer.example", "nobody"], 1],
    [["usession", STRANGER, STRANGER], 1],
    [["quota", STRANGER], { period: 0, used: 0, packs: [] }],
    [["settle", STRANGER], 1],
    [["grant", "txn_1"], { user: STRANGER, pack: STRANGER, size: 5, refundedAt: null }],
    [["grant", "txn_1"], { user: one.id, pack: STRANGER, size: 5, refundedAt: null }],
    [["count", STRANGER, "posts"], new Deno.KvU64(1n)],
    [["count", one.id, "pages"], new Deno.KvU64(1n)],
    [["bslug", "nobody"], { blog: STRANGER, owner: one.id, until: null }],
    [["ublog", one.id, STRANGER], 1],
    [["theme", one.blog.id, STRANGER, 0], chunk],
    [["theme", STRANGER, STRANGER, 0], chunk],
    [["bkey", one.blog.id, STRANGER], { hash: HASH }],
    [["tok", one.id, STRANGER], { hash: HASH }],
    [["used", STRANGER], 5],
    [["slug", space, "nowhere"], { post: id, version: post.version }],
    [["slug", space, "once"], { redirect: id }],
    [["slug", space, "gone"], { redirect: STRANGER }],
    [["slug", STRANGER, "a"], { redirect: STRANGER }],
    [["ix", space, "*", "c", 1, id], 1],
    [["ix", STRANGER, "*", "c", 1, id], 1],
    [["n", space, "t:none"], new Deno.KvU64(1n)],
    [["n", STRANGER, "*"], new Deno.KvU64(0n)],
    [["page", space, "nowhere"], { ...(await rowWhere<PageRow>(t, "page")).value, post: id }],
    [["page", STRANGER, "a"], (await rowWhere<PageRow>(t, "page")).value],
    [["revision", space, id, 99], (await rowWhere<RevisionRow>(t, "revision")).value],
    [["revision", space, STRANGER, 1], (await rowWhere<RevisionRow>(t, "revision")).value],
    [["rev", space, id, post.version.n, STRANGER, "md", 0], chunk],
    [["rev", space, id, post.version.n, post.version.id, "md", 9], chunk],
    [["rev", space, id, post.version.n, post.version.id, "text", 0], chunk],
    [["rev", space, STRANGER, 1, STRANGER, "md", 0], chunk],
    [["rev", STRANGER, STRANGER, 1, STRANGER, "md", 0], chunk],
    [["sched", 5, space, id], { blog: one.blog.id }],
    [["expiry", 5, space, id], { blog: one.blog.id }],
    [["sched", 5, STRANGER, id], { blog: STRANGER }],
    [["preview", "00".repeat(16)], { blog: one.blog.id, space, post: id }],
    [["rl", STRANGER], { w: 1, n: 1 }],
    [["restore"], { sha256: HASH }],
    [["pst", space, id], post],
    [["another"], 1],
    [[5, "x"], 1],
    [[true, "x"], 1],
  ];
  for (const [key, value] of added) {
    assert.deepEqual(await namedAfter(t, [[key, value]]), [keyText(key)]);
  }
});

Deno.test("check names a row that contradicts the record it follows from", async () => {
  using t = await setup();
  const { one, other } = await makeBusy(t);
  const post = await rowWhere<PostRow>(
    t,
    "post",
    (row) => row.status === "published" && !row.preview,
  );
  const page = await rowWhere<PageRow>(t, "page", (row) => row.post === post.value.id);
  const slug = { key: ["slug", post.value.space, post.value.slug] };
  const revision = { key: ["revision", post.value.space, post.value.id, post.value.version.n] };
  const chunk = await rowWhere<Uint8Array>(
    t,
    "rev",
    (_, key) => key[2] === post.value.id && key[3] === post.value.version.n,
  );
  const credential = await rowWhere<KeyRow>(t, "key", (row) => row.holder !== null);
  const list = ["bkey", credential.value.holder!, credential.value.id];
  const count = await rowWhere<Deno.KvU64>(t, "count", (row) => row.value > 0n);
  const n = await rowWhere<Deno.KvU64>(t, "n");
  const theme = await liveRow(t, "theme");
  const another = await rowWhere<PageRow>(t, "page", (row) => row.post !== post.value.id);
  const { value: blog } = await rowWhere<BlogRow>(t, "blog", (row) => row.id === one.blog.id);
  const gz = page.value.gz!;
  const cases: [Key, unknown][] = [
    [["email", one.email], other.id],
    [["bslug", one.blog.slug], { blog: one.blog.id, owner: other.id, until: null }],
    [["bslug", one.blog.slug], { blog: null, owner: one.id, until: 1 }],
    [slug.key, { post: post.value.id, version: { ...post.value.version, html: 7 } }],
    [slug.key, { post: STRANGER, version: post.value.version }],
    [slug.key, { redirect: STRANGER }],
    [revision.key, { ...post.value, ...post.value.version, title: "Another" }],
    [page.key, { ...page.value, etag: "0".repeat(24) }],
    [page.key, { ...page.value, gz: gz.slice(0, -9) }],
    [page.key, { ...another.value, post: post.value.id }],
    [page.key, { ...page.value, post: STRANGER }],
    [chunk.key, chunk.value.map((byte, i) => i === 12 ? byte ^ 1 : byte)],
    [theme.key, new Uint8Array(30)],
    [list, { hash: HASH }],
    [count.key, new Deno.KvU64(count.value.value + 1n)],
    [n.key, new Deno.KvU64(n.value.value - 1n)],
    [["preview", (await rowWhere(t, "preview")).key[1]], {
      blog: one.blog.id,
      space: blog.sandbox,
      post: STRANGER,
    }],
  ];
  for (const [key, value] of cases) {
    assert.deepEqual(await namedAfter(t, [[key, value]]), [keyText(key)]);
  }
});

Deno.test("check names a record that contradicts itself or another", async () => {
  using t = await setup();
  const { one, other } = await makeBusy(t);
  const { key, value } = await rowWhere<PostRow>(
    t,
    "post",
    (row) => row.status === "published" && row.blog === one.blog.id && !row.preview,
  );
  const taken = await rowWhere<PostRow>(
    t,
    "post",
    (row) => row.space === value.space && row.id > value.id,
  );
  const blog = await rowWhere<BlogRow>(t, "blog", (row) => row.id === one.blog.id);
  const user = await rowWhere<{ email: string }>(t, "user", (_, key) => key[1] === one.id);
  const credential = await rowWhere<KeyRow>(t, "key", (row) => row.holder !== null);
  const session = await rowWhere<{ id: string }>(t, "session");
  const cases: [Key, unknown][] = [
    [key, { ...value, id: STRANGER }],
    [key, { ...value, publishedAt: null }],
    [key, { ...value, scheduledAt: 5 }],
    [key, { ...value, preview: "00".repeat(16) }],
    [key, { ...value, former: [value.slug] }],
    [taken.key, { ...taken.value, slug: value.slug }],
    [blog.key, { ...blog.value, id: STRANGER }],
    [blog.key, { ...blog.value, owner: STRANGER }],
    [user.key, { ...user.value, id: STRANGER }],
    [user.key, { ...user.value, email: other.email }],
    [credential.key, { ...credential.value, user: STRANGER }],
    [credential.key, { ...credential.value, holder: STRANGER }],
    [session.key, { ...session.value, id: STRANGER }],
  ];
  for (const [changed, row] of cases) {
    const named = await namedAfter(t, [[changed, row]]);
    // The last account of two with one address is the one that is named.
    const also = [keyText(changed), keyText(["user", other.id])];
    assert.ok(named.some((text) => also.includes(text)), `${also[0]}: ${named}`);
  }
});

Deno.test("check names what a lost record leaves behind", async () => {
  using t = await setup();
  const { one } = await makeBusy(t);
  const { key, value: post } = await rowWhere<PostRow>(
    t,
    "post",
    (row) => !row.preview && row.blog === one.blog.id,
  );
  const credential = await rowWhere<KeyRow>(t, "key", (row) => row.holder !== null);
  const removal = await rowWhere<{ prefixes: Key[] }>(
    t,
    "gc",
    (row) => row.prefixes.some((prefix) => prefix[0] === "rev" && prefix.length === 3),
  );
  const orphan = (await rowsOf(t, "rev")).find(({ key }) =>
    key[2] === removal.value.prefixes[0][2]
  )!;
  const lost: [Key, Key[]][] = [
    [key, [
      ["slug", post.space, post.slug],
      ["ix", post.space, "*", "c", post.createdAt, post.id],
      ["n", post.space, "*"],
      ["revision", post.space, post.id, 1],
      ["count", one.id, "posts"],
    ]],
    [["blog", one.blog.id], [["bslug", one.blog.slug], ["ublog", one.id, one.blog.id], key]],
    [["user", one.id], [["email", one.email], ["plan", one.id], ["blog", one.blog.id]]],
    [credential.key, [["bkey", credential.value.holder!, credential.value.id]]],
    [removal.key, [orphan.key]],
  ];
  for (const [record, left] of lost) {
    const named = await namedAfter(t, [[record, undefined]]);
    for (const follows of left) assert.ok(named.includes(keyText(follows)), keyText(follows));
  }
});

Deno.test("check names a queued removal that would take what is in use", async () => {
  using t = await setup();
  const { one } = await makeBusy(t);
  const { value: post } = await rowWhere<PostRow>(t, "post", (row) => !row.preview);
  const { value: blog } = await rowWhere<BlogRow>(t, "blog", (row) => row.id === one.blog.id);
  const version = ["rev", post.space, post.id, post.version.n, post.version.id];
  const revision = ["revision", post.space, post.id, post.version.n];
  const key = ["gc", 5, "x"];
  for (const prefix of [version, revision, ["theme", blog.id, blog.theme!.id], ["post"]]) {
    assert.ok((await namedAfter(t, [[key, { prefixes: [prefix] }]])).includes(keyText(key)));
  }
  const unless = { key: revision, field: "id", equals: post.version.id };
  assert.deepEqual(await namedAfter(t, [[key, { prefixes: [version], unless }]]), []);
  const stale = { ...unless, equals: STRANGER };
  assert.deepEqual(await namedAfter(t, [[key, { prefixes: [version], unless: stale }]]), [
    keyText(key),
  ]);
});

Deno.test("check takes what a deletion under way leaves for granted", async () => {
  using t = await setup();
  const { one } = await makeBusy(t);
  const { value: blog } = await rowWhere<BlogRow>(t, "blog", (row) => row.id === one.blog.id);
  const live = await rowWhere<Deno.KvU64>(
    t,
    "count",
    (_, key) => key[1] === one.id && key[2] === "posts",
  );
  const taken: Change = [
    [["blog", blog.id], undefined],
    [["ublog", one.id, blog.id], undefined],
    [["bslug", blog.slug], { blog: null, owner: one.id, until: t.now() + HOUR }],
    [["count", one.id, "blogs"], new Deno.KvU64(0n)],
    [live.key, new Deno.KvU64(0n)],
    [["count", one.id, "bytes"], new Deno.KvU64(0n)],
  ];
  const row = { blog: blog.id, sandbox: blog.sandbox, acceptedAt: t.now() };
  assert.deepEqual(await namedAfter(t, [...taken, [["deletion", blog.id], row]]), []);
  assert.ok((await namedAfter(t, taken)).length > 10);
});

Deno.test("check lists a thousand differences and counts the others", async () => {
  using t = await setup();
  await t.tenant();
  const strays = Array.from({ length: 1200 }, (_, i) => ({ key: ["stray", i], value: 1 }));
  await t.deps.store.writeAll(strays);
  const { ok, differences, total } = await checkStore(t.deps, 0);
  assert.deepEqual({ ok, listed: differences.length, total }, {
    ok: false,
    listed: 1000,
    total: 1200,
  });
});

Deno.test("check reports nothing of a store that is written to while it walks", async () => {
  using t = await setup();
  const { one } = await makeBusy(t);
  const stop = new AbortController();
  const writer = async (name: string) => {
    for (let i = 0; !stop.signal.aborted; i++) {
      const body = {
        title: `${name} ${i}`,
        content: `Text ${i}.`,
        status: "published",
        tags: [name],
      };
      const made = await t.api("POST", "/posts", { key: one.key, body });
      assert.equal(made.status, 201);
      await t.api("PUT", `/posts/${made.body.slug}`, { key: one.key, body: { content: "Other." } });
      await t.api("DELETE", `/posts/${made.body.slug}`, { key: one.key });
    }
  };
  const writers = ["a", "b"].map(writer);
  for (let i = 0; i < 10; i++) {
    assert.deepEqual((await checkStore(t.deps, 5)).differences, []);
  }
  stop.abort();
  await Promise.all(writers);
});
