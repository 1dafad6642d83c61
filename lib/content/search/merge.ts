import type { Deps } from "../../ctx.ts";
import type { Store } from "../../kit/kv.ts";
import { backoff } from "../../kit/retry.ts";
import { planTerm, type TermChange } from "./chunks.ts";
import { CHUNK_BYTES } from "./codec.ts";
import type { IndexedPost, Posting } from "./document.ts";
import type { SearchEngine } from "./engine.ts";
import { documentKey, LOG_ROWS, logKey, readLogKey } from "./keys.ts";
import { type Lease, withLease, type Write } from "./lease.ts";
import { backlogOf, MERGE_AT } from "./log.ts";

/** Documents that the posting lists are to gain and to lose, by their numbers. */
export type Change = { add: Map<number, Posting>; kill: Map<number, Posting> };
/** Documents added and killed; `busy` where another instance writes posting lists. */
export type MergeReport = { added: number; killed: number; busy: boolean };
export type MergeOptions = {
  /** rows of the log taken at once */
  batch?: number;
  /** bytes of a chunk at most */
  chunkBytes?: number;
  /** how long the lease is held for each batch, milliseconds */
  lease?: number;
  /** with more rows in the log, publishers help to merge */
  limit?: number;
  /** what holds the documents, where it is not the posting lists */
  engine?: Pick<SearchEngine, "index">;
};
type MergeDeps = Pick<Deps, "store" | "clock" | "alarm">;

const BATCH = 500;
const LOG_LIMIT = 1000;
const HELPS = 12;
const TERMS_AT_ONCE = 32;
const COMMITS_AT_ONCE = 3;
const COMMIT_WRITES = 95;
const COMMIT_BYTES = 600_000;
const RETIRED_AT_ONCE = 250;

const running = new WeakMap<Store, Promise<MergeReport>>();

/** Brings the log into the posting lists; joins the merge that this instance has under way. Throws (503) where it was cut short: nothing is lost then. */
export function mergeLog(deps: MergeDeps, options: MergeOptions = {}): Promise<MergeReport> {
  let merge = running.get(deps.store);
  if (!merge) {
    merge = mergeAll(deps, options).finally(() => running.delete(deps.store));
    running.set(deps.store, merge);
  }
  return merge;
}

/** To be awaited before a commit that adds to the log: helps to merge where the log is known to be long, and costs nothing otherwise. */
export async function relieveLog(deps: MergeDeps, options: MergeOptions = {}): Promise<void> {
  const { limit = LOG_LIMIT } = options;
  const backlog = backlogOf(deps.store);
  for (let help = 0; backlog.rows > limit && help < HELPS; help++) {
    try {
      // There is room after each batch, of which a merge may have many.
      const report = await Promise.race([mergeLog(deps, options), backlog.batch.promise]);
      if (report?.busy) await backoff(help);
    } catch {
      // Publishing goes on; the job says what is wrong.
      return;
    }
  }
}

async function mergeAll(deps: MergeDeps, options: MergeOptions): Promise<MergeReport> {
  const { batch = BATCH, limit = LOG_LIMIT, lease: duration } = options;
  const { store } = deps;
  const backlog = backlogOf(store);
  const report = { added: 0, killed: 0, busy: false };
  const waiting = await store.list(LOG_ROWS, 1);
  if (waiting.length === 0) {
    backlog.rows = 0;
    return report;
  }
  const merged = await withLease(deps, async (lease) => {
    while (true) {
      const { rows, added, killed } = await mergeBatch(lease, options);
      report.added += added;
      report.killed += killed;
      if (rows < batch) return true;
      await lease.renew();
    }
  }, { duration });
  report.busy = merged === null;
  if (report.busy) backlog.rows = (await store.list(LOG_ROWS, limit + 1)).length;
  else if (backlog.rows >= MERGE_AT) deps.alarm(deps.clock(), "merge_search");
  return report;
}

/** Merges the log's first rows under a lease that the caller holds; fewer than `batch` were all there are. */
export async function mergeBatch(
  lease: Lease,
  options: MergeOptions,
): Promise<{ rows: number; added: number; killed: number }> {
  const { store } = lease;
  const { batch = BATCH, engine } = options;
  const backlog = backlogOf(store);
  const rows = await store.list(LOG_ROWS, batch);
  backlog.rows = rows.length < batch ? rows.length : Math.max(backlog.rows, rows.length);
  const adds = new Set<number>();
  const kills = new Set<number>();
  for (const { key } of rows) {
    const { n, kind } = readLogKey(key);
    if (kind === 0) kills.add(n);
    else if (!kills.has(n)) adds.add(n);
  }
  const add = await readDocumentRows(store, [...adds]);
  if (engine) {
    await lease.renew();
    await engine.index({ add: [...add].map(([n, row]) => ({ n, row })), kill: [...kills] });
  } else {
    const kill = await readDocumentRows(store, [...kills]);
    await writePostings(lease, { add, kill }, options);
  }
  await retire(lease, [...adds], [...kills]);
  backlog.rows = Math.max(0, backlog.rows - rows.length);
  backlog.batch.resolve();
  backlog.batch = Promise.withResolvers();
  return { rows: rows.length, added: adds.size, killed: kills.size };
}

async function readDocumentRows(store: Store, ns: number[]): Promise<Map<number, IndexedPost>> {
  const entries = await store.getMany<IndexedPost>(ns.map(documentKey));
  return new Map(
    entries.flatMap(({ value }, i) => value ? [[ns[i], value] as const] : []),
  );
}

/** Brings the posting lists to hold a change, whatever of it they hold already. */
export async function writePostings(
  lease: Lease,
  change: Change,
  { chunkBytes = CHUNK_BYTES }: { chunkBytes?: number } = {},
): Promise<void> {
  const commits = new Commits(lease);
  const terms = byTerm(change).entries();
  const work = async () => {
    for (const [term, change] of terms) {
      if (commits.failed) return;
      const groups = await planTerm(lease.store, term, { change, chunkBytes });
      for (const writes of groups) await commits.add(writes);
    }
  };
  // All have to come to an end before anything else is done under the lease.
  const ends = await Promise.allSettled(Array.from({ length: TERMS_AT_ONCE }, work));
  await commits.end();
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

function byTerm({ add, kill }: Change): Map<string, TermChange> {
  const changes = new Map<string, TermChange>();
  const changeOf = (term: string) => {
    let change = changes.get(term);
    if (!change) changes.set(term, change = { add: new Map(), remove: new Set() });
    return change;
  };
  for (const [n, { terms, masks }] of add) {
    terms.split(" ").forEach((term, i) => changeOf(term).add.set(n, masks[i]));
  }
  for (const [n, { terms }] of kill) {
    for (const term of terms.split(" ")) changeOf(term).remove.add(n);
  }
  return changes;
}

// The log forgets what every posting list has; of a kill everything at once, or its add row came back.
async function retire(lease: Lease, adds: number[], kills: number[]): Promise<void> {
  const documents = [
    ...adds.map((n) => [logKey(n, 1)]),
    ...kills.map((n) => [logKey(n, 0), logKey(n, 1), documentKey(n)]),
  ];
  for (let i = 0; i < documents.length; i += RETIRED_AT_ONCE) {
    const keys = documents.slice(i, i + RETIRED_AT_ONCE).flat();
    await lease.commit(keys.map((key) => ({ key })));
  }
}

/** Groups of writes, packed into as few commits as hold them, some of which are under way at once. */
class Commits {
  failed = false;
  #reason: unknown;
  #packed: Write[] = [];
  #bytes = 0;
  #open = new Set<Promise<void>>();

  constructor(readonly lease: Lease) {}

  async add(writes: Write[]): Promise<void> {
    while (this.#open.size >= COMMITS_AT_ONCE) await Promise.race(this.#open);
    const bytes = writes.reduce((sum, { value }) => sum + ((value as Uint8Array)?.length ?? 0), 0);
    const full = this.#packed.length + writes.length > COMMIT_WRITES ||
      this.#bytes + bytes > COMMIT_BYTES;
    if (full) this.#send();
    this.#packed.push(...writes);
    this.#bytes += bytes;
  }

  /** Throws where one of them failed. */
  async end(): Promise<void> {
    this.#send();
    await Promise.all(this.#open);
    if (this.failed) throw this.#reason;
  }

  #send(): void {
    if (this.#packed.length === 0 || this.failed) return;
    const commit = this.lease.commit(this.#packed)
      .catch((reason) => {
        this.failed = true;
        this.#reason = reason;
      })
      .finally(() => this.#open.delete(commit));
    this.#open.add(commit);
    this.#packed = [];
    this.#bytes = 0;
  }
}
