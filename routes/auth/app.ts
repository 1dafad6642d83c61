import { Hono } from "hono";
import type { Deps } from "../../lib/ctx.ts";
import { AppError } from "../../lib/kit/errors.ts";
import { BlogInput, createBlog, ownUrl } from "../../lib/content/blogs.ts";
import { endSession } from "../../lib/account/sessions.ts";
import { getOverview, type Overview, type Visitor } from "../../lib/account/sign_in/overview.ts";
import { PLANS } from "../../lib/metering/plans.ts";
import { type Account, appPage } from "../../render/auth/mod.ts";
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
const MOST_LISTED = 50;
// Takes the place of a slug, to see what stands around it.
const PLACE = "slug";

/** The account's own page. */
export function appRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.get("/app", pages(env, showApp));
  app.post("/app/blogs", pages(env, makeBlog));
  app.post("/app/sessions/end", pages(env, endOther));
  return app;
}

async function showApp(visit: Visit): Promise<Response> {
  const visitor = await visitorOf(visit);
  if (!visitor) return goToSignIn(visit);
  return show(visit, await pageOf(visit.deps, visitor, null));
}

async function makeBlog(visit: Visit): Promise<Response> {
  const visitor = await countedVisitorOf(visit);
  if (!visitor) return goToSignIn(visit);
  const { name = "", slug = "" } = await readForm(visit);
  try {
    const value = { name, slug: slug.trim() };
    const { body } = validate({ body: { schema: BlogInput, value } });
    await createBlog(visitor.ctx, body as BlogInput);
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500) throw error;
    const fault = error.details.issues?.map(({ message }) => `${message}.`).join(" ") ??
      `${error.message}.`;
    const page = await pageOf(visit.deps, visitor, { name, slug, fault });
    return show(visit, page, { status: error.status });
  }
  return goTo(visit, "/app");
}

async function endOther(visit: Visit): Promise<Response> {
  const visitor = await visitorOf(visit);
  if (!visitor) return goToSignIn(visit);
  const { id = "" } = await readForm(visit);
  await endSession(visit.deps, visitor.session.user, id);
  return goTo(visit, "/app");
}

async function pageOf(deps: Deps, visitor: Visitor, refused: Account["refused"]) {
  const { profile, usage, blogs, sessions } = await getOverview(visitor);
  const [before, after] = ownUrl(deps, PLACE).split(PLACE);
  return appPage({
    ...{ email: profile.email, name: profile.name, blogs, refused },
    plan: PLANS[usage.plan].title,
    grace: usage.grace &&
      `Until ${usage.grace.until.slice(0, 10)} your pages show as on ${
        PLANS[usage.grace.plan].title
      }.`,
    figures: figuresOf(usage),
    room: usage.blogs.limit === null || usage.blogs.used < usage.blogs.limit,
    address: { before, after },
    sessions: sessions.slice(0, MOST_LISTED)
      .map((one) => ({ ...one, current: one.id === visitor.session.id })),
  });
}

function figuresOf({ posts, blogs, packs, storage, requests }: Overview["usage"]) {
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
