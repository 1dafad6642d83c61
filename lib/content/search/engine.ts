import type { Store } from "../../kit/kv.ts";
import type { IndexedPost, Posting } from "./document.ts";
import { DOCUMENT_ROWS, logKey } from "./keys.ts";
import type { Found, Hit, Page } from "./lists.ts";
import type { Query } from "./query.ts";

export type Document = { n: number; row: IndexedPost };
/** Additions come before kills: a document of both is gone. A number that was killed never comes again. */
export type Change = { add: Document[]; kill: number[] };

/** What takes the place of the posting lists. It throws 503 where it does not answer in time. */
export type SearchEngine = {
  /** Returns once all of it is found, or not found any more; doing it twice changes nothing. */
  index(change: Change): Promise<void>;
  /** The total is exact; `filters` must all match and add no score. */
  search(query: Query, filters: readonly string[], page: Page): Promise<Found>;
  /** The score that a document has, or would have, among the hits. */
  score(posting: Posting, query: Query): number;
  /**
   * Puts these documents in the place of all others, at once when the last of them is in; says how many.
   * `confirm` is called right before, and throws where that must not happen any more.
   */
  replace(documents: AsyncIterable<Document>, confirm: () => Promise<void>): Promise<number>;
};

type Question = {
  query: Query;
  filters: readonly string[];
  /** documents that match and that the engine does not surely have */
  logged: { n: number; posting: Posting }[];
  without: readonly number[];
  offset: number;
  limit: number;
};

// To place the logged ones among them, all of the engine's hits before a page are read. No page is longer.
const MERGED = 1000;

/** The engine's hits with the logged documents among the first thousand; one that belongs behind them waits for its merge. */
export async function findThrough(engine: SearchEngine, question: Question): Promise<Found> {
  const { query, filters, without, offset } = question;
  const limit = Math.min(question.limit, MERGED);
  const logged = question.logged
    .map(({ n, posting }) => ({ n, score: engine.score(posting, query) }));
  if (logged.length === 0 || offset >= MERGED + logged.length) {
    const page = { offset: offset - logged.length, limit, without };
    const { total, hits } = await engine.search(query, filters, page);
    return { total: total + logged.length, hits };
  }
  const page = { offset: 0, limit: offset + limit, without };
  const { total, hits } = await engine.search(query, filters, page);
  const all = [...hits, ...logged].sort(byRank);
  return { total: total + logged.length, hits: all.slice(offset, offset + limit) };
}

function byRank(a: Hit, b: Hit): number {
  return b.score - a.score || b.n - a.n;
}

/** Whether any document is in no log any more, and so has to be in the engine. */
export async function hasLeftLog(store: Store): Promise<boolean> {
  // Documents leave the log in the order of their numbers.
  const [oldest] = await store.list(DOCUMENT_ROWS, 1);
  if (!oldest) return false;
  return (await store.get(logKey(oldest.key[1] as number, 1))).value === null;
}
