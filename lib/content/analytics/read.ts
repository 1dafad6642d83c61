import { type Ctx, requireScope } from "../../ctx.ts";
import { AppError } from "../../kit/errors.ts";
import { planKey, type PlanRow, PLANS, refusal } from "../../metering/plans.ts";
import { postKey, type PostRow, slugKey, type SlugRow } from "../posts/_record.ts";
import { readBlog } from "../posts/read.ts";
import { type Figures, readBlogFigures, readPostFigures } from "./_figures.ts";
import { dayOf, type Kind } from "./_keys.ts";
import { type Overview, type Period, PERIODS, type PostAnalytics } from "./schema.ts";
import { rankPosts } from "./_top_posts.ts";

const DAY = 86_400_000;
const WEEK = 7;
const MONTH = 30;
const TOP_POSTS = 10;
// Posts that were deleted are passed over.
const CANDIDATES = 40;
const SOURCES = 20;

/** The figures of a blog, some seconds old at most; throws 403 where the plan has none. */
export async function getOverview(ctx: Ctx, period: Period = "30d"): Promise<Overview> {
  requireScope(ctx, "analytics:read");
  const blog = await readBlog(ctx);
  const advanced = await requireAnalytics(ctx);
  const dates = datesFor(ctx, period);
  const asked = dates.slice(-PERIODS[period]);
  const since = { date: dates[0], posts: asked[0] };
  const { figures, posts } = await readBlogFigures(ctx.deps.store, blog.id, since);
  return {
    title: blog.name,
    ...present(figures, dates, period),
    top_posts: await readTopPosts(ctx, blog.id, posts),
    ...advanced && presentSources(figures, asked),
  };
}

/** The figures of one post; throws 403, and 404 where the blog has no such post. */
export async function getPostAnalytics(
  ctx: Ctx,
  slug: string,
  period: Period = "30d",
): Promise<PostAnalytics> {
  requireScope(ctx, "analytics:read");
  const { id: blog } = await readBlog(ctx);
  const advanced = await requireAnalytics(ctx);
  const held = (await ctx.reads.get<SlugRow>(slugKey(blog, slug))).value;
  if (!held || !("post" in held)) throw new AppError("post_not_found");
  const dates = datesFor(ctx, period);
  const [{ value: post }, figures] = await Promise.all([
    ctx.reads.get<PostRow>(postKey(blog, held.post)),
    readPostFigures(ctx.deps.store, { blog, post: held.post, since: dates[0] }),
  ]);
  if (!post) throw new AppError("post_not_found");
  return {
    slug: post.slug,
    title: post.title,
    ...present(figures, dates, period),
    ...advanced && presentSources(figures, dates.slice(-PERIODS[period])),
  };
}

/** Throws 403 where the plan has no analytics; says whether it has the advanced ones. */
async function requireAnalytics(ctx: Ctx): Promise<boolean> {
  const plan = (await ctx.reads.get<PlanRow>(planKey(ctx.actor.user))).value;
  const features = plan ? PLANS[plan.plan].features : [];
  if (!features.includes("analytics")) throw refusal(ctx.deps, "analytics", "Analytics");
  return features.includes("advanced_analytics");
}

// As many days as the period has, and no fewer than every answer tells of.
function datesFor(ctx: Ctx, period: Period): string[] {
  const count = Math.max(MONTH, PERIODS[period]);
  return Array.from({ length: count }, (_, i) => dayOf(ctx.now - (count - 1 - i) * DAY));
}

function present(figures: Figures, dates: string[], period: Period) {
  const [week, month] = [WEEK, MONTH].map((count) => figures.over(dates.slice(-count)));
  return {
    period,
    total_views: figures.total,
    total_views_7d: week.views,
    total_views_30d: month.views,
    total_uv_7d: week.visitors,
    total_uv_30d: month.visitors,
    views_7d: week.views,
    views_30d: month.views,
    daily_views: dates.slice(-PERIODS[period]).map((date) => {
      const { views, visitors } = figures.over([date]);
      return { date, views, uv: visitors };
    }),
  };
}

function presentSources(figures: Figures, dates: string[]) {
  const sum = figures.over(dates);
  const ranked = (kind: Kind) => sum.ranked(kind, SOURCES);
  return {
    referrers: ranked("referrer").map(([host, views]) => ({ host, views })),
    countries: ranked("country").map(([country, views]) => ({ country, views })),
    browsers: ranked("browser").map(([browser, views]) => ({ browser, views })),
  };
}

async function readTopPosts(ctx: Ctx, blog: string, views: Map<string, number>) {
  const ranked = rankPosts(views).slice(0, CANDIDATES);
  const keys = ranked.map(([id]) => postKey(blog, id));
  const posts = await ctx.deps.store.getMany<PostRow>(keys);
  return posts.flatMap(({ value: post }, i) => {
    return post ? [{ slug: post.slug, title: post.title, views: ranked[i][1] }] : [];
  }).slice(0, TOP_POSTS);
}
