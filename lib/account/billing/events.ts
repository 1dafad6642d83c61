import { z } from "@hono/zod-openapi";
import type { Deps } from "../../ctx.ts";
import { PLAN_NAMES, type PlanName } from "../../kit/config.ts";
import { invalid } from "../../kit/errors.ts";
import { isUuid } from "../../kit/ids.ts";
import { type Key, transact, type Tx } from "../../kit/kv.ts";
import { planKey } from "../../metering/plans.ts";
import { PACK_PRICES, stagePackGrant, stagePackRefund } from "../../metering/packs.ts";
import { settleAccount, stagePlanChange } from "../plan_changes.ts";
import { cancelSubscription, userOfSale } from "./paddle.ts";

// Longer than Paddle repeats a delivery.
const KEPT_EVENT = 90 * 86_400_000;
const KEPT_SUBSCRIPTIONS = 50;
// While a payment is late, Paddle still tries to collect it.
const ENTITLED = new Set(["active", "trialing", "past_due"]);

/**
 * A subscription as its newest event tells it; `at` sorts as its time does. `plan` is null where it gives
 * none (any more), or one that has no price here; `period` in milliseconds.
 */
export type SubscriptionRow = {
  at: string;
  status: string;
  plan: PlanName | null;
  period: { start: number; end: number } | null;
};

/** Where a delivered event is remembered. */
export function eventKey(id: string): Key {
  return ["billed", id];
}
/** An account at the provider: its customers there, and its subscriptions by their ids there. */
export type BillingRow = {
  customers: string[];
  subscriptions: Record<string, SubscriptionRow>;
};

/** Whether an account has a subscription that is paid for, or being paid. */
export function isSubscribed(row: BillingRow | null): boolean {
  return Object.values(row?.subscriptions ?? {}).some(({ status }) => ENTITLED.has(status));
}
/** Where what the provider tells of an account is. */
export function billingKey(user: string): Key {
  return ["billing", user];
}
/** Whose a subscription at the provider is. */
export function subscriptionKey(id: string): Key {
  return ["subscription", id];
}
/** Whose a customer of Paddle's is. */
export function customerKey(id: string): Key {
  return ["customer", id];
}

const id = z.string().min(1).max(100);
const items = z.array(z.object({
  price: z.object({ id }),
  quantity: z.int().min(1).max(1000).default(1),
}));
const customData = z.object({
  postlark_user: z.string().optional(),
  postlark_tag: z.string().optional(),
}).nullish().catch(null);
const envelope = z.object({ event_id: id, event_type: id, occurred_at: z.string() });
const subscription = z.object({
  id,
  status: id,
  customer_id: id,
  custom_data: customData,
  items,
  current_billing_period: z.object({
    starts_at: z.iso.datetime({ offset: true }),
    ends_at: z.iso.datetime({ offset: true }),
  }).nullish(),
});
const transaction = z.object({ id, customer_id: id.nullish(), custom_data: customData, items });
const adjustment = z.object({
  transaction_id: id,
  action: id,
  status: id,
  type: z.string().optional(),
});

type Event = z.infer<typeof envelope> & { data: unknown };
// Whether an event was of use, or an operator should look; and whose plan it may have changed.
type Outcome = { used: boolean; user?: string };
// What it does in the commit that remembers it.
type Apply = (tx: Tx, deps: Deps, event: Event) => Promise<Outcome>;

const HANDLERS: [RegExp, Apply][] = [
  [/^subscription\./, applySubscription],
  [/^transaction\.completed$/, applyTransaction],
  [/^adjustment\.(created|updated)$/, applyAdjustment],
];

/** Carries out a delivered event, once however often and in whatever order they come; what we do not use is taken as read. */
export async function takeEvent(deps: Deps, payload: unknown): Promise<{ received: true }> {
  const event = { ...judge(envelope, payload), data: Object(payload).data };
  const apply = HANDLERS.find(([types]) => types.test(event.event_type))?.[1];
  if (!apply) return { received: true };
  const { used, user } = await transact(deps.store, async (tx): Promise<Outcome> => {
    if (await tx.get(eventKey(event.event_id)) !== null) return { used: true };
    tx.set(eventKey(event.event_id), deps.clock(), { expireIn: KEPT_EVENT });
    return await apply(tx, deps, event);
  });
  const { event_id, event_type } = event;
  if (!used) deps.log({ event: "billing_event_unused", id: event_id, type: event_type });
  // What fails of it, the job takes up.
  if (user) {
    await settleAccount(deps, user).catch((error) => {
      deps.log({ event: "settle_failed", user, error: String(error) });
    });
  }
  return { received: true };
}

async function applySubscription(tx: Tx, deps: Deps, event: Event): Promise<Outcome> {
  const data = judge(subscription, event.data);
  const user = await findUser(tx, deps, { ...data, subscription: data.id });
  if (!user) {
    stageForsaken(tx, deps, data);
    return { used: false };
  }
  const billing = await readBilling(tx, user, data.customer_id);
  const known = billing.subscriptions;
  const at = `${sortable(event.occurred_at)} ${event.event_id}`;
  // An event that was overtaken tells nothing new.
  if (known[data.id] && known[data.id].at >= at) return { used: true };
  const { current_billing_period: span } = data;
  const entitled = ENTITLED.has(data.status);
  const row: SubscriptionRow = {
    at,
    status: data.status,
    plan: entitled ? planOf(deps, data.items) : null,
    period: span ? { start: Date.parse(span.starts_at), end: Date.parse(span.ends_at) } : null,
  };
  const all = { ...known, [data.id]: row };
  tx.set(billingKey(user), { ...billing, subscriptions: firstOf(all) } satisfies BillingRow);
  // Paid for, and at a price that we do not know: nothing is taken away for that.
  if (entitled && row.plan === null) return { used: false };
  const best =
    Object.values(all).filter((one) => one.plan !== null).toSorted((a, b) =>
      PLAN_NAMES.indexOf(b.plan!) - PLAN_NAMES.indexOf(a.plan!) || (a.at < b.at ? 1 : -1)
    )[0];
  await stagePlanChange(tx, deps, {
    user,
    plan: best?.plan ?? "free",
    period: best?.period ?? null,
  });
  return { used: true, user };
}

// One that was paid when its account was gone would go on charging.
function stageForsaken(tx: Tx, deps: Deps, data: z.infer<typeof subscription>): void {
  if (!ENTITLED.has(data.status) || !userOfSale(deps, data.custom_data)) return;
  tx.afterCommit.push(() => {
    cancelSubscription(deps, data.id).catch((error) => {
      deps.log({ event: "cancel_failed", subscription: data.id, error: String(error) });
    });
  });
}

async function applyTransaction(tx: Tx, deps: Deps, event: Event): Promise<Outcome> {
  const data = judge(transaction, event.data);
  const user = await findUser(tx, deps, data);
  if (!user) return { used: false };
  const sizes = data.items.map(({ price, quantity }) => packOf(deps, price.id) * quantity);
  const size = sizes.reduce((sum, one) => sum + one, 0);
  // The plan follows from the subscription's own events.
  if (!size) return { used: true };
  await stagePackGrant(tx, { user, size, ref: refOf(data.id), now: deps.clock() });
  return { used: true };
}

async function applyAdjustment(tx: Tx, deps: Deps, event: Event): Promise<Outcome> {
  const { action, status, type, transaction_id } = judge(adjustment, event.data);
  // A refund that is taken back, or of a part of the price, says nothing of how many posts: the operator decides.
  if (action === "chargeback_reverse") return { used: false };
  const taken = action === "refund" || action === "chargeback";
  if (!taken || status !== "approved") return { used: true };
  if (type === "partial") return { used: false };
  await stagePackRefund(tx, deps, { ref: refOf(transaction_id), now: deps.clock() });
  return { used: true };
}

type Bought = {
  customer_id?: string | null;
  custom_data?: z.infer<typeof customData>;
  subscription?: string;
};

/**
 * The account of a sale: that which its subscription has, which began its checkout, or whose its customer
 * is, the first that is known; null where there is none. What was known first stays.
 */
async function findUser(tx: Tx, deps: Deps, bought: Bought): Promise<string | null> {
  const { customer_id, custom_data, subscription } = bought;
  const keys = [
    subscription ? subscriptionKey(subscription) : null,
    customer_id ? customerKey(customer_id) : null,
  ];
  const [ofSubscription, ofCustomer] = await Promise.all(
    keys.map((key) => key && tx.get<string>(key)),
  );
  const user = ofSubscription ?? userOfSale(deps, custom_data) ?? ofCustomer;
  if (!user || !isUuid(user) || !await tx.get(planKey(user))) return null;
  if (keys[0] && !ofSubscription) tx.set(keys[0], user);
  if (keys[1] && !ofCustomer) {
    tx.set(keys[1], user);
    tx.set(billingKey(user), await readBilling(tx, user, customer_id!));
  }
  return user;
}

async function readBilling(tx: Tx, user: string, customer: string): Promise<BillingRow> {
  const row = await tx.get<BillingRow>(billingKey(user));
  const { customers, subscriptions } = row ?? { customers: [], subscriptions: {} };
  return { customers: [...new Set([...customers, customer])], subscriptions };
}

function planOf(deps: Deps, list: z.infer<typeof items>): PlanName | null {
  const { prices } = deps.config.paddle!;
  const bought = list.map(({ price }) => price.id);
  return PLAN_NAMES.findLast((plan) => bought.includes(prices.get(plan) ?? "")) ?? null;
}

function packOf(deps: Deps, price: string): number {
  const { prices } = deps.config.paddle!;
  return Number(Object.keys(PACK_PRICES).find((type) => prices.get(type) === price) ?? 0);
}

function refOf(transactionId: string): string {
  return `paddle:${transactionId}`;
}

/** Instants of any number of fractional digits as text that sorts as they do. */
function sortable(instant: string): string {
  const [, whole, fraction] = /^([\d-]+T[\d:]+)(?:\.(\d{1,9}))?(?:Z|\+00:00)$/.exec(instant) ?? [];
  if (!whole) throw invalid([{ path: "occurred_at", message: "occurred_at must be in UTC" }]);
  return `${whole}.${(fraction ?? "").padEnd(9, "0")}`;
}

// Those that are paid for, then those that were told of last.
function firstOf(rows: Record<string, SubscriptionRow>): Record<string, SubscriptionRow> {
  const paid = ({ status }: SubscriptionRow) => Number(ENTITLED.has(status));
  const sorted = Object.entries(rows).toSorted(([, a], [, b]) => (
    paid(b) - paid(a) || (a.at < b.at ? 1 : -1)
  ));
  return Object.fromEntries(sorted.slice(0, KEPT_SUBSCRIPTIONS));
}

function judge<T>(schema: z.ZodType<T>, value: unknown): T {
  const judged = schema.safeParse(value);
  if (judged.success) return judged.data;
  throw invalid(judged.error.issues.map(({ path, message }) => (
    { path: path.join("."), message }
  )));
}
