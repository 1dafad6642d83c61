import type { Posting } from "./document.ts";
import type { Query } from "./query.ts";
import { SCORES } from "./score.ts";

const SPACE = 32;

/** Whether a document has a term. */
export function hasTerm(posting: Posting, term: string): boolean {
  return place(posting.terms, term) >= 0;
}

/** One document's score for a query, or null where it does not match. */
export function scoreDocument(
  posting: Posting,
  query: Query,
  filters: readonly string[],
): number | null {
  const has = (term: string) => hasTerm(posting, term);
  const matches = filters.every(has) &&
    query.any.some(({ all, none }) => all.every(has) && !none.some((group) => group.every(has)));
  if (!matches) return null;
  const sum = query.scored.reduce((sum, term) => sum + SCORES[maskOf(posting, term)], 0);
  return meanScore(sum, query);
}

/** The score of a document, given the sum of its terms'; in single precision, as PostgreSQL's: no order of summing shows. */
export function meanScore(sum: number, { scored }: Query): number {
  return scored.length ? Math.fround(sum / scored.length) : 0;
}

function maskOf({ terms, masks }: Posting, term: string): number {
  const at = place(terms, term);
  if (at < 0) return 0;
  let index = 0;
  for (let i = 0; i < at; i++) if (terms.charCodeAt(i) === SPACE) index++;
  return masks[index];
}

// Where a term begins; splitting every row of the log would take far longer.
function place(terms: string, term: string): number {
  for (let at = terms.indexOf(term); at >= 0; at = terms.indexOf(term, at + 1)) {
    const end = at + term.length;
    const whole = end === terms.length || terms.charCodeAt(end) === SPACE;
    if (whole && (at === 0 || terms.charCodeAt(at - 1) === SPACE)) return at;
  }
  return -1;
}
