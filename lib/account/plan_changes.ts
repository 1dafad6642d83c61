import { type Ctx, type Deps, requireScope, transact } from "../ctx.ts";
import { PLAN_NAMES, type PlanName } from "../kit/config.ts";
import { AppError } from "../kit/errors.ts";
import { newId } from "../kit/ids.ts";
import { type Key, transact as runTransaction, type Tx, under } from "../kit/kv.ts";
import { purgeBlog } from "../events/purge.ts";
import { planKey, type PlanRow, PLANS, shownPlan, stagePlan } from "../metering/plans.ts";
import { countKey } from "../metering/quotas.ts";
import { stagePlannedDomain } from "../content/domains/mod.ts";
import { stageHidden, stageShown } from "../content/search/mod.ts";
import {
  type Blog,
  blogKey,
  type BlogRow,
  listBlogIds,
  ownBlog,
  presentBlog,
} from "../content/blogs.ts";

const GRACE = 30 * 86_400_000;
const MOST_BLOGS = 100_000;
// What one commit takes.
const MOST_HIDDEN = 900;
const PASSES = 5;

/** A change of plan, by the operator or the billing provider; `period` is the subscription's own. */
export type PlanChange = { plan: PlanName; period?: PlanRow["period"] };

/** Where the time is at which an account's blogs are to be brought in line with its plan. */
export function settleKey(user: string): Key {
  return ["settle", user];
}

/**
 * Moves an account to a plan in the caller's commit. A higher one holds at once in every way; a lower one at
 * once for writes, while what is shown, and the number of blogs, fall when thirty days of grace are over.
 */
export async function stagePlanChange(
  tx: Tx,
  deps: Deps,
  change: PlanChange & { user: string },
): Promise<PlanRow> {
  const { user, plan } = change;
  const now = deps.clock();
  const row = await tx.get<PlanRow>(planKey(user));
  if (!row) throw new AppError("account_not_found");
  const period = change.period === undefined ? row.period : change.period;
  if (row.plan === plan && JSON.stringify(row.period) === JSON.stringify(period)) return row;
  const lower = PLAN_NAMES.indexOf(plan) < PLAN_NAMES.indexOf(shownPlan(row));
  const graceUntil = lower ? row.graceUntil ?? now + GRACE : null;
  const former = lower ? shownPlan(row) : null;
  const next: PlanRow = { ...row, plan, period, former, graceUntil, rev: newId(now) };
  stagePlan(tx, user, next);
  tx.set(settleKey(user), graceUntil ?? now);
  return next;
}

/** The same in a commit of its own; its pages show it from the next view on. */
export async function changePlan(deps: Deps, user: string, change: PlanChange): Promise<void> {
  await runTransaction(deps.store, (tx) => stagePlanChange(tx, deps, { user, ...change }));
  await settleAccount(deps, user);
}

/**
 * Takes a tenant offline at once, or back: its credentials, every page of its blogs, and its posts in
 * search. Each of its blogs costs every query the reading of one more list meanwhile.
 */
export async function suspendAccount(deps: Deps, user: string, suspended: boolean): Promise<void> {
  for (let after: string | null = ""; after !== null;) {
    after = await stepSuspension(deps, user, { suspended, after });
  }
  await purgeBlogs(deps, user);
}

/** Carries a suspension to the blogs that a commit takes after one; the last of them, or null at the end. */
async function stepSuspension(
  deps: Deps,
  user: string,
  { suspended, after }: { suspended: boolean; after: string },
): Promise<string | null> {
  return await runTransaction(deps.store, async (tx) => {
    const [row] = await Promise.all([
      tx.get<PlanRow>(planKey(user)),
      tx.get(countKey(user, "blogs")),
    ]);
    if (!row) throw new AppError("account_not_found");
    // After the count, without which no blog comes or goes.
    const blogs = await listBlogIds(deps.store, user, MOST_BLOGS);
    const some = blogs.filter((blog) => blog > after).slice(0, MOST_HIDDEN);
    for (const blog of some) {
      if (suspended) stageHidden(tx, blog);
      else stageShown(tx, blog);
    }
    if ((row.suspendedAt !== null) !== suspended) {
      const suspendedAt = suspended ? deps.clock() : null;
      stagePlan(tx, user, { ...row, suspendedAt, rev: newId(deps.clock()) });
    }
    return some.length < MOST_HIDDEN ? null : some.at(-1)!;
  });
}

/** Ends every grace that is over, and freezes the newest blogs beyond the plan's number; says how many accounts. */
export async function graceAndFreeze(
  deps: Deps,
): Promise<{ settled: number; failed: number }> {
  const report = { settled: 0, failed: 0 };
  for await (const { key, value: at } of deps.store.scan<number>(under(["settle"]))) {
    if (at > deps.clock()) continue;
    const user = key[1] as string;
    try {
      await settleAccount(deps, user);
      report.settled++;
    } catch (error) {
      report.failed++;
      deps.log({ event: "settle_failed", user, error: String(error) });
    }
  }
  return report;
}

/** Brings what is due of an account in line with its plan: the end of its grace, and which blogs are frozen. */
export async function settleAccount(deps: Deps, user: string): Promise<void> {
  const now = deps.clock();
  const due = await deps.store.get<number>(settleKey(user));
  const plan = await runTransaction(deps.store, async (tx) => {
    const row = await tx.get<PlanRow>(planKey(user));
    if (!row || row.graceUntil === null || row.graceUntil > now) return row;
    const ended = { ...row, former: null, graceUntil: null, rev: newId(now) };
    stagePlan(tx, user, ended);
    return ended;
  });
  if (plan) await settleBlogs(deps, user);
  await purgeBlogs(deps, user);
  // Where a change came meanwhile, its row is another, and stays.
  if (due.value === null || due.value > now) return;
  if (plan?.graceUntil) await deps.store.compareAndSet(due, plan.graceUntil);
  else await deps.store.removeIfSame(due);
}

/** Has an account's blogs looked at again after the caller's commit: one that is frozen may fit now. */
export function stageSettle(tx: Tx, deps: Deps, user: string): void {
  tx.set(settleKey(user), deps.clock());
}

// Freezes and thaws the blogs of an account so that as many can be written to as its plan has, and has their
// domains follow it. What its owner chooses meanwhile makes another order: until nothing is wrong any more.
async function settleBlogs(deps: Deps, user: string): Promise<void> {
  for (let pass = 0; pass < PASSES; pass++) {
    const blogs = await readBlogs(deps, user);
    const { value: plan } = await deps.store.get<PlanRow>(planKey(user));
    if (!plan) return;
    const kept = keptBlogs(blogs, PLANS[shownPlan(plan)].blogs);
    const wrong = blogs.filter(({ id, frozenAt }) => kept.has(id) !== (frozenAt === null));
    if (!wrong.length) return await settleDomains(deps, blogs);
    for (const { id, keptAt } of wrong) {
      await runTransaction(deps.store, async (tx) => {
        const [current, row] = await Promise.all([
          tx.get<PlanRow>(planKey(user)),
          tx.get<BlogRow>(blogKey(id)),
        ]);
        if (current?.rev !== plan.rev || row?.keptAt !== keptAt) return;
        const frozen = !kept.has(id);
        if (frozen !== (row.frozenAt !== null)) stageFrozen(tx, deps, { row, frozen });
      });
    }
  }
  throw new AppError("contention", { retryAfter: 1 });
}

async function settleDomains(deps: Deps, blogs: BlogRow[]): Promise<void> {
  for (const { id } of blogs.filter(({ domain }) => domain !== null)) {
    await runTransaction(deps.store, async (tx) => {
      const row = await tx.get<BlogRow>(blogKey(id));
      if (row) await stagePlannedDomain(tx, deps, row);
    });
  }
}

/** Chooses a blog to keep where the plan has fewer: it can be written to again, in place of the newest one that was not chosen later. */
export async function activateBlog(ctx: Ctx, id: string): Promise<Blog> {
  requireScope(ctx, "blogs:write");
  const { deps, now } = ctx;
  const { user } = ctx.actor;
  const answer = await transact(ctx, async (tx) => {
    const [plan, row] = await Promise.all([
      tx.get<PlanRow>(planKey(user)),
      ownBlog(tx, ctx, id, { frozen: true }),
      // Every choice writes it: of two at once, one sees the other.
      tx.get(settleKey(user)),
    ]);
    if (!plan) throw new AppError("blog_not_found");
    const blogs = await readBlogs(deps, user);
    // The last choice, whatever clock the others were made by.
    const keptAt = Math.max(now, ...blogs.map((blog) => (blog.keptAt ?? 0) + 1));
    const after = blogs.map((blog) => blog.id === id ? { ...blog, keptAt } : blog);
    const kept = keptBlogs(after, PLANS[shownPlan(plan)].blogs);
    const displaced = blogs.find((blog) => blog.frozenAt === null && !kept.has(blog.id));
    const seen = displaced && await tx.get<BlogRow>(blogKey(displaced.id));
    if (seen) stageFrozen(tx, deps, { row: seen, frozen: true });
    stageSettle(tx, deps, user);
    return await presentBlog(
      ctx,
      stageFrozen(tx, deps, { row: { ...row, keptAt }, frozen: false }),
    );
  });
  await settleAccount(deps, user).catch(() => {});
  return answer;
}

/** The blogs that stay writable: those chosen last, then the oldest. */
function keptBlogs(blogs: BlogRow[], limit: number): Set<string> {
  const order = blogs.toSorted((a, b) => (
    (b.keptAt ?? 0) - (a.keptAt ?? 0) || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)
  ));
  return new Set(order.slice(0, limit).map(({ id }) => id));
}

function stageFrozen(
  tx: Tx,
  deps: Deps,
  { row, frozen }: { row: BlogRow; frozen: boolean },
): BlogRow {
  const now = deps.clock();
  const frozenAt = frozen ? now : null;
  const next: BlogRow = { ...row, frozenAt, rev: newId(now), updatedAt: now };
  tx.set(blogKey(row.id), next);
  return next;
}

async function readBlogs(deps: Deps, user: string): Promise<BlogRow[]> {
  const ids = await listBlogIds(deps.store, user, MOST_BLOGS);
  const entries = await deps.store.getMany<BlogRow>(ids.map(blogKey));
  return entries.flatMap(({ value }) => value ? [value] : []);
}

async function purgeBlogs(deps: Deps, user: string): Promise<void> {
  for (const blog of await listBlogIds(deps.store, user, MOST_BLOGS)) await purgeBlog(deps, blog);
}
