import { type Key, type Store, under } from "../../kit/kv.ts";
import { decodePostings, encodePostings } from "./codec.ts";
import type { Posting } from "./document.ts";
import { chunkKey, chunksOf, documentKey, logKey, readChunkKey } from "./keys.ts";

/**
 * What does not agree in the index: a chunk that cannot be as it is (`key`), a posting whose document has
 * not the term (a ghost), a document that the list of one of its terms lacks or has with another mask.
 */
export type Fault =
  | { kind: "chunk"; key: Key }
  | { kind: "ghost"; term: string; n: number }
  | { kind: "missing"; term: string; n: number; mask: number };

type Row<T> = { key: Key; value: T };
/** Where the rows of the index come from: those with a form that they cannot have are left out. */
export type IndexRows = <T>(noun: "fts" | "ftsdoc" | "ftslog") => AsyncIterable<Row<T>>;

// Documents that are looked into term by term in one reading of the lists.
const SUSPECTS = 10_000;
// Beyond what a byte holds.
const FOUND = 256;

/**
 * Compares posting lists with documents, both of which may change meanwhile: what it gives may be past, and
 * is to be confirmed. Holds some 24 bytes a document.
 */
export async function* auditLists(store: Store, rows: IndexRows): AsyncGenerator<Fault> {
  const pending = new Set<number>();
  for await (const { key } of rows("ftslog")) pending.add(key[1] as number);
  const sums = new Sums();
  for await (const { key, value } of rows<Posting>("ftsdoc")) sums.expect(key[1] as number, value);
  for await (const { chunk, next } of withNext(rows<Uint8Array>("fts"))) {
    if (chunkFault(chunk, next)) {
      yield { kind: "chunk", key: chunk.key };
      continue;
    }
    const term = chunk.key[1] as string;
    for (const n of sums.find(term, chunk.value)) yield { kind: "ghost", term, n };
  }
  let suspects: number[] = [];
  for (const n of sums.unequal()) {
    if (!pending.has(n)) suspects.push(n);
    if (suspects.length < SUSPECTS) continue;
    yield* auditDocuments(store, rows, suspects);
    suspects = [];
  }
  if (suspects.length) yield* auditDocuments(store, rows, suspects);
}

/** What is wrong with a chunk whose neighbour begins at `next` (Infinity for the last), or null. */
export function chunkFault({ key, value }: Row<Uint8Array>, next: number): string | null {
  const postings = decodePostings([{ bytes: value }]);
  const { numbers } = postings;
  if (numbers.length === 0) return "it holds no document";
  for (let i = 1; i < numbers.length; i++) {
    if (numbers[i] <= numbers[i - 1]) return "its documents are not in order";
  }
  // Whatever is not written as it would be is not what was meant.
  const [{ bytes }] = encodePostings(postings, value.length + 1);
  const same = bytes.length === value.length && bytes.every((byte, i) => byte === value[i]);
  if (!same) return "it cannot be decoded";
  if (numbers[0] < readChunkKey(key).first) return "its first document stands before its key";
  if (numbers[numbers.length - 1] >= next) return "it reaches into the next chunk";
  return null;
}

/** Of each document, the sum of what its postings hash to, less that of the postings that lists have of it. */
class Sums {
  #numbers: number[] = [];
  #low: number[] = [];
  #high: number[] = [];

  /** In the order of documents. */
  expect(n: number, { terms, masks }: Posting): void {
    let [low, high] = [0, 0];
    terms.split(" ").forEach((term, i) => {
      const hash = hashOf(term);
      low = (low + mix(hash.low, masks[i])) | 0;
      high = (high + mix(hash.high, masks[i])) | 0;
    });
    this.#numbers.push(n);
    this.#low.push(low);
    this.#high.push(high);
  }

  /** Takes a chunk's postings off, and gives the documents in it that are not known. */
  find(term: string, bytes: Uint8Array): number[] {
    const { numbers, masks } = decodePostings([{ bytes }]);
    const { low, high } = hashOf(term);
    const strays: number[] = [];
    for (let i = 0, at = 0; i < numbers.length; i++) {
      at = this.#indexOf(numbers[i], at);
      if (this.#numbers[at] === numbers[i]) {
        this.#low[at] = (this.#low[at] - mix(low, masks[i])) | 0;
        this.#high[at] = (this.#high[at] - mix(high, masks[i])) | 0;
      } else strays.push(numbers[i]);
    }
    return strays;
  }

  // Where `n` is or would be, from `start` on.
  #indexOf(n: number, start: number): number {
    let [from, to] = [start, this.#numbers.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#numbers[middle] < n) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  *unequal(): Generator<number> {
    for (let i = 0; i < this.#numbers.length; i++) {
      if (this.#low[i] !== 0 || this.#high[i] !== 0) yield this.#numbers[i];
    }
  }
}

// FNV-1a from two beginnings.
function hashOf(term: string): { low: number; high: number } {
  let [low, high] = [0x811c9dc5, 0x3c6ef372];
  for (let i = 0; i < term.length; i++) {
    const code = term.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x01000193);
  }
  return { low, high };
}

function mix(hash: number, mask: number): number {
  const mixed = Math.imul(hash ^ Math.imul(mask + 1, 0x9e3779b1), 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
}

/** Each chunk, with where the next of its term begins. */
async function* withNext(rows: AsyncIterable<Row<Uint8Array>>) {
  let chunk: Row<Uint8Array> | null = null;
  for await (const row of rows) {
    const same = chunk?.key[1] === row.key[1];
    if (chunk) yield { chunk, next: same ? readChunkKey(row.key).first : Infinity };
    chunk = row;
  }
  if (chunk) yield { chunk, next: Infinity };
}

/** Compares documents with the lists, posting by posting. */
async function* auditDocuments(
  store: Store,
  rows: IndexRows,
  numbers: number[],
): AsyncGenerator<Fault> {
  const wanted = new Map<number, Map<string, number>>();
  (await store.getMany(numbers.map(documentKey))).forEach(({ value }, i) => {
    if (isPosting(value)) wanted.set(numbers[i], masksOf(value));
  });
  for await (const { key, value } of rows<Uint8Array>("fts")) {
    const { term } = readChunkKey(key);
    const { numbers, masks } = decodePostings([{ bytes: value }]);
    for (let i = 0; i < numbers.length; i++) {
      const terms = wanted.get(numbers[i]);
      if (!terms) continue;
      const mask = terms.get(term);
      if (mask === masks[i]) terms.set(term, FOUND);
      else if (mask === undefined) yield { kind: "ghost", term, n: numbers[i] };
    }
  }
  for (const [n, terms] of wanted) {
    for (const [term, mask] of terms) {
      if (mask !== FOUND) yield { kind: "missing", term, n, mask };
    }
  }
}

/** Whether a value has the form of a document's terms. */
export function isPosting(value: unknown): value is Posting {
  const { terms, masks } = Object(value) as Partial<Posting>;
  return typeof terms === "string" && masks instanceof Uint8Array &&
    terms.split(" ").length === masks.length;
}

/** The mask of each term. */
function masksOf({ terms, masks }: Posting): Map<string, number> {
  return new Map(terms.split(" ").map((term, i) => [term, masks[i]]));
}

/** Where a fault is, and what it is in words, once it is certain however much is merged meanwhile; else null. */
export async function confirmFault(
  store: Store,
  fault: Fault,
): Promise<{ key: Key; problem: string } | null> {
  if (fault.kind === "chunk") return await confirmChunk(store, fault.key);
  const { kind, term, n } = fault;
  const { value } = await store.get(documentKey(n));
  // One that is malformed says nothing; it is a fault of its own.
  if (value !== null && !isPosting(value)) return null;
  const mask = value === null ? undefined : masksOf(value).get(term);
  if (kind === "ghost") {
    if (mask !== undefined) return null;
    // It was listed before, and its document, which never changes, is not there or has not the term.
    const found = await findPosting(store, term, n);
    return found && { key: found.key, problem: `it lists ${n}, which does not have this term` };
  }
  if (mask === undefined || await isPending(store, n, [0, 1])) return null;
  const found = await findPosting(store, term, n);
  if (found?.mask === mask || await isPending(store, n, [0])) return null;
  const problem = found ? `it lists ${n} with another mask` : `it does not list ${n}`;
  return { key: found?.key ?? chunkKey(term, n), problem };
}

/** The fault of a chunk and its neighbour as of one moment. */
async function confirmChunk(store: Store, key: Key): Promise<{ key: Key; problem: string } | null> {
  const { end } = under(key.slice(0, 2));
  const [chunk, next] = await store.list<Uint8Array>({ start: key, end }, 2);
  if (chunk?.key[2] !== key[2]) return null;
  const problem = chunkFault(chunk, next ? readChunkKey(next.key).first : Infinity);
  return problem === null ? null : { key, problem };
}

/** Whether a document waits in the log, or is gone. */
async function isPending(store: Store, n: number, kinds: (0 | 1)[]): Promise<boolean> {
  const keys = kinds.map((kind) => logKey(n, kind));
  const [document, ...rows] = await store.getMany([documentKey(n), ...keys]);
  return document.value === null || rows.some(({ value }) => value !== null);
}

/** A document's posting in a list, and the chunk it is in. */
async function findPosting(
  store: Store,
  term: string,
  n: number,
): Promise<{ key: Key; mask: number } | null> {
  const range = chunksOf(term, { upTo: n, reverse: true });
  const [chunk] = await store.list<Uint8Array>(range, 1);
  if (!chunk) return null;
  const { numbers, masks } = decodePostings([{ bytes: chunk.value }]);
  const i = numbers.indexOf(n);
  return i < 0 ? null : { key: chunk.key, mask: masks[i] };
}
