import { newId } from "../kit/ids.ts";
import type { Key, Tx } from "../kit/kv.ts";

/** Why a balance moved. */
export const MOVEMENTS = ["grant", "consumption", "reset", "refund"] as const;

/**
 * One movement of an account's quota; rows are only ever added. `pack` is null for the period's own posts,
 * `amount` is signed, `balance` is what all packs hold after it.
 */
export type LedgerRow = {
  id: string;
  kind: typeof MOVEMENTS[number];
  pack: string | null;
  amount: number;
  balance: number;
  /** the post that consumed it */
  post: string | null;
  /** what the billing provider calls the purchase */
  ref: string | null;
  /** milliseconds at which the period began that a movement without a pack belongs to */
  period: number | null;
  at: number;
};

/** Under which an account's movements are, in the order of their time. */
export function ledgerPrefix(user: string): Key {
  return ["ledger", user];
}

/** Adds a movement in the caller's commit. */
export function stageMovement(
  tx: Tx,
  user: string,
  movement: Pick<LedgerRow, "kind" | "amount" | "balance" | "at"> & Partial<LedgerRow>,
): void {
  const id = newId(movement.at);
  const row: LedgerRow = { pack: null, post: null, ref: null, period: null, ...movement, id };
  tx.set([...ledgerPrefix(user), id], row);
}
