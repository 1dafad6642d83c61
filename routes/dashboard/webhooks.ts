import { Hono } from "hono";
import { createWebhook, listWebhooks, WebhookInput } from "../../lib/content/webhooks/mod.ts";
import { blogPath, type Faults, type TypedHook, webhooksMain } from "../../render/dashboard/mod.ts";
import type { Env } from "../_admit.ts";
import { validate } from "../_input.ts";
import { goTo } from "../auth/_visit.ts";
import { sealFlash } from "./_flash.ts";
import { type BlogPage, blogPage, faultsOf, freshCtx, send } from "./_page.ts";
import { EVENT_CHOICES, hookInput, planRefusal, typedHook } from "./_webhook.ts";
import { flashOf } from "./webhook.ts";

const NEW: TypedHook = { url: "", description: "", all: true, events: [] };

/** The webhooks of a blog. */
export function webhooksRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.get("/app/blogs/:blog/webhooks", blogPage(env, (page) => showHooks(page, null)));
  app.post("/app/blogs/:blog/webhooks", blogPage(env, makeHook));
  return app;
}

async function makeHook(page: BlogPage): Promise<Response> {
  const { ctx, blog } = page;
  const typed = typedHook(page.fields);
  try {
    const { body } = validate({ body: { schema: WebhookInput, value: hookInput(typed) } });
    const { id, secret } = await createWebhook(ctx, blog.id, body as WebhookInput);
    const flash = sealFlash(page, { of: flashOf(id), name: "made", secret });
    return goTo(page.visit, blogPath(blog, `/webhooks/${id}`), { flash });
  } catch (error) {
    return await showHooks(page, { typed, ...faultsOf(error) });
  }
}

async function showHooks(
  page: BlogPage,
  refused: { typed: TypedHook; faults: Faults; status: number } | null,
): Promise<Response> {
  const { blog, visit: { url } } = page;
  // All of them: there are few.
  const { data: hooks } = await listWebhooks(freshCtx(page), blog.id, {});
  const main = webhooksMain({
    ...{ blog, hooks, events: EVENT_CHOICES, refusal: planRefusal(page) },
    typed: refused?.typed ?? NEW,
    faults: refused?.faults ?? {},
  });
  const said = url.searchParams.get("done") ? "The webhook was deleted." : null;
  return send(page, { title: "Webhooks", tab: "/webhooks", main, said }, {
    status: refused?.status,
  });
}
