import { queryTermsOf } from "./text.ts";

/** What to find: a document that matches one of `any`. `scored` are the distinct terms that are not negated. */
export type Query = { any: Conjunction[]; scored: string[] };
/** Matches a document that has all of `all`, and of no group of `none` every term. */
export type Conjunction = { all: string[]; none: string[][] };

const MAX_LENGTH = 1000;
// Each is a posting list to read.
const MAX_TERMS = 128;
// Minus signs before an operand, past the signs that PostgreSQL's operators are written with, which it skips.
const OPERAND = /([-!&|()]*)(?:"([^"]*)"?|([^\s"!&|()]+))/g;
const OR = /^or(?![-_\p{L}\p{N}])/iu;

/**
 * Reads `q` as PostgreSQL's `websearch_to_tsquery('english', q)` does, but for quoted words, which
 * may stand apart, and a minus sign with a space behind, which negates nothing. Of stopwords alone:
 * a query that finds nothing. Beyond 1,000 characters or 128 terms the rest is left out.
 */
export function parseQuery(q: string): Query {
  const any: Conjunction[] = [];
  const seen = new Set<string>();
  const scored = new Set<string>();
  let current: Conjunction = { all: [], none: [] };
  const finish = () => {
    if (current.all.length + current.none.length > 0) any.push(current);
    current = { all: [], none: [] };
  };
  const text = q.slice(0, MAX_LENGTH).replace(/[“”„＂]/g, '"').replaceAll("－", "-");
  for (const [, signs, quoted, word] of text.matchAll(OPERAND)) {
    const negated = signs.split("-").length % 2 === 0;
    // Itself a stopword, it adds nothing.
    if (!signs.includes("-") && word && OR.test(word)) finish();
    const terms = [...new Set(queryTermsOf(word ?? quoted))];
    const room = terms.filter((term) => seen.has(term) || seen.size < MAX_TERMS && seen.add(term));
    if (!negated) {
      current.all = [...new Set([...current.all, ...room])];
      for (const term of room) scored.add(term);
    } else if (terms.length > 0 && room.length === terms.length) current.none.push(terms);
  }
  finish();
  return { any, scored: [...scored] };
}
