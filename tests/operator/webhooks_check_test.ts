import assert from "node:assert/strict";
import { type Service, setup } from "../_setup.ts";
import { makeHook, receiverDouble } from "../support/receiver.ts";
import { type Key, keyText, under } from "../../lib/kit/kv.ts";
import { restoreBackup, writeBackup } from "../../lib/operator/backup.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";

const STRANGER = "018f0000-0000-7000-8000-000000000000";

/** A store in which two deliveries wait at one webhook, and another is disabled. */
async function waiting(t: Service) {
  const tenant = await t.tenant("creator");
  const hook = await makeHook(t, tenant);
  const off = await makeHook(t, tenant);
  await t.api("PUT", off.path, { key: tenant.token, body: { enabled: false } });
  const { key } = tenant;
  await t.api("POST", "/posts", { key, body: { title: "A", content: "x" } });
  t.advance(1);
  await t.api("PUT", "/posts/a", { key, body: { title: "A2" } });
  return { tenant, hook, off };
}

async function namedAfter(t: Service, key: Key, value: unknown): Promise<string[]> {
  const { store } = t.deps;
  const before = await store.get(key);
  await store.writeAll([{ key, value }]);
  const { differences } = await checkStore(t.deps, 0);
  await store.writeAll([{ key, value: before.value ?? undefined }]);
  return differences.map((one) => keyText(one.key));
}

Deno.test("check names a place in the order, a due time or a webhook that is missing, and the blog that names none", async () => {
  using t = await setup();
  const { tenant: { blog }, hook } = await waiting(t);
  const { store } = t.deps;
  for (const noun of ["outbox", "outdue", "delivery"]) {
    const [{ key }] = await store.list(under([noun]), 1);
    const named = await namedAfter(t, key, undefined);
    assert.equal(named.length, 1, noun);
    const expected = noun === "delivery" ? /outbox/ : new RegExp(noun);
    assert.match(named[0], expected);
  }
  const named = await namedAfter(t, ["hook", blog.id, hook.id], undefined);
  assert.ok(named.includes(keyText(["blog", blog.id])), named.join("\n"));
  assert.ok(named.some((key) => key.includes("outbox")));
});

Deno.test("check names a delivery, a place, a due time and a webhook that nothing explains", async () => {
  using t = await setup();
  const { tenant: { blog }, hook, off } = await waiting(t);
  const { store } = t.deps;
  const [delivery] = await store.list<Record<string, unknown>>(under(["delivery"]), 1);
  const { value: row } = await store.get<Record<string, unknown>>(["hook", blog.id, hook.id]);
  const added: [Key, unknown][] = [
    [["delivery", STRANGER, delivery.value.id as string], delivery.value],
    [["outbox", hook.id, STRANGER, STRANGER], { n: 0, at: null }],
    [["outbox", STRANGER, STRANGER, STRANGER], { n: 0, at: null }],
    [["outdue", STRANGER], { blog: blog.id, at: 1 }],
    [["outdue", hook.id], { blog: STRANGER, at: 1 }],
    [["outwide", STRANGER], { user: STRANGER, type: "pack.low", data: {}, at: 1, after: "" }],
    [["hook", STRANGER, STRANGER], { ...row, id: STRANGER, blog: STRANGER }],
    [["hook", blog.id, hook.id], { ...row, events: ["post.deleted"] }],
    [["hook", blog.id, off.id], { ...row, id: off.id }],
    [["gc", 1, "x"], { prefixes: [["delivery", hook.id]] }],
  ];
  for (const [key, value] of added) {
    assert.deepEqual([...new Set(await namedAfter(t, key, value))], [keyText(key)]);
  }
});

Deno.test("what waits in a backup is delivered by the store that it is restored to, in its order", async () => {
  using from = await setup();
  await waiting(from);
  const receiver = receiverDouble(from);
  receiver.answer = () => 500;
  await from.runJob("drain_outbox");
  const chunks: Uint8Array[] = [];
  await writeBackup(from.deps, () => {
    chunks.length = 0;
    return Promise.resolve(new WritableStream({ write: (bytes) => void chunks.push(bytes) }));
  });
  using to = await setup();
  to.advance(60_000);
  await restoreBackup(to.deps, () =>
    Promise.resolve(async function* () {
      for (const bytes of chunks) yield await bytes;
    }()));
  const heard = receiverDouble(to);
  await to.runJob("drain_outbox");
  assert.deepEqual(heard.got.map(({ event }) => event.data.post.title), ["A", "A2"]);
  assert.deepEqual((await checkStore(to.deps, 0)).differences, []);
});
