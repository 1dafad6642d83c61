import { LRUCache } from "lru-cache";
import type { Store } from "../../kit/kv.ts";
import type { IndexedPost } from "./document.ts";
import { documentKey } from "./keys.ts";

// Of terms, texts and the row around them; about 10,000 documents.
const KEPT_BYTES = 24_000_000;
const ROW_BYTES = 600;

const kept = new WeakMap<Store, LRUCache<number, IndexedPost>>();

/** The documents of these numbers, null for one that is gone: in one round at most, and in none where all are known, since none ever changes. */
export async function readDocuments(
  store: Store,
  ns: readonly number[],
): Promise<(IndexedPost | null)[]> {
  const known = knownTo(store);
  const rows = ns.map((n) => known.get(n) ?? null);
  const unknown = ns.filter((_, i) => rows[i] === null);
  const entries = await store.getMany<IndexedPost>(unknown.map(documentKey));
  const read = new Map(entries.map(({ value }, i) => [unknown[i], value]));
  for (const [n, row] of read) if (row) known.set(n, row);
  return rows.map((row, i) => row ?? read.get(ns[i]) ?? null);
}

function knownTo(store: Store): LRUCache<number, IndexedPost> {
  let known = kept.get(store);
  if (!known) {
    known = new LRUCache({ maxSize: KEPT_BYTES, sizeCalculation: sizeOf });
    kept.set(store, known);
  }
  return known;
}

function sizeOf({ terms, masks, title, excerpt, description }: IndexedPost): number {
  const text = terms.length + title.length + excerpt.length + description.length;
  return ROW_BYTES + 2 * text + masks.length;
}
