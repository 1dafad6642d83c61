import { isDeepStrictEqual } from "node:util";
import type { Range, Store } from "../../kit/kv.ts";
import { type Chunk, decodePostings, encodePostings, type Postings } from "./codec.ts";
import { chunkKey, chunksOf, readChunkKey } from "./keys.ts";
import type { Write } from "./lease.ts";

/** What one term's list is to gain (number → mask) and to lose. */
export type TermChange = { add: Map<number, number>; remove: Set<number> };

// A chunk, null for one to be made, and which documents of a change fall into it, from the highest.
type Part = { chunk: Chunk | null; numbers: number[] };
// With more than so many documents before the last chunk, the whole list is read at once.
const LOOKUPS = 8;

/** The writes that change a term's list, in groups: each must be one commit, or a reader misses documents. */
export async function planTerm(
  store: Store,
  term: string,
  options: { change: TermChange; chunkBytes: number },
): Promise<Write[][]> {
  const { add, remove } = options.change;
  const numbers = [...new Set([...add.keys(), ...remove])].sort((a, b) => b - a);
  const { parts, before } = await placeAll(store, term, numbers);
  const early = before.filter((n) => add.has(n));
  if (early.length) {
    // Older than all that the list has: its first chunk takes them.
    const [chunk = null] = await readChunks(store, chunksOf(term), 1);
    const known = parts.find((part) => part.chunk?.first === chunk?.first);
    if (known) known.numbers.push(...early);
    else parts.push({ chunk, numbers: early });
  }
  return parts.map((part) => rewrite(term, part, options)).filter((writes) => writes.length > 0);
}

// `before` are the numbers below all chunks.
async function placeAll(
  store: Store,
  term: string,
  numbers: number[],
): Promise<{ parts: Part[]; before: number[] }> {
  const parts: Part[] = [];
  let known = await readChunks(store, chunksOf(term, { reverse: true }), 1);
  let whole = known.length === 0;
  for (let i = 0; i < numbers.length;) {
    const holds = ({ first }: Chunk) => first <= numbers[i];
    if (!known.some(holds) && !whole) {
      whole = numbers.length - i > LOOKUPS;
      const range = chunksOf(term, { reverse: true, upTo: numbers[i] });
      known = await readChunks(store, range, whole ? Infinity : 1);
    }
    const chunk = known.find(holds);
    if (!chunk) return { parts, before: numbers.slice(i) };
    const from = i;
    while (i < numbers.length && numbers[i] >= chunk.first) i++;
    parts.push({ chunk, numbers: numbers.slice(from, i) });
  }
  return { parts, before: [] };
}

async function readChunks(store: Store, range: Range, limit: number): Promise<Chunk[]> {
  const rows = await store.list<Uint8Array>(range, limit);
  return rows.map(({ key, value }) => ({ first: readChunkKey(key).first, bytes: value }));
}

function rewrite(
  term: string,
  { chunk, numbers }: Part,
  { change, chunkBytes }: { change: TermChange; chunkBytes: number },
): Write[] {
  const before = decodePostings(chunk ? [chunk] : []);
  const pieces = encodePostings(changePostings(before, numbers, change), chunkBytes);
  if (chunk && pieces.length === 1 && isDeepStrictEqual(pieces[0].bytes, chunk.bytes)) return [];
  // Its key must not be above its first document: a chunk that begins earlier now moves.
  const stays = chunk !== null && pieces.length > 0 && chunk.first <= pieces[0].first;
  const writes: Write[] = pieces.map(({ first, bytes }, i) => ({
    key: chunkKey(term, stays && i === 0 ? chunk.first : first),
    value: bytes,
  }));
  if (chunk && !stays) writes.push({ key: chunkKey(term, chunk.first) });
  return writes;
}

// `numbers` are those of the change that concern these postings, from the highest.
function changePostings(before: Postings, numbers: number[], change: TermChange): Postings {
  const size = before.numbers.length + numbers.length;
  const after = { numbers: new Float64Array(size), masks: new Uint8Array(size) };
  let count = 0;
  let from = 0;
  const copyUpTo = (n: number) => {
    let to = from;
    while (to < before.numbers.length && before.numbers[to] < n) to++;
    after.numbers.set(before.numbers.subarray(from, to), count);
    after.masks.set(before.masks.subarray(from, to), count);
    count += to - from;
    from = before.numbers[to] === n ? to + 1 : to;
  };
  for (const n of numbers.toReversed()) {
    copyUpTo(n);
    const mask = change.add.get(n);
    if (mask === undefined) continue;
    after.numbers[count] = n;
    after.masks[count++] = mask;
  }
  copyUpTo(Infinity);
  return { numbers: after.numbers.subarray(0, count), masks: after.masks.subarray(0, count) };
}
