import type { Deps } from "../../ctx.ts";
import type { Tx } from "../../kit/kv.ts";
import { type EventType, stageEvent } from "../../events/outbox.ts";
import { PLANS, shownPlan } from "../../metering/plans.ts";
import { newDocumentNumber, noteLogged, stageIndexed, stageKilled } from "../search/mod.ts";
import { indexedPost, isIndexed } from "./indexed.ts";
import { type Shell, stagePage } from "./page.ts";
import { summarise } from "./_present.ts";
import { type PostRow, stagePost } from "./_record.ts";

/**
 * Writes a post in the caller's commit, with all that follows from it: its indexes, its page, its document
 * for search, a new one each time, and what webhooks tell of it. `after` null takes the post away; `html` is its content's.
 */
export async function stageChange(
  tx: Tx,
  deps: Deps,
  change: {
    shell: Shell;
    before: PostRow | null;
    after: PostRow | null;
    html: string;
    now: number;
  },
): Promise<void> {
  const { shell, before, now } = change;
  const after = change.after && withDocument(change.after, now);
  stagePost(tx, { before, after, now });
  await stagePage(tx, deps, { ...change, after });
  const killed = before?.fts ?? null;
  const added = after?.fts ?? null;
  if (killed !== null) stageKilled(tx, killed);
  if (added !== null) stageIndexed(tx, added, indexedPost(after!, shell.blog.owner));
  const rows = Number(killed !== null) + Number(added !== null);
  if (rows) tx.afterCommit.push(() => noteLogged(deps, rows));
  stageEvents(tx, deps, { shell, before, after, now });
}

function stageEvents(
  tx: Tx,
  deps: Deps,
  change: { shell: Shell; before: PostRow | null; after: PostRow | null; now: number },
): void {
  const { shell: { blog, plan }, before, after, now } = change;
  const row = (after ?? before)!;
  const heard = row.space === blog.id && PLANS[shownPlan(plan)].features.includes("webhooks");
  if (!heard || !blog.hooks.length) return;
  const data = { blog_id: blog.id, post: summarise(deps, blog, row) };
  for (const [n, type] of eventsOf(before, after).entries()) {
    stageEvent(tx, deps, { blog, type, subject: row.id, data, now, n });
  }
}

function eventsOf(before: PostRow | null, after: PostRow | null): EventType[] {
  if (!after) return ["post.deleted"];
  const scheduled = after.status === "scheduled" && after.scheduledAt !== before?.scheduledAt;
  const moved: EventType[] = scheduled
    ? ["post.scheduled"]
    : after.status === "published" && before?.status !== "published"
    ? ["post.published"]
    : [];
  if (!before) return ["post.created", ...moved];
  if (moved.length) return moved;
  return after.status === "draft" && before.status === "published"
    ? ["post.unpublished"]
    : ["post.updated"];
}

function withDocument(row: PostRow, now: number): PostRow {
  return { ...row, fts: isIndexed(row) ? newDocumentNumber(now) : null };
}
