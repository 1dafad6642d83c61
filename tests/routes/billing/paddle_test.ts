import assert from "node:assert/strict";
import { Environment, Paddle } from "@paddle/paddle-node-sdk";
import { setup } from "../../_setup.ts";
import { isSignedByPaddle } from "../../../lib/account/billing/signature.ts";
import { checkStore } from "../../../lib/operator/check/mod.ts";
import {
  PADDLE_ENV,
  paddleDouble,
  paddleEvent,
  saleOf,
  signAsPaddle,
  startPaddle,
  subscriptionData,
} from "../../support/paddle.ts";
import { deliver, planOf, refundOf, START, sub, transaction } from "./_delivery.ts";
import { Random } from "../../support/random.ts";

const DAY = 86_400_000;

Deno.test("a purchase and a plan begin a checkout at Paddle, and nothing is credited before it is paid", async () => {
  await using paddle = startPaddle();
  using t = await setup({ env: { ...PADDLE_ENV, POSTLARK_PADDLE_API_URL: paddle.url } });
  t.deps.fetch = fetch;
  const { id, key, token } = await t.tenant("starter");
  const bought = await t.api("POST", "/packs/purchase", { key, body: { pack_type: "300" } });
  assert.equal(bought.status, 200);
  assert.equal(bought.body.purchased, false);
  assert.equal(bought.body.balance, 0);
  assert.match(bought.body.checkout_url, /^https:\/\/pay\.example\/checkout\?_ptxn=txn_/);
  const plan = await t.api("POST", "/account/checkout", { key: token, body: { plan: "creator" } });
  assert.match(plan.body.checkout_url, /^https:\/\/pay\.example\//);
  assert.deepEqual(paddle.calls.map(({ body }) => body), [
    {
      items: [{ price_id: "pri_300", quantity: 1 }],
      custom_data: { ...saleOf(id), postlark_sale: "300" },
    },
    {
      items: [{ price_id: "pri_creator", quantity: 1 }],
      custom_data: { ...saleOf(id), postlark_sale: "creator" },
    },
  ]);
  assert.deepEqual(await planOf(t, token), {
    plan: "starter",
    packs: 0,
    until: "2026-04-01T00:00:00.000Z",
  });
});

Deno.test("a Paddle that is down, refuses, or has no checkout is 502 with what to do, and nothing is kept", async () => {
  await using paddle = startPaddle();
  using t = await setup({ env: { ...PADDLE_ENV, POSTLARK_PADDLE_API_URL: paddle.url } });
  t.deps.fetch = fetch;
  const { key, token } = await t.tenant("starter");
  const buy = () => t.api("POST", "/packs/purchase", { key, body: { pack_type: "100" } });
  paddle.state.down = true;
  assert.equal((await buy()).status, 502);
  paddle.state.down = false;
  paddle.state.checkout = false;
  assert.match((await buy()).body.message, /default payment link/);
  const unsold = await t.api("POST", "/account/checkout", {
    key: token,
    body: { plan: "enterprise" },
  });
  assert.match(unsold.body.message, /enterprise/);
  assert.ok(!JSON.stringify(t.logs).includes(PADDLE_ENV.POSTLARK_PADDLE_API_KEY));
});

Deno.test("a subscription gives its plan and period, follows its changes, and ends in Free with a grace", async () => {
  using t = await setup({ env: PADDLE_ENV });
  const { id, token } = await t.tenant("free");
  let n = 0;
  const tell = async (type: string, data: Record<string, unknown>) => {
    t.advance(1000);
    const event = paddleEvent(`subscription.${type}`, { id: `a${n++}`, at: t.deps.clock(), data });
    assert.equal((await deliver(t, event)).status, 200);
  };
  await tell("created", sub(id, "creator", "active"));
  assert.deepEqual(await planOf(t, token), {
    plan: "creator",
    packs: 0,
    until: "2026-04-23T10:00:00.000Z",
  });
  await tell("updated", sub(id, "scale", "active"));
  assert.equal((await planOf(t, token)).plan, "scale");
  await tell("past_due", sub(id, "scale", "past_due"));
  assert.equal((await planOf(t, token)).plan, "scale");
  await tell("paused", sub(id, "scale", "paused"));
  const { body } = await t.api("GET", "/account/usage", { key: token });
  assert.equal(body.plan, "free");
  assert.equal(body.grace.plan, "scale");
  await tell("resumed", sub(id, "scale", "active"));
  assert.equal((await planOf(t, token)).plan, "scale");
  await tell("created", sub(id, "starter", "active", "02"));
  assert.equal((await planOf(t, token)).plan, "scale");
  await tell("canceled", sub(id, "scale", "canceled"));
  assert.equal((await planOf(t, token)).plan, "starter");
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("a paid pack is credited, a refund before or after it takes it back, a part of it is for the operator", async () => {
  using t = await setup({ env: PADDLE_ENV });
  const { id, token } = await t.tenant("starter");
  const at = t.deps.clock();
  const paid = paddleEvent("transaction.completed", { id: "1", at, data: transaction(id, "300") });
  await deliver(t, paid);
  assert.equal((await planOf(t, token)).packs, 300);
  const part = refundOf("txn_01", "partial");
  await deliver(t, paddleEvent("adjustment.created", { id: "2", at, data: part }));
  assert.equal((await planOf(t, token)).packs, 300);
  assert.ok(t.logs.some(({ event, id }) => event === "billing_event_unused" && id === "evt_2"));
  const pending = { ...refundOf("txn_01"), status: "pending_approval" };
  await deliver(t, paddleEvent("adjustment.created", { id: "3", at, data: pending }));
  assert.equal((await planOf(t, token)).packs, 300);
  await deliver(t, paddleEvent("adjustment.updated", { id: "4", at, data: refundOf("txn_01") }));
  assert.equal((await planOf(t, token)).packs, 0);
  await deliver(t, paddleEvent("adjustment.created", { id: "5", at, data: refundOf("txn_02") }));
  const late = transaction(id, "100", "txn_02");
  await deliver(t, paddleEvent("transaction.completed", { id: "6", at, data: late }));
  assert.equal((await planOf(t, token)).packs, 0);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("a delivery that is forged, tampered with, too old, unsigned or no event is refused, and changes nothing", async () => {
  using t = await setup({ env: PADDLE_ENV });
  const { id, token } = await t.tenant("free");
  const event = paddleEvent("subscription.created", {
    id: "1",
    at: t.deps.clock(),
    data: sub(id, "scale", "active"),
  });
  const raw = JSON.stringify(event);
  const good = signAsPaddle(raw, t.deps.clock());
  const bad = [
    "",
    "ts=1;h1=zz",
    signAsPaddle(raw, t.deps.clock(), "pdl_ntfset_01foreign"),
    signAsPaddle(raw + " ", t.deps.clock()),
    signAsPaddle(raw, t.deps.clock() - 301_000),
    signAsPaddle(raw, t.deps.clock() + 301_000),
    good.replace(/ts=\d+/, `ts=${Math.floor(t.deps.clock() / 1000) + 1}`),
    good.replace("h1=", "h2="),
  ];
  for (const signature of bad) {
    const got = await deliver(t, event, signature);
    assert.equal(got.status, 401, signature);
    assert.equal(got.body.reason, "signature_invalid");
  }
  for (
    const junk of [null, [], {}, { ...event, occurred_at: "yesterday" }, { ...event, data: 7 }]
  ) {
    assert.equal((await deliver(t, junk)).status, 400, JSON.stringify(junk));
  }
  assert.equal((await planOf(t, token)).plan, "free");
  assert.equal((await deliver(t, event)).status, 200);
  assert.equal((await planOf(t, token)).plan, "scale");
});

Deno.test("events of unknown kinds and of nobody's sale are taken as read", async () => {
  using t = await setup({ env: PADDLE_ENV });
  const nobody = crypto.randomUUID();
  const at = t.deps.clock();
  const events = [
    paddleEvent("customer.created", { id: "1", at, data: { id: "ctm_1" } }),
    paddleEvent("subscription.created", { id: "2", at, data: sub(nobody, "scale", "active") }),
    paddleEvent("transaction.completed", { id: "3", at, data: transaction(nobody, "100") }),
  ];
  // The second time it is known.
  for (const event of [...events, ...events]) {
    assert.equal((await deliver(t, event)).status, 200);
  }
  assert.equal(t.logs.filter(({ event }) => event === "billing_event_unused").length, 2);
  using off = await setup();
  assert.equal((await deliver(off, events[0])).status, 404);
});

Deno.test("a renewal begins a period of its own, with all of its posts", async () => {
  using t = await setup({ env: PADDLE_ENV });
  const { id, key, token } = await t.tenant("free");
  const renew = async (n: number) => {
    const [from, until] = [START + n * 30 * DAY, START + (n + 1) * 30 * DAY];
    const data = subscriptionData({
      id: "01",
      user: id,
      plan: "starter",
      status: "active",
      from,
      until,
    });
    const event = { id: `n${n}`, at: t.deps.clock(), data };
    await deliver(t, paddleEvent("subscription.updated", event));
    assert.equal((await planOf(t, token)).until, new Date(until).toISOString());
  };
  const create = async () =>
    (await t.api("POST", "/posts", { key, body: { title: "T", content: "x" } })).status;
  for (const n of [0, 1]) {
    await renew(n);
    for (let made = 0; made < 15; made++) assert.equal(await create(), 201);
    assert.equal(await create(), 403);
    t.advance(30 * DAY);
  }
});

Deno.test("a subscription at a price that is not configured takes no plan away, is told to the operator, and ends like any other", async () => {
  using t = await setup({ env: PADDLE_ENV });
  const { id, token } = await t.tenant("free");
  let n = 0;
  const tell = async (plan: string, status: string) => {
    t.advance(1000);
    const event = { id: `u${n++}`, at: t.deps.clock(), data: sub(id, plan, status) };
    assert.equal((await deliver(t, paddleEvent("subscription.updated", event))).status, 200);
    return (await planOf(t, token)).plan;
  };
  const unused = () => t.logs.filter(({ event }) => event === "billing_event_unused").length;
  assert.equal(await tell("creator", "active"), "creator");
  assert.equal(await tell("yearly", "active"), "creator");
  assert.equal(unused(), 1);
  assert.equal(await tell("scale", "active"), "scale");
  assert.equal(await tell("yearly", "paused"), "free");
  assert.equal(unused(), 1);
});

Deno.test("a chargeback takes a pack back, and one that is reversed is for the operator", async () => {
  using t = await setup({ env: PADDLE_ENV });
  const { id, token } = await t.tenant("starter");
  const at = t.deps.clock();
  const tell = async (type: string, event: string, data: Record<string, unknown>) => {
    assert.equal((await deliver(t, paddleEvent(type, { id: event, at, data }))).status, 200);
    return (await planOf(t, token)).packs;
  };
  assert.equal(await tell("transaction.completed", "1", transaction(id, "100")), 100);
  const about = (action: string) => ({ ...refundOf("txn_01"), action });
  assert.equal(await tell("adjustment.created", "2", about("chargeback_warning")), 100);
  assert.equal(await tell("adjustment.created", "3", about("credit")), 100);
  assert.equal(await tell("adjustment.created", "4", about("chargeback")), 0);
  assert.equal(await tell("adjustment.created", "5", about("chargeback_reverse")), 0);
  assert.deepEqual(t.logs.map(({ event, id }) => [event, id]), [["billing_event_unused", "evt_5"]]);
});

Deno.test("a second subscription is not begun beside one that is paid for", async () => {
  const paddle = paddleDouble();
  using t = await setup({ env: PADDLE_ENV });
  t.deps.fetch = (input, init) => paddle.take(new Request(input, init));
  const { id, token } = await t.tenant("free");
  const checkout = () =>
    t.api("POST", "/account/checkout", { key: token, body: { plan: "scale" } });
  let n = 0;
  const tell = async (status: string) => {
    t.advance(1000);
    const event = { id: `c${n++}`, at: t.deps.clock(), data: sub(id, "starter", status) };
    await deliver(t, paddleEvent("subscription.updated", event));
  };
  for (const [status, expected] of [["active", 409], ["past_due", 409], ["canceled", 200]]) {
    await tell(String(status));
    const got = await checkout();
    assert.equal(got.status, expected, String(status));
    if (expected === 409) assert.equal(got.body.reason, "already_subscribed");
  }
  assert.equal(paddle.calls.length, 1);
});

Deno.test("a delivery that moves an account up thaws its blogs before it is answered", async () => {
  using t = await setup({ env: PADDLE_ENV });
  const { id, token } = await t.tenant("creator");
  t.advance(1000);
  await t.api("POST", "/blogs", { key: token, body: { slug: "second", name: "Second" } });
  const frozen = async () => {
    const { body } = await t.api("GET", "/blogs", { key: token });
    return body.data.filter((blog: { frozen: boolean }) => blog.frozen).length;
  };
  const tell = async (status: string) => {
    t.advance(1000);
    const event = { id: status, at: t.deps.clock(), data: sub(id, "creator", status) };
    await deliver(t, paddleEvent("subscription.updated", event));
  };
  await tell("canceled");
  t.advance(30 * DAY);
  await t.runJob("grace_and_freeze");
  assert.equal(await frozen(), 1);
  await tell("active");
  assert.equal(await frozen(), 0);
});

Deno.test("our verdict on a signature is that of Paddle's own SDK", async () => {
  const sdk = new Paddle("key", { environment: Environment.sandbox });
  const secret = "pdl_ntfset_01sdk";
  const body = JSON.stringify(paddleEvent("subscription.activated", {
    id: "1",
    at: Date.now(),
    data: sub("u", "starter", "active"),
  }));
  const now = Date.now();
  const cases = [
    [body, signAsPaddle(body, now, secret)],
    [body, signAsPaddle(body, now, "pdl_ntfset_other")],
    [body.replace("active", "paused"), signAsPaddle(body, now, secret)],
    [body, signAsPaddle(body, now - 3_600_000, secret)],
  ];
  const verdicts: boolean[] = [];
  for (const [text, header] of cases) {
    const theirs = await sdk.webhooks.isSignatureValid(text, secret, header).catch(() => false);
    const ours = isSignedByPaddle(text, header, { secrets: [secret], now });
    assert.equal(ours, theirs, header);
    verdicts.push(ours);
  }
  assert.deepEqual(verdicts, [true, false, false, false]);
});

Deno.test("in a thousand random runs, events that come five times in any order among forged and expired ones end in the right state", async () => {
  using t = await setup({ env: { ...PADDLE_ENV, POSTLARK_LIMIT_SCALE: "1000000" } });
  const plans = ["starter", "creator", "scale"];
  const random = new Random(20_261_121);
  for (let run = 0; run < 1000; run++) {
    const { id, token } = await t.tenant("free");
    const count = 1 + random.below(4);
    const states = Array.from({ length: count }, (_, n) => ({
      plan: random.pick(plans),
      status: random.pick(["active", "past_due", "paused", "canceled"]),
      n,
    }));
    const events = states.map(({ plan, status, n }) =>
      paddleEvent("subscription.updated", {
        id: `${run}s${n}`,
        at: START + n,
        data: sub(id, plan, status, `${run}`),
      })
    );
    const txn = `txn_${run}`;
    const at = START;
    const refunded = random.next() < 0.5;
    const bought = transaction(id, "100", txn);
    events.push(paddleEvent("transaction.completed", { id: `${run}t`, at, data: bought }));
    if (refunded) {
      const data = refundOf(txn);
      events.push(paddleEvent("adjustment.updated", { id: `${run}r`, at, data }));
    }
    const lie = (n: number) =>
      paddleEvent("subscription.updated", {
        id: `${run}x${n}`,
        at: START + 99,
        data: sub(id, "scale", "active", `${run}`),
      });
    const deliveries = events.flatMap((event) => Array(5).fill(() => deliver(t, event)));
    for (const n of [0, 1]) {
      const raw = JSON.stringify(lie(n));
      const forged = signAsPaddle(raw, t.deps.clock(), "pdl_ntfset_01forged");
      const expired = signAsPaddle(raw, t.deps.clock() - 600_000);
      deliveries.push(() => deliver(t, lie(n), forged), () => deliver(t, lie(n), expired));
    }
    const answers = [];
    for (const go of random.shuffle(deliveries)) answers.push((await go()).status);
    assert.equal(answers.filter((status) => status === 401).length, 4);
    assert.equal(answers.filter((status) => status === 200).length, events.length * 5);
    const last = states.at(-1)!;
    const entitled = last.status === "active" || last.status === "past_due";
    const seen = await planOf(t, token);
    assert.equal(seen.plan, entitled ? last.plan : "free", JSON.stringify(states));
    assert.equal(seen.packs, refunded ? 0 : 100);
  }
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});
