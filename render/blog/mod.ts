export { readingMinutes } from "./language.ts";
export { archivePage, indexPage, tagPage } from "./lists.ts";
export { gonePage, notFoundPage } from "./notices.ts";
export { PLATFORM_CSP, platformNotFound } from "./platform.ts";
export { postPage } from "./post.ts";
export { safeCss } from "./safe_css.ts";
export { searchPage, type SearchResults } from "./search.ts";
export { type Asset, ASSETS, MERMAID_PATH } from "./scripts.ts";
export { checkLayout } from "./template.ts";
export type {
  Month,
  Page,
  Paged,
  PostPage,
  PostSummary,
  Site,
  Theme,
  TitlePatterns,
  Uses,
} from "./types.ts";
export { searchPath } from "./urls.ts";
export { TITLE_PATTERN, titlePatternFault } from "./title.ts";
export { DESIGN_VERSION } from "./version.ts";
