import type { Service } from "../../_setup.ts";
import { saleOf, signAsPaddle, subscriptionData } from "../../support/paddle.ts";

const DAY = 86_400_000;
/** When every service under test begins. */
export const START = Date.parse("2026-03-24T10:00:00Z");

/** Delivers an event, signed as told. */
export function deliver(t: Service, event: unknown, signature?: string) {
  const raw = JSON.stringify(event);
  const header = signature ?? signAsPaddle(raw, t.deps.clock());
  return t.send("POST", "http://localhost:8000/hooks/paddle", {
    raw,
    headers: { "paddle-signature": header, "content-type": "application/json" },
  });
}

/** What an account has by now. */
export async function planOf(t: Service, key: string) {
  const { body } = await t.api("GET", "/account/usage", { key });
  return { plan: body.plan, packs: body.packs.remaining, until: body.posts.period_end };
}

/** A subscription of a month. */
export function sub(user: string, plan: string, status: string, id = "01") {
  return subscriptionData({ id, user, plan, status, from: START, until: START + 30 * DAY });
}

/** A paid pack. */
export function transaction(user: string, pack: string, id = "txn_01") {
  return {
    id,
    status: "completed",
    customer_id: `ctm_${user}`,
    custom_data: saleOf(user),
    items: [{ quantity: 1, price: { id: `pri_${pack}` } }],
  };
}

/** An approved refund. */
export function refundOf(id: string, type = "full") {
  return { id: `adj_${id}`, action: "refund", status: "approved", type, transaction_id: id };
}
