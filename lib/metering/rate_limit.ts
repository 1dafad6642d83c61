import { AppError } from "../kit/errors.ts";
import type { Entry, Key, Store } from "../kit/kv.ts";

const HOUR = 3_600_000;
// A row that nobody renews is taken away by the store some time after this.
const KEEP = 2 * HOUR;
const ATTEMPTS = 12;

/** `n` requests in the window that began at `w`, milliseconds since the epoch. */
export type Window = { w: number; n: number };
export type Verdict = {
  allowed: boolean;
  limit: number;
  remaining: number;
  /** unix time in seconds at which the window ends */
  reset: number;
};
type Waiter = { limit: number; resolve: (v: Verdict) => void; reject: (e: unknown) => void };
/** `length` of the window in milliseconds, an hour unless given; always the same for one key. */
type Rate = { limit: number; length?: number };
type Lane = {
  length: number;
  entry: Entry<Window> | null;
  waiting: Waiter[];
  running: boolean;
};

/** Where an account's window is. */
export function userWindowKey(user: string): Key {
  return ["rl", user];
}

/** How many requests a row counts in the hour of `now`, and the unix time in seconds at which that ends. */
export function windowAt(row: Window | null, now: number): { n: number; reset: number } {
  const w = now - now % HOUR;
  return { n: row?.w === w ? row.n : 0, reset: (w + HOUR) / 1000 };
}

/** Where the window of an account's uploads is. */
export function uploadWindowKey(user: string): Key {
  return ["rlup", user];
}

/** Where an address' window is; `kind` names what is limited, `hash` stands for the address. */
export function addressWindowKey(kind: string, hash: string): Key {
  return ["rlip", kind, hash];
}

/**
 * Fixed windows, exact over all instances: one commit in flight a key and instance, and all
 * who wait join the next one (coalesced compare-and-set).
 */
export class RateLimiter {
  #lanes = new Map<string, Lane>();

  constructor(readonly store: Store, readonly clock: () => number) {}

  /** Whether the window is known to be full: then `take` refuses at once, and nothing else need be done. */
  isFull(key: Key, options: { limit: number; seen: Entry<Window> }): boolean {
    const known = [this.#lanes.get(key.join("\n"))?.entry ?? null, options.seen];
    return known.some((entry) => this.#refused(entry, options));
  }

  /** Counts one request against `limit`; `seen` is the row where the caller has read it already. */
  take(key: Key, options: Rate & { seen?: Entry<Window> }): Promise<Verdict> {
    const { limit, length = HOUR, seen } = options;
    const lane = this.#lane(key.join("\n"), length);
    if (seen && !lane.entry) lane.entry = seen;
    const full = this.#refused(lane.entry, options);
    if (full) return Promise.resolve(full);
    return new Promise((resolve, reject) => {
      lane.waiting.push({ limit, resolve, reject });
      if (!lane.running) this.#run(key, lane);
    });
  }

  // A window that is known to be full stays so until it ends: no round trip is due.
  #refused(entry: Entry<Window> | null, { limit, length = HOUR }: Rate): Verdict | undefined {
    const w = this.#window(length);
    if (entry?.value?.w === w && entry.value.n >= limit) {
      return { allowed: false, limit, remaining: 0, reset: (w + length) / 1000 };
    }
  }

  #window(length: number): number {
    const now = this.clock();
    return now - now % length;
  }

  #lane(text: string, length: number): Lane {
    let lane = this.#lanes.get(text);
    if (!lane) {
      if (this.#lanes.size > 20_000) this.#forgetIdle();
      this.#lanes.set(text, lane = { length, entry: null, waiting: [], running: false });
    }
    return lane;
  }

  #forgetIdle() {
    for (const [text, lane] of this.#lanes) {
      if (!lane.running && lane.waiting.length === 0) this.#lanes.delete(text);
    }
  }

  async #run(key: Key, lane: Lane) {
    lane.running = true;
    while (lane.waiting.length) {
      const group = lane.waiting;
      lane.waiting = [];
      try {
        const verdicts = await this.#admit(key, lane, group);
        group.forEach((waiter, i) => waiter.resolve(verdicts[i]));
      } catch (error) {
        lane.entry = null;
        group.forEach((waiter) => waiter.reject(error));
      }
    }
    lane.running = false;
  }

  async #admit(key: Key, lane: Lane, group: Waiter[]): Promise<Verdict[]> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const entry = lane.entry ??= await this.store.get<Window>(key);
      const w = this.#window(lane.length);
      let n = entry.value?.w === w ? entry.value.n : 0;
      const before = n;
      const verdicts = group.map(({ limit }) => {
        const allowed = n < limit;
        if (allowed) n++;
        const reset = (w + lane.length) / 1000;
        return { allowed, limit, remaining: Math.max(0, limit - n), reset };
      });
      if (n === before) return verdicts;
      const outcome = await this.store.compareAndSet(entry, { w, n }, { expireIn: KEEP });
      if (outcome.kind === "committed") {
        lane.entry = { key, value: { w, n }, versionstamp: outcome.versionstamp };
        return verdicts;
      }
      // After a lost answer the re-read may count these requests twice, never too few.
      lane.entry = null;
      if (attempt) {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * attempt));
      }
    }
    throw new AppError("contention", { retryAfter: 1 });
  }
}

/** The 429 of a refused request; `unit` is what was counted, requests/hour unless given. */
export function rateLimited(
  verdict: Verdict,
  now: number,
  { unit = "requests/hour" }: { unit?: string } = {},
): AppError {
  return new AppError("rate_limited", {
    message: `Rate limit exceeded. Limit: ${verdict.limit} ${unit}.`,
    retryAfter: Math.max(1, Math.ceil(verdict.reset - now / 1000)),
  });
}
