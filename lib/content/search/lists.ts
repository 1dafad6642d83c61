import type { Range, Store } from "../../kit/kv.ts";
import { type Chunk, decodePostings, matchPostings } from "./codec.ts";
import { chunksOf, LANGUAGE_ROWS, readChunkKey } from "./keys.ts";
import { meanScore } from "./match.ts";
import type { Conjunction, Query } from "./query.ts";
import { SCORES } from "./score.ts";

/** A document found, and its score for the query. */
export type Hit = { n: number; score: number };
/** How many documents match in all, and those of one page: best first, of equals the latest. */
export type Found = { total: number; hits: Hit[] };
/** Which of the hits; `without` are documents to be left out of them and of the total. */
export type Page = { offset: number; limit: number; without: readonly number[] };

type Lists = { of: Map<string, Chunk[]>; all: Chunk[][] };
// Documents, ascending, and the sum of what their terms have scored so far.
type Candidates = { numbers: Float64Array; sums: Float64Array };

/** Searches the posting lists alone, in one round; `filters` must all match and add no score. */
export async function searchLists(
  store: Store,
  what: { query: Query; filters: readonly string[] },
  page: Page,
): Promise<Found> {
  const { query, filters } = what;
  if (query.any.length === 0) return { total: 0, hits: [] };
  const lists = await readLists(store, what);
  // Of alternatives, each scored by itself, every list would be read once for each of them.
  const alone = query.any.length === 1;
  const options = { filters, scored: alone ? query.scored : [] };
  const found = query.any.map((part) => findAll(lists, part, options)).reduce(unite);
  if (!alone) { for (const term of query.scored) addScores(found, lists.of.get(term)!); }
  dropNumbers(found, Float64Array.from(page.without).sort());
  return { total: found.numbers.length, hits: best(found, query, page) };
}

async function readLists(
  store: Store,
  { query, filters }: { query: Query; filters: readonly string[] },
): Promise<Lists> {
  const { any, scored } = query;
  const terms = [
    ...filters,
    ...scored,
    ...any.flatMap(({ all, none }) => [...all, ...none.flat()]),
  ];
  const distinct = [...new Set(terms)];
  const needsAll = filters.length === 0 && any.some(({ all }) => all.length === 0);
  const [all, ...each] = await Promise.all([
    needsAll ? readChunks(store, LANGUAGE_ROWS) : new Map<string, Chunk[]>(),
    ...distinct.map((term) => readChunks(store, chunksOf(term))),
  ]);
  return {
    of: new Map(distinct.map((term, i) => [term, each[i].get(term) ?? []])),
    all: [...all.values()],
  };
}

async function readChunks(store: Store, range: Range): Promise<Map<string, Chunk[]>> {
  const lists = new Map<string, Chunk[]>();
  for (const { key, value } of await store.list<Uint8Array>(range, Infinity)) {
    const { term, first } = readChunkKey(key);
    const chunks = lists.get(term);
    if (chunks) chunks.push({ first, bytes: value });
    else lists.set(term, [{ first, bytes: value }]);
  }
  return lists;
}

function findAll(
  lists: Lists,
  { all, none }: Conjunction,
  { filters, scored }: { filters: readonly string[]; scored: readonly string[] },
): Candidates {
  const terms = [...new Set([...all, ...filters])];
  const ordered = terms.map((term) => ({ chunks: lists.of.get(term)!, term }))
    .toSorted((a, b) => sizeOf(a.chunks) - sizeOf(b.chunks));
  const isScored = (term: string) => scored.includes(term);
  const [shortest, ...longer] = ordered;
  const found = shortest ? openList(shortest.chunks, isScored(shortest.term)) : openAll(lists.all);
  for (const { chunks, term } of longer) keepListed(found, chunks, isScored(term));
  for (const group of none) dropGroup(found, group.map((term) => lists.of.get(term)!));
  return found;
}

function sizeOf(chunks: Chunk[]): number {
  return chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

function openList(chunks: Chunk[], scored: boolean): Candidates {
  const { numbers, masks } = decodePostings(chunks);
  const sums = new Float64Array(numbers.length);
  if (scored) { for (let i = 0; i < sums.length; i++) sums[i] = SCORES[masks[i]]; }
  return { numbers, sums };
}

// The lists of all languages, which share no document.
function openAll(lists: Chunk[][]): Candidates {
  const parts = lists.map((chunks) => decodePostings(chunks).numbers);
  const numbers = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  for (let i = 0, at = 0; i < parts.length; at += parts[i++].length) numbers.set(parts[i], at);
  return { numbers: numbers.sort(), sums: new Float64Array(numbers.length) };
}

function keepListed(found: Candidates, chunks: Chunk[], scored: boolean): void {
  const { numbers, sums } = found;
  const { at, masks, count } = matchPostings(chunks, numbers);
  for (let i = 0; i < count; i++) {
    numbers[i] = numbers[at[i]];
    sums[i] = scored ? sums[at[i]] + SCORES[masks[i]] : sums[at[i]];
  }
  found.numbers = numbers.subarray(0, count);
  found.sums = sums.subarray(0, count);
}

function addScores({ numbers, sums }: Candidates, chunks: Chunk[]): void {
  const { at, masks, count } = matchPostings(chunks, numbers);
  for (let i = 0; i < count; i++) sums[at[i]] += SCORES[masks[i]];
}

function dropGroup(found: Candidates, group: Chunk[][]): void {
  let numbers = found.numbers;
  for (const chunks of group) {
    const { at, count } = matchPostings(chunks, numbers);
    const kept = new Float64Array(count);
    for (let i = 0; i < count; i++) kept[i] = numbers[at[i]];
    numbers = kept;
  }
  dropNumbers(found, numbers);
}

function dropNumbers(found: Candidates, dropped: Float64Array): void {
  const { numbers, sums } = found;
  let count = 0;
  for (let i = 0, d = 0; i < numbers.length; i++) {
    while (dropped[d] < numbers[i]) d++;
    if (dropped[d] === numbers[i]) continue;
    numbers[count] = numbers[i];
    sums[count++] = sums[i];
  }
  found.numbers = numbers.subarray(0, count);
  found.sums = sums.subarray(0, count);
}

function unite(a: Candidates, b: Candidates): Candidates {
  const numbers = new Float64Array(a.numbers.length + b.numbers.length);
  const sums = new Float64Array(numbers.length);
  let count = 0;
  for (let i = 0, j = 0; i < a.numbers.length || j < b.numbers.length;) {
    const left = i < a.numbers.length ? a.numbers[i] : Infinity;
    const right = j < b.numbers.length ? b.numbers[j] : Infinity;
    numbers[count] = Math.min(left, right);
    sums[count++] = left <= right ? a.sums[i] : b.sums[j];
    if (left <= right) i++;
    if (right <= left) j++;
  }
  return { numbers: numbers.subarray(0, count), sums: sums.subarray(0, count) };
}

function best({ numbers, sums }: Candidates, query: Query, { offset, limit }: Page): Hit[] {
  const wanted = offset + limit;
  if (limit === 0) return [];
  const scores = new Float32Array(sums.length);
  for (let i = 0; i < scores.length; i++) scores[i] = meanScore(sums[i], query);
  let top: number[] = [];
  let floor = -1;
  const cut = () => {
    top = top.sort((a, b) => scores[b] - scores[a] || b - a).slice(0, wanted);
    if (top.length === wanted) floor = scores[top[wanted - 1]];
  };
  // The latest first: what comes after it must be better, not equal.
  for (let i = scores.length - 1; i >= 0; i--) {
    if (scores[i] <= floor) continue;
    top.push(i);
    if (top.length >= 2 * wanted) cut();
  }
  cut();
  return top.slice(offset).map((i) => ({ n: numbers[i], score: scores[i] }));
}
