import { type Ctx, type Deps, upgradeUrl } from "../ctx.ts";
import { AppError } from "../kit/errors.ts";
import { PLAN_NAMES, type PlanName } from "../kit/config.ts";
import type { Key, Tx } from "../kit/kv.ts";

/** What a plan may have beyond its numbers. */
export type Feature =
  | "custom_domain"
  | "indexing"
  | "analytics"
  | "custom_css"
  | "ad_slot"
  | "packs"
  | "scheduling"
  | "advanced_analytics"
  | "owner_html"
  | "no_badge"
  | "webhooks"
  | "post_llms_txt"
  | "white_label"
  | "full_html"
  | "bulk"
  | "title_patterns";

type Plan = {
  title: string;
  /** blogs at a time */
  blogs: number;
  /** posts that exist at a time */
  posts: number;
  /** posts created in a calendar month, UTC */
  monthlyPosts: number;
  /** bytes of media */
  storage: number;
  features: Feature[];
};

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

const STARTER: Feature[] = [
  "custom_domain",
  "indexing",
  "analytics",
  "custom_css",
  "ad_slot",
  "packs",
];
const CREATOR: Feature[] = [
  ...STARTER,
  "scheduling",
  "advanced_analytics",
  "owner_html",
  "no_badge",
  "webhooks",
  "post_llms_txt",
];
const SCALE: Feature[] = [...CREATOR, "white_label", "full_html", "bulk", "title_patterns"];

/** Every plan of the reference; all gates ask this table. */
export const PLANS: Record<PlanName, Plan> = {
  free: {
    title: "Free",
    blogs: 1,
    posts: 10,
    monthlyPosts: Infinity,
    storage: 50 * MIB,
    features: [],
  },
  starter: {
    title: "Starter",
    blogs: 1,
    posts: Infinity,
    monthlyPosts: 15,
    storage: GIB,
    features: STARTER,
  },
  creator: {
    title: "Creator",
    blogs: 3,
    posts: Infinity,
    monthlyPosts: 50,
    storage: 5 * GIB,
    features: CREATOR,
  },
  scale: {
    title: "Scale",
    blogs: 5,
    posts: Infinity,
    monthlyPosts: Infinity,
    storage: 25 * GIB,
    features: SCALE,
  },
  enterprise: {
    title: "Enterprise",
    blogs: Infinity,
    posts: Infinity,
    monthlyPosts: Infinity,
    storage: 100 * GIB,
    features: SCALE,
  },
};

/**
 * What an account may do, by `plan` at once; what it shows goes by `former` while the grace after a downgrade
 * lasts. `rev` changes with either, and pages that were built under another are rebuilt. Times in
 * milliseconds; `period` is the subscription's own, `suspendedAt` when the operator took the account offline.
 */
export type PlanRow = {
  plan: PlanName;
  rev: string;
  former: PlanName | null;
  graceUntil: number | null;
  suspendedAt: number | null;
  period: { start: number; end: number } | null;
};

/** The plan by which pages, themes and domains are shown. */
export function shownPlan(row: PlanRow): PlanName {
  return row.former ?? row.plan;
}

/** The row of a new account. */
export function newPlan(plan: PlanName, rev: string): PlanRow {
  return { plan, rev, former: null, graceUntil: null, suspendedAt: null, period: null };
}

/** Where an account's plan is. */
export function planKey(user: string): Key {
  return ["plan", user];
}

/** The lowest plan that has a feature. */
export function planWith(feature: Feature): string {
  return PLANS[PLAN_NAMES.find((name) => PLANS[name].features.includes(feature))!].title;
}

/** Throws 403 with `upgrade_url` where the plan, as of this commit, lacks the feature; `what` begins the sentence. */
export async function requireFeature(
  tx: Tx,
  ctx: Ctx,
  gate: { user: string; feature: Feature; what: string },
): Promise<void> {
  const row = await tx.get<PlanRow>(planKey(gate.user));
  if (row && PLANS[row.plan].features.includes(gate.feature)) return;
  throw refusal(ctx.deps, gate.feature, gate.what);
}

/** The 403 of a gate. */
export function refusal(deps: Deps, feature: Feature, what: string): AppError {
  return new AppError("plan_required", {
    message: `${what} requires the ${planWith(feature)} plan or above.`,
    upgradeUrl: upgradeUrl(deps),
  });
}

/** Gives an account its plan in the caller's commit. */
export function stagePlan(tx: Tx, user: string, row: PlanRow): void {
  tx.set(planKey(user), row);
}
