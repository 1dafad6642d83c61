import { Hono } from "hono";
import type { Deps } from "../../lib/ctx.ts";
import { PLAN_NAMES, type PlanName } from "../../lib/kit/config.ts";
import { type Feature, PLANS } from "../../lib/metering/plans.ts";
import { CheckoutInput, checkoutPlan } from "../../lib/account/billing/mod.ts";
import { type OfferedPlan, upgradePage } from "../../render/auth/mod.ts";
import type { Env } from "../_admit.ts";
import { validate } from "../_input.ts";
import {
  countedVisitorOf,
  goTo,
  goToSignIn,
  pages,
  readForm,
  show,
  type Visit,
  visitorOf,
} from "./_visit.ts";

const MIB = 1024 ** 2;
/** What each feature of a plan is to people. */
export const FEATURE_WORDS: Record<Feature, string> = {
  custom_domain: "A domain of your own",
  indexing: "Pages that search engines list",
  analytics: "Views of your posts",
  custom_css: "CSS of your own",
  ad_slot: "A place for an advertisement",
  packs: "Post packs",
  scheduling: "Scheduled posts",
  advanced_analytics: "Referrers, countries and browsers of your readers",
  owner_html: "HTML of your own above and below each page",
  no_badge: "No badge",
  webhooks: "Webhooks",
  post_llms_txt: "An llms.txt for each post",
  white_label: "Our name nowhere",
  full_html: "Page templates of your own",
  bulk: "A hundred posts in one request",
  title_patterns: "Patterns for titles",
};

/** What `upgrade_url` of a refusal leads to. */
export function upgradeRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.get("/upgrade", pages(env, showPlans));
  app.post("/upgrade", pages(env, choosePlan));
  return app;
}

async function showPlans(visit: Visit): Promise<Response> {
  const { deps } = visit;
  const current = (await visitorOf(visit))?.plan.plan ?? null;
  const plans = PLAN_NAMES.map((name) => offer(deps, name, current));
  const page = upgradePage({ plans, hint: hintOf(deps, current), signedIn: current !== null });
  return show(visit, page);
}

async function choosePlan(visit: Visit): Promise<Response> {
  const visitor = await countedVisitorOf(visit);
  if (!visitor) return goToSignIn(visit);
  const value = await readForm(visit);
  const { body } = validate({ body: { schema: CheckoutInput, value } });
  const { checkout_url } = await checkoutPlan(visitor.ctx, body as CheckoutInput);
  return goTo(visit, new URL(checkout_url));
}

function hintOf({ config }: Deps, current: PlanName | null): string {
  if (config.billing !== "paddle") return "To change to another plan, ask this server's operator.";
  return current === null
    ? "Sign in to choose a plan."
    : "A plan holds once its checkout is paid. To change one that you pay for, ask the operator.";
}

function offer({ config }: Deps, name: PlanName, current: PlanName | null): OfferedPlan {
  const plan = PLANS[name];
  const below = PLAN_NAMES[PLAN_NAMES.indexOf(name) - 1];
  const features = plan.features.filter((one) => !below || !PLANS[below].features.includes(one));
  const number = (n: number, one: string) => (
    `${n === Infinity ? "Any number of" : n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`
  );
  const posts = plan.posts !== Infinity
    ? number(plan.posts, "post")
    : plan.monthlyPosts === Infinity
    ? "Any number of posts"
    : `${number(plan.monthlyPosts, "new post")} a month`;
  return {
    id: name,
    title: plan.title,
    above: below ? PLANS[below].title : null,
    has: [
      number(plan.blogs, "blog"),
      posts,
      plan.storage >= 1024 * MIB
        ? `${plan.storage / MIB / 1024} GiB of media`
        : `${plan.storage / MIB} MiB of media`,
      `${config.limits.requests[name].toLocaleString("en")} API requests an hour`,
      ...features.map((feature) => FEATURE_WORDS[feature]),
    ],
    current: name === current,
    sold: current !== null && config.billing === "paddle" && config.paddle!.prices.has(name),
  };
}
