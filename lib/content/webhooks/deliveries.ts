import { type Ctx, requireScope, transact } from "../../ctx.ts";
import { AppError } from "../../kit/errors.ts";
import { newId } from "../../kit/ids.ts";
import { decodeCursor, readAfter } from "../../kit/page.ts";
import {
  deliveriesPrefix,
  DELIVERY_LIFE,
  deliveryKey,
  type DeliveryRow,
  messageBody,
  queuedKey,
  type QueuedRow,
  stageDelivery,
  stageQueued,
} from "../../events/outbox.ts";
import { type HookAt, readHook, writableHook } from "./endpoints.ts";
import { type Delivery, presentDelivery } from "./schema.ts";

/** Sends an endpoint an event of the type `test`, as any other is sent. */
export async function testWebhook(ctx: Ctx, at: HookAt): Promise<Delivery> {
  requireScope(ctx, "blogs:write");
  const { deps, now } = ctx;
  const id = newId(now);
  return await transact(ctx, async (tx) => {
    const { row: { disabled } } = await writableHook(tx, ctx, at);
    if (disabled) throw new AppError("webhook_disabled");
    const data = { blog_id: at.blog, webhook_id: at.hook };
    const body = messageBody({ type: "test", at: now, data });
    const given = { hook: at.hook, blog: at.blog, id, type: "test", subject: id, body } as const;
    return presentDelivery(stageDelivery(tx, deps, { ...given, now, n: 0 }));
  });
}

/** What was sent to an endpoint, or waits for it, newest first. */
export async function listDeliveries(
  ctx: Ctx,
  at: HookAt,
  query: { limit?: number; cursor?: string },
): Promise<{ data: Delivery[]; next_cursor: string | null }> {
  requireScope(ctx, "blogs:read");
  await readHook(ctx, at);
  const { rows, next } = await readAfter(ctx.deps.store, deliveriesPrefix(at.hook), {
    cursor: query.cursor ? decodeCursor(query.cursor, ["string"]) : null,
    order: "desc",
    limit: query.limit ?? 50,
    parts: 1,
  });
  const data = rows.map(({ value }) => presentDelivery(value as DeliveryRow));
  return { data, next_cursor: next };
}

/** Tries a delivery at once: one that waits in its place, one that is over anew, beside the order of its post. */
export async function redeliver(ctx: Ctx, at: HookAt & { delivery: string }): Promise<Delivery> {
  requireScope(ctx, "blogs:write");
  const { deps, now } = ctx;
  const { hook } = at;
  return await transact(ctx, async (tx) => {
    const { row: { disabled } } = await writableHook(tx, ctx, at);
    const row = await tx.get<DeliveryRow>(deliveryKey(hook, at.delivery));
    if (!row) throw new AppError("delivery_not_found");
    if (disabled) throw new AppError("webhook_disabled");
    const waiting = row.state === "pending";
    const queued = waiting ? await tx.get<QueuedRow>(queuedKey(hook, row)) : null;
    // Its turn comes after what is before it; writing its place anew would put it last.
    if (queued?.at === null) return presentDelivery(row);
    const next: DeliveryRow = {
      ...row,
      ...!waiting && { subject: row.id, tries: 0, error: null, until: now + DELIVERY_LIFE },
      state: "pending",
      nextAt: now,
    };
    const place: QueuedRow = queued ? { ...queued, at: now } : { n: 0, at: null };
    tx.set(deliveryKey(hook, row.id), next);
    stageQueued(tx, deps, { hook, row: next, queued: place, now });
    return presentDelivery(next);
  });
}
