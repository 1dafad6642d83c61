import type { Ctx } from "../../ctx.ts";
import { under } from "../../kit/kv.ts";
import type { BlogRow } from "../blogs.ts";
import { indexedPost } from "../posts/indexed.ts";
import { postUrl } from "../posts/_present.ts";
import { type PostRow, postsPrefix } from "../posts/_record.ts";
import { scoreDocument } from "../search/match.ts";
import { type IndexedPost, parseQuery } from "../search/mod.ts";
import { present } from "./found.ts";
import type { SearchResult } from "./schema.ts";
import { findSlice, type Paging, type Slice } from "./slice.ts";

/** So many posts of a sandbox are searched, the newest; no index has them. */
export const SEARCHED_POSTS = 200;
// More than this at a time would hold up the requests that come in meanwhile.
const POSTS_AT_ONCE = 20;

/** The sandbox's published posts that match, found and ranked as the index would; at preview URLs. */
export async function searchSandbox(
  ctx: Ctx,
  { blog, q, slice }: { blog: BlogRow; q: string; slice: Slice },
): Promise<{ data: SearchResult[] } & Paging> {
  const { deps, now } = ctx;
  const newest = under(postsPrefix(blog.sandbox), true);
  const rows = await deps.store.list<PostRow>(newest, SEARCHED_POSTS);
  const posts = new Map<number, { row: PostRow; document: IndexedPost }>();
  let n = 0;
  for (const [i, { value: row }] of rows.toReversed().entries()) {
    if (i && i % POSTS_AT_ONCE === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    n = Math.max(n + 1, numberOf(row.id));
    const found = row.status === "published" && row.expiresAt! > now;
    if (found) posts.set(n, { row, document: indexedPost(row, blog.owner) });
  }
  const query = parseQuery(q);
  const all = [...posts].flatMap(([n, { document }]) => {
    const score = scoreDocument(document, query, []);
    return score === null ? [] : [{ n, score }];
  }).sort((a, b) => b.score - a.score || b.n - a.n);
  const { hits, paging } = await findSlice({
    ranked: true,
    ask: ({ offset, limit }) =>
      Promise.resolve({ total: all.length, hits: all.slice(offset, offset + limit) }),
  }, slice);
  const data = hits.map(({ n }) => {
    const { row, document } = posts.get(n)!;
    return { ...present(deps, blog, document), url: postUrl(deps, blog, row) };
  });
  return { data, ...paging };
}

// What a UUIDv7 has of time, and its first twelve random bits.
function numberOf(id: string): number {
  const time = parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  return time * 4096 + parseInt(id.slice(15, 18), 16);
}
