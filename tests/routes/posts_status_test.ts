import assert from "node:assert/strict";
import { changePlan } from "../../lib/account/plan_changes.ts";
import { type Service, setup, type Tenant } from "../_setup.ts";

const post = { title: "Hello", content: "Text.", slug: "hello" };
const DAY = 86_400_000;

async function withPost(
  t: Service,
  fields: Record<string, unknown> = {},
  plan: "free" | "creator" = "creator",
): Promise<Tenant> {
  const tenant = await t.tenant(plan);
  const body = { ...post, ...fields };
  assert.equal((await t.api("POST", "/posts", { key: tenant.key, body })).status, 201);
  t.advance(1000);
  return tenant;
}

Deno.test("POST …/publish publishes a draft, and answers with the whole post", async () => {
  using t = await setup();
  const { key, blog } = await withPost(t);
  const got = await t.api("POST", "/posts/hello/publish", { key });
  assert.equal(got.status, 200);
  assert.equal(got.body.status, "published");
  assert.equal(got.body.url, `${blog.url}/hello`);
  assert.equal(got.body.published_at, new Date(t.now()).toISOString());
  assert.equal(got.body.updated_at, got.body.published_at);
  assert.deepEqual((await t.api("GET", "/posts/hello", { key })).body, got.body);
});

Deno.test("POST …/publish on a published post answers 200 and changes nothing", async () => {
  using t = await setup();
  const { key } = await withPost(t, { status: "published" });
  const before = await t.api("GET", "/posts/hello", { key });
  const got = await t.api("POST", "/posts/hello/publish", { key });
  assert.equal(got.status, 200);
  assert.deepEqual(got.body, before.body);
  const after = await t.api("GET", "/posts/hello", { key });
  assert.equal(after.headers.get("etag"), before.headers.get("etag"));
});

Deno.test("POST …/publish on a scheduled post publishes it now, and its time publishes nothing more", async () => {
  using t = await setup();
  const at = new Date(t.now() + DAY).toISOString();
  const { key } = await withPost(t, { scheduled_at: at });
  const got = await t.api("POST", "/posts/hello/publish", { key });
  assert.equal(got.body.status, "published");
  assert.equal(got.body.scheduled_at, null);
  t.advance(2 * DAY);
  assert.equal((await t.runJob("publish_scheduled")).published, 0);
  assert.deepEqual((await t.api("GET", "/posts/hello", { key })).body, got.body);
});

Deno.test("published_at is kept when a post is taken down and published again", async () => {
  using t = await setup();
  const { key } = await withPost(t, { status: "published" });
  const { published_at } = (await t.api("GET", "/posts/hello", { key })).body;
  const down = await t.api("POST", "/posts/hello/unpublish", { key });
  assert.equal(down.body.published_at, published_at);
  t.advance(DAY);
  const again = await t.api("POST", "/posts/hello/publish", { key });
  assert.equal(again.body.published_at, published_at);
  assert.notEqual(again.body.updated_at, down.body.updated_at);
});

Deno.test("POST …/unpublish returns a published post to draft; on a draft it changes nothing", async () => {
  using t = await setup();
  const { key } = await withPost(t, { status: "published" });
  const down = await t.api("POST", "/posts/hello/unpublish", { key });
  assert.equal(down.status, 200);
  assert.equal(down.body.status, "draft");
  assert.equal((await t.api("GET", "/posts?status=draft", { key })).body.pagination.total, 1);
  assert.equal((await t.api("GET", "/posts?status=published", { key })).body.pagination.total, 0);
  t.advance(1000);
  const again = await t.api("POST", "/posts/hello/unpublish", { key });
  assert.equal(again.status, 200);
  assert.deepEqual(again.body, down.body);
});

Deno.test("POST …/unpublish cancels a schedule", async () => {
  using t = await setup();
  const at = new Date(t.now() + DAY).toISOString();
  const { key } = await withPost(t, { scheduled_at: at });
  const down = await t.api("POST", "/posts/hello/unpublish", { key });
  assert.equal(down.body.status, "draft");
  assert.equal(down.body.scheduled_at, null);
  t.advance(2 * DAY);
  await t.runJob("publish_scheduled");
  assert.equal((await t.api("GET", "/posts/hello", { key })).body.status, "draft");
});

Deno.test("POST …/schedule takes any UTC offset and gives it back in UTC", async () => {
  using t = await setup();
  const { key } = await withPost(t);
  const forms = [
    ["2026-05-01T00:30:00+14:00", "2026-04-30T10:30:00.000Z"],
    ["2026-05-01T00:30:00-0930", "2026-05-01T10:00:00.000Z"],
    ["2026-05-01T00:30:00.5Z", "2026-05-01T00:30:00.500Z"],
    ["2026-05-01T00:30Z", "2026-05-01T00:30:00.000Z"],
  ];
  for (const [scheduled_at, utc] of forms) {
    const got = await t.api("POST", "/posts/hello/schedule", { key, body: { scheduled_at } });
    assert.equal(got.status, 200, scheduled_at);
    assert.equal(got.body.status, "scheduled");
    assert.equal(got.body.scheduled_at, utc);
    assert.equal((await t.api("GET", "/posts/hello", { key })).body.scheduled_at, utc);
  }
});

Deno.test("POST …/schedule returns 400 for a time that is past, now, or none", async () => {
  using t = await setup();
  const { key } = await withPost(t);
  const now = new Date(t.now()).toISOString();
  const times = [
    now,
    "2020-01-01T00:00:00Z",
    "2030-01-01T00:00:00",
    "2030-02-30T25:00:00Z",
    "tomorrow",
    "",
    null,
    1,
    undefined,
  ];
  for (const scheduled_at of times) {
    const got = await t.api("POST", "/posts/hello/schedule", { key, body: { scheduled_at } });
    assert.equal(got.status, 400, String(scheduled_at));
  }
  assert.equal((await t.api("GET", "/posts/hello", { key })).body.status, "draft");
});

Deno.test("POST …/schedule on a published post returns 409, and it stays published", async () => {
  using t = await setup();
  const { key } = await withPost(t, { status: "published" });
  const body = { scheduled_at: "2030-01-01T00:00:00Z" };
  const got = await t.api("POST", "/posts/hello/schedule", { key, body });
  assert.equal(got.status, 409);
  assert.equal(got.body.reason, "already_published");
  assert.equal((await t.api("GET", "/posts/hello", { key })).body.status, "published");
});

Deno.test("POST …/schedule returns 403 with upgrade_url below Creator", async () => {
  using t = await setup();
  const { key } = await withPost(t, {}, "free");
  const body = { scheduled_at: "2030-01-01T00:00:00Z" };
  const got = await t.api("POST", "/posts/hello/schedule", { key, body });
  assert.equal(got.status, 403);
  assert.equal(got.body.reason, "plan_required");
  assert.match(got.body.message, /Creator/);
  assert.equal(got.body.upgrade_url, "http://localhost:8000/upgrade");
});

Deno.test("what was scheduled is published although the plan has since fallen", async () => {
  using t = await setup();
  const at = new Date(t.now() + DAY).toISOString();
  const { key, id } = await withPost(t, { scheduled_at: at });
  await changePlan(t.deps, id, { plan: "free" });
  t.advance(DAY);
  await t.runJob("publish_scheduled");
  assert.equal((await t.api("GET", "/posts/hello", { key })).body.status, "published");
});

Deno.test("a scheduled post may be edited, and keeps its time", async () => {
  using t = await setup();
  const at = new Date(t.now() + DAY).toISOString();
  const { key } = await withPost(t, { scheduled_at: at });
  const body = { title: "Better", slug: "better" };
  const got = await t.api("PUT", "/posts/hello", { key, body });
  assert.equal(got.body.scheduled_at, at);
  t.advance(DAY);
  await t.runJob("publish_scheduled");
  const after = (await t.api("GET", "/posts/better", { key })).body;
  assert.equal(after.status, "published");
  assert.equal(after.title, "Better");
});

Deno.test("a change of status makes no new revision", async () => {
  using t = await setup();
  const { key } = await withPost(t);
  for (const verb of ["publish", "unpublish", "publish"]) {
    await t.api("POST", `/posts/hello/${verb}`, { key });
  }
  assert.equal((await t.api("GET", "/posts/hello/revisions", { key })).body.data.length, 1);
});
