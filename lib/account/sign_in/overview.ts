import { backstage, type Ctx, type Deps } from "../../ctx.ts";
import { AppError } from "../../kit/errors.ts";
import { note } from "../../kit/observe.ts";
import { planKey, type PlanRow } from "../../metering/plans.ts";
import { type BlogSummary, listBlogs } from "../../content/blogs.ts";
import { getProfile, type Profile } from "../accounts.ts";
import { findSession, listSessions, type SessionRow } from "../sessions.ts";
import { getUsage, type Usage } from "../usage.ts";

/** A browser that is signed in: what it may do, and by which session and plan. */
export type Visitor = { ctx: Ctx; session: SessionRow; plan: PlanRow };
/** What the page of an account shows; sessions newest first. */
export type Overview = {
  profile: Profile;
  usage: Usage;
  blogs: BlogSummary[];
  sessions: SessionRow[];
};

/** The visitor that a cookie stands for, or null; throws 403 where the account is suspended. */
export async function findVisitor(
  deps: Deps,
  cookie: string | undefined,
): Promise<Visitor | null> {
  const session = await findSession(deps, cookie);
  if (!session) return null;
  note({ user: session.user });
  const ctx = backstage(deps, { kind: "session", user: session.user });
  const { value: plan } = await ctx.reads.get<PlanRow>(planKey(session.user));
  if (!plan) return null;
  if (plan.suspendedAt !== null) throw new AppError("account_suspended");
  return { ctx, session, plan };
}

/** What a visitor's own page shows. */
export async function getOverview({ ctx, session }: Visitor): Promise<Overview> {
  const [profile, usage, { data: blogs }, sessions] = await Promise.all([
    getProfile(ctx),
    getUsage(ctx),
    listBlogs(ctx, {}),
    listSessions(ctx.deps, session.user),
  ]);
  return { profile, usage, blogs, sessions };
}
