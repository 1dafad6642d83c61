import { type Key, type Range, under } from "../../kit/kv.ts";

// Hidden blogs, the lease and the log lie side by side, in this order: one read has them of one moment,
// and a blog's mark, taken away once its documents are killed, never goes unseen where their tombstones do.
const LOG = "ftslog";
const HIDDEN = "ftshide";
const CHUNK = "fts";

/** A row of the log: 1 where a document is added, 0 where it is killed, which sorts first. */
export type LogKind = 0 | 1;
type LogRow = { n: number; kind: LogKind };

/** Everything that a query overlays on the posting lists. */
export const OVERLAY: Range = { start: [HIDDEN], end: under([LOG]).end };
/** The log by number, of each the tombstone before the add row. */
export const LOG_ROWS: Range = under([LOG]);
/** The chunks of all posting lists, by term. */
export const CHUNK_ROWS: Range = under([CHUNK]);
/** The documents, by number. */
export const DOCUMENT_ROWS: Range = under(["ftsdoc"]);
/** Held by whoever writes posting lists. */
export const LEASE_KEY: Key = ["ftslease"];
/** The lists of all languages: each document is in one of them. */
export const LANGUAGE_ROWS: Range = { start: [CHUNK, "~"], end: [CHUNK, "\x7f"] };

/** Of a row that adds (1) or kills (0) a document. */
export function logKey(n: number, kind: LogKind): Key {
  return [LOG, n, kind];
}

/** What a row of the log is about. */
export function readLogKey(key: Key): LogRow {
  return { n: key[1] as number, kind: key[2] as LogKind };
}

/** What a row of the overlay is about; null where it says nothing to a query. */
export function readOverlayKey(key: Key): LogRow | { hidden: string } | null {
  if (key[0] === LOG) return readLogKey(key);
  return key[0] === HIDDEN ? { hidden: key[1] as string } : null;
}

/** Of what is shown of a document, and what a kill takes out of the lists. */
export function documentKey(n: number): Key {
  return ["ftsdoc", n];
}

/** Of the mark of a blog whose documents must not be found. */
export function hiddenKey(blog: string): Key {
  return [HIDDEN, blog];
}

/** `first` is at most the chunk's first document, and above all documents of the chunk before it. */
export function chunkKey(term: string, first: number): Key {
  return [CHUNK, term, first];
}

/** The chunks of a term; with `upTo`, only those that begin at this document or before it. */
export function chunksOf(term: string, options: { upTo?: number; reverse?: boolean } = {}): Range {
  const { upTo, reverse } = options;
  const range = under([CHUNK, term], reverse);
  return upTo === undefined ? range : { ...range, end: [CHUNK, term, upTo, false] };
}

/** What a chunk's key says. */
export function readChunkKey(key: Key): { term: string; first: number } {
  return { term: key[1] as string, first: key[2] as number };
}
