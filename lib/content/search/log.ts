import type { Deps } from "../../ctx.ts";
import type { Reads, Store, Tx } from "../../kit/kv.ts";
import { blogFilter, type IndexedPost, type Posting } from "./document.ts";
import { documentKey, hiddenKey, logKey, OVERLAY, readOverlayKey } from "./keys.ts";
import { hasTerm } from "./match.ts";

// In seconds: numbers stay below 2^49 until 2297.
const EPOCH = Date.UTC(2025, 0, 1) / 1000;
const RANDOM_BITS = 16;
/** So many rows of the log are worth a merge at once. */
export const MERGE_AT = 100;

/** What was published or killed and is not in the posting lists yet, as of one moment. */
export type Log = {
  /** documents to be found beside those of the lists */
  adds: Map<number, Posting>;
  /** documents that must not be found, whether the lists still have them or not */
  dead: Set<number>;
  /** blogs whose documents must not be found */
  hidden: string[];
};

/** What this instance knows of the log without asking. */
export type Backlog = {
  /** about how many it has */
  rows: number;
  /** how many of them were added here since a merge was asked for */
  unasked: number;
  /** the end of the batch that is being merged here, or of the next one */
  batch: PromiseWithResolvers<void>;
};

const backlogs = new WeakMap<Store, Backlog>();

/** The backlog of a store. */
export function backlogOf(store: Store): Backlog {
  let backlog = backlogs.get(store);
  if (!backlog) {
    backlog = { rows: 0, unasked: 0, batch: Promise.withResolvers() };
    backlogs.set(store, backlog);
  }
  return backlog;
}

/** A new document's number: by time, and within a second by chance; `now` in milliseconds. */
export function newDocumentNumber(now: number): number {
  const random = crypto.getRandomValues(new Uint16Array(1))[0];
  return (Math.floor(now / 1000) - EPOCH) * 2 ** RANDOM_BITS + random;
}

/** Makes a document found from this commit on, which conflicts where the number is taken: draw it anew in each attempt. */
export function stageIndexed(tx: Tx, n: number, row: IndexedPost): void {
  const { terms, masks } = row;
  const key = documentKey(n);
  tx.check({ key, value: null, versionstamp: null });
  tx.set(key, row);
  tx.set(logKey(n, 1), { terms, masks } satisfies Posting);
}

/** Makes a document not found from this commit on. */
export function stageKilled(tx: Tx, n: number): void {
  tx.set(logKey(n, 0), 1);
}

/** Keeps all documents of a blog from being found, from this commit on. */
export function stageHidden(tx: Tx, blog: string): void {
  tx.set(hiddenKey(blog), 1);
}

/** Lets the documents of a hidden blog be found again, those that live. */
export function stageShown(tx: Tx, blog: string): void {
  tx.delete(hiddenKey(blog));
}

/** To be called after a commit that staged so many rows of the log: asks for a merge once many wait. */
export function noteLogged(deps: Pick<Deps, "store" | "clock" | "alarm">, rows = 1): void {
  const backlog = backlogOf(deps.store);
  backlog.rows += rows;
  backlog.unasked += rows;
  if (backlog.unasked < MERGE_AT) return;
  backlog.unasked = 0;
  deps.alarm(deps.clock(), "merge_search");
}

/** One round; to be read before any posting list, or what is merged in between is missed. */
export async function readLog(reads: Reads): Promise<Log> {
  const log: Log = { adds: new Map(), dead: new Set(), hidden: [] };
  const rows = await reads.store.list<unknown>(OVERLAY, Infinity);
  let logged = 0;
  for (const { key, value } of rows) {
    const about = readOverlayKey(key);
    if (about === null) continue;
    if ("hidden" in about) {
      log.hidden.push(about.hidden);
      continue;
    }
    logged++;
    if (about.kind === 0 || isHidden(log, value as Posting)) log.dead.add(about.n);
    else if (!log.dead.has(about.n)) log.adds.set(about.n, value as Posting);
  }
  backlogOf(reads.store).rows = logged;
  return log;
}

// A merge may have put some of its postings into the lists already, and not the blog's.
function isHidden(log: Log, posting: Posting): boolean {
  return log.hidden.some((blog) => hasTerm(posting, blogFilter(blog)));
}
