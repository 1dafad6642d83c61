import type { Deps } from "../../ctx.ts";
import { AppError } from "../../kit/errors.ts";
import { type Entry, type Key, Reads, type Store, Tx } from "../../kit/kv.ts";
import { ATTEMPTS, backoff } from "../../kit/retry.ts";
import { LEASE_KEY } from "./keys.ts";

/** Who may write posting lists until when, in milliseconds. */
export type LeaseRow = { until: number };
/** Sets the key to the value; deletes it where there is none. */
export type Write = { key: Key; value?: unknown };

const DURATION = 60_000;

/** The sole right to write posting lists: what is written under it lands only as long as nobody else has it. */
export class Lease {
  #fence: Entry<LeaseRow>;

  constructor(
    readonly store: Store,
    fence: Entry<LeaseRow>,
    readonly renewal: { clock: () => number; duration: number },
  ) {
    this.#fence = fence;
  }

  /** Writes all or nothing, at most 1,000 rows; throws (503) where the lease is lost or the outcome is not known: then give up. */
  async commit(writes: readonly Write[]): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const tx = new Tx(new Reads(this.store));
      tx.check(this.#fence);
      for (const { key, value } of writes) {
        if (value === undefined) tx.delete(key);
        else tx.set(key, value);
      }
      const { kind } = await this.store.commit(tx.batch());
      if (kind === "committed") return;
      // It may still land, until the fence moves: nothing may be written after it under this one.
      if (kind === "unknown") throw new AppError("outcome_unknown", { retryAfter: 1 });
      const { versionstamp } = await this.store.get(LEASE_KEY);
      if (versionstamp !== this.#fence.versionstamp) break;
      await backoff(attempt);
    }
    throw new AppError("contention", { retryAfter: 1 });
  }

  /** Holds it for its whole duration again; not while a commit is under way. */
  async renew(): Promise<void> {
    const { clock, duration } = this.renewal;
    const fence = await take(this.store, this.#fence, { until: clock() + duration });
    if (!fence) throw new AppError("contention", { retryAfter: 1 });
    this.#fence = fence;
  }

  /** Lets the next one have it; a lost one is left alone. */
  async release(): Promise<void> {
    await this.store.removeIfSame(this.#fence);
  }
}

/** Does the work while nobody else writes posting lists, `duration` milliseconds at most; null where somebody does. */
export async function withLease<T>(
  deps: Pick<Deps, "store" | "clock">,
  work: (lease: Lease) => Promise<T>,
  { duration = DURATION }: { duration?: number } = {},
): Promise<T | null> {
  const { store, clock } = deps;
  const entry = await store.get<LeaseRow>(LEASE_KEY);
  if (entry.value && entry.value.until > clock()) return null;
  const fence = await take(store, entry, { until: clock() + duration });
  if (!fence) return null;
  const lease = new Lease(store, fence, { clock, duration });
  try {
    return await work(lease);
  } finally {
    await lease.release();
  }
}

async function take(
  store: Store,
  entry: Entry<LeaseRow>,
  row: LeaseRow,
): Promise<Entry<LeaseRow> | null> {
  const outcome = await store.compareAndSet(entry, row);
  return outcome.kind === "committed"
    ? { key: LEASE_KEY, value: row, versionstamp: outcome.versionstamp }
    : null;
}
