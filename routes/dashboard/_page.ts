import { backstage, type Ctx } from "../../lib/ctx.ts";
import { AppError } from "../../lib/kit/errors.ts";
import { getProfile } from "../../lib/account/accounts.ts";
import type { Visitor } from "../../lib/account/sign_in/overview.ts";
import { type BlogSummary, listBlogs } from "../../lib/content/blogs.ts";
import {
  type Content,
  dashboardPage,
  type Faults,
  type Frame,
} from "../../render/dashboard/mod.ts";
import type { Env } from "../_admit.ts";
import { keepForm } from "../auth/_kept.ts";
import {
  countedVisitorOf,
  goToSignIn,
  pages,
  readFields,
  show,
  type Visit,
  visitorOf,
} from "../auth/_visit.ts";

/** A visit of somebody who is signed in; `fields` are those of the form, none where it is not a POST. */
export type Page = {
  visit: Visit;
  visitor: Visitor;
  ctx: Ctx;
  frame: Frame;
  fields: URLSearchParams;
};
/** The same at a blog of theirs, on which `ctx` acts. */
export type BlogPage = Page & { blog: BlogSummary };

/**
 * `limit`: how many bytes a form may have, 16 KiB unless given; `unread`: the handler reads it itself;
 * `away`: the form's answer may send the browser to another site.
 */
type Options = { limit?: number; unread?: boolean; away?: boolean };

/** A page of an account: leads to the sign-in where nobody is signed in, but keeps a form; counts each write. */
export function page(
  env: Env,
  handler: (page: Page) => Promise<Response>,
  { limit, unread, away }: Options = {},
) {
  return pages(env, async (visit) => {
    const reads = ["GET", "HEAD"].includes(visit.request.method);
    const visitor = await (reads ? visitorOf(visit) : countedVisitorOf(visit));
    if (!visitor) return reads ? goToSignIn(visit) : await keepForm(visit, { limit, away });
    const { ctx } = visitor;
    const [{ email, name }, { data: blogs }, fields] = await Promise.all([
      getProfile(ctx),
      listBlogs(ctx, {}),
      reads || unread ? new URLSearchParams() : readFields(visit, limit),
    ]);
    const frame = { who: email || name || "an account without an address", blogs, blog: null };
    return await handler({ visit, visitor, ctx, frame, fields });
  });
}

/** A page of the blog whose slug is `:blog` in the path; throws 404 where the visitor has none of that slug. */
export function blogPage(
  env: Env,
  handler: (page: BlogPage) => Promise<Response>,
  options: Options = {},
) {
  return page(env, async (page) => {
    const blogs = page.frame.blogs as BlogSummary[];
    const blog = blogs.find(({ slug }) => slug === page.visit.params.blog);
    if (!blog) throw new AppError("blog_not_found");
    const ctx = { ...page.ctx, blog: blog.id };
    return await handler({ ...page, ctx, blog, frame: { ...page.frame, blog } });
  }, options);
}

/** Sends a page of the dashboard. */
export function send(
  { visit, frame }: Page,
  content: Omit<Content, "frame">,
  options: { status?: number } = {},
): Response {
  return show(visit, dashboardPage({ ...content, frame }), options);
}

/** A context for one more verb of the same visit: each sees what those before it have written. */
export function freshCtx({ ctx }: Page): Ctx {
  return { ...backstage(ctx.deps, ctx.actor), blog: ctx.blog };
}

/** What the form of a blog is told where the blog is not as it was when the form was made. */
export const CHANGED =
  "Not saved: the blog was changed elsewhere in between. Saving again puts what stands here in place of it.";

/** A context for the write of such a form, which meets the blog only as the form's `etag` names it. */
export function formCtx(page: Page): Ctx {
  const etag = page.fields.get("etag");
  return { ...freshCtx(page), ifMatch: etag === null ? null : `"${etag}"` };
}

/** What a form is told of a refusal, and the status to say it with; throws what is no refusal of the input. */
export function faultsOf(error: unknown): { faults: Faults; status: number } {
  if (!(error instanceof AppError) || error.status >= 500) throw error;
  const faults: Faults = {};
  for (const { path, message } of error.details.issues ?? [{ path: "", message: error.message }]) {
    const field = path.split(".")[0];
    faults[field] = [faults[field], sentence(message)].filter(Boolean).join(" ");
  }
  return { faults, status: error.status };
}

/** A refusal's message with one full stop at its end. */
export function sentence(message: string): string {
  return `${message.replace(/\.$/, "")}.`;
}
