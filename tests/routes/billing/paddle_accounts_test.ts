import assert from "node:assert/strict";
import { setup } from "../../_setup.ts";
import { billingKey, type BillingRow } from "../../../lib/account/billing/events.ts";
import {
  PADDLE_ENV,
  paddleDouble,
  paddleEvent,
  saleOf,
  subscriptionData,
} from "../../support/paddle.ts";
import { deliver, planOf, START, sub, transaction } from "./_delivery.ts";

const DAY = 86_400_000;

Deno.test("a sale that names an account without having been begun by it moves nothing of that account", async () => {
  using t = await setup({ env: PADDLE_ENV });
  const victim = await t.tenant("creator");
  const other = await t.tenant("starter");
  const at = t.deps.clock();
  const named = { postlark_user: victim.id };
  const stolen = { ...saleOf(other.id), postlark_user: victim.id };
  for (const [n, custom_data] of [named, stolen].entries()) {
    const data = { ...sub("nobody", "starter", "active", `f${n}`), custom_data };
    await deliver(t, paddleEvent("subscription.created", { id: `s${n}`, at, data }));
    const bought = { ...transaction("nobody", "100", `txn_f${n}`), custom_data };
    await deliver(t, paddleEvent("transaction.completed", { id: `t${n}`, at, data: bought }));
  }
  assert.equal((await planOf(t, victim.token)).plan, "creator");
  assert.equal((await planOf(t, victim.token)).packs, 0);
});

Deno.test("a subscription and a customer stay the account's that had them first, whoever pays later", async () => {
  using t = await setup({ env: PADDLE_ENV });
  const one = await t.tenant("free");
  const other = await t.tenant("starter");
  const at = t.deps.clock();
  const own = sub(one.id, "scale", "active");
  await deliver(t, paddleEvent("subscription.created", { id: "1", at, data: own }));
  const paid = { ...transaction(other.id, "100"), customer_id: own.customer_id };
  await deliver(t, paddleEvent("transaction.completed", { id: "2", at, data: paid }));
  assert.equal((await planOf(t, other.token)).packs, 100);
  const moved = { ...sub(one.id, "creator", "active"), custom_data: saleOf(other.id) };
  await deliver(t, paddleEvent("subscription.updated", { id: "3", at: at + 1, data: moved }));
  assert.equal((await planOf(t, one.token)).plan, "creator");
  const silent = { ...own, status: "canceled", custom_data: null };
  await deliver(t, paddleEvent("subscription.canceled", { id: "4", at: at + 2, data: silent }));
  assert.equal((await planOf(t, one.token)).plan, "free");
  assert.equal((await planOf(t, other.token)).plan, "starter");
});

Deno.test("a subscription stays the account's that began it, though its customer is known as another's", async () => {
  using t = await setup({ env: PADDLE_ENV });
  const [payer, other] = [await t.tenant("free"), await t.tenant("free")];
  const at = t.deps.clock();
  const own = sub(payer.id, "creator", "active");
  const paid = { ...sub(other.id, "scale", "active", "02"), customer_id: own.customer_id };
  const silent = { ...paid, status: "canceled", custom_data: null };
  for (const [n, data] of [own, paid, silent].entries()) {
    await deliver(t, paddleEvent("subscription.updated", { id: `${n}`, at: at + n, data }));
    const plans = [await planOf(t, payer.token), await planOf(t, other.token)];
    assert.deepEqual(plans.map(({ plan }) => plan), ["creator", n === 1 ? "scale" : "free"]);
  }
});

Deno.test("a subscription that is paid when its account is gone is ended at Paddle, a stranger's is not", async () => {
  const paddle = paddleDouble();
  using t = await setup({ env: PADDLE_ENV });
  t.deps.fetch = (input, init) => paddle.take(new Request(input, init));
  const { id, token } = await t.tenant("free");
  await t.api("POST", "/account/delete", { key: token });
  const at = t.deps.clock();
  // Sold by the same Paddle account, but not by this service.
  const foreign = { ...sub("stranger", "scale", "active", "02"), custom_data: null };
  const other = paddleEvent("subscription.created", { id: "0", at, data: foreign });
  assert.equal((await deliver(t, other)).status, 200);
  const data = sub(id, "scale", "active");
  const event = paddleEvent("subscription.created", { id: "1", at, data });
  assert.equal((await deliver(t, event)).status, 200);
  for (let n = 0; n < 100 && !paddle.state.canceled.size; n++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.deepEqual([...paddle.state.canceled], [data.id]);
});

Deno.test("of two subscriptions of one plan, the one that was told of last has the period", async () => {
  using t = await setup({ env: PADDLE_ENV });
  const { id: user, token } = await t.tenant("free");
  let n = 0;
  const tell = async (id: string, end: number) => {
    t.advance(1000);
    const span = { from: START - DAY, until: START + end * DAY };
    const data = subscriptionData({ id, user, plan: "creator", status: "active", ...span });
    const event = { id: `${n++}`, at: t.deps.clock(), data };
    assert.equal((await deliver(t, paddleEvent("subscription.updated", event))).status, 200);
    return (Date.parse((await planOf(t, token)).until) - START) / DAY;
  };
  const ends: [string, number][] = [["01", 20], ["02", 10], ["01", 25], ["02", 12]];
  for (const [id, end] of ends) assert.equal(await tell(id, end), end);
});

Deno.test("several packs of one sale are credited together, each as often as it was bought", async () => {
  using t = await setup({ env: PADDLE_ENV });
  const { id, token } = await t.tenant("starter");
  const items = [["pri_100", 2], ["pri_300", 1], ["pri_of_something_else", 5]]
    .map(([price, quantity]) => ({ quantity, price: { id: price } }));
  const data = { ...transaction(id, "100"), items };
  const event = { id: "1", at: t.deps.clock(), data };
  assert.equal((await deliver(t, paddleEvent("transaction.completed", event))).status, 200);
  assert.equal((await planOf(t, token)).packs, 500);
});

Deno.test("of an account's subscriptions fifty are kept: what is paid for, and those that were told of last", async () => {
  using t = await setup({ env: PADDLE_ENV });
  const { id, token } = await t.tenant("free");
  for (let n = 0; n < 52; n++) {
    const data = sub(id, "creator", n ? "canceled" : "active", `${n}`);
    const event = { id: `${n}`, at: t.deps.clock() + n, data };
    await deliver(t, paddleEvent("subscription.updated", event));
  }
  const { value } = await t.deps.store.get<BillingRow>(billingKey(id));
  const kept = ["sub_0", ...Array.from({ length: 49 }, (_, n) => `sub_${n + 3}`)];
  assert.deepEqual(Object.keys(value!.subscriptions).sort(), kept.sort());
  assert.equal((await planOf(t, token)).plan, "creator");
});
