import assert from "node:assert/strict";
import { type Service, setup, type Tenant } from "../_setup.ts";
import { transact } from "../../lib/kit/kv.ts";
import { stagePackGrant, stagePackRefund } from "../../lib/metering/packs.ts";
import { quotaKey, type QuotaRow } from "../../lib/metering/quotas.ts";
import { changePlan } from "../../lib/account/plan_changes.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { atOnce, setupPair, tally } from "../support/pair.ts";

const DAY = 86_400_000;
const MANUAL = { env: { POSTLARK_BILLING: "manual" } };

function create(t: Service, { key }: Tenant) {
  return t.api("POST", "/posts", { key, body: { title: "Hello", content: "Text." } });
}

async function createMany(t: Service, tenant: Tenant, count: number) {
  for (let n = 0; n < count; n++) assert.equal((await create(t, tenant)).status, 201);
}

/** Credits packs as the billing provider would, one after another. */
async function grant(t: Service, tenant: Tenant, sizes: number[]) {
  for (const [n, size] of sizes.entries()) {
    await transact(
      t.deps.store,
      (tx) => stagePackGrant(tx, { user: tenant.id, size, ref: `txn_${n}`, now: t.deps.clock() }),
    );
    t.advance(1000);
  }
}

async function refund(t: Service, ref: string) {
  await transact(t.deps.store, (tx) => stagePackRefund(tx, t.deps, { ref, now: t.deps.clock() }));
}

async function assertSound(t: Service) {
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
}

Deno.test("a purchase credits a pack at once where billing is manual, in every form of its argument", async () => {
  using t = await setup(MANUAL);
  const tenant = await t.tenant("starter");
  const bodies = [{ pack_type: "100" }, { pack_type: 300 }, { type: "100" }, { type: 300 }];
  let total = 0;
  for (const body of bodies) {
    const posts = Number(body.pack_type ?? body.type);
    const got = await t.api("POST", "/packs/purchase", { key: tenant.key, body });
    total += posts;
    assert.equal(got.status, 200);
    assert.deepEqual(got.body, {
      purchased: true,
      pack_type: String(posts),
      price: posts === 100 ? "$10" : "$25",
      posts,
      balance: total,
      total_remaining: total,
      checkout_url: null,
    });
  }
  const { body } = await t.api("GET", "/packs/balance", { key: tenant.key });
  assert.equal(body.total_remaining, 800);
  assert.equal(body.balance, 800);
  assert.deepEqual(body.packs.map(({ size }: { size: number }) => size), [100, 300, 100, 300]);
  assert.equal(body.packs[0].purchased_at, "2026-03-24T10:00:00.000Z");
  await assertSound(t);
});

Deno.test("a purchase is refused for an unknown pack, on Free, without the scope, and where billing is off", async () => {
  using t = await setup(MANUAL);
  const tenant = await t.tenant("starter");
  for (const body of [{}, { pack_type: "200" }, { pack_type: null }, { type: [] }]) {
    const got = await t.api("POST", "/packs/purchase", { key: tenant.key, body });
    assert.equal(got.status, 400);
    assert.match(got.body.message + JSON.stringify(got.body.issues), /100 or 300/);
  }
  const free = await t.tenant("free");
  const refused = await t.api("POST", "/packs/purchase", {
    key: free.key,
    body: { pack_type: "100" },
  });
  assert.equal(refused.status, 403);
  assert.equal(refused.body.message, "Buying post packs requires the Starter plan or above.");
  assert.equal(refused.body.upgrade_url, "http://localhost:8000/upgrade");
  using off = await setup();
  const { key } = await off.tenant("starter");
  const got = await off.api("POST", "/packs/purchase", { key, body: { pack_type: "100" } });
  assert.equal(got.status, 403);
  assert.equal(got.body.message, "Purchases are not enabled on this server");
});

Deno.test("a purchase that is repeated under its Idempotency-Key is credited once", async () => {
  using t = await setup(MANUAL);
  const { key } = await t.tenant("starter");
  const sent = { key, body: { pack_type: "100" }, headers: { "idempotency-key": "buy-1" } };
  const first = await t.api("POST", "/packs/purchase", sent);
  const again = await t.api("POST", "/packs/purchase", sent);
  assert.deepEqual(again.body, first.body);
  assert.equal((await t.api("GET", "/packs/balance", { key })).body.balance, 100);
});

Deno.test("the month's posts come first, then packs oldest first, then 403", async () => {
  using t = await setup(MANUAL);
  const tenant = await t.tenant("starter");
  await grant(t, tenant, [2, 3]);
  await createMany(t, tenant, 15);
  const balance = async () => (await t.api("GET", "/packs/balance", { key: tenant.key })).body;
  assert.equal((await balance()).balance, 5);
  await createMany(t, tenant, 3);
  const left = (await balance()).packs.map((
    pack: { size: number; balance: number },
  ) => [pack.size, pack.balance]);
  assert.deepEqual(left, [[3, 2]]);
  await createMany(t, tenant, 2);
  const refused = await create(t, tenant);
  assert.equal(refused.status, 403);
  assert.equal(refused.body.reason, "post_limit");
  assert.match(
    refused.body.message,
    /^Post limit exceeded\. Starter plan allows 15 posts per month/,
  );
  assert.equal(refused.body.upgrade_url, "http://localhost:8000/upgrade");
  await assertSound(t);
});

Deno.test("drafts count, deleting gives nothing back, and a refused or failed create consumes nothing", async () => {
  using t = await setup(MANUAL);
  const tenant = await t.tenant("starter");
  const { key } = tenant;
  await createMany(t, tenant, 14);
  for (const body of [{ title: "", content: "x" }, { title: "x", content: "x", slug: "hello" }]) {
    const { status } = await t.api("POST", "/posts", { key, body });
    assert.ok(status === 400 || status === 409, String(status));
  }
  await createMany(t, tenant, 1);
  assert.equal((await t.api("DELETE", "/posts/hello", { key })).status, 200);
  assert.equal((await create(t, tenant)).status, 403);
  await assertSound(t);
});

Deno.test("a hundred creates at once with seven left of the month and two packs of five make seventeen", async () => {
  using pair = await setupPair(MANUAL);
  const t = pair.one;
  const tenant = await t.tenant("starter");
  await createMany(t, tenant, 8);
  await grant(t, tenant, [5, 5]);
  const got = await atOnce(100, (n) => create(pair.nth(n), tenant));
  // A writer that lost every race says so, and may try again.
  const lost = got.filter(({ status }) => status === 503).length;
  assert.deepEqual(tally(got.filter(({ status }) => status !== 503)), {
    201: 17,
    "403 post_limit": 83 - lost,
  });
  const { body } = await t.api("GET", "/posts", { key: tenant.key });
  assert.equal(body.pagination.total, 25);
  const ledger = (await t.api("GET", "/packs/ledger?limit=250", { key: tenant.key })).body.data;
  const packs = ledger.filter((row: { kind: string; source: string }) => (
    row.kind === "consumption" && row.source === "pack"
  ));
  assert.equal(packs.length, 10);
  const [first, second] = ledger.filter((row: { kind: string }) => row.kind === "grant").reverse();
  const order = packs.toSorted((a: { balance: number }, b: { balance: number }) => (
    b.balance - a.balance
  )).map((row: { pack_id: string }) => row.pack_id);
  const expected = [...Array(5).fill(first.pack_id), ...Array(5).fill(second.pack_id)];
  assert.deepEqual(order, expected);
  await assertSound(t);
});

Deno.test("the month rolls over at 00:00 UTC with creates under way, and nothing is lost or doubled", async () => {
  using pair = await setupPair(MANUAL);
  const t = pair.one;
  const tenant = await t.tenant("starter");
  t.advance(Date.parse("2026-03-31T23:59:59.990Z") - t.deps.clock());
  pair.two.advance(Date.parse("2026-04-01T00:00:00.005Z") - pair.two.deps.clock());
  await createMany(t, tenant, 10);
  // Half of them think it is March.
  const got = await atOnce(40, (n) => create(pair.nth(n), tenant));
  const made = got.filter(({ status }) => status === 201).length;
  const row = (await t.deps.store.get<QuotaRow>(quotaKey(tenant.id))).value!;
  assert.equal(row.period, Date.parse("2026-04-01"));
  assert.equal(row.used, 15);
  assert.ok(made >= 15 && made <= 20, String(made));
  const total = (await t.api("GET", "/posts", { key: tenant.key })).body.pagination.total;
  assert.equal(total, 10 + made);
  await assertSound(t);
});

Deno.test("the job begins a new period for those who create nothing, once", async () => {
  using t = await setup(MANUAL);
  const tenant = await t.tenant("creator");
  await createMany(t, tenant, 3);
  assert.deepEqual(await t.runJob("account_packs"), { reset: 0, differing: 0, failed: 0 });
  t.advance(8 * DAY);
  assert.deepEqual(await t.runJob("account_packs"), { reset: 1, differing: 0, failed: 0 });
  assert.deepEqual(await t.runJob("account_packs"), { reset: 0, differing: 0, failed: 0 });
  const { body } = await t.api("GET", "/packs/ledger", { key: tenant.key });
  assert.deepEqual(
    body.data.map(({ kind, amount }: { kind: string; amount: number }) => [kind, amount]),
    [["reset", 3], ["consumption", -1], ["consumption", -1], ["consumption", -1]],
  );
  t.advance(31 * DAY);
  assert.equal((await t.runJob("account_packs")).reset, 1);
  const after = await t.api("GET", "/packs/ledger", { key: tenant.key });
  assert.deepEqual(after.body, body, "nothing was used that could be given back");
  await assertSound(t);
});

Deno.test("a subscription's own period goes before the calendar's, also when its renewal is late", async () => {
  using t = await setup(MANUAL);
  const tenant = await t.tenant("starter");
  const { store } = t.deps;
  const key = ["plan", tenant.id];
  const plan = (await store.get<Record<string, unknown>>(key)).value;
  const period = { start: Date.parse("2026-03-10"), end: Date.parse("2026-04-10") };
  await store.writeAll([{ key, value: { ...plan, period } }]);
  await createMany(t, tenant, 15);
  t.advance(Date.parse("2026-04-09T23:00:00Z") - t.deps.clock());
  assert.equal((await create(t, tenant)).status, 403);
  t.advance(3_600_000);
  await createMany(t, tenant, 15);
  t.advance(Date.parse("2026-05-09T23:00:00Z") - t.deps.clock());
  assert.equal((await create(t, tenant)).status, 403);
  t.advance(3_600_000);
  assert.equal((await create(t, tenant)).status, 201);
});

Deno.test("a refund takes the pack back once, below zero for what was used, and deletes no post", async () => {
  using t = await setup(MANUAL);
  const tenant = await t.tenant("starter");
  await grant(t, tenant, [5]);
  await createMany(t, tenant, 18);
  await refund(t, "txn_0");
  await refund(t, "txn_0");
  const { body } = await t.api("GET", "/packs/balance", { key: tenant.key });
  assert.equal(body.total_remaining, -3);
  assert.equal((await create(t, tenant)).status, 403);
  assert.equal(
    (await t.api("GET", "/posts", { key: tenant.key })).body.pagination.total,
    18,
  );
  await transact(
    t.deps.store,
    (tx) => stagePackGrant(tx, { user: tenant.id, size: 5, ref: "txn_9", now: t.deps.clock() }),
  );
  await createMany(t, tenant, 2);
  assert.equal((await create(t, tenant)).status, 403);
  await assertSound(t);
});

Deno.test("a delivery of one purchase is credited once, however often it comes", async () => {
  using pair = await setupPair(MANUAL);
  const tenant = await pair.one.tenant("starter");
  await atOnce(10, (n) => {
    const { deps } = pair.nth(n);
    const given = { user: tenant.id, size: 100, ref: "txn_1", now: deps.clock() };
    return transact(deps.store, (tx) => stagePackGrant(tx, given));
  });
  const { body } = await pair.two.api("GET", "/packs/balance", { key: tenant.key });
  assert.equal(body.balance, 100);
  await assertSound(pair.one);
});

Deno.test("a balance that comes down to ten leaves one notice", async () => {
  using t = await setup(MANUAL);
  const tenant = await t.tenant("starter");
  await grant(t, tenant, [12]);
  await createMany(t, tenant, 19);
  const notices = await t.deps.store.list({ start: ["notice"], end: ["notice", true] }, 10);
  assert.equal(notices.length, 1);
  assert.equal((notices[0].value as { left: number }).left, 10);
});

Deno.test("a refund that brings the balance down to ten leaves a notice too", async () => {
  using t = await setup(MANUAL);
  const tenant = await t.tenant("starter");
  await grant(t, tenant, [12, 5]);
  const left = async () => {
    const rows = await t.deps.store.list({ start: ["notice"], end: ["notice", true] }, 10);
    return rows.map(({ value }) => (value as { left: number }).left);
  };
  await refund(t, "txn_1");
  assert.deepEqual(await left(), []);
  await refund(t, "txn_0");
  assert.deepEqual(await left(), [0]);
});

Deno.test("what the ledger does not explain is told by the job and by check, and left as it is", async () => {
  using t = await setup(MANUAL);
  const tenant = await t.tenant("starter");
  await grant(t, tenant, [5]);
  await createMany(t, tenant, 2);
  const key = quotaKey(tenant.id);
  const row = (await t.deps.store.get<QuotaRow>(key)).value!;
  const bent = { ...row, used: 1, packs: [{ ...row.packs[0], left: 50 }] };
  await t.deps.store.writeAll([{ key, value: bent }]);
  assert.deepEqual(await t.runJob("account_packs"), { reset: 0, differing: 1, failed: 0 });
  assert.ok(t.logs.some(({ event, user }) => event === "balance_differs" && user === tenant.id));
  const { differences } = await checkStore(t.deps, 0);
  assert.deepEqual(differences.map(({ problem }) => problem).sort(), [
    `1 posts of the period from ${row.period} are used, and by the ledger 2`,
    `pack ${row.packs[0].id} holds 50, and by the ledger 5`,
  ]);
  assert.deepEqual((await t.deps.store.get(key)).value, bent);
});

Deno.test("an unlimited plan counts what it creates without a ledger, for 400 days, and Free does not", async () => {
  using t = await setup(MANUAL);
  const tenant = await t.tenant("scale");
  await createMany(t, tenant, 20);
  assert.deepEqual((await t.api("GET", "/packs/ledger", { key: tenant.key })).body.data, []);
  const free = await t.tenant("free");
  await createMany(t, free, 2);
  const counted = async () => {
    const rows = await t.deps.store.list<Deno.KvU64>(
      { start: ["created"], end: ["created", true] },
      10,
    );
    return rows.map(({ key, value }) => [key[1], key[2], value.value]);
  };
  const march = [tenant.id, Date.parse("2026-03-01"), 20n];
  assert.deepEqual(await counted(), [march]);
  t.advance(Date.parse("2027-04-01") - t.now());
  await createMany(t, tenant, 1);
  await t.runJob("account_packs");
  assert.deepEqual(await counted(), [march, [tenant.id, Date.parse("2027-04-01"), 1n]]);
  t.advance(5 * DAY);
  await t.runJob("account_packs");
  assert.deepEqual((await counted()).length, 1, "what is older than 400 days is forgotten");
  await assertSound(t);
});

Deno.test("what is left of a period that a subscription's end cut short is what usage tells, and what can be created", async () => {
  using t = await setup(MANUAL);
  const tenant = await t.tenant("starter");
  const period = { start: Date.parse("2026-03-20"), end: Date.parse("2026-04-20") };
  await changePlan(t.deps, tenant.id, { plan: "starter", period });
  await createMany(t, tenant, 10);
  await changePlan(t.deps, tenant.id, { plan: "starter", period: null });
  const { posts } = (await t.api("GET", "/account/usage", { key: tenant.token })).body;
  assert.deepEqual([posts.used, posts.remaining], [10, 5]);
  assert.equal(posts.period_start, "2026-03-01T00:00:00.000Z");
  await createMany(t, tenant, 5);
  assert.equal((await create(t, tenant)).status, 403);
  await assertSound(t);
});

Deno.test("packs beyond two hundred join the newest one, and are refunded each for itself", async () => {
  using t = await setup(MANUAL);
  const tenant = await t.tenant("scale");
  await grant(t, tenant, Array(203).fill(10));
  const balance = async () => (await t.api("GET", "/packs/balance", { key: tenant.key })).body;
  const { packs, total_remaining } = await balance();
  assert.equal(total_remaining, 2030);
  assert.equal(packs.length, 200);
  assert.deepEqual([packs[0].size, packs.at(-1).size, packs.at(-1).balance], [10, 40, 40]);
  for (const ref of ["txn_0", "txn_201", "txn_201"]) await refund(t, ref);
  const after = await balance();
  assert.equal(after.total_remaining, 2010);
  assert.deepEqual([after.packs.length, after.packs.at(-1).balance], [199, 30]);
  await assertSound(t);
});

Deno.test("a refunded pack that was used up is owed where it was bought, before the others", async () => {
  using t = await setup(MANUAL);
  const tenant = await t.tenant("starter");
  await createMany(t, tenant, 15);
  await grant(t, tenant, [2]);
  await createMany(t, tenant, 2);
  t.advance(DAY);
  await transact(
    t.deps.store,
    (tx) => stagePackGrant(tx, { user: tenant.id, size: 5, ref: "txn_9", now: t.deps.clock() }),
  );
  await refund(t, "txn_0");
  const { packs } = (await t.api("GET", "/packs/balance", { key: tenant.key })).body;
  assert.deepEqual(packs.map(({ balance }: { balance: number }) => balance), [-2, 5]);
  assert.equal(packs[0].purchased_at, "2026-03-24T10:00:00.000Z");
  await createMany(t, tenant, 3);
  assert.equal((await create(t, tenant)).status, 403);
  await assertSound(t);
});
