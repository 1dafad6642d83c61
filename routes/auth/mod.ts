import { Hono } from "hono";
import type { Env } from "../_admit.ts";
import { deviceRoutes } from "./device.ts";
import { signInRoutes } from "./sign_in.ts";
import { upgradeRoutes } from "./upgrade.ts";

/** The service's own pages, for browsers that sign in. */
export function auth(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.route("/", signInRoutes(env));
  app.route("/", deviceRoutes(env));
  app.route("/", upgradeRoutes(env));
  return app;
}
