import type { Deps } from "../ctx.ts";
import { newId } from "../kit/ids.ts";
import { iso } from "../kit/input.ts";
import { type Key, type Tx, under } from "../kit/kv.ts";

/** What an endpoint may ask to hear of. */
export const EVENTS = [
  "post.created",
  "post.updated",
  "post.published",
  "post.unpublished",
  "post.scheduled",
  "post.deleted",
  "domain.active",
  "pack.low",
] as const;
export type EventType = typeof EVENTS[number];
/** `test` is what an endpoint gets when its owner asks for it. */
export type SentType = EventType | "test";

/** An endpoint that is to hear of a blog's events, as the blog's row names it; `*` is all of them. */
export type Listener = { id: string; events: string[] };

/** One try at a delivery: what the receiver answered, or why there is no answer; `ms` is how long it took. */
export type Attempt = { at: number; ms: number; status: number | null; error: string | null };

/** An event on its way to one endpoint, and afterwards what became of it; times in milliseconds. */
export type DeliveryRow = {
  /** of the event: the same at each endpoint and each try */
  id: string;
  type: SentType;
  blog: string;
  /** what is delivered in its order at an endpoint: a post's id, mostly */
  subject: string;
  /** JSON, as it is signed and sent each time */
  body: string;
  state: "pending" | "delivered" | "failed";
  /** the newest */
  attempts: Attempt[];
  /** attempts since it was made, or asked for again */
  tries: number;
  /** of the next attempt */
  nextAt: number | null;
  /** why it failed where no attempt says it */
  error: string | null;
  createdAt: number;
  /** after this it is not delivered any more */
  until: number;
};
/**
 * The place of a delivery in its subject's order, at one endpoint. One that was tried is the first, and waits
 * until `at`; the others follow in the order of their commits, those of one commit by `n`.
 */
export type QueuedRow = { n: number; at: number | null };
/** When an endpoint that something waits for is to be looked at. */
export type DueRow = { blog: string; at: number };
/** An event of a whole account, to be given to those of its blogs, beyond `after`, that have endpoints. */
export type AccountEventRow = {
  user: string;
  type: EventType;
  data: unknown;
  at: number;
  after: string;
};

/** How long a delivery is tried. */
export const DELIVERY_LIFE = 86_400_000;
const KEPT = 30 * 86_400_000;

export function deliveriesPrefix(hook: string): Key {
  return ["delivery", hook];
}
export function deliveryKey(hook: string, id: string): Key {
  return [...deliveriesPrefix(hook), id];
}
export function queuePrefix(hook: string): Key {
  return ["outbox", hook];
}
export function queuedKey(hook: string, row: Pick<DeliveryRow, "subject" | "id">): Key {
  return [...queuePrefix(hook), row.subject, row.id];
}
export function outboxDueKey(hook: string): Key {
  return ["outdue", hook];
}
export function outboxLeaseKey(hook: string): Key {
  return ["outlease", hook];
}
/** Where the events of whole accounts wait. */
export const ACCOUNT_EVENTS = under(["outwide"]);

/** An event as it is staged; `subject` has its events delivered in order, `n` tells those of one commit apart. */
export type StagedEvent = {
  blog: { id: string; hooks: Listener[] };
  type: EventType;
  subject: string;
  data: unknown;
  now: number;
  n?: number;
  /** of the event, where it has one already */
  id?: string;
};

/**
 * Adds an event to the caller's commit, for each endpoint of the blog that asked for it: nothing where there
 * is none. Called only for what is live, never for a sandbox's. It is delivered once the commit is done.
 */
export function stageEvent(tx: Tx, deps: Deps, event: StagedEvent): void {
  const { blog, type, subject, now } = event;
  const listeners = blog.hooks.filter(({ events }) =>
    events.includes("*") || events.includes(type)
  );
  if (!listeners.length) return;
  const id = event.id ?? newId(now);
  const body = messageBody({ type, at: now, data: event.data });
  for (const { id: hook } of listeners) {
    stageDelivery(tx, deps, { hook, id, type, blog: blog.id, subject, body, now, n: event.n ?? 0 });
  }
}

/** The body of a message (Standard Webhooks 1.0.0). */
export function messageBody(message: { type: SentType; at: number; data: unknown }): string {
  return JSON.stringify({ type: message.type, timestamp: iso(message.at), data: message.data });
}

/** When the log forgets a delivery that is over, at the latest; one that waits has no end. */
export function endOfDelivery(row: Pick<DeliveryRow, "state" | "until">): number | undefined {
  return row.state === "pending" ? undefined : row.until + KEPT;
}

/** Adds one delivery to the caller's commit. */
export function stageDelivery(
  tx: Tx,
  deps: Deps,
  delivery: Pick<DeliveryRow, "id" | "type" | "blog" | "subject" | "body"> & {
    hook: string;
    now: number;
    n: number;
  },
): DeliveryRow {
  const { hook, now, n, ...given } = delivery;
  const row: DeliveryRow = {
    ...given,
    state: "pending",
    attempts: [],
    tries: 0,
    nextAt: now,
    error: null,
    createdAt: now,
    until: now + DELIVERY_LIFE,
  };
  tx.set(deliveryKey(hook, row.id), row);
  stageQueued(tx, deps, { hook, row, queued: { n, at: null }, now });
  return row;
}

/** Puts a delivery in its place, and has its endpoint looked at, once the caller's commit is done. */
export function stageQueued(
  tx: Tx,
  deps: Deps,
  place: { hook: string; row: DeliveryRow; queued: QueuedRow; now: number },
): void {
  const { hook, row, queued, now } = place;
  tx.set(queuedKey(hook, row), queued);
  tx.set(outboxDueKey(hook), { blog: row.blog, at: now } satisfies DueRow);
  tx.afterCommit.push(() => deps.alarm(now, "drain_outbox"));
}

/** Adds an event of a whole account to the caller's commit: the job finds the blogs that hear of it. */
export function stageAccountEvent(
  tx: Tx,
  deps: Deps,
  event: { user: string; type: EventType; data: unknown; now: number },
): void {
  const { now, ...rest } = event;
  tx.set(["outwide", newId(now)], { ...rest, at: now, after: "" } satisfies AccountEventRow);
  tx.afterCommit.push(() => deps.alarm(now, "drain_outbox"));
}
