import type { Store } from "../../kit/kv.ts";
import { blogFilter, type Posting } from "./document.ts";
import { readDocuments } from "./documents.ts";
import { findThrough, type SearchEngine } from "./engine.ts";
import { type Found, type Hit, searchLists } from "./lists.ts";
import type { Log } from "./log.ts";
import { scoreDocument } from "./match.ts";
import type { Query } from "./query.ts";

/** What is to be found. */
export type Question = {
  /** read before: see `readLog` */
  log: Log;
  query: Query;
  /** terms that a document must have, and that add no score: `@blog`, `#tag`, `~lang` */
  filters: readonly string[];
  offset: number;
  limit: number;
  /** what holds the merged documents, where it is not the posting lists */
  engine?: SearchEngine;
};

/** One round: what the posting lists or the engine have, and over it what the log says. What comes or goes meanwhile is found or not. */
export async function findDocuments(store: Store, question: Question): Promise<Found> {
  const { log, engine, filters, offset, limit } = question;
  if (question.query.any.length === 0) return { total: 0, hits: [] };
  const query = hideBlogs(question.query, log.hidden);
  const without = [...log.dead, ...log.adds];
  const matching = matchLog(store, log, { query, filters });
  if (engine) {
    const logged = await matching;
    return await findThrough(engine, { query, filters, logged, without, offset, limit });
  }
  const page = { offset: 0, limit: offset + limit, without };
  const [logged, merged] = await Promise.all([
    matching,
    searchLists(store, { query, filters }, page),
  ]);
  const added = logged.map(({ n, score }) => ({ n, score }));
  const hits = added.length ? [...merged.hits, ...added].sort(byRank) : merged.hits;
  return { total: merged.total + added.length, hits: hits.slice(offset, offset + limit) };
}

function hideBlogs(query: Query, blogs: Set<string>): Query {
  if (blogs.size === 0) return query;
  const hidden = [...blogs].map((blog) => [blogFilter(blog)]);
  const any = query.any.map(({ all, none }) => ({ all, none: [...none, ...hidden] }));
  return { ...query, any };
}

// One that is gone by now was killed since the log was read.
async function matchLog(
  store: Store,
  { adds, hidden }: Log,
  { query, filters }: { query: Query; filters: readonly string[] },
): Promise<(Hit & { posting: Posting })[]> {
  const ns = [...adds];
  const documents = await readDocuments(store, ns);
  return documents.flatMap((posting, i) => {
    if (posting === null || hidden.has(posting.blog)) return [];
    const score = scoreDocument(posting, query, filters);
    return score === null ? [] : [{ n: ns[i], score, posting }];
  });
}

function byRank(a: Hit, b: Hit): number {
  return b.score - a.score || b.n - a.n;
}
