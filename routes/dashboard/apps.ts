import { Hono } from "hono";
import { type ConnectedApp, disconnectApp, listApps } from "../../lib/account/oauth/apps.ts";
import { destinationOf } from "../../lib/account/oauth/redirects.ts";
import { SCOPE_WORDS } from "../../lib/account/oauth/scope.ts";
import { appsMain } from "../../render/dashboard/mod.ts";
import type { Env } from "../_admit.ts";
import { goTo } from "../auth/_visit.ts";
import { type Page, page, send } from "./_page.ts";

const PER_PAGE = 20;

/** The apps that an account has let in. */
export function appRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.get("/app/apps", page(env, showApps));
  app.post("/app/apps/:id/disconnect", page(env, endApp));
  return app;
}

async function showApps(page: Page): Promise<Response> {
  const { ctx, visit: { url } } = page;
  const after = url.searchParams.get("after");
  const query = { limit: PER_PAGE, cursor: after ?? undefined };
  const { data, next_cursor: next } = await listApps(ctx, query);
  const main = appsMain({
    apps: data.map(inWords),
    place: { after, next },
    mcp: `${ctx.deps.config.origin}/mcp`,
  });
  const said = url.searchParams.get("done") ? "The app was disconnected." : null;
  return send(page, { title: "Connected apps", tab: "/apps", main, said });
}

async function endApp({ ctx, visit }: Page): Promise<Response> {
  await disconnectApp(ctx, visit.params.id);
  return goTo(visit, "/app/apps?done=disconnected");
}

function inWords({ redirect_uris, scopes, ...app }: ConnectedApp) {
  return {
    ...app,
    destinations: [...new Set(redirect_uris.map(destinationOf))],
    may: scopes.map((scope) => SCOPE_WORDS[scope as keyof typeof SCOPE_WORDS]),
  };
}
