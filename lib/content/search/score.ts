// Of a hit in the title, the description, a heading, a tag.
const WEIGHTS = [1, 0.4, 0.2, 0.1];
const MAX_HITS = 3;
// The sum of 1/j² over all j: what bounds a score to its weight.
const LIMIT = 1.64493406685;

/** The score of a term by its mask: PostgreSQL's `ts_rank` of it alone, Σ weight_j / j² / (π²/6). */
export const SCORES: Float64Array = Float64Array.from({ length: 256 }, (_, mask) => {
  let sum = 0;
  let j = 0;
  WEIGHTS.forEach((weight, field) => {
    for (let hits = mask >> 2 * field & MAX_HITS; hits > 0; hits--) sum += weight / ++j ** 2;
  });
  return sum / LIMIT;
});

/** Hits in title, description, headings and tags as one byte, two bits each, the title's lowest; more than 3 count as 3. */
export function maskOf(hits: [number, number, number, number]): number {
  return hits.reduce((mask, n, field) => mask | Math.min(n, MAX_HITS) << 2 * field, 0);
}
