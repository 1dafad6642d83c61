import assert from "node:assert/strict";
import { setup } from "../../_setup.ts";
import { PADDLE_ENV, paddleDouble, paddleEvent, saleOf } from "../../support/paddle.ts";
import { deliver, planOf, sub, transaction } from "./_delivery.ts";

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
  const silent = { ...own, status: "canceled", custom_data: null };
  await deliver(t, paddleEvent("subscription.canceled", { id: "3", at: at + 1, data: silent }));
  assert.equal((await planOf(t, one.token)).plan, "free");
  assert.equal((await planOf(t, other.token)).plan, "starter");
});

Deno.test("a subscription that is paid when its account is gone is ended at Paddle", async () => {
  const paddle = paddleDouble();
  using t = await setup({ env: PADDLE_ENV });
  t.deps.fetch = (input, init) => paddle.take(new Request(input, init));
  const { id, token } = await t.tenant("free");
  await t.api("POST", "/account/delete", { key: token });
  const data = sub(id, "scale", "active");
  const event = paddleEvent("subscription.created", { id: "1", at: t.deps.clock(), data });
  assert.equal((await deliver(t, event)).status, 200);
  for (let n = 0; n < 100 && !paddle.state.canceled.size; n++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.deepEqual([...paddle.state.canceled], [data.id]);
});
