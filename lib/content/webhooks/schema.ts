import { z } from "@hono/zod-openapi";
import { iso, trimmed, typed } from "../../kit/input.ts";
import { type DeliveryRow, EVENTS } from "../../events/outbox.ts";
import type { HookRow } from "./_record.ts";

const EXAMPLE_SECRET = "whsec_c2VjcmV0IG9mIGEgd2ViaG9vayBmb3IgdGVzdHM=";
const MAX_URL = 2048;

const url = z.string(typed("url", "a string"))
  .max(MAX_URL, { error: `url must have at most ${MAX_URL.toLocaleString("en")} characters` })
  .openapi({
    description: "Where events are sent, https.",
    example: "https://receiver.example/postlark",
    maxLength: MAX_URL,
    pattern: "^https?://.",
  });
const names = ["*", ...EVENTS] as const;
const events = z.array(
  z.enum(names, { error: `unknown event: use * for all, or some of ${EVENTS.join(", ")}` }),
  typed("events", "an array of strings"),
).min(1, { error: "events must name at least one event" }).openapi({
  description: '`["*"]` unless given.',
  example: ["post.published", "post.unpublished"],
});
const description = trimmed("description", { max: 200 }).openapi({
  example: "Rebuilds the front page",
  maxLength: 200,
});

export const WebhookInput = z.object({
  url,
  events: events.optional(),
  description: description.optional(),
}).openapi("WebhookInput");
export type WebhookInput = z.infer<typeof WebhookInput>;

export const WebhookUpdate = z.object({
  url: url.optional(),
  events: events.optional(),
  description: description.optional(),
  enabled: z.boolean(typed("enabled", "true or false")).optional().openapi({
    description: "A disabled one gets nothing; what waited for it has failed.",
    example: true,
  }),
}).openapi("WebhookUpdate", { example: { events: ["post.published"] } });
export type WebhookUpdate = z.infer<typeof WebhookUpdate>;

export const Webhook = z.object({
  id: z.uuid(),
  url: z.string().openapi({ example: "https://receiver.example/postlark" }),
  events: z.array(z.enum(names)).openapi({ example: ["post.published", "post.unpublished"] }),
  description: z.string().openapi({ example: "Rebuilds the front page" }),
  enabled: z.boolean().openapi({ example: true }),
  disabled_reason: z.enum(["owner", "gone", "failing"]).nullable().openapi({
    description:
      "`gone`: the receiver answered 410; `failing`: it took nothing for 24 hours; `owner`: by PUT.",
    example: null,
  }),
  disabled_at: z.iso.datetime().nullable(),
  failing_since: z.iso.datetime().nullable().openapi({
    description: "The first attempt since which none was taken.",
    example: null,
  }),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
}).openapi("Webhook");
export type Webhook = z.infer<typeof Webhook>;

const secret = z.string().openapi({
  description: "What signatures are verified with (Standard Webhooks); shown only here.",
  example: EXAMPLE_SECRET,
});
export const CreatedWebhook = Webhook.extend({ secret }).openapi("CreatedWebhook");
export type CreatedWebhook = z.infer<typeof CreatedWebhook>;
export const RotatedWebhook = CreatedWebhook.extend({
  previous_valid_until: z.iso.datetime().openapi({
    description: "Until then everything is signed with the secret before, too.",
  }),
}).openapi("RotatedWebhook");
export type RotatedWebhook = z.infer<typeof RotatedWebhook>;

const time = z.iso.datetime();
export const Delivery = z.object({
  id: z.uuid().openapi({ description: "Of the event; sent as `webhook-id`." }),
  event: z.enum([...EVENTS, "test"]).openapi({ example: "post.published" }),
  status: z.enum(["pending", "delivered", "failed"]),
  error: z.string().nullable().openapi({
    description: "Why it failed, where the attempts do not say it.",
    example: null,
  }),
  attempts: z.array(z.object({
    at: time,
    duration_ms: z.int().openapi({ example: 84 }),
    status: z.int().nullable().openapi({ description: "What was answered.", example: 204 }),
    error: z.string().nullable().openapi({
      description: "Why there is no answer.",
      example: null,
    }),
  })).openapi({ description: "Oldest first; of many the newest." }),
  next_attempt_at: time.nullable(),
  created_at: time,
}).openapi("Delivery");
export type Delivery = z.infer<typeof Delivery>;

/** An endpoint as it is shown, without its secret. */
export function presentHook(row: HookRow): Webhook {
  return {
    id: row.id,
    url: row.url,
    events: row.events as Webhook["events"],
    description: row.description,
    enabled: row.disabled === null,
    disabled_reason: row.disabled?.why ?? null,
    disabled_at: row.disabled && iso(row.disabled.at),
    failing_since: row.failingSince === null ? null : iso(row.failingSince),
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
  };
}

/** A delivery as it is shown, without what was sent. */
export function presentDelivery(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    event: row.type,
    status: row.state,
    error: row.error,
    attempts: row.attempts.map(({ at, ms, status, error }) => (
      { at: iso(at), duration_ms: ms, status, error }
    )),
    next_attempt_at: row.nextAt === null ? null : iso(row.nextAt),
    created_at: iso(row.createdAt),
  };
}
