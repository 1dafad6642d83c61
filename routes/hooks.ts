import { Hono } from "hono";
import type { Deps } from "../lib/ctx.ts";
import { takeDelivery } from "../lib/account/billing/mod.ts";
import { errorAnswer, jsonAnswer, requestId } from "./_answer.ts";
import { readText } from "./_input.ts";

const MAX_DELIVERY = 1_048_576;

/** What the billing provider delivers to; there only where it is configured. */
export function hooks(deps: Deps): Hono {
  const app = new Hono();
  if (deps.config.billing !== "paddle") return app;
  app.post("/hooks/paddle", async (c) => {
    const headers = new Headers({ "x-request-id": requestId(c.req.raw) });
    try {
      const body = await readText(c.req.raw, MAX_DELIVERY);
      const signature = c.req.header("paddle-signature") ?? null;
      return jsonAnswer(200, await takeDelivery(deps, body, signature), headers);
    } catch (error) {
      return errorAnswer(deps, error, headers);
    }
  });
  return app;
}
