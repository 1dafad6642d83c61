import type { Reads } from "../../kit/kv.ts";
import { blogFilter, type IndexedPost } from "./document.ts";
import { findThrough, type SearchEngine } from "./engine.ts";
import { documentKey } from "./keys.ts";
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
export async function findDocuments(reads: Reads, question: Question): Promise<Found> {
  const { log, engine, filters, offset, limit } = question;
  if (question.query.any.length === 0) return { total: 0, hits: [] };
  const query = hideBlogs(question.query, log.hidden);
  const without = [...log.dead, ...log.adds.keys()];
  const logged = searchLog(log, query, filters);
  if (engine) {
    const postings = logged.map(({ n }) => ({ n, posting: log.adds.get(n)! }));
    return await findThrough(engine, { query, filters, logged: postings, without, offset, limit });
  }
  const page = { offset: 0, limit: offset + limit, without };
  const merged = await searchLists(reads.store, { query, filters }, page);
  const hits = logged.length ? [...merged.hits, ...logged].sort(byRank) : merged.hits;
  return { total: merged.total + logged.length, hits: hits.slice(offset, offset + limit) };
}

/** The documents of these numbers, in one round; null for one that is gone meanwhile. */
export async function readDocuments(
  reads: Reads,
  ns: readonly number[],
): Promise<(IndexedPost | null)[]> {
  const entries = await Promise.all(ns.map((n) => reads.get<IndexedPost>(documentKey(n))));
  return entries.map(({ value }) => value);
}

function hideBlogs(query: Query, blogs: string[]): Query {
  if (blogs.length === 0) return query;
  const hidden = blogs.map((blog) => [blogFilter(blog)]);
  const any = query.any.map(({ all, none }) => ({ all, none: [...none, ...hidden] }));
  return { ...query, any };
}

function searchLog({ adds }: Log, query: Query, filters: readonly string[]): Hit[] {
  const hits = [...adds].flatMap(([n, posting]) => {
    const score = scoreDocument(posting, query, filters);
    return score === null ? [] : [{ n, score }];
  });
  return hits.sort(byRank);
}

function byRank(a: Hit, b: Hit): number {
  return b.score - a.score || b.n - a.n;
}
