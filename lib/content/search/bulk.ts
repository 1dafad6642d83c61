import type { Key, Store } from "../../kit/kv.ts";
import { CHUNK_BYTES, encodePostings } from "./codec.ts";
import type { IndexedPost } from "./document.ts";
import { CHUNK_ROWS, chunkKey, DOCUMENT_ROWS, documentKey, LOG_ROWS } from "./keys.ts";

type Options = {
  chunkBytes?: number;
  /** postings held at once; beyond them every list is written as far as it goes */
  budget?: number;
};
type Document = { n: number; row: IndexedPost };
type Write = { key: Key; value: unknown };

const BUDGET = 6_000_000;
// Bounds of one commit; a term may take 2 KB as a key.
const COMMIT_ROWS = 100;
const COMMIT_KEYS = 70_000;
const COMMIT_BYTES = 700_000;

/**
 * Builds an index that is empty and that nothing else uses meanwhile: documents and posting lists at once,
 * without a log. Documents come in the order of their numbers; throws where they do not.
 */
export async function buildIndex(
  store: Store,
  documents: AsyncIterable<Document> | Iterable<Document>,
  options: Options = {},
): Promise<{ documents: number; postings: number; chunks: number; bytes: number }> {
  for (const range of [CHUNK_ROWS, DOCUMENT_ROWS, LOG_ROWS]) {
    if ((await store.list(range, 1)).length) throw new Error("The index is not empty.");
  }
  const lists = new Lists(options);
  const writer = new Writer(store);
  const report = { documents: 0, postings: 0, chunks: 0, bytes: 0 };
  const write = async (chunks: Generator<{ key: Key; value: Uint8Array }>) => {
    for (const chunk of chunks) {
      report.chunks++;
      report.bytes += chunk.value.length;
      await writer.put(chunk);
    }
  };
  let last = -1;
  for await (const { n, row } of documents) {
    if (n <= last) throw new Error(`Document ${n} comes after ${last}.`);
    last = n;
    report.documents++;
    await writer.put({ key: documentKey(n), value: row });
    const terms = row.terms.split(" ");
    report.postings += terms.length;
    for (let i = 0; i < terms.length; i++) {
      const full = lists.add(terms[i], n, row.masks[i]);
      if (full) await write(lists.take(terms[i], { partial: false }));
    }
    if (lists.isOverBudget()) await write(lists.takeAll());
  }
  await write(lists.takeAll());
  await writer.flush();
  return report;
}

/** The ends of all posting lists that are not written yet. */
class Lists {
  #lists = new Map<string, { numbers: number[]; masks: number[] }>();
  #held = 0;
  #budget: number;
  #chunkBytes: number;

  constructor({ budget = BUDGET, chunkBytes = CHUNK_BYTES }: Options) {
    this.#budget = budget;
    this.#chunkBytes = chunkBytes;
  }

  /** Whether the list fills more than a chunk. */
  add(term: string, n: number, mask: number): boolean {
    let list = this.#lists.get(term);
    if (!list) this.#lists.set(term, list = { numbers: [], masks: [] });
    this.#held++;
    list.masks.push(mask);
    // A posting takes two bytes at least.
    return list.numbers.push(n) > this.#chunkBytes / 2;
  }

  isOverBudget(): boolean {
    return this.#held > this.#budget;
  }

  /** The chunks of one list, which is held no more; the last one, which may grow, only where `partial`. */
  *take(term: string, { partial }: { partial: boolean }) {
    const { numbers, masks } = this.#lists.get(term)!;
    const postings = { numbers: Float64Array.from(numbers), masks: Uint8Array.from(masks) };
    const chunks = encodePostings(postings, this.#chunkBytes);
    const kept = partial ? numbers.length : numbers.indexOf(chunks.at(-1)!.first);
    this.#held -= kept;
    numbers.splice(0, kept);
    masks.splice(0, kept);
    if (partial) this.#lists.delete(term);
    for (const { first, bytes } of partial ? chunks : chunks.slice(0, -1)) {
      yield { key: chunkKey(term, first), value: bytes };
    }
  }

  *takeAll() {
    for (const term of [...this.#lists.keys()]) yield* this.take(term, { partial: true });
  }
}

/** Writes rows in commits that the store takes. */
class Writer {
  #writes: Write[] = [];
  #bytes = 0;
  #keys = 0;

  constructor(readonly store: Store) {}

  async put(write: Write): Promise<void> {
    const bytes = sizeOf(write.value);
    const keys = 3 * write.key.join("").length + 30;
    const full = this.#writes.length === COMMIT_ROWS || this.#bytes + bytes > COMMIT_BYTES ||
      this.#keys + keys > COMMIT_KEYS;
    if (full) await this.flush();
    this.#writes.push(write);
    this.#bytes += bytes;
    this.#keys += keys;
  }

  async flush(): Promise<void> {
    await this.store.writeAll(this.#writes);
    [this.#writes, this.#bytes, this.#keys] = [[], 0, 0];
  }
}

/** Bytes at most that a value takes, as it is stored. */
function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.length + 20;
  return Object.values(value as IndexedPost).reduce<number>((sum, field) => {
    if (field instanceof Uint8Array) return sum + field.length + 40;
    return sum + 2 * String(field).length + 60;
  }, 20);
}
