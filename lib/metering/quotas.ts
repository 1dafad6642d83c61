import { type Ctx, type Deps, upgradeUrl } from "../ctx.ts";
import { AppError } from "../kit/errors.ts";
import type { Entry, Key, Tx } from "../kit/kv.ts";
import { counted } from "../kit/page.ts";
import { stageMovement } from "./ledger.ts";
import { stageLowBalance } from "./notices.ts";
import { newPlan, planKey, type PlanRow, PLANS } from "./plans.ts";

const MIB = 1024 ** 2;
/** Bytes of one upload. */
export const MAX_UPLOAD = 5 * MIB;

type Counted = "posts" | "blogs" | "bytes";

/** A bought pack; `left` is below zero where a refund took back what had been used. */
export type Pack = { id: string; size: number; left: number; purchasedAt: number };
/**
 * What an account has used of its period, and its packs, oldest first; written where the plan counts
 * creations. `period` is when the period began, milliseconds.
 */
export type QuotaRow = { period: number; used: number; packs: Pack[] };

/** Where the number of an account's live posts, blogs or bytes of media is. */
export function countKey(user: string, what: Counted): Key {
  return ["count", user, what];
}
/** Where the number of posts is that an account of an unlimited plan created in a period. */
export function createdKey(user: string, period: number): Key {
  return ["created", user, period];
}
/** Where an account's period and packs are. */
export function quotaKey(user: string): Key {
  return ["quota", user];
}

/** The posts that all packs hold; below zero after a refund of used ones. */
export function packBalance(row: QuotaRow | null): number {
  return (row?.packs ?? []).reduce((sum, pack) => sum + pack.left, 0);
}

/**
 * The start and end of the period that `now` is in: the subscription's own, by months where that is longer,
 * else the calendar month, UTC.
 */
export function periodAt(plan: PlanRow, now: number): { start: number; end: number } {
  const { period } = plan;
  if (!period || now < period.start) return monthAt(now);
  // Counted from its end, which keeps the day; a renewal that has not been heard of yet goes on as the last one did.
  let n = 0;
  while (addMonths(period.end, n) <= now) n++;
  while (addMonths(period.end, n - 1) > now) n--;
  const start = Math.max(period.start, addMonths(period.end, n - 1));
  return { start, end: addMonths(period.end, n) };
}

/** The posts used of the period from `start`; a row that begins later, by another plan or clock, has them too. */
export function usedSince(row: QuotaRow | null, start: number): number {
  return row && row.period >= start ? row.used : 0;
}

function monthAt(now: number): { start: number; end: number } {
  const date = new Date(now);
  const at = (month: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + month);
  return { start: at(0), end: at(1) };
}

function addMonths(from: number, months: number): number {
  const date = new Date(from);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(day, last));
}

/** Sends out the reads that a new post is counted by, with those that judge the credential. */
export function prefetchQuota({ reads, actor: { user, mode } }: Ctx): void {
  if (mode === "test") return;
  reads.get(quotaKey(user));
  reads.get(countKey(user, "posts"));
}

/** Takes the place of a blog in the caller's commit, or throws 403. */
export async function stageBlogTaken(tx: Tx, ctx: Ctx, user: string): Promise<void> {
  const plan = await planOf(tx, ctx, user);
  if (PLANS[plan.plan].blogs !== Infinity) {
    const { title, blogs } = PLANS[plan.plan];
    if (await readCount(tx, user, "blogs") >= blogs) {
      const message = `Blog limit exceeded. ${title} plan allows ${blogs} blog${
        blogs === 1 ? "" : "s"
      }.`;
      throw refused(ctx.deps, "blog_limit", message);
    }
  }
  tx.sum(countKey(user, "blogs"), 1);
}

/**
 * Takes the place of a new post in the caller's commit, or throws 403: Free's of the posts that exist, else
 * one of the period's, else one of the oldest pack that has some. Only a limited plan reads a counter, so
 * that an unlimited one's writers never wait for each other.
 */
export async function stagePostTaken(
  tx: Tx,
  ctx: Ctx,
  creation: { user: string; post: string },
): Promise<void> {
  const { user } = creation;
  tx.sum(countKey(user, "posts"), 1);
  // What the operator takes over for an account is not counted.
  if (ctx.actor.kind === "operator") return;
  const plan = await planOf(tx, ctx, user);
  const { title, posts, monthlyPosts } = PLANS[plan.plan];
  if (posts !== Infinity && await readCount(tx, user, "posts") >= posts) {
    const message = `Post limit exceeded. ${title} plan allows ${posts} total posts.`;
    throw refused(ctx.deps, "post_limit", message);
  }
  if (monthlyPosts !== Infinity) await stageConsumed(tx, ctx, { ...creation, plan });
  else if (posts === Infinity) tx.sum(createdKey(user, periodAt(plan, ctx.now).start), 1);
}

/**
 * Takes room for an image in the caller's commit, or throws 403. `counter` holds the bytes of its space; a
 * sandbox has the room of Free, and takes none of the plan's. Far from the limit no counter is checked, so
 * that uploads do not wait for each other.
 */
export async function stageBytesTaken(
  tx: Tx,
  ctx: Ctx,
  room: { user: string; size: number; counter: Key; sandboxed: boolean },
): Promise<void> {
  const { user, size, sandboxed } = room;
  const key = sandboxed ? room.counter : countKey(user, "bytes");
  tx.sum(room.counter, size);
  if (!sandboxed) tx.sum(key, size);
  if (ctx.actor.kind === "operator") return;
  const [plan, value] = await Promise.all([planOf(tx, ctx, user), tx.peek<Deno.KvU64>(key)]);
  const { title, storage } = PLANS[sandboxed ? "free" : plan.plan];
  const used = counted({ key, value, versionstamp: null });
  // Twice what a user may begin to upload within a minute.
  const margin = 2 * ctx.deps.config.limits.uploads * MAX_UPLOAD;
  if (used + size + margin <= storage) return;
  await tx.get(key);
  if (used + size <= storage) return;
  const message = sandboxed
    ? `Storage limit exceeded. A sandbox holds ${storage / MIB} MB: delete some of its images.`
    : `Storage limit exceeded. ${title} plan allows ${
      storage / MIB
    } MB of images: delete some, or upgrade.`;
  throw refused(ctx.deps, "storage_limit", message);
}

/** Gives places back in the caller's commit; what a paid plan counted as created stays counted. */
export function stageGivenBack(tx: Tx, place: { user: string; what: Counted; number?: number }) {
  tx.sum(countKey(place.user, place.what), -(place.number ?? 1));
}

async function stageConsumed(
  tx: Tx,
  ctx: Ctx,
  creation: { user: string; post: string; plan: PlanRow },
): Promise<void> {
  const { user, post, plan } = creation;
  const at = ctx.now;
  const row = stagePeriod(tx, { user, plan, now: at, row: await tx.get<QuotaRow>(quotaKey(user)) });
  const { title, monthlyPosts } = PLANS[plan.plan];
  const balance = packBalance(row);
  if (row.used < monthlyPosts) {
    tx.set(quotaKey(user), { ...row, used: row.used + 1 });
    const movement = { kind: "consumption", amount: -1, balance, post, at } as const;
    return stageMovement(tx, user, { ...movement, period: row.period });
  }
  const oldest = row.packs.find((pack) => pack.left > 0);
  if (!oldest || balance <= 0) {
    const message =
      `Post limit exceeded. ${title} plan allows ${monthlyPosts} posts per month: buy a post pack, or upgrade.`;
    throw refused(ctx.deps, "post_limit", message);
  }
  const packs = row.packs.map((pack) => pack === oldest ? { ...pack, left: pack.left - 1 } : pack);
  const next: QuotaRow = { ...row, packs: packs.filter((pack) => pack.left !== 0) };
  tx.set(quotaKey(user), next);
  const movement = { kind: "consumption", amount: -1, balance: balance - 1, post, at } as const;
  stageMovement(tx, user, { ...movement, pack: oldest.id });
  stageLowBalance(tx, ctx.deps, { user, before: balance, after: balance - 1, now: at });
}

/** The row in the period of `now`; a movement tells where a new one began. A request that began in the old one counts in the new. */
export function stagePeriod(
  tx: Tx,
  at: { user: string; plan: PlanRow; now: number; row: QuotaRow | null },
): QuotaRow {
  const { user, plan, now, row } = at;
  const { start } = periodAt(plan, now);
  if (!row) return { period: start, used: 0, packs: [] };
  if (row.period >= start) return row;
  if (row.used) {
    const movement = {
      kind: "reset",
      amount: row.used,
      balance: packBalance(row),
      at: now,
    } as const;
    stageMovement(tx, user, { ...movement, period: row.period });
  }
  const next = { ...row, period: start, used: 0 };
  tx.set(quotaKey(user), next);
  return next;
}

async function planOf(tx: Tx, ctx: Ctx, user: string): Promise<PlanRow> {
  const plan = await tx.get<PlanRow>(planKey(user));
  // The account went while the request was under way.
  if (!plan && ctx.actor.kind !== "operator") throw new AppError("credential_invalid");
  // One that the operator's own commit makes has its first place on any plan.
  return plan ?? newPlan("free", "");
}

async function readCount(tx: Tx, user: string, what: Counted): Promise<number> {
  const key = countKey(user, what);
  return counted({ key, value: await tx.get<Deno.KvU64>(key) } as Entry<Deno.KvU64>);
}

function refused(
  deps: Deps,
  reason: "post_limit" | "blog_limit" | "storage_limit",
  message: string,
): AppError {
  return new AppError(reason, { message, upgradeUrl: upgradeUrl(deps) });
}
