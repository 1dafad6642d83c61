import type { Deps } from "../../ctx.ts";
import type { Store, Tx } from "../../kit/kv.ts";
import type { IndexedPost } from "./document.ts";
import { documentKey, hiddenKey, logKey, OVERLAY, readOverlayKey } from "./keys.ts";

// In seconds: numbers stay below 2^49 until 2297.
const EPOCH = Date.UTC(2025, 0, 1) / 1000;
const RANDOM_BITS = 16;
/** So many rows of the log are worth a merge at once. */
export const MERGE_AT = 100;

/** What was published or killed and is not in the posting lists yet, as of one moment. */
export type Log = {
  /** documents to be found beside those of the lists, which may have them already */
  adds: Set<number>;
  /** documents that must not be found, whether the lists still have them or not */
  dead: Set<number>;
  /** blogs whose documents must not be found */
  hidden: Set<string>;
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
  const key = documentKey(n);
  tx.check({ key, value: null, versionstamp: null });
  tx.set(key, row);
  tx.set(logKey(n, 1), 1);
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

// One read of the log under way, and the one after it, for all that ask meanwhile.
type Turns = { now: Promise<Log> | null; next: Promise<Log> | null };
const turns = new WeakMap<Store, Turns>();

/**
 * The log as of a moment after the call, in one round that calls share: none gets what was read before it asked.
 * To be read before any posting list, or what is merged in between is missed.
 */
export function readLog(store: Store): Promise<Log> {
  let turn = turns.get(store);
  if (!turn) turns.set(store, turn = { now: null, next: null });
  if (turn.now === null) return begin(turn, store);
  return turn.next ??= turn.now.then(() => {}, () => {}).then(() => begin(turn, store));
}

function begin(turn: Turns, store: Store): Promise<Log> {
  turn.next = null;
  const log = listLog(store);
  const end = () => {
    if (turn.now === log) turn.now = null;
  };
  turn.now = log;
  log.then(end, end);
  return log;
}

async function listLog(store: Store): Promise<Log> {
  const log: Log = { adds: new Set(), dead: new Set(), hidden: new Set() };
  const rows = await store.list(OVERLAY, Infinity);
  let logged = 0;
  for (const { key } of rows) {
    const about = readOverlayKey(key);
    if (about === null) continue;
    if ("hidden" in about) {
      log.hidden.add(about.hidden);
      continue;
    }
    logged++;
    if (about.kind === 0) log.dead.add(about.n);
    else if (!log.dead.has(about.n)) log.adds.add(about.n);
  }
  backlogOf(store).rows = logged;
  return log;
}
