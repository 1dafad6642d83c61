import assert from "node:assert/strict";
import { type Service, setup, type Tenant } from "../_setup.ts";
import { deliveriesOf, makeHook, receiverDouble, verify } from "../support/receiver.ts";
import { under } from "../../lib/kit/kv.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { changePlan } from "../../lib/account/plan_changes.ts";

const DAY = 86_400_000;

async function world(plan: Parameters<Service["tenant"]>[0] = "creator") {
  const t = await setup();
  const tenant = await t.tenant(plan);
  return { t, tenant, receiver: receiverDouble(t), [Symbol.dispose]: () => t[Symbol.dispose]() };
}

const create = (t: Service, { token, blog }: Tenant, body: unknown) =>
  t.api("POST", `/blogs/${blog.id}/webhooks`, { key: token, body });

Deno.test("a webhook's secret is in the answer that makes it, and nowhere else", async () => {
  using w = await world();
  const { t, tenant } = w;
  const hook = await makeHook(t, tenant);
  assert.match(hook.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  for (const path of [hook.path, `/blogs/${tenant.blog.id}/webhooks`]) {
    const got = await t.api("GET", path, { key: tenant.token });
    assert.equal(got.status, 200);
    assert.ok(!got.text.includes("whsec_"));
  }
  const bare = hook.secret.slice("whsec_".length);
  const needles = [hook.secret, bare].map((text) => new TextEncoder().encode(text));
  for await (const { value } of t.deps.store.scan(under(["hook"]))) {
    const text = JSON.stringify(
      value,
      (_, part) => part instanceof Uint8Array ? new TextDecoder("latin1").decode(part) : part,
    );
    for (const needle of needles) {
      assert.ok(!text.includes(new TextDecoder("latin1").decode(needle)));
    }
  }
});

Deno.test("POST /v1/blogs/:id/webhooks refuses an address that could be a private one, and plain http", async () => {
  using w = await world();
  const { t, tenant } = w;
  const bad = [
    "http://example.com/hook",
    "https://localhost/hook",
    "https://127.0.0.1/hook",
    "https://[::1]/hook",
    "https://10.0.0.1/hook",
    "https://0x7f.1/hook",
    "https://169.254.169.254/latest/meta-data",
    "https://user:pass@example.com/hook",
    "ftp://example.com/hook",
    "example.com/hook",
    "",
  ];
  for (const url of bad) {
    const got = await create(t, tenant, { url });
    assert.equal(got.status, 400, url);
    assert.equal(got.body.issues[0].path, "url");
  }
  assert.deepEqual(await t.deps.store.list(under(["hook"]), 10), []);
});

Deno.test("POSTLARK_OUTBOUND_PRIVATE=1 takes http and loopback", async () => {
  using t = await setup({ env: { POSTLARK_OUTBOUND_PRIVATE: "1" } });
  const tenant = await t.tenant("creator");
  const got = await create(t, tenant, { url: "http://localhost:9999/hook#part" });
  assert.equal(got.status, 201, got.text);
  assert.equal(got.body.url, "http://localhost:9999/hook");
});

Deno.test("webhooks need Creator; what an account had before it fell is read and deleted on any plan", async () => {
  using w = await world("starter");
  const { t, tenant } = w;
  const refused = await create(t, tenant, { url: "https://example.com" });
  assert.equal(refused.status, 403);
  assert.equal(refused.body.reason, "plan_required");
  assert.ok(refused.body.upgrade_url);
  await changePlan(t.deps, tenant.id, { plan: "creator" });
  const { path } = await makeHook(t, tenant);
  await changePlan(t.deps, tenant.id, { plan: "free" });
  const key = tenant.token;
  for (
    const [method, at] of [["PUT", path], ["POST", `${path}/rotate`], ["POST", `${path}/test`]]
  ) {
    const got = await t.api(method, at, { key, body: {} });
    assert.equal(got.body.reason, "plan_required", at);
  }
  assert.equal((await t.api("GET", path, { key })).status, 200);
  assert.deepEqual((await t.api("DELETE", path, { key })).body, { deleted: true, removed: true });
});

Deno.test("ten creations at once on a blog with eight webhooks make two", async () => {
  using w = await world();
  const { t, tenant } = w;
  for (let n = 0; n < 8; n++) await makeHook(t, tenant);
  const all = await Promise.all(
    Array.from({ length: 10 }, () => create(t, tenant, { url: "https://example.com/" })),
  );
  const statuses = all.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [201, 201, ...Array(8).fill(403)]);
  const refused = all.find(({ status }) => status === 403)!;
  assert.equal(refused.body.reason, "webhook_limit");
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("a webhook that is disabled or deleted gets nothing, and costs a post no row", async () => {
  using w = await world();
  const { t, tenant: { key, token }, tenant, receiver } = w;
  const hooks = [await makeHook(t, tenant), await makeHook(t, tenant)];
  await t.api("PUT", hooks[0].path, { key: token, body: { enabled: false } });
  await t.api("DELETE", hooks[1].path, { key: token });
  await t.api("POST", "/posts", { key, body: { title: "A", content: "x", status: "published" } });
  assert.deepEqual(await t.deps.store.list(under(["outbox"]), 10), []);
  await t.runJob("drain_outbox");
  assert.deepEqual(receiver.got, []);
  assert.equal((await t.api("POST", `${hooks[0].path}/test`, { key: token })).status, 409);
  const enabled = await t.api("PUT", hooks[0].path, { key: token, body: { enabled: true } });
  assert.deepEqual([enabled.body.disabled_reason, enabled.body.disabled_at], [null, null]);
  await t.api("PUT", "/posts/a", { key, body: { title: "B" } });
  await t.runJob("drain_outbox");
  assert.deepEqual(receiver.types(), ["post.updated"]);
});

Deno.test("rotating signs with both secrets for 24 hours, then with the new one only", async () => {
  using w = await world();
  const { t, tenant: { token }, tenant, receiver } = w;
  const hook = await makeHook(t, tenant);
  const rotated = await t.api("POST", `${hook.path}/rotate`, { key: token });
  assert.equal(rotated.body.previous_valid_until, new Date(t.now() + DAY).toISOString());
  const { secret } = rotated.body;
  assert.notEqual(secret, hook.secret);
  t.advance(DAY - 1000);
  await t.api("POST", `${hook.path}/test`, { key: token });
  await t.runJob("drain_outbox");
  t.advance(1000);
  await t.api("POST", `${hook.path}/test`, { key: token });
  await t.runJob("drain_outbox");
  const [within, after] = receiver.got.map(({ headers }) =>
    headers["webhook-signature"].split(" ")
  );
  assert.deepEqual([within.length, after.length], [2, 1]);
});

Deno.test("what is sent is taken by the library's own verifier with either secret; a forged or replayed one is not", async () => {
  using w = await world();
  const { t, tenant: { token, key }, tenant, receiver } = w;
  // The verifier reads the machine's clock.
  t.advance(Date.now() - t.now());
  const hook = await makeHook(t, tenant);
  const { secret } = (await t.api("POST", `${hook.path}/rotate`, { key: token })).body;
  await t.api("POST", "/posts", { key, body: { title: "A", content: "x" } });
  await t.runJob("drain_outbox");
  const [request] = receiver.got;
  const { headers, body } = request;
  for (const one of [hook.secret, secret]) assert.deepEqual(verify(one, request), request.event);
  const other = await makeHook(t, tenant);
  const now = Number(headers["webhook-timestamp"]);
  const forged = [
    { headers, body: body.replace("post.created", "post.deleted") },
    { headers: { ...headers, "webhook-id": crypto.randomUUID() }, body },
    { headers: { ...headers, "webhook-timestamp": String(now + 1) }, body },
    { headers: { ...headers, "webhook-signature": "v1,AAAA" }, body },
    { headers: { ...headers, "webhook-signature": "v2,AAAA" }, body },
  ];
  for (const one of forged) assert.throws(() => verify(secret, one), /signature/i);
  assert.throws(() => verify(other.secret, request), /signature/i);
  t.advance(-10 * 60_000);
  await t.api("POST", `${hook.path}/test`, { key: token });
  await t.runJob("drain_outbox");
  assert.throws(() => verify(secret, receiver.got[1]), /timestamp too old/i);
});

Deno.test("the events of a post's life arrive in their order, with what the post is then", async () => {
  using w = await world();
  const { t, tenant: { key, blog }, tenant, receiver } = w;
  await makeHook(t, tenant);
  const at = new Date(t.now() + DAY).toISOString();
  const steps: [string, string, unknown][] = [
    ["POST", "/posts", { title: "A post", content: "x" }],
    ["POST", "/posts/a-post/schedule", { scheduled_at: at }],
    ["POST", "/posts/a-post/publish", undefined],
    ["PUT", "/posts/a-post", { title: "B", slug: "b" }],
    ["PUT", "/posts/b", { title: "B" }],
    ["POST", "/posts/b/unpublish", undefined],
    ["DELETE", "/posts/b", undefined],
  ];
  for (const [method, path, body] of steps) await t.api(method, path, { key, body });
  await t.runJob("drain_outbox");
  assert.deepEqual(receiver.types(), [
    "post.created",
    "post.scheduled",
    "post.published",
    "post.updated",
    "post.unpublished",
    "post.deleted",
  ]);
  const told = receiver.got.map(({ event: { data } }) => [data.post.slug, data.post.status]);
  assert.deepEqual(told, [
    ["a-post", "draft"],
    ["a-post", "scheduled"],
    ["a-post", "published"],
    ["b", "published"],
    ["b", "draft"],
    ["b", "draft"],
  ]);
  for (const { event: { data } } of receiver.got) assert.equal(data.blog_id, blog.id);
  assert.equal(new Set(receiver.got.map(({ headers }) => headers["webhook-id"])).size, 6);
  assert.ok(receiver.got.every(({ body }) => !body.includes("content")));
});

Deno.test("a post that is created published, and one whose time comes, tell of both", async () => {
  using w = await world();
  const { t, tenant: { key }, tenant, receiver } = w;
  await makeHook(t, tenant);
  await t.api("POST", "/posts", { key, body: { title: "A", content: "x", status: "published" } });
  const scheduled_at = new Date(t.now() + DAY).toISOString();
  await t.api("POST", "/posts", { key, body: { title: "B", content: "x", scheduled_at } });
  await t.runJob("drain_outbox");
  t.advance(DAY);
  await t.runJob("publish_scheduled");
  await t.runJob("drain_outbox");
  const of = (slug: string) =>
    receiver.got.filter(({ event }) => event.data.post.slug === slug).map(({ event }) =>
      event.type
    );
  assert.deepEqual(of("a"), ["post.created", "post.published"]);
  assert.deepEqual(of("b"), ["post.created", "post.scheduled", "post.published"]);
});

Deno.test("a webhook hears only of the events that it names", async () => {
  using w = await world();
  const { t, tenant: { key }, tenant, receiver } = w;
  await makeHook(t, tenant, { events: ["post.deleted", "post.deleted"] });
  const all = await makeHook(t, tenant, { url: "https://all.example/", events: ["*", "pack.low"] });
  const shown = await t.api("GET", all.path, { key: tenant.token });
  assert.deepEqual(shown.body.events, ["*"]);
  await t.api("POST", "/posts", { key, body: { title: "A", content: "x" } });
  await t.api("DELETE", "/posts/a", { key });
  await t.runJob("drain_outbox");
  const of = (host: string) =>
    receiver.got.filter(({ url }) => new URL(url).host === host).map(({ event }) => event.type);
  assert.deepEqual(of("receiver.example"), ["post.deleted"]);
  assert.deepEqual(of("all.example"), ["post.created", "post.deleted"]);
});

Deno.test("what a test key writes is told to nobody", async () => {
  using w = await world();
  const { t, tenant: { token, blog }, tenant } = w;
  await makeHook(t, tenant);
  const made = await t.api("POST", `/blogs/${blog.id}/api-keys`, {
    key: token,
    body: { mode: "test" },
  });
  const { key } = made.body;
  await t.api("POST", "/posts", { key, body: { title: "A", content: "x", status: "published" } });
  await t.api("DELETE", "/posts/a", { key });
  assert.deepEqual(await t.deps.store.list(under(["outbox"]), 10), []);
});

Deno.test("pack.low reaches every blog of the account that has a webhook for it, once", async () => {
  using w = await world();
  const { t, tenant: { token }, tenant, receiver } = w;
  await t.deps.store.writeAll([{
    key: ["quota", tenant.id],
    value: {
      period: Date.parse("2026-03-01T00:00:00Z"),
      used: 50,
      packs: [{ id: crypto.randomUUID(), size: 100, left: 11, purchasedAt: t.now() }],
    },
  }]);
  const body = { slug: "second-of-these", name: "Second" };
  const second = (await t.api("POST", "/blogs", { key: token, body })).body;
  await makeHook(t, tenant, { events: ["pack.low"] });
  await makeHook(t, { ...tenant, blog: second }, { events: ["pack.low"] });
  for (const title of ["A", "B"]) {
    await t.api("POST", "/posts", { key: tenant.key, body: { title, content: "x" } });
    await t.runJob("drain_outbox");
  }
  assert.deepEqual(receiver.types(), ["pack.low", "pack.low"]);
  const blogs = receiver.got.map(({ event }) => event.data.blog_id).sort();
  assert.deepEqual(blogs, [tenant.blog.id, second.id].sort());
  assert.equal(receiver.got[0].event.data.balance, 10);
  assert.deepEqual(await t.deps.store.list(under(["outwide"]), 10), []);
});

Deno.test("a deleted blog and a deleted account leave nothing of their webhooks", async () => {
  using w = await world();
  const { t, tenant: { key, token, blog }, tenant, receiver } = w;
  receiver.answer = () => 500;
  await makeHook(t, tenant);
  await t.api("POST", "/posts", { key, body: { title: "A", content: "x" } });
  await t.runJob("drain_outbox");
  await t.api("DELETE", `/blogs/${blog.id}`, { key: token });
  const other = await t.tenant("creator");
  await makeHook(t, other);
  await t.api("POST", "/posts", { key: other.key, body: { title: "A", content: "x" } });
  assert.equal((await t.api("POST", "/account/delete", { key: other.token })).status, 200);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
  await t.runJob("drain_outbox");
  await t.runJob("sweep");
  for (const noun of ["hook", "delivery", "outbox", "outdue", "outlease", "outwide"]) {
    assert.deepEqual(await t.deps.store.list(under([noun]), 10), [], noun);
  }
  assert.equal(receiver.got.length, 1);
});

Deno.test("a delivery's log says status and times of each attempt, and is its owner's alone", async () => {
  using w = await world();
  const { t, tenant, receiver } = w;
  const hook = await makeHook(t, tenant);
  receiver.answer = () => receiver.got.length === 1 ? "The connection failed." : 200;
  await t.api("POST", `${hook.path}/test`, { key: tenant.token });
  await t.runJob("drain_outbox");
  const first = t.now();
  const [waiting] = await deliveriesOf(t, tenant, hook);
  assert.equal(waiting.status, "pending");
  assert.equal(waiting.next_attempt_at, new Date(first + 5000).toISOString());
  t.advance(5000);
  await t.runJob("drain_outbox");
  const [delivery] = await deliveriesOf(t, tenant, hook);
  assert.deepEqual(delivery, {
    id: receiver.got[0].headers["webhook-id"],
    event: "test",
    status: "delivered",
    error: null,
    attempts: [
      {
        at: new Date(first).toISOString(),
        duration_ms: 0,
        status: null,
        error: "The connection failed.",
      },
      { at: new Date(first + 5000).toISOString(), duration_ms: 0, status: 200, error: null },
    ],
    next_attempt_at: null,
    created_at: new Date(first).toISOString(),
  });
  const other = await t.tenant("creator");
  const got = await t.api("GET", `${hook.path}/deliveries`, { key: other.token });
  assert.equal(got.status, 404);
});
