import {
  type Ctx,
  type Deps,
  requireBlog,
  requireMatch,
  requireScope,
  transact,
} from "../../ctx.ts";
import { AppError } from "../../kit/errors.ts";
import { newId } from "../../kit/ids.ts";
import { transact as runTransaction, type Tx } from "../../kit/kv.ts";
import { planKey, type PlanRow } from "../../metering/plans.ts";
import { blogKey, type BlogRow } from "../blogs.ts";
import { relieveSearch } from "../search/upkeep.ts";
import { stageChange } from "./change.ts";
import { readContent } from "./content.ts";
import { present } from "./_present.ts";
import { type DueRow, postKey, type PostRow } from "./_record.ts";
import type { Post, ScheduleInput } from "./schema.ts";
import { ownPost, requireScheduling, stagePostGone } from "./write.ts";

const BATCH = 200;

/** Publishes a draft, or a scheduled post now; a published one stays as it is. */
export async function publishPost(ctx: Ctx, slug: string): Promise<Post> {
  return await moveStatus(
    ctx,
    slug,
    (_tx, row) => row.status === "published" ? null : published(row, ctx.now),
  );
}

/** Takes a post off the site, or cancels its schedule: it is a draft again. */
export async function unpublishPost(ctx: Ctx, slug: string): Promise<Post> {
  return await moveStatus(
    ctx,
    slug,
    (_tx, row) => row.status === "draft" ? null : { ...row, status: "draft", scheduledAt: null },
  );
}

/** Sets or moves the time at which a draft is published. */
export async function schedulePost(ctx: Ctx, slug: string, input: ScheduleInput): Promise<Post> {
  return await moveStatus(ctx, slug, async (tx, row, blog) => {
    await requireScheduling(tx, ctx, { blog, at: input.scheduled_at });
    if (row.status === "published") throw new AppError("already_published");
    tx.afterCommit.push(() => ctx.deps.alarm(input.scheduled_at, "publish_scheduled"));
    return { ...row, status: "scheduled", scheduledAt: input.scheduled_at };
  });
}

type Move = (
  tx: Tx,
  row: PostRow,
  blog: BlogRow,
) => PostRow | null | Promise<PostRow | null>;

async function moveStatus(ctx: Ctx, slug: string, move: Move): Promise<Post> {
  requireScope(ctx, "posts:write");
  const blogId = requireBlog(ctx);
  await relieveSearch(ctx.deps);
  return await transact(ctx, async (tx) => {
    const { blog, plan, row } = await ownPost(tx, ctx, { blogId, slug });
    requireMatch(ctx, row.rev);
    const content = await readContent(tx.reads, row, row.version);
    if (!content) throw new AppError("contention", { retryAfter: 1 });
    const moved = await move(tx, row, blog);
    if (!moved) return present(ctx, blog, { row, content });
    const after = { ...moved, rev: newId(ctx.now), updatedAt: ctx.now };
    const shell = { blog, plan };
    const { html } = content;
    await stageChange(tx, ctx.deps, { shell, before: row, after, html, now: ctx.now });
    return present(ctx, blog, { row: after, content });
  });
}

function published(row: PostRow, now: number): PostRow {
  return { ...row, status: "published", scheduledAt: null, publishedAt: row.publishedAt ?? now };
}

/** Publishes every post whose time has come, once each, whichever instance takes it; says how many, and when the next is due. */
export async function publishDue(
  deps: Deps,
): Promise<{ published: number; failed: number; next: number | null }> {
  const now = deps.clock();
  const due = deps.store.scan<DueRow>({ start: ["sched"], end: ["sched", now + 1] }, BATCH);
  const report = { published: 0, failed: 0, next: null as number | null };
  for await (const { key, value } of due) {
    const [, , space, id] = key as [string, number, string, string];
    await relieveSearch(deps);
    try {
      if (await publishOne(deps, { blog: value.blog, space, id, now })) report.published++;
    } catch (error) {
      report.failed++;
      deps.log({ event: "publish_failed", post: id, error: String(error) });
    }
  }
  const [next] = await deps.store.list({ start: ["sched", now + 1], end: ["sched", true] }, 1);
  report.next = next ? next.key[1] as number : null;
  return report;
}

async function publishOne(
  deps: Deps,
  post: { blog: string; space: string; id: string; now: number },
): Promise<boolean> {
  return await runTransaction(deps.store, async (tx) => {
    const [blog, row] = await Promise.all([
      tx.get<BlogRow>(blogKey(post.blog)),
      tx.get<PostRow>(postKey(post.space, post.id)),
    ]);
    // A blog that is being deleted publishes nothing; its deletion takes this row too. A frozen one waits.
    if (
      !blog || blog.frozenAt !== null || row?.status !== "scheduled" || row.scheduledAt! > post.now
    ) return false;
    const plan = await tx.peek<PlanRow>(planKey(blog.owner));
    // Its account is being deleted.
    if (!plan) return false;
    const content = await readContent(tx.reads, row, row.version);
    if (!content) throw new AppError("contention", { retryAfter: 1 });
    const after = { ...published(row, post.now), rev: newId(post.now), updatedAt: post.now };
    const shell = { blog, plan };
    const { html } = content;
    await stageChange(tx, deps, { shell, before: row, after, html, now: post.now });
    return true;
  });
}

/** Deletes the sandboxes' posts whose thirty days are over; says how many, and how many it could not. */
export async function expireSandboxPosts(
  ctx: Ctx,
): Promise<{ expired: number; failed: number }> {
  const { deps, now } = ctx;
  const report = { expired: 0, failed: 0 };
  const due = deps.store.scan<DueRow>({ start: ["expiry"], end: ["expiry", now + 1] }, BATCH);
  for await (const { key, value } of due) {
    const [, , space, id] = key as [string, number, string, string];
    try {
      if (await expireOne(ctx, { blog: value.blog, space, id })) report.expired++;
    } catch (error) {
      report.failed++;
      deps.log({ event: "expiry_failed", post: id, error: String(error) });
    }
  }
  return report;
}

async function expireOne(
  ctx: Ctx,
  post: { blog: string; space: string; id: string },
): Promise<boolean> {
  return await runTransaction(ctx.deps.store, async (tx) => {
    const [blog, row] = await Promise.all([
      tx.get<BlogRow>(blogKey(post.blog)),
      tx.get<PostRow>(postKey(post.space, post.id)),
    ]);
    if (!blog || !row) return false;
    const plan = await tx.peek<PlanRow>(planKey(blog.owner));
    await stagePostGone(tx, ctx, { blog, plan: plan!, row });
    return true;
  });
}
