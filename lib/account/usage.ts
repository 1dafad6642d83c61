import { z } from "@hono/zod-openapi";
import { type Ctx, requireScope } from "../ctx.ts";
import { PLAN_NAMES } from "../kit/config.ts";
import { AppError } from "../kit/errors.ts";
import { iso } from "../kit/input.ts";
import { counted } from "../kit/page.ts";
import { planKey, type PlanRow, PLANS } from "../metering/plans.ts";
import {
  countKey,
  createdKey,
  packBalance,
  periodAt,
  quotaKey,
  type QuotaRow,
  usedSince,
} from "../metering/quotas.ts";
import { userWindowKey, type Window, windowAt } from "../metering/rate_limit.ts";

const count = z.int().min(0);
const limit = count.nullable().openapi({ description: "null: no limit.", example: 15 });
export const Usage = z.object({
  plan: z.enum(PLAN_NAMES),
  grace: z.object({
    plan: z.enum(PLAN_NAMES),
    until: z.iso.datetime(),
  }).nullable().openapi({
    description: "After a downgrade: the plan by which pages are still shown, and until when.",
    example: null,
  }),
  posts: z.object({
    limit,
    used: count.openapi({ example: 4 }),
    remaining: limit,
    existing: count.openapi({ description: "Posts that exist.", example: 31 }),
    period_start: z.iso.datetime().nullable(),
    period_end: z.iso.datetime().nullable(),
  }).openapi({
    description: "Free counts posts that exist, the others those created in the period.",
  }),
  packs: z.object({ remaining: z.int().openapi({ example: 87 }) }),
  blogs: z.object({ limit, used: count.openapi({ example: 1 }) }),
  storage: z.object({
    limit_bytes: count.openapi({ example: 1073741824 }),
    used_bytes: count.openapi({ example: 0 }),
  }).openapi({ description: "Of media." }),
  requests: z.object({
    limit: count.openapi({ example: 300 }),
    used: count.openapi({ example: 12 }),
    remaining: count.openapi({ example: 288 }),
    reset: count.openapi({ description: "Unix time in seconds.", example: 1774350000 }),
  }).openapi({ description: "Of this hour." }),
}).openapi("Usage");
export type Usage = z.infer<typeof Usage>;

/** What the caller's account has used of its plan. */
export async function getUsage(ctx: Ctx): Promise<Usage> {
  requireScope(ctx, "account:read");
  const { deps, reads, now, actor: { user } } = ctx;
  const { value: plan } = await reads.get<PlanRow>(planKey(user));
  if (!plan) throw new AppError("account_not_found");
  const period = periodAt(plan, now);
  const [quota, existing, blogs, media, created, window] = await Promise.all([
    reads.get<QuotaRow>(quotaKey(user)),
    reads.get(countKey(user, "posts")),
    reads.get(countKey(user, "blogs")),
    reads.get(countKey(user, "bytes")),
    reads.get(createdKey(user, period.start)),
    // With this very request, where it counts as one.
    ctx.admission.then(() => deps.store.get<Window>(userWindowKey(user))),
  ]);
  const { posts, monthlyPosts, blogs: blogLimit, storage } = PLANS[plan.plan];
  const perPeriod = posts === Infinity;
  const most = perPeriod ? monthlyPosts : posts;
  // Each of a plan counts in its own place; an account that changed plans has some in both.
  const consumed = usedSince(quota.value, period.start);
  const used = !perPeriod
    ? counted(existing)
    : most === Infinity
    ? counted(created) + consumed
    : consumed;
  const requests = windowAt(window.value, now);
  const requestLimit = deps.config.limits.requests[plan.plan];
  return {
    plan: plan.plan,
    grace: plan.former && { plan: plan.former, until: iso(plan.graceUntil!) },
    posts: {
      limit: orNull(most),
      used,
      remaining: orNull(Math.max(0, most - used)),
      existing: counted(existing),
      period_start: perPeriod ? iso(period.start) : null,
      period_end: perPeriod ? iso(period.end) : null,
    },
    packs: { remaining: packBalance(quota.value) },
    blogs: { limit: orNull(blogLimit), used: counted(blogs) },
    storage: { limit_bytes: storage, used_bytes: counted(media) },
    requests: {
      limit: requestLimit,
      used: requests.n,
      remaining: Math.max(0, requestLimit - requests.n),
      reset: requests.reset,
    },
  };
}

function orNull(limit: number): number | null {
  return limit === Infinity ? null : limit;
}
