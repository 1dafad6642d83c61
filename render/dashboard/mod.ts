export {
  type AnalyticsFigures,
  analyticsMain,
  noAnalyticsMain,
  type Period,
  PERIODS,
  postAnalyticsMain,
} from "./analytics.tsx";
export { accountMain } from "./account.tsx";
export { apiKeysMain } from "./api_keys.tsx";
export { appsMain } from "./apps.tsx";
export { DIAGRAMS_PATH, type Script, SCRIPTS, STYLE_SHEET } from "./assets.ts";
export { type Billing, billingMain, type Gauge, sayBytes } from "./billing.tsx";
export type { ScopeWords, TypedCredential } from "./credentials.tsx";
export { blogPath, type Content, dashboardPage, type Frame } from "./document.tsx";
export { domainMain } from "./domain.tsx";
export { type Home, homeMain } from "./home.tsx";
export { mediaMain, mediaPath, type NotUploaded } from "./media.tsx";
export type { ShownNotice } from "./notices.tsx";
export { overviewMain } from "./overview.tsx";
export type { Faults } from "./parts.tsx";
export { ORDERS, postsMain, type PostsPage, type PostsView, viewQuery } from "./posts.tsx";
export { tokensMain } from "./tokens.tsx";
export { webhookMain } from "./webhook.tsx";
export { type EventWords, type TypedHook, webhooksMain } from "./webhooks.tsx";
export { settingsMain, type TypedSettings } from "./settings.tsx";
export { THEME_LABELS, themeMain, type ThemeTexts } from "./theme.tsx";
