import { z } from "@hono/zod-openapi";
import type { Deps } from "../../ctx.ts";
import { PLAN_NAMES, type PlanName } from "../../kit/config.ts";
import { invalid } from "../../kit/errors.ts";
import { isUuid } from "../../kit/ids.ts";
import { type Key, transact, type Tx } from "../../kit/kv.ts";
import { planKey } from "../../metering/plans.ts";
import { PACK_PRICES, stagePackGrant, stagePackRefund } from "../../metering/packs.ts";
import { settleAccount, stagePlanChange } from "../plan_changes.ts";

// Longer than Paddle repeats a delivery.
const KEPT_EVENT = 90 * 86_400_000;
const KEPT_SUBSCRIPTIONS = 50;
// While a payment is late, Paddle still tries to collect it.
const ENTITLED = new Set(["active", "trialing", "past_due"]);

/**
 * A subscription as its newest event tells it; `at` sorts as its time does. `plan` is null where it gives
 * none (any more), `period` in milliseconds.
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

/** Where what the provider tells of an account is. */
export function billingKey(user: string): Key {
  return ["billing", user];
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
const customData = z.object({ postlark_user: z.string().optional() }).nullish();
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
// What an event does in the commit that remembers it; false where an operator should look.
type Apply = (tx: Tx, deps: Deps, event: Event) => Promise<boolean>;

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
  const used = await transact(deps.store, async (tx) => {
    if (await tx.get(eventKey(event.event_id)) !== null) return true;
    tx.set(eventKey(event.event_id), deps.clock(), { expireIn: KEPT_EVENT });
    return await apply(tx, deps, event);
  });
  const { event_id, event_type } = event;
  if (!used) deps.log({ event: "billing_event_unused", id: event_id, type: event_type });
  return { received: true };
}

async function applySubscription(tx: Tx, deps: Deps, event: Event): Promise<boolean> {
  const data = judge(subscription, event.data);
  const user = await findUser(tx, data);
  if (!user) return false;
  const billing = await readBilling(tx, user, data.customer_id);
  const known = billing.subscriptions;
  const at = `${sortable(event.occurred_at)} ${event.event_id}`;
  // An event that was overtaken tells nothing new.
  if (known[data.id] && known[data.id].at >= at) return true;
  const { current_billing_period: span } = data;
  const row: SubscriptionRow = {
    at,
    status: data.status,
    plan: ENTITLED.has(data.status) ? planOf(deps, data.items) : null,
    period: span ? { start: Date.parse(span.starts_at), end: Date.parse(span.ends_at) } : null,
  };
  const all = { ...known, [data.id]: row };
  tx.set(billingKey(user), { ...billing, subscriptions: newest(all) } satisfies BillingRow);
  const best =
    Object.values(all).filter((one) => one.plan !== null).toSorted((a, b) =>
      PLAN_NAMES.indexOf(b.plan!) - PLAN_NAMES.indexOf(a.plan!) || (a.at < b.at ? 1 : -1)
    )[0];
  await stagePlanChange(tx, deps, {
    user,
    plan: best?.plan ?? "free",
    period: best?.period ?? null,
  });
  tx.afterCommit.push(() => {
    settleAccount(deps, user).catch((error) => {
      deps.log({ event: "settle_failed", user, error: String(error) });
    });
  });
  return true;
}

async function applyTransaction(tx: Tx, deps: Deps, event: Event): Promise<boolean> {
  const data = judge(transaction, event.data);
  const user = await findUser(tx, data);
  if (!user) return false;
  const sizes = data.items.map(({ price, quantity }) => packOf(deps, price.id) * quantity);
  const size = sizes.reduce((sum, one) => sum + one, 0);
  // The plan follows from the subscription's own events.
  if (!size) return true;
  await stagePackGrant(tx, { user, size, ref: refOf(data.id), now: deps.clock() });
  return true;
}

async function applyAdjustment(tx: Tx, deps: Deps, event: Event): Promise<boolean> {
  const data = judge(adjustment, event.data);
  const taken = data.action === "refund" || data.action === "chargeback";
  if (!taken || data.status !== "approved") return true;
  // A part of the price says nothing of how many posts it is for: the operator decides.
  if (data.type === "partial") return false;
  await stagePackRefund(tx, deps, { ref: refOf(data.transaction_id), now: deps.clock() });
  return true;
}

type Customer = { customer_id?: string | null; custom_data?: z.infer<typeof customData> };

/** The account that a sale was begun for, or that its customer is known to be; null where neither exists. */
async function findUser(tx: Tx, { customer_id, custom_data }: Customer): Promise<string | null> {
  const key = customer_id ? customerKey(customer_id) : null;
  const known = key ? await tx.get<string>(key) : null;
  const user = custom_data?.postlark_user ?? known;
  if (!user || !isUuid(user) || !await tx.get(planKey(user))) return null;
  if (key && known !== user) {
    tx.set(key, user);
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

function newest(rows: Record<string, SubscriptionRow>): Record<string, SubscriptionRow> {
  const sorted = Object.entries(rows).toSorted(([, a], [, b]) => a.at < b.at ? 1 : -1);
  return Object.fromEntries(sorted.slice(0, KEPT_SUBSCRIPTIONS));
}

function judge<T>(schema: z.ZodType<T>, value: unknown): T {
  const judged = schema.safeParse(value);
  if (judged.success) return judged.data;
  throw invalid(judged.error.issues.map(({ path, message }) => (
    { path: path.join("."), message }
  )));
}
