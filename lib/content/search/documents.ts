import { LRUCache } from "lru-cache";
import type { Store } from "../../kit/kv.ts";
import type { IndexedPost } from "./document.ts";
import { documentKey } from "./keys.ts";

// Of terms, texts and the row around them; about 10,000 documents.
const KEPT_BYTES = 24_000_000;
const ROW_BYTES = 600;

type Known = {
  rows: LRUCache<number, IndexedPost>;
  /** being read: whoever else asks waits for it */
  coming: Map<number, Promise<IndexedPost | null>>;
};

const known = new WeakMap<Store, Known>();

/** The documents of these numbers, null for one that is gone: in one round at most, and in none where all are known, since none ever changes. */
export async function readDocuments(
  store: Store,
  ns: readonly number[],
): Promise<(IndexedPost | null)[]> {
  const { rows, coming } = knownTo(store);
  const found = ns.map((n) => rows.get(n) ?? null);
  const unknown = ns.filter((n, i) => found[i] === null && !coming.has(n));
  if (unknown.length) {
    const read = store.getMany<IndexedPost>(unknown.map(documentKey));
    unknown.forEach((n, i) => {
      const row = read.then((entries) => entries[i].value);
      const end = () => void coming.delete(n);
      coming.set(n, row);
      row.then((value) => {
        if (value) rows.set(n, value);
      }).then(end, end);
    });
  }
  return await Promise.all(found.map((row, i) => row ?? coming.get(ns[i])!));
}

function knownTo(store: Store): Known {
  let here = known.get(store);
  if (!here) {
    const rows = new LRUCache<number, IndexedPost>({
      maxSize: KEPT_BYTES,
      sizeCalculation: sizeOf,
    });
    known.set(store, here = { rows, coming: new Map() });
  }
  return here;
}

function sizeOf({ terms, masks, title, excerpt, description }: IndexedPost): number {
  const text = terms.length + title.length + excerpt.length + description.length;
  return ROW_BYTES + 2 * text + masks.length;
}
