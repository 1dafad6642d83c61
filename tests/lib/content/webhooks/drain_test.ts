import assert from "node:assert/strict";
import { type Service, setup, type Tenant } from "../../../_setup.ts";
import type { Hooks } from "../../../support/hooked_kv.ts";
import { deliveriesOf, makeHook, receiverDouble } from "../../../support/receiver.ts";
import { openStore } from "../../../support/store.ts";
import { under } from "../../../../lib/kit/kv.ts";
import type { NoticeRow } from "../../../../lib/metering/notices.ts";
import { drainOutbox, stopDraining } from "../../../../lib/content/webhooks/mod.ts";
import { changePlan, suspendAccount } from "../../../../lib/account/plan_changes.ts";
import { edit, requireClean, world, write } from "./_world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const RETRIES = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 28_800];

/** Runs the job at each time that it asks for, until it asks for none. */
async function drainAll(t: Service): Promise<void> {
  for (let report = await drainOutbox(t.deps); report.next !== null;) {
    t.advance(Math.max(0, report.next - t.now()));
    report = await drainOutbox(t.deps);
  }
}

Deno.test("a write asks for the job at once, and for nothing where the blog has no webhook", async () => {
  using w = await world();
  const { t, tenant } = w;
  t.alarms.length = 0;
  await write(t, tenant, "A");
  assert.deepEqual(t.alarms, [t.now()]);
  const other = await t.tenant("creator");
  await write(t, other, "A");
  assert.equal(t.alarms.length, 1);
});

Deno.test("a delivery is tried again by the documented table, with the same id and body, and a fresh time", async () => {
  using w = await world();
  const { t, tenant, hook, receiver } = w;
  receiver.answer = () => 503;
  await write(t, tenant, "A");
  const start = t.now();
  const times: number[] = [];
  for (let report = await drainOutbox(t.deps); report.next !== null;) {
    times.push((report.next - start) / 1000);
    t.advance(report.next - t.now());
    report = await drainOutbox(t.deps);
  }
  let at = 0;
  assert.deepEqual(times, RETRIES.map((wait) => at += wait));
  assert.equal(receiver.got.length, RETRIES.length + 1);
  assert.equal(new Set(receiver.got.map(({ headers }) => headers["webhook-id"])).size, 1);
  assert.equal(new Set(receiver.got.map(({ body }) => body)).size, 1);
  const stamps = receiver.got.map(({ headers }) => Number(headers["webhook-timestamp"]));
  assert.deepEqual(stamps, [0, ...times].map((after) => start / 1000 + after));
  const [delivery] = await deliveriesOf(t, tenant, hook);
  assert.equal(delivery.status, "failed");
  assert.equal(delivery.attempts.length, RETRIES.length + 1);
  assert.ok(t.now() - start < DAY);
  await requireClean(t);
});

Deno.test("a webhook that takes nothing for a day is disabled, with a notice; what waits for it fails", async () => {
  using w = await world();
  const { t, tenant, hook, receiver } = w;
  receiver.answer = () => "The connection failed.";
  await write(t, tenant, "A");
  await drainOutbox(t.deps);
  t.advance(12 * HOUR);
  await write(t, tenant, "B");
  await drainAll(t);
  const shown = await t.api("GET", hook.path, { key: tenant.token });
  assert.equal(shown.body.enabled, false);
  assert.equal(shown.body.disabled_reason, "failing");
  const notices = await t.deps.store.list<NoticeRow>(under(["notice", tenant.id]), 10);
  assert.deepEqual(notices.map(({ value }) => value.kind), ["webhook.disabled"]);
  const states = (await deliveriesOf(t, tenant, hook)).map(({ status }) => status);
  assert.deepEqual(states, ["failed", "failed"]);
  await write(t, tenant, "C");
  assert.equal((await deliveriesOf(t, tenant, hook)).length, 2);
  await requireClean(t);
});

Deno.test("a webhook that takes some of what is sent stays enabled", async () => {
  using w = await world();
  const { t, tenant, hook, receiver } = w;
  receiver.answer = ({ event }) => event.data.post.slug === "a" ? 400 : 200;
  await write(t, tenant, "A");
  await drainOutbox(t.deps);
  t.advance(HOUR);
  await write(t, tenant, "B");
  await drainAll(t);
  const shown = await t.api("GET", hook.path, { key: tenant.token });
  assert.equal(shown.body.enabled, true);
  const log = (await deliveriesOf(t, tenant, hook)).map(({ status }) => status);
  assert.deepEqual(log, ["delivered", "failed"]);
});

Deno.test("410 disables a webhook at once", async () => {
  using w = await world();
  const { t, tenant, hook, receiver } = w;
  receiver.answer = () => 410;
  for (const title of ["A", "B"]) await write(t, tenant, title);
  await edit(t, tenant, "a", "A2");
  await drainAll(t);
  assert.ok(receiver.got.length <= 2, "after the answer nothing new is sent");
  const shown = await t.api("GET", hook.path, { key: tenant.token });
  assert.equal(shown.body.disabled_reason, "gone");
  const log = await deliveriesOf(t, tenant, hook);
  assert.deepEqual(log.map(({ status }) => status), ["failed", "failed", "failed"]);
  await requireClean(t);
});

Deno.test("a redirect is no success, and leads nowhere", async () => {
  using w = await world();
  const { t, tenant, receiver } = w;
  receiver.answer = () => 302;
  await write(t, tenant, "A");
  assert.deepEqual(await drainOutbox(t.deps), {
    delivered: 0,
    retried: 1,
    failed: 0,
    next: t.now() + 5000,
  });
});

Deno.test("an event of a post waits for the one before it at that webhook; other posts and webhooks do not", async () => {
  using w = await world();
  const { t, tenant, receiver } = w;
  await makeHook(t, tenant, { url: "https://healthy.example/" });
  let down = true;
  receiver.answer = ({ url, event: { data } }) =>
    down && url.includes("receiver") && data.post.slug === "a" ? 500 : 200;
  await write(t, tenant, "A");
  await write(t, tenant, "B");
  for (const title of ["A2", "A3"]) await edit(t, tenant, "a", title);
  await drainOutbox(t.deps);
  await edit(t, tenant, "a", "A4");
  await drainOutbox(t.deps);
  const titles = (host: string, slug: string) =>
    receiver.got.filter(({ url, event: { data } }) => url.includes(host) && data.post.slug === slug)
      .map(({ event }) => event.data.post.title);
  assert.deepEqual(titles("healthy", "a"), ["A", "A2", "A3", "A4"]);
  assert.deepEqual(titles("receiver", "b"), ["B"]);
  assert.deepEqual(titles("receiver", "a"), ["A"]);
  down = false;
  t.advance(5000);
  await drainOutbox(t.deps);
  assert.deepEqual(titles("receiver", "a"), ["A", "A", "A2", "A3", "A4"]);
  await requireClean(t);
});

Deno.test("events are in the order of their commits, whatever the clocks of the instances say", async () => {
  const kv = await openStore();
  {
    using t = await setup({ kv });
    using behind = await setup({ kv });
    t.advance(HOUR);
    const tenant = await t.tenant("creator");
    await makeHook(t, tenant);
    const receiver = receiverDouble(t);
    await write(t, tenant, "A");
    for (let n = 2; n < 8; n++) await edit(n % 2 ? t : behind, tenant, "a", `A${n}`);
    await drainOutbox(t.deps);
    const titles = receiver.got.map(({ event }) => event.data.post.title);
    assert.deepEqual(titles, ["A", "A2", "A3", "A4", "A5", "A6", "A7"]);
  }
  kv.close();
});

Deno.test("nothing is sent once 24 hours are over, and an event that waited so long is told as failed", async () => {
  using w = await world();
  const { t, tenant, hook, receiver } = w;
  await write(t, tenant, "A");
  t.advance(DAY);
  await drainOutbox(t.deps);
  assert.deepEqual(receiver.got, []);
  const [delivery] = await deliveriesOf(t, tenant, hook);
  assert.equal(delivery.status, "failed");
  assert.match(delivery.error, /24 hours/);
});

Deno.test("nothing is sent for a plan below Creator once its grace is over, nor for a suspended account; a frozen blog's events still go", async () => {
  for (
    const [what, act, sent] of [
      ["grace", (t: Service, { id }: Tenant) => changePlan(t.deps, id, { plan: "free" }), 1],
      ["suspended", (t: Service, { id }: Tenant) => suspendAccount(t.deps, id, true), 0],
    ] as const
  ) {
    using w = await world();
    const { t, tenant, receiver } = w;
    await write(t, tenant, "A");
    await act(t, tenant);
    await drainOutbox(t.deps);
    assert.equal(receiver.got.length, sent, what);
  }
  using w = await world();
  const { t, tenant, receiver } = w;
  await changePlan(t.deps, tenant.id, { plan: "free" });
  t.advance(30 * DAY);
  await t.runJob("grace_and_freeze");
  await edit(t, tenant, "a", "B");
  await write(t, tenant, "A");
  await drainOutbox(t.deps);
  assert.deepEqual(receiver.got, []);
  assert.deepEqual(await t.deps.store.list(under(["outbox"]), 10), []);
});

Deno.test("the events of a blog that was frozen since are delivered", async () => {
  using w = await world();
  const { t, tenant, receiver } = w;
  await write(t, tenant, "A");
  const key = ["blog", tenant.blog.id];
  const blog = await t.deps.store.get<Record<string, unknown>>(key);
  await t.deps.store.compareAndSet(blog, { ...blog.value, frozenAt: t.now() });
  await drainOutbox(t.deps);
  assert.deepEqual(receiver.types(), ["post.created"]);
});

Deno.test("two instances at once deliver each event once", async () => {
  const kv = await openStore();
  {
    using t = await setup({ kv });
    using other = await setup({ kv });
    const tenant = await t.tenant("creator");
    for (let n = 0; n < 3; n++) await makeHook(t, tenant, { url: `https://r${n}.example/` });
    const receivers = [receiverDouble(t), receiverDouble(other)];
    for (let n = 0; n < 20; n++) await write(t, tenant, `Post ${n}`);
    await Promise.all([t, other].flatMap(({ deps }) => [drainOutbox(deps), drainOutbox(deps)]));
    await drainOutbox(t.deps);
    const got = receivers.flatMap((receiver) => receiver.got);
    const each = new Set(got.map(({ url, headers }) => url + headers["webhook-id"]));
    assert.equal(got.length, 60);
    assert.equal(each.size, 60);
    await requireClean(t);
  }
  kv.close();
});

Deno.test("an event that is written while the job runs is delivered by that run, or by the next at once", async () => {
  using w = await world();
  const { t, tenant, receiver } = w;
  receiver.answer = async () => {
    if (receiver.got.length === 1) await write(t, tenant, "B");
    return 200;
  };
  await write(t, tenant, "A");
  const first = drainOutbox(t.deps);
  const joined = drainOutbox(t.deps);
  await Promise.all([first, joined]);
  assert.equal(receiver.got.length, 2);
});

Deno.test("an instance whose lease was taken over records nothing, and sends no later event of the post", async () => {
  using w = await world();
  const { t, tenant, receiver } = w;
  await write(t, tenant, "A");
  await edit(t, tenant, "a", "A2");
  receiver.answer = async () => {
    if (receiver.got.length === 1) {
      const [lease] = await t.deps.store.list(under(["outlease"]), 1);
      await t.deps.store.compareAndSet(lease, { by: "another", until: t.now() + 6000 });
    }
    return 200;
  };
  await drainOutbox(t.deps);
  assert.equal(receiver.got.length, 1);
  const queued = await t.deps.store.list(under(["outbox"]), 10);
  assert.equal(queued.length, 2);
  t.advance(6000);
  await drainOutbox(t.deps);
  const titles = receiver.got.map(({ event }) => event.data.post.title);
  assert.deepEqual(titles, ["A", "A", "A2"]);
});

Deno.test("a lost answer of any commit of a delivery delivers at least once, and leaves a clean store", async () => {
  let reached = true;
  for (let lost = 1; reached; lost++) {
    const hooks: Hooks = {};
    using w = await world({ hooks });
    const { t, tenant, receiver } = w;
    await write(t, tenant, "A");
    await edit(t, tenant, "a", "A2");
    let commits = 0;
    hooks.committed = () => {
      if (++commits === lost) throw new Error("the answer is lost");
    };
    await drainAll(t);
    t.advance(MINUTE);
    await drainAll(t);
    reached = commits >= lost;
    const titles = receiver.got.map(({ event }) => event.data.post.title);
    assert.deepEqual([...new Set(titles)], ["A", "A2"], `commit ${lost}`);
    assert.deepEqual(await t.deps.store.list(under(["outbox"]), 10), []);
    await requireClean(t);
  }
});

Deno.test("an instance that ends lets what is on its way arrive, and begins nothing more", async () => {
  using w = await world();
  const { t, tenant, receiver } = w;
  for (let n = 0; n < 30; n++) await write(t, tenant, `Post ${n}`);
  let ended: Promise<void> | undefined;
  receiver.answer = () => {
    ended ??= stopDraining(t.deps);
    return 200;
  };
  await drainOutbox(t.deps);
  await ended;
  assert.ok(receiver.got.length > 0 && receiver.got.length < 30, String(receiver.got.length));
  assert.deepEqual(await t.deps.store.list(under(["outlease"]), 10), []);
  const left = await t.deps.store.list(under(["outbox"]), 100);
  assert.equal(left.length, 30 - receiver.got.length);
  await requireClean(t);
});

Deno.test("a webhook has its turn however many others wait for their next attempt", async () => {
  using w = await world();
  const { t, tenant, receiver } = w;
  const waiting = Array.from({ length: 1001 }, (_, n) => ({
    key: ["outdue", `0-${n}`],
    value: { blog: tenant.blog.id, at: t.now() + HOUR },
  }));
  await t.deps.store.writeAll(waiting);
  await write(t, tenant, "A");
  const report = await drainOutbox(t.deps);
  assert.deepEqual(receiver.types(), ["post.created"]);
  assert.equal(report.next, t.now() + HOUR);
});

Deno.test("an event that is asked for again while it waits keeps its place among those of its post", async () => {
  using w = await world();
  const { t, tenant, hook, receiver } = w;
  await write(t, tenant, "A");
  for (const title of ["A2", "A3"]) {
    t.advance(1);
    await edit(t, tenant, "a", title);
  }
  const log = await deliveriesOf(t, tenant, hook);
  for (const { id } of log.toReversed().slice(0, 2)) {
    const path = `${hook.path}/deliveries/${id}/redeliver`;
    assert.equal((await t.api("POST", path, { key: tenant.token })).status, 200);
  }
  await drainOutbox(t.deps);
  const titles = receiver.got.map(({ event }) => event.data.post.title);
  assert.deepEqual(titles, ["A", "A2", "A3"]);
  await requireClean(t);
});

Deno.test("webhooks that always have more to deliver do not keep the others from their turn", async () => {
  using t = await setup();
  let busy = await t.tenant("creator");
  for (let n = 0; n < 32; n++) {
    if (n % 8 === 7) busy = await t.tenant("creator");
    const { path } = await makeHook(t, busy, { url: "https://busy.example/" });
    for (let m = 0; m < 12; m++) await t.api("POST", `${path}/test`, { key: busy.token });
  }
  t.advance(1);
  const late = await t.tenant("creator");
  const { path } = await makeHook(t, late, { url: "https://late.example/" });
  await t.api("POST", `${path}/test`, { key: late.token });
  const receiver = receiverDouble(t);
  receiver.answer = () => {
    // The first turns end, with more to deliver.
    if (receiver.got.length === 1) t.advance(20_000);
    return 200;
  };
  await drainOutbox(t.deps);
  const urls = receiver.got.map(({ url }) => url);
  assert.equal(urls.length, 32 * 12 + 1);
  assert.ok(
    urls.indexOf("https://late.example/") <= 32 * 8,
    String(urls.indexOf("https://late.example/")),
  );
});
