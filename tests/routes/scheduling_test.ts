import assert from "node:assert/strict";
import { type Service, setup } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { atOnce, setupPair } from "../support/pair.ts";

const MINUTE = 60_000;

function at(t: Service, inMs: number): string {
  return new Date(t.now() + inMs).toISOString();
}

async function schedule(t: Service, key: string, post: { slug: string; in: number }) {
  const body = { title: post.slug, content: "x", slug: post.slug, scheduled_at: at(t, post.in) };
  assert.equal((await t.api("POST", "/posts", { key, body })).status, 201);
}

async function status(t: Service, key: string, slug: string): Promise<string> {
  return (await t.api("GET", `/posts/${slug}`, { key })).body.status;
}

Deno.test("a post is published at the tick that its time has come, not before, and shows at once", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  await schedule(t, key, { slug: "post", in: MINUTE });
  t.advance(MINUTE - 1);
  assert.deepEqual(await t.runJob("publish_scheduled"), {
    published: 0,
    failed: 0,
    next: t.now() + 1,
  });
  assert.equal((await t.view(blog.slug, "/post")).status, 404);
  t.advance(1);
  assert.equal((await t.runJob("publish_scheduled")).published, 1);
  const { body } = await t.api("GET", "/posts/post", { key });
  assert.deepEqual([body.status, body.scheduled_at, body.published_at, body.updated_at], [
    "published",
    null,
    at(t, 0),
    at(t, 0),
  ]);
  assert.equal((await t.view(blog.slug, "/post")).status, 200);
  assert.match((await t.view(blog.slug, "/")).text, /href="\/post"/);
  assert.deepEqual(await t.runJob("publish_scheduled"), { published: 0, failed: 0, next: null });
});

Deno.test("scheduled_at null at create is none: the post is what its status says", async () => {
  using t = await setup();
  const { key } = await t.tenant("free");
  const body = { title: "Post", content: "x", scheduled_at: null };
  for (const [status, is] of [[undefined, "draft"], ["published", "published"]]) {
    const made = await t.api("POST", "/posts", { key, body: { ...body, status } });
    assert.equal(made.status, 201, made.text);
    assert.deepEqual([made.body.status, made.body.scheduled_at], [is, null]);
  }
});

Deno.test("what fell due while nothing ran goes out at the next tick, once", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  for (let n = 1; n <= 5; n++) await schedule(t, key, { slug: `post-${n}`, in: n * MINUTE });
  t.advance(30 * MINUTE);
  assert.equal((await t.runJob("publish_scheduled")).published, 5);
  assert.equal((await t.runJob("publish_scheduled")).published, 0);
  const { body } = await t.api("GET", "/posts?status=published", { key });
  assert.equal(body.pagination.total, 5);
});

Deno.test("a hundred posts for the same second are published once each by two instances at once", async () => {
  using pair = await setupPair();
  const { one, two } = pair;
  const { key } = await one.tenant();
  await atOnce(100, (n) => schedule(one, key, { slug: `post-${n}`, in: MINUTE }));
  const before = await rows(one);
  pair.advance(MINUTE);
  const reports = await Promise.all([
    one.runJob("publish_scheduled"),
    two.runJob("publish_scheduled"),
    one.runJob("publish_scheduled"),
  ]);
  const published = reports.reduce((sum, report) => sum + (report.published as number), 0);
  assert.equal(published, 100);
  const first = await rows(one);
  assert.equal(first.size, 100);
  for (const [id, rev] of first) assert.notEqual(rev, before.get(id));
  pair.advance(1000);
  await two.runJob("publish_scheduled");
  assert.deepEqual(await rows(one), first);
  const { body } = await two.api("GET", "/posts?status=published&per_page=200", { key });
  assert.equal(body.pagination.total, 100);
  const times = new Set(body.data.map((p: { published_at: string }) => p.published_at));
  assert.deepEqual([...times], ["2026-03-24T10:01:00.000Z"]);
});

async function rows(t: Service): Promise<Map<string, string>> {
  const found = await t.deps.store.list<{ id: string; rev: string }>(
    { start: ["post"], end: ["post", true] },
    1000,
  );
  return new Map(found.map(({ value }) => [value.id, value.rev]));
}

Deno.test("a post whose time was moved goes out at the new one only", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await schedule(t, key, { slug: "later", in: MINUTE });
  await schedule(t, key, { slug: "sooner", in: 60 * MINUTE });
  for (const [slug, wait] of [["later", 60 * MINUTE], ["sooner", MINUTE]] as const) {
    const body = { scheduled_at: at(t, wait) };
    const got = await t.api("POST", `/posts/${slug}/schedule`, { key, body });
    assert.equal(got.status, 200);
  }
  t.advance(MINUTE);
  assert.equal((await t.runJob("publish_scheduled")).published, 1);
  assert.equal(await status(t, key, "later"), "scheduled");
  assert.equal(await status(t, key, "sooner"), "published");
  t.advance(59 * MINUTE);
  assert.equal((await t.runJob("publish_scheduled")).published, 1);
  assert.equal(await status(t, key, "later"), "published");
});

Deno.test("what was cancelled or deleted, or whose blog was deleted, is not published", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const other = await t.tenant();
  await schedule(t, key, { slug: "cancelled", in: MINUTE });
  await schedule(t, key, { slug: "deleted", in: MINUTE });
  await schedule(t, other.key, { slug: "orphan", in: MINUTE });
  await t.api("POST", "/posts/cancelled/unpublish", { key });
  await t.api("DELETE", "/posts/deleted", { key });
  await t.api("DELETE", `/blogs/${other.blog.id}`, { key: other.token });
  t.advance(MINUTE);
  assert.deepEqual(await t.runJob("publish_scheduled"), { published: 0, failed: 0, next: null });
  assert.equal(await status(t, key, "cancelled"), "draft");
});

Deno.test("a blog whose deletion was cut short publishes nothing", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { key, token, blog } = await t.tenant();
  await schedule(t, key, { slug: "orphan", in: MINUTE });
  let commits = 0;
  hooks.before = (kind) => {
    if (kind === "commit" && ++commits > 2) throw new Error("the instance died");
  };
  assert.equal((await t.api("DELETE", `/blogs/${blog.id}`, { key: token })).status, 200);
  hooks.before = undefined;
  t.advance(MINUTE);
  assert.deepEqual(await t.runJob("publish_scheduled"), { published: 0, failed: 0, next: null });
  assert.deepEqual(await t.deps.store.list({ start: ["page"], end: ["page", true] }, 9), []);
});

Deno.test("one post that cannot be published does not hold up the others, and is tried again", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await schedule(t, key, { slug: "a", in: MINUTE });
  await schedule(t, key, { slug: "b", in: MINUTE + 1 });
  const [row] = await t.deps.store.list<{ id: string }>(
    { start: ["post"], end: ["post", true] },
    1,
  );
  const chunks = await t.deps.store.list({ start: ["rev"], end: ["rev", true] }, 10);
  const broken = chunks.find((chunk) => chunk.key[2] === row.value.id)!;
  await t.deps.store.writeAll([{ key: broken.key }]);
  t.advance(2 * MINUTE);
  const report = await t.runJob("publish_scheduled");
  assert.deepEqual([report.published, report.failed], [1, 1]);
  assert.ok(t.logs.some((line) => line.event === "publish_failed"));
  await t.deps.store.writeAll([broken]);
  const again = await t.runJob("publish_scheduled");
  assert.deepEqual([again.published, again.failed], [1, 0]);
});

Deno.test("an instance asks to be woken at the time of what it schedules and of what comes next", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await schedule(t, key, { slug: "a", in: MINUTE });
  await schedule(t, key, { slug: "b", in: 5 * MINUTE });
  await t.api("POST", "/posts", { key, body: { title: "c", content: "x", slug: "c" } });
  const body = { scheduled_at: at(t, 2 * MINUTE) };
  await t.api("POST", "/posts/c/schedule", { key, body });
  const start = t.now();
  assert.deepEqual(t.alarms, [start + MINUTE, start + 5 * MINUTE, start + 2 * MINUTE]);
  t.advance(MINUTE);
  await t.runJob("publish_scheduled");
  assert.equal(t.alarms.at(-1), start + 2 * MINUTE);
});
