import type { LedgerRow } from "../../metering/ledger.ts";
import { grantKey, type GrantRow } from "../../metering/packs.ts";
import { quotaKey, type QuotaRow } from "../../metering/quotas.ts";
import { Sums } from "../../metering/reconcile.ts";
import { leavingKey } from "../../account/delete_account.ts";
import { requireUser } from "./accounts.ts";
import type { Walk } from "./walk.ts";

/** Proves every account's packs and used posts from its ledger, and every purchase from its grant. */
export async function checkQuotas(walk: Walk, users: Set<string>): Promise<void> {
  const quotas = new Map<string, QuotaRow>();
  for await (const { key, value } of walk.rows<QuotaRow>("quota")) {
    requireUser(walk, users, { key, user: key[1] as string });
    quotas.set(key[1] as string, value);
  }
  const bought = new Map<string, { user: string; pack: string }>();
  const ledger = walk.stream<LedgerRow>("ledger");
  for (let row = await ledger.peek(); row; row = await ledger.peek()) {
    const user = row.key[1] as string;
    requireUser(walk, users, { key: row.key, user });
    const sums = new Sums();
    for await (const { key, value } of ledger.takeWhile((one) => one.key[1] === user)) {
      if (value.id !== key[2]) walk.report(key, `it names another movement, ${value.id}`);
      sums.add(value);
      if (value.kind === "grant" && value.ref) bought.set(value.ref, { user, pack: value.pack! });
    }
    await report(walk, user, sums.differences(quotas.get(user) ?? null));
    quotas.delete(user);
  }
  for (const [user, quota] of quotas) await report(walk, user, new Sums().differences(quota));
  await checkGrants(walk, users, bought);
}

async function checkGrants(
  walk: Walk,
  users: Set<string>,
  bought: Map<string, { user: string; pack: string }>,
): Promise<void> {
  for await (const { key, value } of walk.rows<GrantRow>("grant")) {
    const ref = key[1] as string;
    const credit = bought.get(ref);
    // A refund that was heard of first.
    if (value.pack === null) continue;
    requireUser(walk, users, { key, user: value.user });
    const credited = credit?.user === value.user && credit.pack === value.pack;
    if (users.has(value.user) && !credited) {
      walk.report(key, "no movement of its account credits this purchase");
    }
    bought.delete(ref);
  }
  for (const ref of bought.keys()) walk.report(grantKey(ref), "is missing: a movement names it");
}

async function report(walk: Walk, user: string, differences: string[]): Promise<void> {
  // Of an account that is being deleted, some movements are gone before the others.
  const leaving = differences.length && (await walk.deps.store.get(leavingKey(user))).value;
  if (leaving) return;
  for (const difference of differences) walk.report(quotaKey(user), difference);
}
