export { readingMinutes } from "./language.ts";
export { archivePage, indexPage, tagPage } from "./lists.ts";
export { gonePage, notFoundPage } from "./notices.ts";
export { PLATFORM_CSP, platformNotFound } from "./platform.ts";
export { postPage } from "./post.ts";
export { safeCss } from "./safe_css.ts";
export { type Asset, ASSETS, MERMAID_PATH } from "./scripts.ts";
export { checkLayout } from "./template.ts";
export type { Month, Page, Paged, PostPage, PostSummary, Site, Theme, Uses } from "./types.ts";
