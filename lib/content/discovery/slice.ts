import { AppError } from "../../kit/errors.ts";
import {
  decodeCursor,
  encodeCursor,
  type PageRequest,
  type Pagination,
  pagination,
} from "../../kit/page.ts";
import type { Found, Hit } from "../search/mod.ts";

/** Which of the hits are asked for: a page by its number, or those after a cursor. */
export type Slice = { page: PageRequest } | { limit: number; cursor?: string };
/** What a list of hits has beside its data. */
export type Paging = { pagination: Pagination } | { next_cursor: string | null };
/** Where hits come from; `ranked`: by their score, and of equals the highest number first. */
export type Source = {
  ranked: boolean;
  ask: (page: { offset: number; limit: number }) => Promise<Found>;
};
// The last hit that was given, and how many there were up to it.
type Place = Hit & { seen: number };

// So many may come or go before the place of a cursor without a second search.
const SLACK = 20;

/** The hits of a slice; throws 400 where its cursor is none. */
export async function findSlice(
  source: Source,
  slice: Slice,
): Promise<{ hits: Hit[]; paging: Paging }> {
  if (!("page" in slice)) return await findAfter(source, slice);
  const { number, size } = slice.page;
  const { hits, total } = await source.ask({ offset: (number - 1) * size, limit: size });
  return { hits, paging: { pagination: pagination(slice.page, total) } };
}

// A document keeps its score and its number: none is skipped or repeated while others come and go.
async function findAfter(source: Source, { limit, cursor }: { limit: number; cursor?: string }) {
  const place = cursor ? placeOf(cursor) : { seen: 0, score: Infinity, n: Infinity };
  const offset = Math.max(0, place.seen - SLACK);
  for (let page = { offset, limit: 2 * SLACK + limit + 1 };;) {
    const { hits, total } = await source.ask(page);
    const rest = hits.slice(source.ranked ? rankOf(hits, place) : placeAmong(hits, page, place));
    const reachesBack = page.offset === 0 || rest.length < hits.length;
    const more = rest.length > limit;
    if (reachesBack && (more || page.offset + page.limit >= total)) {
      const { n, score } = rest[limit - 1] ?? place;
      const seen = page.offset + hits.length - rest.length + limit;
      const next = more ? encodeCursor({ order: "desc", after: [seen, score, n] }) : null;
      return { hits: rest.slice(0, limit), paging: { next_cursor: next } };
    }
    page = { offset: 0, limit: total + SLACK };
  }
}

function placeOf(cursor: string): Place {
  const [seen, score, n] = decodeCursor(cursor, ["number", "number", "number"]).after as number[];
  if (!Number.isSafeInteger(seen) || seen < 1) throw new AppError("cursor_malformed");
  return { seen, score, n };
}

// How many hits come up to a place, itself among them.
function rankOf(hits: Hit[], { score, n }: Place): number {
  const next = hits.findIndex((hit) => hit.score < score || (hit.score === score && hit.n < n));
  return next < 0 ? hits.length : next;
}

// The same where the order says nothing: a document that is gone is taken to have stood where it did.
function placeAmong(hits: Hit[], { offset }: { offset: number }, { seen, n }: Place): number {
  const at = hits.findIndex((hit) => hit.n === n);
  return at < 0 ? Math.min(hits.length, seen - offset) : at + 1;
}
