import { gunzipSync, gzipSync } from "node:zlib";
import { type Keyring, seal, sha256, unseal } from "./crypto.ts";
import { AppError } from "./errors.ts";
import { randomHex } from "./ids.ts";
import { type Entry, type Key, type Store, transact, type Tx } from "./kv.ts";

const DAY = 86_400_000;
// A claim whose instance died lapses after this long.
const CLAIM = 60_000;

/** Where the fields that a record leaves out are kept. */
export type Pointer = { fields: string[]; ref: (string | number)[] };

type Record_ =
  | { state: "running"; request: string; until: number; by: string }
  | {
    state: "done";
    request: string;
    until: number;
    status: number;
    sealed: Uint8Array;
    pointer: Pointer | null;
  };

/** What tells one request from another: the same key by another owner, on another path or blog, is another. */
export type Identity = {
  owner: string;
  method: string;
  path: string;
  blog: string;
  key: string;
  /** the bytes of the body */
  body: Uint8Array;
};

/** An answer that was given before. */
export type Replay = { status: number; body: Record<string, unknown>; pointer: Pointer | null };

/** Where the record of a request is; read it early, with the rest. */
export function recordKey(id: Identity): Key {
  const parts = [id.owner, id.method, id.path, id.blog, id.key];
  return ["idem", sha256(JSON.stringify(parts))];
}

/** A claim on one Idempotency-Key, held by the request that came first. */
export class Claim {
  /** Set by a verb whose answer is partly kept elsewhere. */
  pointer: Pointer | null = null;
  /** Whether the record went with a commit, or the claim was given up. */
  settled = false;
  #claimed: Entry<unknown>;

  private constructor(
    readonly store: Store,
    readonly keys: Keyring,
    readonly identity: Identity,
    claimed: Entry<unknown>,
  ) {
    this.#claimed = claimed;
  }

  /** Takes the claim or finds the answer of the first request; throws 409 while that runs or where its body was another. */
  static async take(
    store: Store,
    keys: Keyring,
    options: { identity: Identity; seen: Entry<unknown>; now: number },
  ): Promise<Claim | Replay> {
    const { identity, now } = options;
    const request = sha256(identity.body);
    const value: Record_ = { state: "running", request, until: now + CLAIM, by: randomHex(16) };
    let seen = options.seen as Entry<Record_>;
    for (let attempt = 0; attempt < 4; attempt++) {
      const record = seen.value;
      if (record && record.until > now) {
        if (record.request !== request) throw new AppError("idempotency_mismatch");
        if (record.state === "running") {
          throw new AppError("idempotency_in_progress", { retryAfter: 1 });
        }
        return {
          status: record.status,
          body: open(keys, identity.key, record.sealed),
          pointer: record.pointer,
        };
      }
      const outcome = await store.compareAndSet(seen, value, { expireIn: CLAIM * 2 });
      if (outcome.kind === "committed") {
        const { versionstamp } = outcome;
        return new Claim(store, keys, identity, { key: seen.key, value, versionstamp });
      }
      seen = await store.get<Record_>(seen.key);
      // The answer was lost, not the claim.
      if (seen.value?.state === "running" && seen.value.by === value.by) {
        return new Claim(store, keys, identity, seen);
      }
    }
    throw new AppError("idempotency_in_progress", { retryAfter: 1 });
  }

  /** Adds the record to the write's own commit, which fails where the claim has lapsed and was taken over. */
  record(tx: Tx, options: { status: number; body: unknown; now: number }): void {
    const kept: Record<string, unknown> = { ...options.body as Record<string, unknown> };
    // Keeps their place, so that a replay is the same text.
    for (const field of this.pointer?.fields ?? []) kept[field] = null;
    tx.check(this.#claimed);
    const value: Record_ = {
      state: "done",
      request: sha256(this.identity.body),
      until: options.now + DAY,
      status: options.status,
      sealed: close(this.keys, this.identity.key, kept),
      pointer: this.pointer,
    };
    tx.set(this.#claimed.key, value, { expireIn: DAY + CLAIM });
    tx.afterCommit.push(() => this.settled = true);
  }

  /** Records an answer that needed no write. */
  async recordAlone(options: { status: number; body: unknown; now: number }): Promise<void> {
    await transact(this.store, (tx) => Promise.resolve(this.record(tx, options)));
  }

  /** Gives the claim up, so that a corrected request may use the key. */
  async release(): Promise<void> {
    this.settled = true;
    const lapsed: Record_ = { state: "running", request: "", until: 0, by: "" };
    await this.store.compareAndSet(this.#claimed, lapsed, { expireIn: 1 });
  }
}

function close(keys: Keyring, clientKey: string, body: unknown): Uint8Array {
  const packed = gzipSync(JSON.stringify(body));
  return seal(keys.key("idempotency", clientKey), new Uint8Array(packed));
}

function open(keys: Keyring, clientKey: string, sealed: Uint8Array): Record<string, unknown> {
  const packed = unseal(keys.key("idempotency", clientKey), sealed);
  return JSON.parse(gunzipSync(packed).toString());
}
