import { Hono } from "hono";
import { BlogInput, createBlog, ownUrl } from "../../lib/content/blogs.ts";
import { getUsage, type Usage } from "../../lib/account/usage.ts";
import { PLANS } from "../../lib/metering/plans.ts";
import { type Home, homeMain } from "../../render/dashboard/mod.ts";
import type { Env } from "../_admit.ts";
import { validate } from "../_input.ts";
import { goTo } from "../auth/_visit.ts";
import { findNotices } from "./notices.ts";
import { faultsOf, freshCtx, type Page, page, send } from "./_page.ts";

const MIB = 1024 ** 2;
// Takes the place of a slug, to see what stands around it.
const PLACE = "slug";

/** The account's first page: its blogs, and its plan in short. */
export function homeRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.get("/app", page(env, (page) => showHome(page, null)));
  app.post("/app/blogs", page(env, makeBlog));
  return app;
}

async function makeBlog(page: Page): Promise<Response> {
  const name = page.fields.get("name") ?? "";
  const slug = page.fields.get("slug") ?? "";
  try {
    const value = { name, slug: slug.trim() };
    const { body } = validate({ body: { schema: BlogInput, value } });
    await createBlog(page.ctx, body as BlogInput);
  } catch (error) {
    return await showHome(page, { name, slug, ...faultsOf(error) });
  }
  return goTo(page.visit, "/app");
}

async function showHome(
  page: Page,
  refused: (NonNullable<Home["refused"]> & { status: number }) | null,
): Promise<Response> {
  const { frame, ctx } = page;
  const [usage, notices] = await Promise.all([getUsage(freshCtx(page)), findNotices(page)]);
  const [before, after] = ownUrl(ctx.deps, PLACE).split(PLACE);
  const main = homeMain({
    ...{ who: frame.who, blogs: frame.blogs, notices, refused },
    plan: PLANS[usage.plan].title,
    grace: usage.grace &&
      `Until ${usage.grace.until.slice(0, 10)} your pages show as on ${
        PLANS[usage.grace.plan].title
      }.`,
    figures: figuresOf(usage),
    room: usage.blogs.limit === null || usage.blogs.used < usage.blogs.limit,
    address: { before, after },
  });
  const deleted = !refused && page.visit.url.searchParams.get("done") === "deleted";
  const said = deleted ? "The blog was deleted." : null;
  return send(page, { title: "Your blogs", tab: "", main, said }, { status: refused?.status });
}

function figuresOf({ posts, blogs, packs, storage, requests }: Usage) {
  const of = (used: number, limit: number | null, unit = "") =>
    `${used.toLocaleString("en")}${
      limit === null ? "" : ` of ${limit.toLocaleString("en")}`
    }${unit}`;
  const mib = (bytes: number) => Math.ceil(bytes / MIB);
  const rows: [string, string][] = [
    [posts.period_end ? "Posts this month" : "Posts", of(posts.used, posts.limit)],
    ["Posts in packs", String(packs.remaining)],
    ["Blogs", of(blogs.used, blogs.limit)],
    ["Media", of(mib(storage.used_bytes), mib(storage.limit_bytes), " MiB")],
    ["API requests this hour", of(requests.used, requests.limit)],
  ];
  return packs.remaining === 0 ? rows.filter(([name]) => name !== "Posts in packs") : rows;
}
