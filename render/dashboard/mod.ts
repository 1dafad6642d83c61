export {
  type AnalyticsFigures,
  analyticsMain,
  noAnalyticsMain,
  type Period,
  PERIODS,
  postAnalyticsMain,
} from "./analytics.tsx";
export { apiKeysMain, type ApiKeysPage, type TypedKey } from "./api_keys.tsx";
export { type Script, SCRIPTS, STYLE_SHEET } from "./assets.ts";
export { blogPath, type Content, dashboardPage, type Frame } from "./document.tsx";
export { type Home, homeMain } from "./home.tsx";
export { overviewMain } from "./overview.tsx";
export type { Faults } from "./parts.tsx";
export { ORDERS, postsMain, type PostsPage, type PostsView, viewQuery } from "./posts.tsx";
