import type { Deps } from "../ctx.ts";
import { newId } from "../kit/ids.ts";
import type { Key, Tx } from "../kit/kv.ts";
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

/** Under which an account's notices are, in the order of their time. */
export function noticePrefix(user: string): Key {
  return ["notice", user];
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
