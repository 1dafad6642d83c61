import { Hono } from "hono";
import { AppError } from "../../lib/kit/errors.ts";
import { getOverview } from "../../lib/content/analytics/mod.ts";
import { listPosts, type Status, STATUSES } from "../../lib/content/posts/mod.ts";
import { overviewMain } from "../../render/dashboard/mod.ts";
import type { Env } from "../_admit.ts";
import { findNotices } from "./notices.ts";
import { type BlogPage, blogPage, freshCtx, send } from "./_page.ts";

const RECENT = 5;

/** The first page of a blog. */
export function overviewRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.get("/app/blogs/:blog", blogPage(env, showOverview));
  return app;
}

async function showOverview(page: BlogPage): Promise<Response> {
  const { blog, ctx } = page;
  const [views, notices, recent, ...counts] = await Promise.all([
    viewsOf(page),
    findNotices(page),
    listPosts(ctx, { sort: "updated_at", page: { number: 1, size: RECENT } }),
    ...STATUSES.map((status) => countOf(page, status)),
  ]);
  const main = overviewMain({
    blog,
    counts: STATUSES.map((status, i) => [status, counts[i]]),
    recent: recent.data,
    views,
    notices,
    api: `${ctx.deps.config.origin}/v1`,
    mcp: `${ctx.deps.config.origin}/mcp`,
  });
  return send(page, { title: "Overview", tab: "", main });
}

async function countOf(page: BlogPage, status: Status): Promise<number> {
  const list = await listPosts(freshCtx(page), { status, page: { number: 1, size: 1 } });
  return list.pagination.total;
}

/** The views of a month by day, or null where the plan has none. */
async function viewsOf(page: BlogPage) {
  try {
    return (await getOverview(freshCtx(page), "30d")).daily_views;
  } catch (error) {
    if (error instanceof AppError && error.reason === "plan_required") return null;
    throw error;
  }
}
