import { Hono } from "hono";
import type { Ctx } from "../../lib/ctx.ts";
import { AppError } from "../../lib/kit/errors.ts";
import { isUuid } from "../../lib/kit/ids.ts";
import {
  deleteWebhook,
  getWebhook,
  listDeliveries,
  redeliver,
  rotateWebhook,
  testWebhook,
  updateWebhook,
  type Webhook,
  WebhookUpdate,
} from "../../lib/content/webhooks/mod.ts";
import {
  blogPath,
  type Content,
  type Faults,
  type TypedHook,
  webhookMain,
} from "../../render/dashboard/mod.ts";
import type { Env } from "../_admit.ts";
import { validate } from "../_input.ts";
import { goTo } from "../auth/_visit.ts";
import { openFlash, sealFlash, withoutFlash } from "./_flash.ts";
import { type BlogPage, blogPage, faultsOf, freshCtx, send } from "./_page.ts";
import { EVENT_CHOICES, hookInput, planRefusal, typedHook } from "./_webhook.ts";

const PER_PAGE = 20;
const SAID: Record<string, string> = {
  saved: "The webhook was saved.",
  enabled: "The webhook is enabled: what happens from now on is sent.",
  disabled: "The webhook is disabled: nothing is sent.",
  tested: "A test event is on its way. Look again to see what came of it.",
  again: "The delivery is on its way. Look again to see what came of it.",
};

type At = { blog: string; hook: string };
type Refused = { status: number; typed?: TypedHook; faults?: Faults; fault?: string };

/** One webhook, with its deliveries. */
export function webhookRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  const path = "/app/blogs/:blog/webhooks/:hook";
  app.get(path, blogPage(env, (page) => showHook(page, null)));
  app.post(path, blogPage(env, saveHook));
  app.post(`${path}/enable`, doing(env, "enabled", enable(true)));
  app.post(`${path}/disable`, doing(env, "disabled", enable(false)));
  app.post(`${path}/test`, doing(env, "tested", testWebhook));
  app.post(`${path}/rotate`, blogPage(env, rotate));
  app.post(`${path}/delete`, blogPage(env, remove));
  app.post(
    `${path}/deliveries/:delivery/redeliver`,
    doing(env, "again", (ctx, at, { delivery }) => {
      if (!isUuid(delivery)) throw new AppError("delivery_not_found");
      return redeliver(ctx, { ...at, delivery });
    }),
  );
  return app;
}

/** Under which name the secret of a webhook is handed to its page. */
export function flashOf(hook: string): string {
  return `webhook ${hook}`;
}

function enable(enabled: boolean) {
  return (ctx: Ctx, at: At) => updateWebhook(ctx, at, { enabled });
}

/** A form without fields: does what it is for, and says so, or why not. */
function doing(
  env: Env,
  done: keyof typeof SAID,
  verb: (ctx: Ctx, at: At, params: Record<string, string>) => Promise<unknown>,
) {
  return blogPage(env, async (page) => {
    try {
      await verb(page.ctx, atOf(page), page.visit.params);
    } catch (error) {
      return await showRefusal(page, error);
    }
    return goTo(page.visit, `${pathOf(page)}?done=${done}`);
  });
}

async function saveHook(page: BlogPage): Promise<Response> {
  const at = atOf(page);
  const typed = typedHook(page.fields);
  try {
    const { body } = validate({ body: { schema: WebhookUpdate, value: hookInput(typed) } });
    await updateWebhook(page.ctx, at, body as WebhookUpdate);
  } catch (error) {
    return await showHook(page, { typed, ...faultsOf(error) });
  }
  return goTo(page.visit, `${pathOf(page)}?done=saved`);
}

async function rotate(page: BlogPage): Promise<Response> {
  const at = atOf(page);
  try {
    const { secret } = await rotateWebhook(page.ctx, at);
    const flash = sealFlash(page, { of: flashOf(at.hook), name: "rotated", secret });
    return goTo(page.visit, pathOf(page), { flash });
  } catch (error) {
    return await showRefusal(page, error);
  }
}

async function remove(page: BlogPage): Promise<Response> {
  await deleteWebhook(page.ctx, atOf(page));
  return goTo(page.visit, blogPath(page.blog, "/webhooks?done=deleted"));
}

async function showRefusal(page: BlogPage, error: unknown): Promise<Response> {
  const { faults, status } = faultsOf(error);
  return await showHook(page, { status, fault: faults[""] });
}

async function showHook(page: BlogPage, refused: Refused | null): Promise<Response> {
  const { blog, visit: { url } } = page;
  const at = atOf(page);
  const after = url.searchParams.get("after");
  const query = { limit: PER_PAGE, cursor: after ?? undefined };
  const [hook, { data: deliveries, next_cursor: next }] = await Promise.all([
    getWebhook(freshCtx(page), at),
    listDeliveries(freshCtx(page), at, query),
  ]);
  const made = refused ? null : openFlash(page, flashOf(at.hook));
  const main = webhookMain({
    ...{ blog, hook, deliveries, place: { after, next } },
    secret: made?.secret ?? null,
    rotated: made?.name === "rotated",
    events: EVENT_CHOICES,
    refusal: planRefusal(page),
    typed: refused?.typed ?? typedOf(hook),
    faults: refused?.faults ?? {},
  });
  const done = url.searchParams.get("done") ?? "";
  const said = !refused && Object.hasOwn(SAID, done) ? SAID[done] : null;
  const content: Omit<Content, "frame"> = {
    ...{ title: "Webhook", tab: "/webhooks", main, said, fault: refused?.fault },
    scripts: ["webhook"],
  };
  const answer = send(page, content, { status: refused?.status });
  return made ? withoutFlash(page, answer) : answer;
}

function typedOf({ url, description, events }: Webhook): TypedHook {
  const all = events.includes("*");
  return { url, description, all, events: all ? [] : events };
}

/** The webhook that the path names; throws 404 where it can name none. */
function atOf({ blog, visit: { params } }: BlogPage): At {
  if (!isUuid(params.hook)) throw new AppError("webhook_not_found");
  return { blog: blog.id, hook: params.hook };
}

function pathOf({ blog, visit: { params } }: BlogPage): string {
  return blogPath(blog, `/webhooks/${params.hook}`);
}
