import assert from "node:assert/strict";
import type { Service, Tenant } from "../_setup.ts";
import { transact } from "../../lib/kit/kv.ts";
import { stagePackGrant } from "../../lib/metering/packs.ts";
import { planKey, type PlanRow, PLANS } from "../../lib/metering/plans.ts";
import { changePlan, suspendAccount } from "../../lib/account/plan_changes.ts";
import {
  PADDLE_ENV,
  paddleEvent,
  saleOf,
  signAsPaddle,
  subscriptionData,
} from "../support/paddle.ts";
import { idsOf, rowsThatName } from "../support/stray_rows.ts";
import { testPoints } from "./_points.ts";

const DAY = 86_400_000;
// As long as a claim that its process left stands in the way.
const CLAIM = 60_000;
const MANUAL = { POSTLARK_BILLING: "manual" };
const ONCE = { "idempotency-key": "once" };
const POST = { title: "New", content: "x" };

function send(method: string, path: string, body: unknown = {}) {
  return (t: Service, { token }: Tenant) =>
    t.api(method, path, { key: token, body, headers: ONCE });
}

async function ask(t: Service, { token }: Tenant, path: string) {
  return (await t.api("GET", path, { key: token })).body;
}

/** The names of an account's blogs that can be written to, oldest first. */
async function writable(t: Service, tenant: Tenant): Promise<string[]> {
  const { data } = await ask(t, tenant, "/blogs");
  return data.filter(({ frozen }: { frozen: boolean }) => !frozen)
    .map(({ name }: { name: string }) => name).reverse();
}

async function addBlogs(t: Service, tenant: Tenant, count: number) {
  for (let n = 1; n <= count; n++) {
    t.advance(1000);
    const body = { slug: `${tenant.blog.slug}-${n}`, name: `more ${n}` };
    assert.equal((await t.api("POST", "/blogs", { key: tenant.token, body })).status, 201);
  }
}

/** Leaves an account of three blogs on Starter after its grace. */
async function fallen(t: Service, tenant: Tenant) {
  await addBlogs(t, tenant, 2);
  await changePlan(t.deps, tenant.id, { plan: "starter" });
  t.advance(30 * DAY);
  await t.runJob("grace_and_freeze");
  assert.equal((await writable(t, tenant)).length, 1);
}

async function requireSettled(t: Service, tenant: Tenant) {
  const { plan, grace } = await ask(t, tenant, "/account/usage");
  const { blogs } = PLANS[(grace?.plan ?? plan) as PlanRow["plan"]];
  assert.equal((await writable(t, tenant)).length, Math.min(3, blogs));
}

async function grant(t: Service, { id }: Tenant, size: number) {
  const given = { user: id, size, ref: "txn_given", now: t.deps.clock() };
  await transact(t.deps.store, (tx) => stagePackGrant(tx, given));
}

async function deliver(t: Service, type: string, event: { id: string; data: object }) {
  const at = Date.parse("2026-03-24T10:00:00Z");
  const raw = JSON.stringify(paddleEvent(type, { ...event, at, data: { ...event.data } }));
  const headers = { "paddle-signature": signAsPaddle(raw, t.deps.clock()) };
  return await t.send("POST", "http://localhost:8000/hooks/paddle", { raw, headers });
}

function subscription({ id: user }: Tenant, plan: string) {
  const [from, until] = [Date.parse("2026-03-20"), Date.parse("2026-04-20")];
  return subscriptionData({ id: "1", user, plan, status: "active", from, until });
}

async function deliverAll(t: Service, tenant: Tenant) {
  const items = [{ quantity: 1, price: { id: "pri_100" } }];
  const sale = { id: "txn_1", custom_data: saleOf(tenant.id), items };
  const refund = { transaction_id: "txn_2", action: "refund", status: "approved" };
  return [
    await deliver(t, "subscription.created", { id: "1", data: subscription(tenant, "creator") }),
    await deliver(t, "transaction.completed", { id: "2", data: sale }),
    await deliver(t, "transaction.completed", { id: "3", data: { ...sale, id: "txn_2" } }),
    await deliver(t, "adjustment.updated", { id: "4", data: refund }),
  ].map(({ status }) => status);
}

testPoints({
  name: "buying a pack",
  plan: "starter",
  env: MANUAL,
  run: send("POST", "/packs/purchase", { pack_type: "100" }),
  async again(t, tenant) {
    t.advance(CLAIM);
    const got = await send("POST", "/packs/purchase", { pack_type: "100" })(t, tenant);
    assert.equal(got.body.balance, 100);
    assert.equal((await ask(t, tenant, "/packs/balance")).balance, 100);
  },
});

testPoints({
  name: "creating a post out of a pack",
  plan: "starter",
  env: MANUAL,
  async prepare(t, tenant) {
    for (let n = 1; n < 15; n++) await t.api("POST", "/posts", { key: tenant.key, body: POST });
    await grant(t, tenant, 5);
  },
  run: send("POST", "/posts", POST),
  async again(t, tenant) {
    t.advance(CLAIM);
    assert.equal((await send("POST", "/posts", POST)(t, tenant)).status, 201);
    assert.equal((await ask(t, tenant, "/packs/balance")).balance, 4);
    assert.equal((await ask(t, tenant, "/posts")).pagination.total, 16);
  },
});

testPoints({
  name: "moving an account down",
  plan: "creator",
  prepare: (t, tenant) => addBlogs(t, tenant, 2),
  run: (t, { id }) => changePlan(t.deps, id, { plan: "free" }),
  after: requireSettled,
});

testPoints({
  name: "moving an account up",
  plan: "creator",
  prepare: fallen,
  run: (t, { id }) => changePlan(t.deps, id, { plan: "creator" }),
  after: requireSettled,
});

testPoints({
  name: "ending a grace and freezing what is over the plan",
  plan: "creator",
  async prepare(t, tenant) {
    await addBlogs(t, tenant, 2);
    await changePlan(t.deps, tenant.id, { plan: "starter" });
    t.advance(30 * DAY);
  },
  run: (t) => t.runJob("grace_and_freeze"),
  async after(t, tenant) {
    const { plan, grace } = await ask(t, tenant, "/account/usage");
    assert.deepEqual({ plan, grace }, { plan: "starter", grace: null });
    assert.deepEqual(await writable(t, tenant), [tenant.blog.slug]);
  },
});

testPoints({
  name: "activating a frozen blog",
  plan: "creator",
  prepare: fallen,
  async run(t, tenant) {
    const { data } = await ask(t, tenant, "/blogs");
    return await send("POST", `/blogs/${data[0].id}/activate`)(t, tenant);
  },
  async again(t, tenant) {
    assert.equal((await writable(t, tenant)).length, 1);
  },
  async after(t, tenant) {
    const [kept, ...others] = await writable(t, tenant);
    assert.ok([tenant.blog.slug, "more 2"].includes(kept), kept);
    assert.deepEqual(others, []);
  },
});

testPoints({
  name: "taking deliveries of Paddle's",
  plan: "free",
  env: PADDLE_ENV,
  run: deliverAll,
  async again(t, tenant) {
    assert.deepEqual(await deliverAll(t, tenant), [200, 200, 200, 200]);
    const { plan, packs } = await ask(t, tenant, "/account/usage");
    assert.equal(plan, "creator");
    assert.equal(packs.remaining, 100);
  },
});

const BULK = { posts: Array.from({ length: 6 }, (_, n) => ({ title: `New ${n}`, content: "x" })) };
testPoints({
  name: "creating posts in bulk",
  run: send("POST", "/posts/bulk", BULK),
  async again(t, tenant) {
    t.advance(CLAIM);
    const got = await send("POST", "/posts/bulk", BULK)(t, tenant);
    assert.equal(got.body.created, 6);
    assert.equal((await ask(t, tenant, "/posts")).pagination.total, 7);
  },
});

testPoints({
  name: "suspending an account",
  prepare: (t, tenant) => addBlogs(t, tenant, 1),
  run: (t, { id }) => suspendAccount(t.deps, id, true),
  async again(t, tenant) {
    await suspendAccount(t.deps, tenant.id, true);
    assert.equal((await t.view(tenant.blog.slug, "/old")).status, 404);
    await suspendAccount(t.deps, tenant.id, false);
    assert.equal((await t.view(tenant.blog.slug, "/old")).status, 200);
  },
});

testPoints({
  name: "beginning a new month",
  plan: "starter",
  async prepare(t, tenant) {
    t.advance(1000);
    await grant(t, tenant, 5);
    t.advance(10 * DAY);
  },
  run: (t) => t.runJob("account_packs"),
  async after(t, tenant) {
    const { data } = await ask(t, tenant, "/packs/ledger");
    const seen = data.map(({ kind, amount }: { kind: string; amount: number }) => [kind, amount]);
    assert.deepEqual(seen, [["reset", 1], ["grant", 5], ["consumption", -1]]);
  },
});

const NAMES = new WeakMap<Tenant, string[]>();
testPoints({
  name: "deleting an account",
  plan: "starter",
  env: PADDLE_ENV,
  async prepare(t, tenant) {
    await deliver(t, "subscription.created", { id: "1", data: subscription(tenant, "creator") });
    await grant(t, tenant, 5);
    await t.session(tenant.id);
    NAMES.set(tenant, [...await idsOf(t, tenant), `ctm_${tenant.id}`, "txn_given"]);
  },
  run: (t, { token }) => t.api("POST", "/account/delete", { key: token }),
  async again(t, tenant) {
    const kept = (await t.deps.store.get(planKey(tenant.id))).value !== null;
    const { status } = await t.api("GET", "/posts/old", { key: tenant.key });
    assert.equal(status, kept ? 200 : 401);
    assert.equal((await t.view(tenant.blog.slug, "/old")).status, kept ? 200 : 404);
    if (kept) await t.api("POST", "/account/delete", { key: tenant.token });
  },
  async after(t, tenant) {
    assert.deepEqual(await rowsThatName(t.deps.store.kv, NAMES.get(tenant)!), []);
  },
});
