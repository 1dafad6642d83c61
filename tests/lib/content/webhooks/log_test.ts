import assert from "node:assert/strict";
import { setup } from "../../../_setup.ts";
import { deliveriesOf, makeHook, receiverDouble } from "../../../support/receiver.ts";
import { openStore } from "../../../support/store.ts";
import { under } from "../../../../lib/kit/kv.ts";
import { drainOutbox } from "../../../../lib/content/webhooks/mod.ts";
import { edit, requireClean, world, write } from "./_world.ts";

const DAY = 86_400_000;

Deno.test("redelivering tries a waiting delivery at once, and one that is over anew, under the id that it had", async () => {
  using w = await world();
  const { t, tenant, hook, receiver } = w;
  receiver.answer = () => 500;
  await write(t, tenant, "A");
  t.advance(1);
  await edit(t, tenant, "a", "A2");
  await drainOutbox(t.deps);
  const [second, first] = await deliveriesOf(t, tenant, hook);
  const again = (id: string) =>
    t.api("POST", `${hook.path}/deliveries/${id}/redeliver`, { key: tenant.token });
  receiver.answer = () => 200;
  const answer = await again(first.id);
  assert.equal(answer.body.status, "pending");
  await drainOutbox(t.deps);
  const titles = () => receiver.got.map(({ event }) => event.data.post.title);
  assert.deepEqual(titles(), ["A", "A", "A2"]);
  t.advance(3 * DAY);
  assert.equal((await again(first.id)).status, 200);
  await requireClean(t);
  await drainOutbox(t.deps);
  assert.deepEqual(titles(), ["A", "A", "A2", "A"]);
  assert.equal(receiver.got[3].headers["webhook-id"], first.id);
  assert.equal((await again(crypto.randomUUID())).body.reason, "delivery_not_found");
  assert.notEqual(second.id, first.id);
  await requireClean(t);
});

Deno.test("the log keeps about the newest 200 deliveries that are over, and all that wait", async () => {
  using w = await world();
  const { t, tenant, hook, receiver } = w;
  receiver.answer = ({ event }) => event.type === "test" ? 200 : 500;
  await write(t, tenant, "Waits");
  await drainOutbox(t.deps);
  const waiting = receiver.got[0].headers["webhook-id"];
  for (let n = 0; n < 600; n++) {
    t.advance(1);
    const post = { path: `${hook.path}/test`, key: tenant.token };
    assert.equal((await t.api("POST", post.path, { key: post.key })).status, 200);
  }
  await drainOutbox(t.deps);
  const rows = await t.deps.store.list<{ id: string; state: string }>(
    under(["delivery", hook.id]),
    1000,
  );
  assert.ok(rows.length >= 200 && rows.length < 250, String(rows.length));
  assert.deepEqual(
    rows.filter(({ value }) => value.state === "pending").map(({ value }) => value.id),
    [waiting],
  );
  await requireClean(t);
});

Deno.test("a server whose secret was replaced says so in the log, and goes on once the webhook's is", async () => {
  const kv = await openStore();
  {
    using t = await setup({ kv });
    const tenant = await t.tenant("creator");
    const hook = await makeHook(t, tenant);
    const env = { POSTLARK_SECRET: "another secret for tests, long enough" };
    using replaced = await setup({ kv, env });
    const receiver = receiverDouble(replaced);
    await write(replaced, tenant, "A");
    await drainOutbox(replaced.deps);
    const [waiting] = await deliveriesOf(replaced, tenant, hook);
    assert.match(waiting.attempts[0].error, /rotate it/);
    await replaced.api("POST", `${hook.path}/rotate`, { key: tenant.token });
    replaced.advance(5000);
    await drainOutbox(replaced.deps);
    assert.deepEqual(receiver.types(), ["post.created"]);
  }
  kv.close();
});

Deno.test("an event of an account that cannot be given to its blogs holds up no delivery", async () => {
  using w = await world();
  const { t, tenant, receiver } = w;
  await t.deps.store.writeAll([{ key: ["outwide", "0"], value: { type: "pack.low" } }]);
  await write(t, tenant, "A");
  await drainOutbox(t.deps);
  assert.deepEqual(receiver.types(), ["post.created"]);
  assert.ok(t.logs.some(({ event }) => event === "account_event_postponed"));
});

Deno.test("another URL is not disabled for what the one before did not take", async () => {
  using w = await world();
  const { t, tenant: { token }, tenant, hook, receiver } = w;
  receiver.answer = () => 500;
  await write(t, tenant, "A");
  await drainOutbox(t.deps);
  t.advance(DAY - 1);
  await t.api("PUT", hook.path, { key: token, body: { url: "https://other.example/" } });
  t.advance(1);
  await write(t, tenant, "B");
  await drainOutbox(t.deps);
  assert.equal((await t.api("GET", hook.path, { key: token })).body.enabled, true);
});
