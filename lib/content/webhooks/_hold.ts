import type { Deps } from "../../ctx.ts";
import { randomHex } from "../../kit/ids.ts";
import { type Key, transact } from "../../kit/kv.ts";
import { outboxLeaseKey } from "../../events/outbox.ts";

/** Who delivers to an endpoint, until when, milliseconds. */
export type OutboxLeaseRow = { by: string; until: number };

// An instance that is gone holds an endpoint up for so long; one that lives says so in good time.
const LEASE = 6000;
const BEAT = 2000;
// What an instance that is gone has left of an endpoint that is gone.
const FORGOTTEN = { expireIn: 3_600_000 };

/** The sole right to deliver to an endpoint: kept up while its holder lives, and checked by all that it writes. */
export class Hold {
  readonly #by = randomHex(16);
  #until = 0;
  #lost = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #beating: Promise<void> = Promise.resolve();

  private constructor(readonly deps: Deps, readonly key: Key) {}

  /** Takes it; null where another instance has it. */
  static async take(deps: Deps, hook: string): Promise<Hold | null> {
    const hold = new Hold(deps, outboxLeaseKey(hook));
    const entry = await deps.store.get<OutboxLeaseRow>(hold.key);
    if (entry.value && entry.value.until > deps.clock()) return null;
    const until = deps.clock() + LEASE;
    const outcome = await deps.store.compareAndSet(entry, { by: hold.#by, until }, FORGOTTEN);
    if (outcome.kind !== "committed") return null;
    hold.#until = until;
    hold.#timer = setInterval(() => hold.#beating = hold.#beat(), BEAT);
    return hold;
  }

  /** Whether it can still be relied upon. */
  get held(): boolean {
    return !this.#lost && this.deps.clock() < this.#until;
  }

  /** Whether a lease is this one. */
  isOurs(row: OutboxLeaseRow | null): boolean {
    return row?.by === this.#by;
  }

  /** Lets the next one have it; a lost one is left alone. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
    await this.#change((row) => this.isOurs(row) ? null : row);
  }

  async #beat(): Promise<void> {
    const until = this.deps.clock() + LEASE;
    try {
      await this.#change((row) => {
        this.#lost ||= !this.isOurs(row);
        return this.#lost ? row : { by: this.#by, until };
      });
      this.#until = until;
    } catch {
      // The store is away: it lapses unless a later beat comes in time.
    }
  }

  async #change(next: (row: OutboxLeaseRow | null) => OutboxLeaseRow | null): Promise<void> {
    await transact(this.deps.store, async (tx) => {
      const row = await tx.get<OutboxLeaseRow>(this.key);
      const after = next(row);
      if (after === row) return;
      if (after) tx.set(this.key, after, FORGOTTEN);
      else tx.delete(this.key);
    });
  }
}
