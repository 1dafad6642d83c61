import { type Ctx, requireScope } from "../../ctx.ts";
import { decodeCursor, encodeCursor, readAfter } from "../../kit/page.ts";
import { summarise } from "./_present.ts";
import { filterName, type PostRow, postsPrefix } from "./_record.ts";
import { readBlog } from "./read.ts";
import type { PostSummary, Status } from "./schema.ts";
import { spaceOf } from "./write.ts";

/** One search reads so many posts in a round, and so many rounds at most. */
export const TITLE_SCAN = { batch: 500, rounds: 4 };

/** What is looked for: posts whose titles have every word of `q`, in any case, with or without accents. */
export type TitleQuery = {
  q: string;
  status?: Status;
  tag?: string;
  limit: number;
  cursor?: string;
};
/** `next_cursor` is null where every post was looked at; else there may be more. */
export type TitleSearch = { data: PostSummary[]; next_cursor: string | null };

/** Posts of every status by their titles, those created last first; a word may be part of one. */
export async function findByTitle(ctx: Ctx, query: TitleQuery): Promise<TitleSearch> {
  requireScope(ctx, "posts:read");
  const blog = await readBlog(ctx);
  const space = spaceOf(ctx, blog);
  const matches = titleMatcher(query.q);
  const fits = (row: PostRow) =>
    matches(row.title) && (!query.status || row.status === query.status) &&
    (!query.tag ||
      row.tags.some((tag) => filterName({ tag }) === filterName({ tag: query.tag }))) &&
    (row.expiresAt ?? Infinity) > ctx.now;
  const data: PostSummary[] = [];
  let at = query.cursor ?? null;
  for (let round = 0; round < TITLE_SCAN.rounds; round++) {
    const { rows, next } = await readAfter(ctx.deps.store, postsPrefix(space), {
      cursor: at === null ? null : decodeCursor(at, ["string"]),
      order: "desc",
      limit: TITLE_SCAN.batch,
      parts: 1,
    });
    for (const [i, { value }] of rows.entries()) {
      const row = value as PostRow;
      if (!fits(row)) continue;
      data.push(summarise(ctx.deps, blog, row));
      const rest = next !== null || i < rows.length - 1;
      if (data.length < query.limit) continue;
      return { data, next_cursor: rest ? encodeCursor({ order: "desc", after: [row.id] }) : null };
    }
    if (next === null) return { data, next_cursor: null };
    at = next;
  }
  return { data, next_cursor: at };
}

/** Judges titles by the words of a query, as `findByTitle` does; none fits a query without words. */
export function titleMatcher(q: string): (title: string) => boolean {
  const words = fold(q).split(/[\s"“”]+/).filter(Boolean);
  return (title) => {
    const folded = fold(title);
    return words.length > 0 && words.every((word) => folded.includes(word));
  };
}

// By way of capitals, as some letters have no small form of their own.
function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toUpperCase().toLowerCase();
}
