import { Hono } from "hono";
import type { Deps } from "../lib/ctx.ts";
import { isServedHost } from "../lib/content/domains/mod.ts";
import { clientAddress } from "./_admit.ts";

// What an instance looks up a second for one address: nobody's questions keep the proxy from its own.
const A_SECOND = 200;
const SECOND = 1000;

/** Tells a proxy that makes certificates on demand whether a name is worth one: 200 or 404, as Caddy's `ask` wants it. */
export function ask(deps: Deps) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  let window = { begun: 0, asked: new Map<string, number>() };
  app.get("/domains/ask", async (c) => {
    const now = deps.clock();
    if (now - window.begun >= SECOND) window = { begun: now, asked: new Map() };
    const address = clientAddress(deps, c.req.raw, c.env.peer);
    const asked = (window.asked.get(address) ?? 0) + 1;
    window.asked.set(address, asked);
    const headers = { "cache-control": "no-store" };
    if (asked > A_SECOND) {
      return c.text("Too many questions: ask again.\n", 429, { ...headers, "retry-after": "1" });
    }
    const served = await isServedHost(deps, c.req.query("domain") ?? "");
    return served ? c.text("Yes\n", 200, headers) : c.text("No\n", 404, headers);
  });
  return app;
}
