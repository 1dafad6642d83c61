import { type Ctx, type Deps, requireScope, transact } from "../ctx.ts";
import { isUuid, newId } from "../kit/ids.ts";
import { type Key, type Tx, under } from "../kit/kv.ts";
import { stageAccountEvent } from "../events/outbox.ts";

/** What an account is told on its dashboard; `why` an endpoint was disabled: it answered 410, or nothing reached it for a day. */
export type NoticeRow =
  & { id: string; at: number }
  & (
    | { kind: "pack.low"; left: number }
    | { kind: "webhook.disabled"; blog: string; hook: string; url: string; why: "gone" | "failing" }
  );
type Told<T> = T extends unknown ? Omit<T, "id" | "at"> : never;

/** The notice comes when packs hold this few posts. */
export const LOW_BALANCE = 10;
const KEPT = 90 * 86_400_000;
const MOST_LISTED = 50;

/** Under which an account's notices are, in the order of their time. */
export function noticePrefix(user: string): Key {
  return ["notice", user];
}

/** What an account was told in the last 90 days and has not dismissed, newest first. */
export async function listNotices(ctx: Ctx): Promise<NoticeRow[]> {
  requireScope(ctx, "account:read");
  const range = { ...under(noticePrefix(ctx.actor.user)), reverse: true };
  const rows = await ctx.deps.store.list<NoticeRow>(range, MOST_LISTED);
  // What has lapsed stays readable for a while.
  return rows.map(({ value }) => value).filter(({ at }) => at + KEPT > ctx.now);
}

/** Takes one of the caller's notices away; nothing where there is none. */
export async function dismissNotice(ctx: Ctx, id: string): Promise<void> {
  requireScope(ctx, "account:write");
  if (!isUuid(id)) return;
  const key = [...noticePrefix(ctx.actor.user), id];
  await transact(ctx, async (tx) => {
    if (await tx.get(key)) tx.delete(key);
  });
}

/** Tells an account something in the caller's commit. */
export function stageNotice(
  tx: Tx,
  user: string,
  { now, ...told }: Told<NoticeRow> & { now: number },
): void {
  const row: NoticeRow = { id: newId(now), ...told, at: now };
  tx.set([...noticePrefix(user), row.id], row, { expireIn: KEPT });
}

/** Adds the notice, and the event, in the caller's commit where a balance comes down to the mark. */
export function stageLowBalance(
  tx: Tx,
  deps: Deps,
  change: { user: string; before: number; after: number; now: number },
): void {
  const { user, before, after, now } = change;
  if (before <= LOW_BALANCE || after > LOW_BALANCE) return;
  stageNotice(tx, user, { kind: "pack.low", left: after, now });
  stageAccountEvent(tx, deps, { user, type: "pack.low", data: { balance: after }, now });
}
