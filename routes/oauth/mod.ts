import { Hono } from "hono";
import { cors } from "hono/cors";
import type { Env } from "../_admit.ts";
import { requestId } from "../_answer.ts";
import { originOf, resourceMetadata, serverMetadata } from "../../lib/account/oauth/resources.ts";
import { pages } from "../auth/_visit.ts";
import { ask, decide } from "./authorize.ts";
import { endpoint } from "./_endpoint.ts";
import { register } from "./register.ts";
import { giveToken, revoke } from "./token.ts";

const RESOURCE = "/.well-known/oauth-protected-resource";

/** The authorization server for apps (OAuth 2.1), and the metadata by which they find it. */
export function oauth(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  const shared = cors({
    origin: "*",
    allowMethods: ["GET", "POST"],
    allowHeaders: ["Authorization", "Content-Type", "MCP-Protocol-Version", "X-Request-Id"],
    exposeHeaders: ["Retry-After", "WWW-Authenticate", "X-Request-Id"],
    maxAge: 86400,
  });
  const paths = ["/.well-known/*", "/oauth/register", "/oauth/token", "/oauth/revoke"];
  for (const path of paths) app.use(path, shared);
  for (const path of ["", "/mcp", "/v1"]) {
    app.get(RESOURCE + path, (c) => {
      const origin = originOf(env.deps, new URL(c.req.url));
      return publish(c.req.raw, resourceMetadata(env.deps, { origin, path }));
    });
  }
  app.get(
    "/.well-known/oauth-authorization-server",
    (c) => publish(c.req.raw, serverMetadata(env.deps)),
  );
  app.post("/oauth/register", endpoint(env, register));
  app.post("/oauth/token", endpoint(env, giveToken));
  app.post("/oauth/revoke", endpoint(env, revoke));
  app.get("/oauth/authorize", pages(env, ask));
  app.post("/oauth/authorize", pages(env, decide));
  return app;
}

function publish(request: Request, document: unknown): Response {
  const headers = {
    "cache-control": "public, max-age=3600",
    "x-content-type-options": "nosniff",
    "x-request-id": requestId(request),
  };
  return Response.json(document, { headers });
}
