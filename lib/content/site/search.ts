import type { Deps } from "../../ctx.ts";
import { characters, iso } from "../../kit/input.ts";
import { span } from "../../kit/observe.ts";
import { type PostSummary, searchPage, type SearchResults } from "../../../render/blog/mod.ts";
import { blogUrl } from "../blogs.ts";
import { slugKey, type SlugRow } from "../posts/_record.ts";
import { pageKey, type Shell, siteOf } from "../posts/page.ts";
import { MAX_QUERY } from "../discovery/schema.ts";
import { searchEngine } from "../search/meilisearch.ts";
import {
  blogFilter,
  findDocuments,
  type IndexedPost,
  type Log,
  parseQuery,
  readDocuments,
  readLog,
} from "../search/mod.ts";
import { viewNotFound, viewPost } from "./pages.ts";
import { readShell, show, type View } from "./shell.ts";

const SLUG = "search";
const POSTS_A_PAGE = 20;

/** The page that searches a blog, or the post of that name; `page` from 1, 404 where there is none of that number. */
export async function viewSearch(
  deps: Deps,
  subdomain: string,
  { q, page }: { q: string; page: number },
): Promise<View> {
  const tooLong = characters(q) > MAX_QUERY;
  const log = q !== "" && !tooLong && page > 0 ? readLog(deps.store) : null;
  // Never waited for where the blog is gone, or a post is there.
  log?.catch(() => {});
  const found = await readShell(
    deps,
    subdomain,
    (blog) => [pageKey(blog, SLUG), slugKey(blog, SLUG)],
  );
  if ("kind" in found) return found;
  const { shell, until, rows: [post, held] } = found;
  if (post.value || isRedirect(held.value)) {
    const view = await viewPost(deps, subdomain, SLUG);
    if (view.kind !== "page") return view;
    if (view.status === 200) return q || page !== 1 ? { ...view, keep: null } : view;
  }
  let results: SearchResults | null = null;
  if (tooLong) results = { kind: "too_long", max: MAX_QUERY };
  else if (log) results = await search(deps, shell, { log: await log, q, page });
  else if (page === 1) results = { kind: "none" };
  if (!results) return await viewNotFound(deps, subdomain);
  const site = await siteOf(deps, shell);
  const { html, csp } = await span("render search", () => searchPage(site, { q, results }));
  return await show(html, {
    status: tooLong ? 400 : 200,
    type: "text/html; charset=utf-8",
    csp,
    keep: tooLong ? null : { group: shell.blog.id, until },
  });
}

function isRedirect(held: unknown): boolean {
  return held !== null && "redirect" in (held as SlugRow);
}

async function search(
  deps: Deps,
  shell: Shell,
  { log, q, page }: { log: Log; q: string; page: number },
): Promise<SearchResults | null> {
  const { total, hits } = await findDocuments(deps.store, {
    log,
    query: parseQuery(q),
    filters: [blogFilter(shell.blog.id)],
    engine: searchEngine(deps) ?? undefined,
    offset: (page - 1) * POSTS_A_PAGE,
    limit: POSTS_A_PAGE,
  });
  const totalPages = Math.max(1, Math.ceil(total / POSTS_A_PAGE));
  if (page > totalPages) return null;
  const posts = await readDocuments(deps.store, hits.map(({ n }) => n));
  const shown = posts.flatMap((post) => post ? [summaryOf(deps, shell, post)] : []);
  return { kind: "found", total, page, totalPages, posts: shown };
}

function summaryOf(deps: Deps, shell: Shell, post: IndexedPost): PostSummary {
  const { title, slug, description, tags, publishedAt, lang } = post;
  const url = `${blogUrl(deps, shell.blog)}/${slug}`;
  return { title, url, description, tags, publishedAt: iso(publishedAt), lang };
}
