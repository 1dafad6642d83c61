import type { Deps } from "../ctx.ts";
import { transact, under } from "../kit/kv.ts";
import { ledgerPrefix, type LedgerRow } from "./ledger.ts";
import { planKey, type PlanRow } from "./plans.ts";
import { quotaKey, type QuotaRow, stagePeriod } from "./quotas.ts";

const KEPT_PERIODS = 400 * 86_400_000;

/** What an account's movements come to: posts left by pack, posts used by period. */
export class Sums {
  readonly #packs = new Map<string, number>();
  readonly #used = new Map<number, number>();

  add(row: LedgerRow): void {
    if (row.pack !== null) this.#packs.set(row.pack, (this.#packs.get(row.pack) ?? 0) + row.amount);
    else this.#used.set(row.period!, (this.#used.get(row.period!) ?? 0) - row.amount);
  }

  /** In which ways a quota is not what the movements come to; empty where it is. */
  differences(quota: QuotaRow | null): string[] {
    const packs = new Map(quota?.packs.map((pack) => [pack.id, pack.left]));
    const found: string[] = [];
    for (const [pack, left] of this.#packs) {
      const held = packs.get(pack) ?? 0;
      if (held !== left) found.push(`pack ${pack} holds ${held}, and by the ledger ${left}`);
      packs.delete(pack);
    }
    for (const pack of packs.keys()) found.push(`the ledger knows no pack ${pack}`);
    const periods = new Map(this.#used);
    if (quota && !periods.has(quota.period)) periods.set(quota.period, 0);
    for (const [start, used] of periods) {
      const held = quota?.period === start ? quota.used : 0;
      if (held !== used) {
        found.push(`${held} posts of the period from ${start} are used, and by the ledger ${used}`);
      }
    }
    return found;
  }
}

/**
 * Begins the new period of every account whose old one is over, and compares each balance with its ledger:
 * a difference is told in the log and by `admin check`, and left as it is.
 */
export async function accountPacks(
  deps: Deps,
): Promise<{ reset: number; differing: number; failed: number }> {
  const report = { reset: 0, differing: 0, failed: 0 };
  for await (const { key } of deps.store.scan(under(["quota"]))) {
    const user = key[1] as string;
    try {
      const begun = await beginPeriod(deps, user);
      if (begun === null) continue;
      if (begun) report.reset++;
      const differences = await reconcile(deps, user);
      if (differences.length) report.differing++;
      if (differences.length) deps.log({ event: "balance_differs", user, differences });
    } catch (error) {
      report.failed++;
      deps.log({ event: "account_packs_failed", user, error: String(error) });
    }
  }
  await forgetPeriods(deps);
  return report;
}

// Null where the account is being deleted, and its ledger with it.
async function beginPeriod(deps: Deps, user: string): Promise<boolean | null> {
  return await transact(deps.store, async (tx) => {
    const [plan, row] = await Promise.all([
      tx.get<PlanRow>(planKey(user)),
      tx.get<QuotaRow>(quotaKey(user)),
    ]);
    if (!plan || !row) return null;
    return stagePeriod(tx, { user, plan, now: deps.clock(), row }) !== row;
  });
}

// Twice, since a creation in between moves both.
async function reconcile(deps: Deps, user: string): Promise<string[]> {
  let found: string[] = [];
  for (let pass = 0; pass < 2; pass++) {
    const sums = new Sums();
    const before = await deps.store.get<QuotaRow>(quotaKey(user));
    for await (const { value } of deps.store.scan<LedgerRow>(under(ledgerPrefix(user)))) {
      sums.add(value);
    }
    const after = await deps.store.get<QuotaRow>(quotaKey(user));
    found = sums.differences(after.value);
    if (!found.length || before.versionstamp === after.versionstamp) break;
    found = [];
  }
  return found;
}

async function forgetPeriods(deps: Deps): Promise<void> {
  const before = deps.clock() - KEPT_PERIODS;
  for await (const { key } of deps.store.scan(under(["created"]))) {
    if ((key[2] as number) < before) await deps.store.writeAll([{ key }]);
  }
}
