import { createHmac } from "node:crypto";
import { Keyring } from "../../lib/kit/crypto.ts";
import { saleData } from "../../lib/account/billing/paddle.ts";
import { TEST_SECRET } from "../_setup.ts";

type Call = { path: string; body: Record<string, unknown> };

/** What a service needs to sell through the double. */
export const PADDLE_ENV = {
  POSTLARK_BILLING: "paddle",
  POSTLARK_PADDLE_API_KEY: "pdl_live_apikey_01test",
  POSTLARK_PADDLE_WEBHOOK_SECRET: "pdl_ntfset_01old, pdl_ntfset_01new",
  POSTLARK_PADDLE_PRICES:
    "starter=pri_starter,creator=pri_creator,scale=pri_scale,100=pri_100,300=pri_300",
};
const SECRET = "pdl_ntfset_01new";

/** What a checkout that an account began gives its events, under the secret that tests use. */
export function saleOf(user: string) {
  return saleData(new Keyring(TEST_SECRET), user);
}

/** The `Paddle-Signature` of a body, as Paddle's documentation makes it; `at` in milliseconds. */
export function signAsPaddle(body: string, at: number, secret = SECRET): string {
  const ts = Math.floor(at / 1000);
  const h1 = createHmac("sha256", secret).update(`${ts}:${body}`).digest("hex");
  return `ts=${ts};h1=${h1}`;
}

/** Answers as Paddle's API does for what we call of it. */
export function paddleDouble() {
  const calls: Call[] = [];
  const state = { down: false, checkout: true, canceled: new Set<string>() };

  async function take(request: Request): Promise<Response> {
    const body = request.body ? await request.json() : {};
    const path = new URL(request.url).pathname;
    if (state.down) return refusal(503, "service_unavailable");
    if (request.headers.get("authorization") !== `Bearer ${PADDLE_ENV.POSTLARK_PADDLE_API_KEY}`) {
      return refusal(403, "forbidden");
    }
    calls.push({ path, body });
    if (path === "/transactions") return createTransaction(body);
    const [, id] = /^\/subscriptions\/(sub_\w+)\/cancel$/.exec(path) ?? [];
    if (!id) return refusal(404, "not_found");
    if (state.canceled.has(id)) return refusal(400, "subscription_is_canceled_action_invalid");
    state.canceled.add(id);
    return answer({ id, status: "canceled" });
  }

  function createTransaction({ items, custom_data }: Record<string, unknown>): Response {
    const list = items as { price_id?: string; quantity?: number }[] | undefined;
    if (!list?.length || !list.every(({ price_id }) => /^pri_/.test(price_id ?? ""))) {
      return refusal(400, "bad_request");
    }
    const id = `txn_${String(calls.length).padStart(26, "0")}`;
    const url = `https://pay.example/checkout?_ptxn=${id}`;
    return answer({
      id,
      status: "ready",
      custom_data,
      items: list.map(({ price_id, quantity }) => ({ price: { id: price_id }, quantity })),
      checkout: { url: state.checkout ? url : null },
    }, 201);
  }

  return { take, calls, state };
}

/** The same on a port of loopback. */
export function startPaddle() {
  const double = paddleDouble();
  const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
  const server = Deno.serve(options, double.take);
  return {
    ...double,
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function answer(data: unknown, status = 200): Response {
  return Response.json({ data, meta: { request_id: crypto.randomUUID() } }, { status });
}

function refusal(status: number, code: string): Response {
  const error = {
    type: status < 500 ? "request_error" : "api_error",
    code,
    detail: `Refused: ${code}.`,
    documentation_url: `https://developer.paddle.com/errors/shared/${code}`,
  };
  return Response.json({ error, meta: { request_id: crypto.randomUUID() } }, { status });
}

/** A notification as Paddle delivers it. */
export function paddleEvent(
  type: string,
  event: { id: string; at: number; data: Record<string, unknown> },
) {
  return {
    event_id: `evt_${event.id}`,
    event_type: type,
    // Paddle's instants have six digits.
    occurred_at: new Date(event.at).toISOString().replace("Z", "000Z"),
    notification_id: `ntf_${event.id}`,
    data: event.data,
  };
}

/** A subscription as its events carry it. */
export function subscriptionData(
  sub: { id: string; user: string; plan: string; status: string; from: number; until: number },
) {
  return {
    id: `sub_${sub.id}`,
    status: sub.status,
    customer_id: `ctm_${sub.user}`,
    address_id: "add_01",
    currency_code: "USD",
    created_at: "2026-03-01T00:00:00.000000Z",
    updated_at: "2026-03-01T00:00:00.000000Z",
    billing_cycle: { interval: "month", frequency: 1 },
    collection_mode: "automatic",
    custom_data: saleOf(sub.user),
    items: [{ status: "active", quantity: 1, price: { id: `pri_${sub.plan}` } }],
    current_billing_period: sub.status === "canceled" ? null : {
      starts_at: new Date(sub.from).toISOString(),
      ends_at: new Date(sub.until).toISOString(),
    },
    scheduled_change: null,
  };
}
