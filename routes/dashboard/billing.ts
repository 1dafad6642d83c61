import { Hono } from "hono";
import type { Deps } from "../../lib/ctx.ts";
import { AppError } from "../../lib/kit/errors.ts";
import { randomHex } from "../../lib/kit/ids.ts";
import { type Purchase, PurchaseInput, purchasePack } from "../../lib/account/billing/mod.ts";
import { getUsage, type Usage } from "../../lib/account/usage.ts";
import {
  getBalance,
  listMovements,
  type Movement,
  PACK_PRICES,
  type PackType,
} from "../../lib/metering/packs.ts";
import { type Feature, PLANS, planWith } from "../../lib/metering/plans.ts";
import { type Billing, billingMain, type Gauge, sayBytes } from "../../render/dashboard/mod.ts";
import type { Env } from "../_admit.ts";
import { judgeIdempotencyKey } from "../_idempotency.ts";
import { validate } from "../_input.ts";
import { route } from "../_operation.ts";
import { goTo } from "../auth/_visit.ts";
import { FEATURE_WORDS } from "../auth/upgrade.ts";
import { purchase } from "../v1/packs.ts";
import { carryOutOnce } from "./_once.ts";
import { faultsOf, freshCtx, type Page, page, send } from "./_page.ts";

const PER_PAGE = 20;
const TYPES = Object.keys(PACK_PRICES) as PackType[];
// What readers see of a plan, which a downgrade leaves for a while.
const SHOWN = new Set<Feature>([
  ...["custom_domain", "indexing", "custom_css", "ad_slot", "owner_html", "no_badge"] as const,
  ...["webhooks", "post_llms_txt", "white_label", "full_html"] as const,
]);

/** The account's plan, what it has used of it, its packs and their ledger. */
export function billingRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.get("/app/billing", page(env, (page) => showBilling(page, null)));
  app.post("/app/billing/packs", page(env, buyPack, { away: isSold(env.deps) }));
  return app;
}

async function buyPack(page: Page): Promise<Response> {
  let bought: Purchase;
  try {
    const value = { pack_type: page.fields.get("pack_type") ?? "" };
    const { body } = validate({ body: { schema: PurchaseInput, value } });
    bought = await purchaseOnce(page, body as PurchaseInput);
  } catch (error) {
    const { faults, status } = faultsOf(error);
    return await showBilling(page, { fault: Object.values(faults).join(" "), status });
  }
  const { checkout_url, pack_type } = bought;
  const to = checkout_url === null ? `/app/billing?done=${pack_type}` : new URL(checkout_url);
  return goTo(page.visit, to);
}

/** Buys what a form offers, once however often it is sent. */
async function purchaseOnce(page: Page, input: PurchaseInput): Promise<Purchase> {
  const key = judgeIdempotencyKey(page.fields.get("idempotency_key"));
  const { pathname: path } = page.visit.url;
  const body = new TextEncoder().encode(JSON.stringify(input));
  const keyed = key === null ? null : { key, path, body };
  const once = route(purchase, ({ ctx }) => purchasePack(ctx, input));
  const answer = await carryOutOnce(once, () => freshCtx(page), keyed);
  return answer.body as Purchase;
}

async function showBilling(
  page: Page,
  refused: { fault: string; status: number } | null,
): Promise<Response> {
  const { ctx, visit: { url } } = page;
  const [usage, { packs, total_remaining }, ledger] = await Promise.all([
    getUsage(freshCtx(page)),
    getBalance(freshCtx(page)),
    readLedger(page),
  ]);
  const offer = offerOf(ctx.deps, usage);
  const main = billingMain({
    now: ctx.now,
    plan: PLANS[usage.plan].title,
    plans: ctx.deps.config.billing === "paddle"
      ? "A plan is chosen, and paid, on the page that compares them; to change or end one that you pay for, ask this server's operator."
      : "Plans are not sold on this server: to change yours, ask its operator.",
    grace: graceOf(usage),
    gauges: gaugesOf(usage),
    packs,
    remaining: total_remaining,
    offer,
    ledger,
  });
  const done = TYPES.find((type) => type === url.searchParams.get("done"));
  return send(page, {
    ...{ title: "Billing", tab: "/billing", main, fault: refused?.fault },
    said: refused || !done ? null : `A pack of ${done} posts is credited.`,
    policy: { away: isSold(ctx.deps) },
  }, { status: refused?.status });
}

/** A page of the movements; the first where the address names none. */
async function readLedger(page: Page): Promise<Billing["ledger"]> {
  const cursor = page.visit.url.searchParams.get("cursor") ?? "";
  const shown = ({ data, next_cursor }: { data: Movement[]; next_cursor: string | null }) => (
    { movements: data, next: next_cursor }
  );
  const query = { limit: PER_PAGE };
  const first = async () => ({ ...shown(await listMovements(freshCtx(page), query)), first: true });
  if (!cursor) return await first();
  try {
    const found = await listMovements(freshCtx(page), { ...query, cursor });
    return { ...shown(found), first: false };
  } catch (error) {
    if (error instanceof AppError && error.reason === "cursor_malformed") return await first();
    throw error;
  }
}

// What is sold is paid at the provider's site.
function isSold({ config }: Deps): boolean {
  return config.billing === "paddle";
}

function offerOf({ config }: Deps, { plan }: Usage): Billing["offer"] {
  const none = (says: string) => ({ packs: [], says });
  const sold = TYPES.filter((type) => config.paddle?.prices.has(type) ?? true);
  if (config.billing === "off" || sold.length === 0) {
    return none("Packs are not sold on this server.");
  }
  if (!PLANS[plan].features.includes("packs")) {
    return none(`Buying packs requires the ${planWith("packs")} plan or above.`);
  }
  return {
    packs: sold.map((type) => ({ type, price: `$${PACK_PRICES[type]}`, once: randomHex(16) })),
    says: config.billing === "paddle"
      ? "You pay at our payment provider; the pack is there once it is paid."
      : "No payment provider is set up on this server: a pack is credited at once, and nothing is charged here.",
  };
}

function graceOf({ grace, plan, blogs }: Usage): Billing["grace"] {
  if (!grace) return null;
  const kept = new Set(PLANS[plan].features);
  const lost = PLANS[grace.plan].features.filter((one) => SHOWN.has(one) && !kept.has(one));
  const over = blogs.limit === null ? 0 : blogs.used - blogs.limit;
  return {
    until: grace.until,
    plan: PLANS[grace.plan].title,
    ends: [
      ...lost.map((feature) => FEATURE_WORDS[feature]),
      ...over > 0
        ? [`Changes to your newest ${over === 1 ? "blog" : `${over} blogs`}, which will be frozen`]
        : [],
    ],
  };
}

function gaugesOf({ posts, blogs, storage, requests }: Usage): Gauge[] {
  const whole = (n: number) => n.toLocaleString("en");
  const gauge = (
    name: string,
    { used, limit, say = whole, warns = true, anew = null }: {
      used: number;
      limit: number | null;
      say?: (n: number) => string;
      warns?: boolean;
      anew?: string | null;
    },
  ): Gauge => ({
    ...{ name, used, limit, warns, anew },
    says: limit === null ? `${say(used)}, without a limit` : `${say(used)} of ${say(limit)}`,
  });
  return [
    gauge(posts.period_end ? "Posts created this period" : "Posts", {
      ...{ used: posts.used, limit: posts.limit, anew: posts.period_end },
    }),
    gauge("Blogs", { ...blogs, warns: false }),
    gauge("Media", { used: storage.used_bytes, limit: storage.limit_bytes, say: sayBytes }),
    gauge("API requests this hour", {
      ...{ used: requests.used, limit: requests.limit },
      anew: new Date(requests.reset * 1000).toISOString(),
    }),
  ];
}
