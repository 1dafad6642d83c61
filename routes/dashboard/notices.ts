import { Hono } from "hono";
import { dismissNotice, listNotices } from "../../lib/metering/notices.ts";
import type { BlogSummary } from "../../lib/content/blogs.ts";
import type { ShownNotice } from "../../render/dashboard/mod.ts";
import type { Env } from "../_admit.ts";
import { goTo, pathWithin } from "../auth/_visit.ts";
import { freshCtx, type Page, page } from "./_page.ts";

/** Takes a notice away. */
export function noticeRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.post("/app/notices/dismiss", page(env, dismiss));
  return app;
}

async function dismiss({ visit, ctx, fields }: Page): Promise<Response> {
  await dismissNotice(ctx, fields.get("id") ?? "");
  return goTo(visit, pathWithin(visit.deps, fields.get("back")));
}

/** What the account is told, of a blog's page without what is another blog's. */
export async function findNotices(page: Page): Promise<ShownNotice[]> {
  const here = page.frame.blog as BlogSummary | null;
  const blogs = page.frame.blogs as BlogSummary[];
  const notices = await listNotices(freshCtx(page));
  return notices
    .filter((notice) => !here || notice.kind === "pack.low" || notice.blog === here.id)
    .map((notice) => {
      const of = notice.kind === "pack.low" ? null : notice.blog;
      return { notice, blog: blogs.find(({ id }) => id === of) ?? null };
    });
}
