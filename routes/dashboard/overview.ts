import { Hono } from "hono";
import { listPosts, type Status, STATUSES } from "../../lib/content/posts/mod.ts";
import { overviewMain } from "../../render/dashboard/mod.ts";
import type { Env } from "../_admit.ts";
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
  const [recent, ...counts] = await Promise.all([
    listPosts(ctx, { sort: "updated_at", page: { number: 1, size: RECENT } }),
    ...STATUSES.map((status) => countOf(page, status)),
  ]);
  const main = overviewMain({
    blog,
    counts: STATUSES.map((status, i) => [status, counts[i]]),
    recent: recent.data,
    api: `${ctx.deps.config.origin}/v1`,
    mcp: `${ctx.deps.config.origin}/mcp`,
  });
  return send(page, { title: "Overview", tab: "", main });
}

async function countOf(page: BlogPage, status: Status): Promise<number> {
  const list = await listPosts(freshCtx(page), { status, page: { number: 1, size: 1 } });
  return list.pagination.total;
}
