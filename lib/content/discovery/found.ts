import type { Ctx, Deps } from "../../ctx.ts";
import { iso } from "../../kit/input.ts";
import type { Reads } from "../../kit/kv.ts";
import { type BlogRow, blogUrl } from "../blogs.ts";
import { searchEngine } from "../search/meilisearch.ts";
import {
  findDocuments,
  type IndexedPost,
  type Log,
  parseQuery,
  readDocuments,
  readLog,
} from "../search/mod.ts";
import type { SearchResult } from "./schema.ts";
import { findSlice, type Paging, type Slice } from "./slice.ts";

const logs = new WeakMap<Reads, Promise<Log>>();

/** Sends the read of what is not merged yet out with the reads that judge the request. */
export function prefetchLog(ctx: Ctx): void {
  if (ctx.actor.mode === "live") logOf(ctx);
}

function logOf({ reads }: Ctx): Promise<Log> {
  let log = logs.get(reads);
  if (!log) {
    logs.set(reads, log = readLog(reads.store));
    // A request that is refused never waits for it.
    log.catch(() => {});
  }
  return log;
}

/** The documents that match `q` and have all filters: those of a slice, best first. Two rounds, or one more where the log was not sent for. */
export async function findPosts(
  ctx: Ctx,
  { q, filters, slice }: { q: string; filters: string[]; slice: Slice },
): Promise<{ posts: IndexedPost[]; paging: Paging }> {
  const { deps } = ctx;
  const engine = searchEngine(deps) ?? undefined;
  const question = { query: parseQuery(q), filters, engine, log: await logOf(ctx) };
  const { hits, paging } = await findSlice({
    ranked: !engine,
    ask: (page) => findDocuments(deps.store, { ...question, ...page }),
  }, slice);
  const posts = await readDocuments(deps.store, hits.map(({ n }) => n));
  return { posts: posts.filter((post) => post !== null), paging };
}

/** A found post, as answers show it. */
export function present(
  deps: Deps,
  blog: Pick<BlogRow, "slug" | "domain">,
  post: Omit<IndexedPost, "terms" | "masks" | "post" | "blog" | "owner">,
): SearchResult {
  return {
    title: post.title,
    slug: post.slug,
    url: `${blogUrl(deps, blog)}/${post.slug}`,
    excerpt: post.excerpt,
    meta_description: post.description,
    tags: post.tags,
    lang: post.lang,
    created_at: iso(post.createdAt),
    published_at: iso(post.publishedAt),
  };
}
