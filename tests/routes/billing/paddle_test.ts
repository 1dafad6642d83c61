import assert from "node:assert/strict";
import { Environment, Paddle } from "@paddle/paddle-node-sdk";
import { type Service, setup } from "../../_setup.ts";
import { isSignedByPaddle } from "../../../lib/account/billing/signature.ts";
import { checkStore } from "../../../lib/operator/check/mod.ts";
import {
  PADDLE_ENV,
  paddleEvent,
  signAsPaddle,
  startPaddle,
  subscriptionData,
} from "../../support/paddle.ts";
import { Random } from "../../support/random.ts";

const DAY = 86_400_000;
const START = Date.parse("2026-03-24T10:00:00Z");

/** Delivers an event, signed as told. */
function deliver(t: Service, event: unknown, signature?: string) {
  const raw = JSON.stringify(event);
  const header = signature ?? signAsPaddle(raw, t.deps.clock());
  return t.send("POST", "http://localhost:8000/hooks/paddle", {
    raw,
    headers: { "paddle-signature": header, "content-type": "application/json" },
  });
}

async function planOf(t: Service, key: string) {
  const { body } = await t.api("GET", "/account/usage", { key });
  return { plan: body.plan, packs: body.packs.remaining, until: body.posts.period_end };
}

function sub(user: string, plan: string, status: string, id = "01") {
  return subscriptionData({ id, user, plan, status, from: START, until: START + 30 * DAY });
}

function transaction(user: string, pack: string, id = "txn_01") {
  return {
    id,
    status: "completed",
    customer_id: `ctm_${user}`,
    custom_data: { postlark_user: user },
    items: [{ quantity: 1, price: { id: `pri_${pack}` } }],
  };
}

function refundOf(id: string, type = "full") {
  return { id: `adj_${id}`, action: "refund", status: "approved", type, transaction_id: id };
}

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
      custom_data: { postlark_user: id, postlark_sale: "300" },
    },
    {
      items: [{ price_id: "pri_creator", quantity: 1 }],
      custom_data: { postlark_user: id, postlark_sale: "creator" },
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
  for (const event of events) assert.equal((await deliver(t, event)).status, 200);
  assert.equal(t.logs.filter(({ event }) => event === "billing_event_unused").length, 2);
  using off = await setup();
  assert.equal((await deliver(off, events[0])).status, 404);
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
