import { Deadlines } from "./deadlines.ts";
import { AppError } from "./errors.ts";
import { type Key, keyText, type Range, requireKeySize, rest } from "./key.ts";
import { observeCall } from "./observe.ts";
import { type Batch, type Entry, judge, MAX_READ_KEYS, type Mutation } from "./outcome.ts";
import { ATTEMPTS, backoff, isLocked } from "./retry.ts";

export { type Key, keyText, type Range, under } from "./key.ts";
export type { Entry } from "./outcome.ts";
type Row<T> = { key: Key; value: T; versionstamp: string };

type Outcome = { kind: "committed"; versionstamp: string } | { kind: "conflict" | "unknown" };

/** What one atomic operation holds at most here: self-hosted denokv takes ten checks. */
export const MAX_CHECKS = 10;
const LIST_BATCH = 1000;
// Beyond so many at once, fewer and larger calls are faster, for an embedded store most of all.
const PARALLEL_READS = 8;
const COMMIT_BYTES = 780_000;
// After so many milliseconds the client of a remote store sends a commit again whose answer was lost.
const RESENT_AFTER = 200;

type Waiting = {
  keys: readonly Key[];
  resolve: (entries: Entry<unknown>[]) => void;
  reject: (error: unknown) => void;
};

/** The only door to the database: every call has a deadline, and ends in an AppError (503) where it fails. */
export class Store {
  #deadlines: Deadlines;
  #reading = 0;
  #waiting: Waiting[] = [];

  /** `deadline` of a call in milliseconds; `remote` where the store is reached over KV Connect. */
  constructor(readonly kv: Deno.Kv, deadline = 5000, readonly options: { remote?: boolean } = {}) {
    this.#deadlines = new Deadlines(deadline);
  }

  /** One round trip for each ten keys, all at once. */
  async getMany<T>(keys: readonly Key[]): Promise<Entry<T>[]> {
    // Before any is sent: others' go out with them.
    keys.forEach(requireKeySize);
    const call = (some: readonly Key[]): Promise<Entry<T>[]> =>
      observeCall("getMany", () => this.#readTogether(some) as Promise<Entry<T>[]>, some.length);
    if (keys.length <= MAX_READ_KEYS) return keys.length ? await call(keys) : [];
    const calls: Promise<Entry<T>[]>[] = [];
    for (let i = 0; i < keys.length; i += MAX_READ_KEYS) {
      calls.push(call(keys.slice(i, i + MAX_READ_KEYS)));
    }
    return (await Promise.all(calls)).flat();
  }

  // While enough reads are under way, further ones wait for one to end, and go out together.
  async #readTogether(keys: readonly Key[]): Promise<Entry<unknown>[]> {
    if (this.#reading >= PARALLEL_READS) {
      return await this.#wait(keys);
    }
    this.#reading++;
    try {
      return await this.#read(() => this.kv.getMany(keys as Deno.KvKey[]) as never);
    } finally {
      this.#reading--;
      this.#readWaiting();
    }
  }

  // The deadline holds from the moment of asking; what is past it is not sent any more.
  async #wait(keys: readonly Key[]): Promise<Entry<unknown>[]> {
    const { promise, resolve, reject } = Promise.withResolvers<Entry<unknown>[]>();
    const waiting = { keys, resolve, reject };
    this.#waiting.push(waiting);
    try {
      return await this.#within(promise);
    } catch (cause) {
      this.#waiting = this.#waiting.filter((one) => one !== waiting);
      if (cause instanceof AppError) throw cause;
      throw new AppError("store_unavailable", { retryAfter: 1, cause });
    }
  }

  #readWaiting(): void {
    const together: Waiting[] = [];
    let count = 0;
    while (this.#waiting.length && count + this.#waiting[0].keys.length <= MAX_READ_KEYS) {
      count += this.#waiting[0].keys.length;
      together.push(this.#waiting.shift()!);
    }
    if (!count) return;
    this.#readTogether(together.flatMap(({ keys }) => keys)).then((entries) => {
      let at = 0;
      for (const { keys, resolve } of together) resolve(entries.slice(at, at += keys.length));
    }, (error) => together.forEach(({ reject }) => reject(error)));
  }

  async get<T>(key: Key): Promise<Entry<T>> {
    requireKeySize(key);
    const call = () => this.#read(() => this.kv.get<T>(key as Deno.KvKey));
    return await observeCall("get", call) as Entry<T>;
  }

  /** The rows of a range, at most `limit`; one round trip for each thousand. */
  async list<T>(range: Range, limit: number): Promise<Row<T>[]> {
    const rows: Row<T>[] = [];
    let { start, end } = range;
    [start, end].forEach(requireKeySize);
    while (rows.length < limit) {
      const batchSize = Math.min(LIST_BATCH, limit - rows.length);
      const selector = { start, end } as Deno.KvListSelector;
      const options = { limit: batchSize, batchSize, reverse: range.reverse };
      const call = () => this.#read(() => Array.fromAsync(this.kv.list<T>(selector, options)));
      const batch = await observeCall("list", call, batchSize);
      rows.push(...batch as Row<T>[]);
      if (batch.length < batchSize) break;
      ({ start, end } = rest(range, rows[rows.length - 1].key, { start, end }));
    }
    return rows;
  }

  /** All rows of a range, a page at a time: for jobs and the operator's walks. */
  async *scan<T>(range: Range, batch = 500): AsyncGenerator<Row<T>> {
    let { start, end } = range;
    while (true) {
      const rows = await this.list<T>({ start, end, reverse: range.reverse }, batch);
      yield* rows;
      if (rows.length < batch) return;
      ({ start, end } = rest(range, rows[rows.length - 1].key, { start, end }));
    }
  }

  /** Writes `value` only where the entry is still as it was read; "unknown" where the answer was lost. */
  async compareAndSet(
    entry: Entry<unknown>,
    value: unknown,
    options: { expireIn?: number } = {},
  ): Promise<Outcome> {
    const text = keyText(entry.key);
    return await this.commit({
      checks: new Map([[text, entry]]),
      mutations: new Map([[text, { type: "set", key: entry.key, value, ...options }]]),
    });
  }

  /** Deletes a row that is still as it was read. */
  async removeIfSame(entry: Entry<unknown>): Promise<Outcome> {
    const text = keyText(entry.key);
    return await this.commit({
      checks: new Map([[text, entry]]),
      mutations: new Map([[text, { type: "delete", key: entry.key }]]),
    });
  }

  /** Sets and deletes without any check, in as many commits as they take, in their order. */
  async writeAll(writes: { key: Key; value?: unknown; expireIn?: number }[]): Promise<void> {
    for (const { key } of writes) requireKeySize(key);
    for (let i = 0; i < writes.length;) {
      const operation = this.kv.atomic();
      for (let n = 0, bytes = 0; i < writes.length && n < 500; n++, i++) {
        const { key, value, expireIn } = writes[i];
        bytes += value instanceof Uint8Array ? value.length : 0;
        if (n && bytes > COMMIT_BYTES) break;
        if (value === undefined) operation.delete(key as Deno.KvKey);
        else operation.set(key as Deno.KvKey, value, { expireIn });
      }
      const commit = () => observeCall("commit", () => this.#read(() => operation.commit()));
      // Doing it twice changes nothing: once more where the answer was lost.
      await commit().catch(commit);
    }
  }

  /** Commits a batch; throws only where it breaks a limit of the store. */
  async commit(batch: Batch): Promise<Outcome> {
    const operation = this.kv.atomic();
    for (const { key, versionstamp } of batch.checks.values()) {
      operation.check({ key: key as Deno.KvKey, versionstamp });
    }
    for (const m of batch.mutations.values()) {
      const key = m.key as Deno.KvKey;
      requireKeySize(m.key);
      if (m.type === "set") operation.set(key, m.value, { expireIn: m.expireIn });
      else if (m.type === "delete") operation.delete(key);
      else operation.sum(key, m.value);
    }
    const sent = performance.now();
    try {
      const call = () => this.#within(operation.commit());
      const result = await observeCall("commit", call, batch.mutations.size);
      if (result.ok) return { kind: "committed", versionstamp: result.versionstamp };
      // Sent a second time, a commit conflicts with itself.
      const resent = this.options.remote && performance.now() - sent >= RESENT_AFTER;
      return { kind: resent ? "unknown" : "conflict" };
    } catch (error) {
      if (isLocked(error)) return { kind: "conflict" };
      // Refused before anything was written, and a fault of ours.
      if (error instanceof Error && /too (large|many)/i.test(error.message)) throw error;
      return { kind: "unknown" };
    }
  }

  async #read<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 0;; attempt++) {
      try {
        return await this.#within(call());
      } catch (error) {
        if (isLocked(error) && attempt < ATTEMPTS) {
          await backoff(attempt);
          continue;
        }
        throw new AppError("store_unavailable", { retryAfter: 1, cause: error });
      }
    }
  }

  #within<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const call = this.#deadlines.add(reject);
      promise.then(
        (value) => (this.#deadlines.remove(call), resolve(value)),
        (error) => (this.#deadlines.remove(call), reject(error)),
      );
    });
  }
}

/** Reads of one request: the same key is read once, and keys asked for together go out together. */
export class Reads {
  #entries = new Map<string, Promise<Entry<unknown>>>();
  #waiting: { key: Key; resolve: (e: Entry<unknown>) => void; reject: (e: unknown) => void }[] = [];

  constructor(readonly store: Store) {}

  get<T>(key: Key): Promise<Entry<T>> {
    const text = keyText(key);
    let entry = this.#entries.get(text);
    if (!entry) {
      entry = new Promise((resolve, reject) => {
        this.#waiting.push({ key, resolve, reject });
        if (this.#waiting.length === 1) queueMicrotask(() => this.#send());
      });
      // A prefetched entry may never be awaited; its failure must not end the process.
      entry.catch(() => {});
      this.#entries.set(text, entry);
    }
    return entry as Promise<Entry<T>>;
  }

  /** Forgets what was read, so that the next read sees what was written since. */
  clear(): void {
    this.#entries.clear();
  }

  async #send() {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      const entries = await this.store.getMany(batch.map((b) => b.key));
      batch.forEach((b, i) => b.resolve(entries[i]));
    } catch (error) {
      batch.forEach((b) => b.reject(error));
    }
  }
}

/** One attempt at a write: what it read with `get` must be unchanged when it commits. */
export class Tx {
  #checks = new Map<string, Entry<unknown>>();
  #mutations = new Map<string, Mutation>();
  /** Run once, after the attempt that was committed. */
  readonly afterCommit: (() => void)[] = [];

  constructor(readonly reads: Reads) {}

  /** The value, or null; the commit fails where it changes in between. */
  async get<T>(key: Key): Promise<T | null> {
    const entry = await this.reads.get<T>(key);
    this.check(entry);
    return entry.value;
  }

  /** The value, or null, without a check: for what never changes or does not decide anything. */
  async peek<T>(key: Key): Promise<T | null> {
    return (await this.reads.get<T>(key)).value;
  }

  /** Adds the check of an entry that was read elsewhere. */
  check(entry: Entry<unknown>): void {
    this.#checks.set(keyText(entry.key), entry);
    if (this.#checks.size > MAX_CHECKS) throw new Error(`more than ${MAX_CHECKS} checks`);
  }

  set(key: Key, value: unknown, options: { expireIn?: number } = {}): void {
    this.#mutations.set(keyText(key), { type: "set", key, value, ...options });
  }

  delete(key: Key): void {
    this.#mutations.set(keyText(key), { type: "delete", key });
  }

  /** Adds to a KvU64 counter; a negative number subtracts. */
  sum(key: Key, value: number): void {
    const text = keyText(key);
    const before = this.#mutations.get(text);
    const total = (before?.type === "sum" ? BigInt.asIntN(64, before.value) : 0n) + BigInt(value);
    if (total === 0n) this.#mutations.delete(text);
    else this.#mutations.set(text, { type: "sum", key, value: BigInt.asUintN(64, total) });
  }

  /** What would be committed. */
  batch(): Batch {
    return { checks: this.#checks, mutations: this.#mutations };
  }
}

type Attempt<T> = { tx: Tx; result: T };
type Options<T> = {
  /** reads to use for the first attempt */
  reads?: Reads;
  /** what must hold, and what is added, before anything is written */
  beforeCommit?: (tx: Tx, result: T) => Promise<void>;
};

/**
 * Runs `body`, commits what it staged, and runs it again from fresh reads where another writer was first.
 * An outcome that is not known is resolved by reading; 503 where even that does not tell.
 */
export async function transact<T>(
  store: Store,
  body: (tx: Tx) => Promise<T>,
  options: Options<T> = {},
): Promise<T> {
  const open: Attempt<T>[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const tx = new Tx(attempt === 0 && options.reads ? options.reads : new Reads(store));
    let result: T;
    try {
      result = await body(tx);
      await options.beforeCommit?.(tx, result);
    } catch (error) {
      // What made it refuse may be our own earlier attempt, landed late.
      const landed = await findLanded(store, open);
      if (landed) return finish(landed, options);
      throw error;
    }
    // What it read may be our own earlier attempt, landed since.
    const ours = await findLanded(store, open);
    if (ours) return finish(ours, options);
    if (tx.batch().mutations.size === 0) return result;
    const outcome = await store.commit(tx.batch());
    if (outcome.kind === "committed") return finish({ tx, result }, options);
    if (outcome.kind === "unknown") open.push({ tx, result });
    await backoff(attempt);
    const landed = await findLanded(store, open);
    if (landed) return finish(landed, options);
  }
  throw new AppError(open.length ? "outcome_unknown" : "contention", { retryAfter: 1 });
}

function finish<T>(landed: Attempt<T>, options: Options<T>): T {
  options.reads?.clear();
  for (const hook of landed.tx.afterCommit) hook();
  return landed.result;
}

/** Which of the attempts without an answer was committed, if one was; those that failed are taken out. */
async function findLanded<T>(store: Store, open: Attempt<T>[]): Promise<Attempt<T> | undefined> {
  for (const attempt of [...open]) {
    const state = await judge(attempt.tx.batch(), (keys) => store.getMany(keys));
    if (state === "landed") return attempt;
    if (state === "failed") open.splice(open.indexOf(attempt), 1);
  }
}
