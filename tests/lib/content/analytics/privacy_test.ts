import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { hmac } from "../../../../lib/kit/crypto.ts";
import { restoreBackup, writeBackup } from "../../../../lib/operator/backup.ts";
import { checkStore } from "../../../../lib/operator/check/mod.ts";
import { type Service, setup } from "../../../_setup.ts";
import { addressOf, FIREFOX, flush, overview, publish, viewOf } from "../../../support/visitors.ts";

const DAY = 86_400_000;
const VISITORS = 300;

/** Everything in the store as text, bytes as hexadecimal. */
async function dumpOf(t: Service): Promise<string> {
  const lines: string[] = [];
  for await (const { key, value } of t.deps.store.kv.list({ prefix: [] })) {
    const text = JSON.stringify([key, value], (_, part) => {
      if (part instanceof Uint8Array) return Buffer.from(part).toString("hex");
      return part instanceof Deno.KvU64 ? String(part) : part;
    });
    lines.push(text);
  }
  return lines.join("\n");
}

async function backUp(t: Service): Promise<Uint8Array> {
  let chunks: Uint8Array[] = [];
  await writeBackup(t.deps, () => {
    chunks = [];
    return Promise.resolve(new WritableStream({ write: (bytes) => void chunks.push(bytes) }));
  });
  return new Uint8Array(Buffer.concat(chunks));
}

async function restored(backup: Uint8Array): Promise<Service> {
  const t = await setup();
  await restoreBackup(t.deps, () =>
    Promise.resolve(async function* () {
      yield await backup;
    }()));
  return t;
}

async function service() {
  const t = await setup();
  const tenant = await t.tenant();
  const at = { blog: tenant.blog.id, post: await publish(t, tenant, "post") };
  for (let n = 0; n < VISITORS; n++) t.deps.views.count(viewOf(at, n));
  await flush(t);
  return { t, at, key: tenant.key, [Symbol.dispose]: () => t[Symbol.dispose]() };
}

/** The day's salt, and the hash of each visitor as it is stored. */
async function secretsOf(t: Service): Promise<string[]> {
  const salt = (await t.deps.store.get<string>(["salt", "2026-03-24"])).value!;
  const key = t.deps.keys.key("visitor", salt);
  const hashes = Array.from(
    { length: VISITORS },
    (_, n) => hmac(key, `${addressOf(n)}\n${FIREFOX}`).slice(0, 16),
  );
  return [salt, ...hashes];
}

Deno.test("once a day is closed, nothing in the store or a backup tells who its visitors were", async () => {
  using s = await service();
  const { t } = s;
  const secrets = await secretsOf(t);
  const during = await dumpOf(t);
  // While the day lasts they are there: or this test would look for what is stored in another form.
  for (const secret of secrets) assert.ok(during.includes(secret));
  t.advance(DAY);
  await t.runJob("roll_up_views");
  using copy = await restored(await backUp(t));
  for (const dump of [await dumpOf(t), await dumpOf(copy)]) {
    assert.ok(dump.includes("viewday"));
    for (const secret of secrets) assert.ok(!dump.includes(secret));
  }
});

Deno.test("nothing that is stored holds an address or a browser's whole name, not even while the day lasts", async () => {
  using s = await service();
  const dump = await dumpOf(s.t);
  for (let n = 0; n < VISITORS; n++) assert.ok(!dump.includes(addressOf(n)));
  assert.ok(!dump.includes("Mozilla"));
});

Deno.test("a backup of the day that lasts has its figures, and neither its salt nor a visitor's hash", async () => {
  using s = await service();
  const { t, key } = s;
  const secrets = await secretsOf(t);
  using copy = await restored(await backUp(t));
  const dump = await dumpOf(copy);
  for (const secret of secrets) assert.ok(!dump.includes(secret));
  assert.deepEqual(await overview(copy, key), await overview(t, key));
  assert.deepEqual((await checkStore(copy.deps, 0)).differences, []);
  copy.advance(DAY);
  assert.deepEqual(await copy.runJob("roll_up_views"), { days: 1, packed: 2 });
  assert.equal((await overview(copy, key)).total_views, VISITORS);
});

Deno.test("the same visitor has another hash the next day", async () => {
  using s = await service();
  const { t, at } = s;
  const secrets = await secretsOf(t);
  t.advance(DAY);
  await t.runJob("roll_up_views");
  for (let n = 0; n < VISITORS; n++) t.deps.views.count(viewOf(at, n));
  await flush(t);
  const dump = await dumpOf(t);
  assert.ok(dump.includes('"visitors","2026-03-25"'));
  for (const secret of secrets) assert.ok(!dump.includes(secret));
});

Deno.test("without the server's secret the day's salt does not lead to a visitor's hash", async () => {
  using s = await service();
  const { t } = s;
  const [salt] = await secretsOf(t);
  const dump = await dumpOf(t);
  for (const key of [Buffer.from(salt), Buffer.from(salt, "hex")]) {
    assert.ok(!dump.includes(hmac(key, `${addressOf(0)}\n${FIREFOX}`).slice(0, 16)));
  }
});

Deno.test("the store itself forgets the salt and the hashes where no roll-up comes", async () => {
  using s = await service();
  const { t } = s;
  const kept: Record<string, number | undefined> = {};
  const { kv } = t.deps.store;
  const spy = kv.atomic.bind(kv);
  kv.atomic = () => {
    const operation = spy();
    const set = operation.set.bind(operation);
    operation.set = (key, value, options) => {
      kept[String(key[0])] = options?.expireIn;
      return set(key, value, options);
    };
    return operation;
  };
  t.advance(DAY);
  t.deps.views.count(viewOf(s.at, 1));
  await flush(t);
  for (const noun of ["salt", "visitors", "flush"]) {
    assert.ok(kept[noun]! > 0 && kept[noun]! <= 2 * DAY, noun);
  }
  assert.equal(kept.viewopen, undefined);
});
