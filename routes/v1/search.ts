import {
  discoverPosts,
  DiscoverQuery,
  Discovery,
  prefetchLog,
  searchPosts,
  SearchQuery,
  SearchResult,
  type Slice,
} from "../../lib/content/discovery/mod.ts";
import { CursorQuery, operation, pagedListOf, pageQuery, route } from "../_operation.ts";

const acts = { tag: "Search", method: "get" } as const;
const paging = { ...pageQuery(50).shape, ...CursorQuery.shape };

const search = operation({
  ...acts,
  path: "/search",
  operationId: "searchPosts",
  summary: "Search a blog's posts",
  description:
    "The published ones, best first: by title (weight 1), description (0.4), h2 and h3 headings (0.2) and tags (0.1). English words match by their stem. A test key searches the newest 200 posts of the sandbox.",
  scope: "search:read",
  reasons: ["cursor_malformed", "search_unavailable"],
  blog: "resolved",
  sandbox: true,
  query: SearchQuery.extend(paging),
  answer: {
    status: 200,
    schema: pagedListOf(SearchResult, "SearchResultList"),
    description: "A page of posts.",
  },
});
const discover = operation({
  ...acts,
  path: "/discover",
  operationId: "discoverPosts",
  summary: "Search the posts of all blogs",
  description:
    "For anyone, as `GET /search` does; counted against the caller's address, in rate limit headers of its own.",
  scope: null,
  reasons: ["cursor_malformed", "search_unavailable"],
  query: DiscoverQuery.extend(paging),
  answer: {
    status: 200,
    schema: pagedListOf(Discovery, "DiscoveryList"),
    description: "A page of posts.",
  },
});

type Paging = { page?: number; per_page?: number; limit?: number; cursor?: string };

function slice({ page = 1, per_page = 20, limit, cursor }: Paging): Slice {
  return limit === undefined && cursor === undefined
    ? { page: { number: page, size: per_page } }
    : { limit: limit ?? 50, cursor };
}

export const searches = [
  route(
    search,
    ({ ctx, query: { q, ...paging } }) => searchPosts(ctx, { q, ...slice(paging) }),
    ({ ctx }) => prefetchLog(ctx),
  ),
  route(
    discover,
    ({ ctx, query: { q, tag, lang, ...paging } }) =>
      discoverPosts(ctx, { q, tag, lang, ...slice(paging) }),
    ({ ctx }) => prefetchLog(ctx),
  ),
];
