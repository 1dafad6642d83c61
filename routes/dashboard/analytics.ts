import { Hono } from "hono";
import type { Ctx } from "../../lib/ctx.ts";
import { AppError } from "../../lib/kit/errors.ts";
import { planWith } from "../../lib/metering/plans.ts";
import { getOverview, getPostAnalytics } from "../../lib/content/analytics/mod.ts";
import { isPostSlug } from "../../lib/content/posts/mod.ts";
import {
  type AnalyticsFigures,
  analyticsMain,
  noAnalyticsMain,
  type Period,
  PERIODS,
  postAnalyticsMain,
} from "../../render/dashboard/mod.ts";
import type { Env } from "../_admit.ts";
import { type BlogPage, blogPage, freshCtx, send } from "./_page.ts";

const TAB = "/analytics";
// Each of them holds its own days twice; none holds those of the longest.
const WIDER: Partial<Record<Period, Period>> = { "7d": "30d", "30d": "90d" };

/** The figures of a blog and of each of its posts. */
export function analyticsRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.get("/app/blogs/:blog/analytics", blogPage(env, guarded(showBlog)));
  app.get("/app/blogs/:blog/analytics/posts/:slug", blogPage(env, guarded(showPost)));
  return app;
}

type Handler = (page: BlogPage) => Promise<Response>;

/** Says so in a page where the plan has no analytics. */
function guarded(show: Handler): Handler {
  return async (page) => {
    try {
      return await show(page);
    } catch (error) {
      if (!(error instanceof AppError) || error.reason !== "plan_required") throw error;
      const main = noAnalyticsMain({ why: error.message });
      return send(page, { title: "Analytics", tab: TAB, main });
    }
  };
}

async function showBlog(page: BlogPage): Promise<Response> {
  const { answer, figures } = await readFigures(page, getOverview);
  const main = analyticsMain({ blog: page.blog, figures, posts: answer.top_posts });
  return send(page, { title: "Analytics", tab: TAB, main });
}

async function showPost(page: BlogPage): Promise<Response> {
  const { slug } = page.visit.params;
  if (!isPostSlug(slug)) throw new AppError("post_not_found");
  const { answer, figures } = await readFigures(
    page,
    (ctx, period) => getPostAnalytics(ctx, slug, period),
  );
  const main = postAnalyticsMain({ blog: page.blog, post: answer, figures });
  return send(page, { title: `Views of ${answer.title}`, tab: TAB, main });
}

type Answer = Omit<Awaited<ReturnType<typeof getPostAnalytics>>, "slug">;
type Days = Answer["daily_views"];

async function readFigures<T extends Answer>(
  page: BlogPage,
  get: (ctx: Ctx, period: Period) => Promise<T>,
): Promise<{ answer: T; figures: AnalyticsFigures }> {
  const asked = page.visit.url.searchParams.get("period") ?? "";
  const period = Object.hasOwn(PERIODS, asked) ? asked as Period : "30d";
  const wider = WIDER[period];
  const [answer, longer] = await Promise.all([
    get(page.ctx, period),
    wider ? get(freshCtx(page), wider) : null,
  ]);
  const days = answer.daily_views;
  const before = longer?.daily_views.slice(-2 * days.length, -days.length) ?? null;
  const sum = (list: Days, what: "views" | "uv") => list.reduce((n, day) => n + day[what], 0);
  const compare = (what: "views" | "uv") => (
    { now: sum(days, what), before: before && sum(before, what) }
  );
  return {
    answer,
    figures: {
      ...{ period, days, total: answer.total_views },
      views: compare("views"),
      visitors: compare("uv"),
      sources: sourcesOf(answer),
    },
  };
}

function sourcesOf({ referrers, countries, browsers }: Answer): AnalyticsFigures["sources"] {
  if (!referrers || !countries || !browsers) return { plan: planWith("advanced_analytics") };
  return {
    referrers: referrers.map(({ host, views }) => ({ name: host, views })),
    countries: countries.map(({ country, views }) => ({ name: country, views })),
    browsers: browsers.map(({ browser, views }) => ({ name: browser, views })),
  };
}
