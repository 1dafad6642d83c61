import { sha256 } from "../../kit/crypto.ts";
import type { Key, Tx } from "../../kit/kv.ts";

/** What a blog asks to be found under: `active` while it is verified. */
export type BlogDomain = { host: string; active: boolean };
/** What DNS had of each record: what it has to be, another, or none. */
export type RecordState = "found" | "other" | "missing";
export type Seen = { cname: RecordState; txt: RecordState };
/**
 * One blog's claim to a host. `token` is what its TXT record has to hold; times in milliseconds: `dueAt` when
 * the job looks again, `failingSince` the first of the checks that failed in a row while it was verified. `seen`
 * is what DNS said when it last answered.
 */
export type ClaimRow = {
  host: string;
  blog: string;
  owner: string;
  token: string;
  createdAt: number;
  checkedAt: number | null;
  dueAt: number;
  failures: number;
  failingSince: number | null;
  seen?: Seen;
};
/** Whose a host is, while it is verified. */
export type HostRow = { blog: string; owner: string };
/** The account that a host was last verified for. */
export type HeldRow = { owner: string };

export function claimKey(host: string, blog: string): Key {
  return ["claim", host, blog];
}
export function claimDueKey({ dueAt, host, blog }: ClaimRow): Key {
  return ["claimdue", dueAt, host, blog];
}
export function hostKey(host: string): Key {
  return ["host", host];
}
/** The host itself is not kept: this outlives the account. */
export function heldKey(host: string): Key {
  return ["held", sha256(host)];
}

/** Puts a claim, as it was and as it is to be, in the caller's commit, with its place among those that are due. */
export function stageClaim(tx: Tx, before: ClaimRow | null, after: ClaimRow): void {
  if (before && before.dueAt !== after.dueAt) tx.delete(claimDueKey(before));
  tx.set(claimKey(after.host, after.blog), after);
  tx.set(claimDueKey(after), 1);
}

/** Takes a blog's claim away in the caller's commit, and the host with it. */
export async function stageClaimGone(
  tx: Tx,
  { id, domain }: { id: string; domain: BlogDomain | null },
): Promise<void> {
  if (!domain) return;
  const claim = await tx.get<ClaimRow>(claimKey(domain.host, id));
  if (claim) {
    tx.delete(claimKey(claim.host, id));
    tx.delete(claimDueKey(claim));
  }
  if (domain.active) tx.delete(hostKey(domain.host));
}
