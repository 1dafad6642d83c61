import { newId } from "../kit/ids.ts";
import type { Key, Tx } from "../kit/kv.ts";

/** What an account is told on its dashboard. */
export type NoticeRow = { id: string; kind: "pack.low"; left: number; at: number };

/** The notice comes when packs hold this few posts. */
export const LOW_BALANCE = 10;
const KEPT = 90 * 86_400_000;

/** Under which an account's notices are, in the order of their time. */
export function noticePrefix(user: string): Key {
  return ["notice", user];
}

/** Adds the notice in the caller's commit where a balance comes down to the mark. */
export function stageLowBalance(
  tx: Tx,
  change: { user: string; before: number; after: number; now: number },
): void {
  const { user, before, after, now } = change;
  if (before <= LOW_BALANCE || after > LOW_BALANCE) return;
  const row: NoticeRow = { id: newId(now), kind: "pack.low", left: after, at: now };
  tx.set([...noticePrefix(user), row.id], row, { expireIn: KEPT });
}
