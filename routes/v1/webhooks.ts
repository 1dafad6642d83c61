import { z } from "@hono/zod-openapi";
import {
  CreatedWebhook,
  createWebhook,
  deleteWebhook,
  Delivery,
  getWebhook,
  listDeliveries,
  listWebhooks,
  redeliver,
  RotatedWebhook,
  rotateWebhook,
  testWebhook,
  updateWebhook,
  Webhook,
  WebhookInput,
  WebhookUpdate,
} from "../../lib/content/webhooks/mod.ts";
import { CursorQuery, listOf, operation, route } from "../_operation.ts";

const acts = { tag: "Webhooks", blog: "param" } as const;
const READ = ["blog_not_found", "blog_bound", "webhook_not_found"] as const;
const WRITE = [...READ, "plan_required", "blog_frozen"] as const;
const Removed = z.object({ deleted: z.literal(true), removed: z.literal(true) })
  .openapi("WebhookRemoved");

const create = operation({
  ...acts,
  method: "post",
  path: "/blogs/{id}/webhooks",
  operationId: "createWebhook",
  summary: "Create a webhook",
  description:
    "Events are sent to its URL by POST, signed as Standard Webhooks says. Creator and above; at most 10 a blog.",
  scope: "blogs:write",
  reasons: ["blog_not_found", "blog_bound", "plan_required", "blog_frozen", "webhook_limit"],
  body: WebhookInput,
  answer: { status: 201, schema: CreatedWebhook, description: "The webhook, with its secret." },
});
const list = operation({
  ...acts,
  method: "get",
  path: "/blogs/{id}/webhooks",
  operationId: "listWebhooks",
  summary: "List webhooks",
  description: "Newest first.",
  scope: "blogs:read",
  reasons: ["blog_not_found", "blog_bound", "cursor_malformed"],
  query: CursorQuery,
  answer: {
    status: 200,
    schema: listOf(Webhook, "WebhookList"),
    description: "The webhooks, without their secrets.",
  },
});
const get = operation({
  ...acts,
  method: "get",
  path: "/blogs/{id}/webhooks/{hookId}",
  operationId: "getWebhook",
  summary: "Get a webhook",
  scope: "blogs:read",
  reasons: [...READ],
  answer: { status: 200, schema: Webhook, description: "The webhook, without its secret." },
});
const update = operation({
  ...acts,
  method: "put",
  path: "/blogs/{id}/webhooks/{hookId}",
  operationId: "updateWebhook",
  summary: "Update, disable or enable a webhook",
  scope: "blogs:write",
  reasons: [...WRITE],
  body: WebhookUpdate,
  answer: { status: 200, schema: Webhook, description: "The webhook as it is now." },
});
const remove = operation({
  ...acts,
  method: "delete",
  path: "/blogs/{id}/webhooks/{hookId}",
  operationId: "deleteWebhook",
  summary: "Delete a webhook",
  description: "With its log, and what waits for it.",
  scope: "blogs:write",
  reasons: [...READ],
  answer: { status: 200, schema: Removed, description: "Nothing is sent to it any more." },
});
const rotate = operation({
  ...acts,
  method: "post",
  path: "/blogs/{id}/webhooks/{hookId}/rotate",
  operationId: "rotateWebhook",
  summary: "Replace a webhook's secret",
  description: "For 24 hours everything is signed with the secret before, too.",
  scope: "blogs:write",
  reasons: [...WRITE],
  answer: { status: 200, schema: RotatedWebhook, description: "The webhook, with its new secret." },
});
const test = operation({
  ...acts,
  method: "post",
  path: "/blogs/{id}/webhooks/{hookId}/test",
  operationId: "testWebhook",
  summary: "Send a test event",
  description: "Of the type `test`; what became of it is among the deliveries.",
  scope: "blogs:write",
  reasons: [...WRITE, "webhook_disabled"],
  answer: { status: 200, schema: Delivery, description: "The delivery, about to be tried." },
});
const deliveries = operation({
  ...acts,
  method: "get",
  path: "/blogs/{id}/webhooks/{hookId}/deliveries",
  operationId: "listDeliveries",
  summary: "List a webhook's deliveries",
  description: "Newest first. About the newest 200 are kept, for 30 days, and all that wait.",
  scope: "blogs:read",
  reasons: [...READ, "cursor_malformed"],
  query: CursorQuery,
  answer: {
    status: 200,
    schema: listOf(Delivery, "DeliveryList"),
    description: "The deliveries, with their attempts.",
  },
});
const again = operation({
  ...acts,
  method: "post",
  path: "/blogs/{id}/webhooks/{hookId}/deliveries/{deliveryId}/redeliver",
  operationId: "redeliver",
  summary: "Deliver once more",
  description:
    "With the id that it had. One that waits is tried at once; one that is over is tried anew, for 24 hours.",
  scope: "blogs:write",
  reasons: [...WRITE, "delivery_not_found", "webhook_disabled"],
  answer: { status: 200, schema: Delivery, description: "The delivery, about to be tried." },
});

type Params = { id: string; hookId: string };
const at = ({ id, hookId }: Params) => ({ blog: id, hook: hookId });

export const webhooks = [
  route(create, ({ ctx, params, body }) => createWebhook(ctx, params.id, body)),
  route(list, ({ ctx, params, query }) => listWebhooks(ctx, params.id, query)),
  route(get, ({ ctx, params }) => getWebhook(ctx, at(params))),
  route(update, ({ ctx, params, body }) => updateWebhook(ctx, at(params), body)),
  route(remove, ({ ctx, params }) => deleteWebhook(ctx, at(params))),
  route(rotate, ({ ctx, params }) => rotateWebhook(ctx, at(params))),
  route(test, ({ ctx, params }) => testWebhook(ctx, at(params))),
  route(deliveries, ({ ctx, params, query }) => listDeliveries(ctx, at(params), query)),
  route(again, ({ ctx, params }) => (
    redeliver(ctx, { ...at(params), delivery: params.deliveryId })
  )),
];
