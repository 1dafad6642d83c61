export { discoverPosts } from "./discover.ts";
export { prefetchLog } from "./found.ts";
export { searchPosts } from "./own.ts";
export { DiscoverQuery, Discovery, SearchQuery, SearchResult } from "./schema.ts";
export type { Slice } from "./slice.ts";
