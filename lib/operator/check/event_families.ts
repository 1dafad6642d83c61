import { z } from "@hono/zod-openapi";
import { isUuid } from "../../kit/ids.ts";
import {
  type AccountEventRow,
  type DeliveryRow,
  type DueRow,
  EVENTS,
  type Listener,
  type QueuedRow,
} from "../../events/outbox.ts";
import type { NoticeRow } from "../../metering/notices.ts";
import type { OutboxLeaseRow } from "../../content/webhooks/_hold.ts";
import type { HookRow } from "../../content/webhooks/_record.ts";

type Part = "string" | "number";

const id = z.string().refine(isUuid, { error: "is not a UUID" });
const time = z.int().min(0);
const count = z.int().min(0);
const bytes = z.instanceof(Uint8Array);
const event = z.enum(EVENTS);
const events = z.array(z.enum(["*", ...EVENTS])).min(1);

/** An endpoint as a blog's row names it. */
export const listener = z.object({ id, events }) satisfies z.ZodType<Listener>;
export const notice = z.union([
  z.object({ id, kind: z.literal("pack.low"), left: z.int(), at: time }),
  z.object({
    id,
    kind: z.literal("webhook.disabled"),
    blog: id,
    hook: id,
    url: z.string(),
    why: z.enum(["gone", "failing"]),
    at: time,
  }),
]) satisfies z.ZodType<NoticeRow>;
const hook = z.object({
  id,
  blog: id,
  url: z.url(),
  description: z.string(),
  events,
  secret: bytes,
  former: z.array(z.object({ secret: bytes, until: time })),
  failingSince: time.nullable(),
  disabled: z.object({ at: time, why: z.enum(["owner", "gone", "failing"]) }).nullable(),
  createdAt: time,
  updatedAt: time,
}) satisfies z.ZodType<HookRow>;
const attempt = z.object({
  at: time,
  ms: count,
  status: count.nullable(),
  error: z.string().nullable(),
});
const delivery = z.object({
  id,
  type: z.enum([...EVENTS, "test"]),
  blog: id,
  subject: id,
  body: z.string().min(2),
  state: z.enum(["pending", "delivered", "failed"]),
  attempts: z.array(attempt),
  tries: count,
  nextAt: time.nullable(),
  error: z.string().nullable(),
  createdAt: time,
  until: time,
}) satisfies z.ZodType<DeliveryRow>;
const queued = z.object({ n: count, at: time.nullable() }) satisfies z.ZodType<QueuedRow>;
const due = z.object({ blog: id, at: time }) satisfies z.ZodType<DueRow>;
const lease = z.object({ by: z.string(), until: time }) satisfies z.ZodType<OutboxLeaseRow>;
const accountEvent = z.object({
  user: id,
  type: event,
  data: z.unknown(),
  at: time,
  after: z.string(),
}) satisfies z.ZodType<AccountEventRow>;

/** The nouns of webhooks; a part of FAMILIES. */
export const EVENT_FAMILIES = {
  hook: { parts: ["string", "string"], value: hook },
  delivery: { parts: ["string", "string"], value: delivery },
  outbox: { parts: ["string", "string", "string"], value: queued },
  outdue: { parts: ["string"], value: due },
  outlease: { parts: ["string"], value: lease },
  outwide: { parts: ["string"], value: accountEvent },
} satisfies Record<string, { parts: Part[]; value: z.ZodType }>;
