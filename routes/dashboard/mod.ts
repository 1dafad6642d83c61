import { Hono } from "hono";
import { AppError } from "../../lib/kit/errors.ts";
import type { Env } from "../_admit.ts";
import { page } from "./_page.ts";
import { analyticsRoutes } from "./analytics.ts";
import { accountRoutes } from "./account.ts";
import { apiKeyRoutes } from "./api_keys.ts";
import { appRoutes } from "./apps.ts";
import { assetRoutes } from "./assets.ts";
import { billingRoutes } from "./billing.ts";
import { domainRoutes } from "./domain.ts";
import { editorRoutes } from "./editor.ts";
import { homeRoutes } from "./home.ts";
import { mediaRoutes } from "./media.ts";
import { noticeRoutes } from "./notices.ts";
import { overviewRoutes } from "./overview.ts";
import { postRoutes } from "./posts.ts";
import { settingsRoutes } from "./settings.ts";
import { themeRoutes } from "./theme.ts";
import { tokenRoutes } from "./tokens.ts";
import { webhookRoutes } from "./webhook.ts";
import { webhooksRoutes } from "./webhooks.ts";

/** The dashboard under `/app`, and what its pages refer to. */
export function dashboard(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.route("/", assetRoutes());
  app.route("/", homeRoutes(env));
  app.route("/", billingRoutes(env));
  app.route("/", accountRoutes(env));
  app.route("/", noticeRoutes(env));
  app.route("/", overviewRoutes(env));
  app.route("/", postRoutes(env));
  app.route("/", editorRoutes(env));
  app.route("/", mediaRoutes(env));
  app.route("/", themeRoutes(env));
  app.route("/", domainRoutes(env));
  app.route("/", settingsRoutes(env));
  app.route("/", apiKeyRoutes(env));
  app.route("/", tokenRoutes(env));
  app.route("/", appRoutes(env));
  app.route("/", webhooksRoutes(env));
  app.route("/", webhookRoutes(env));
  app.route("/", analyticsRoutes(env));
  app.get("/app/*", page(env, () => Promise.reject(new AppError("not_found"))));
  return app;
}
