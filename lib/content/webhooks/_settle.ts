import type { Deps } from "../../ctx.ts";
import { type Key, transact, type Tx, under } from "../../kit/kv.ts";
import {
  type Attempt,
  deliveriesPrefix,
  deliveryKey,
  type DeliveryRow,
  endOfDelivery,
  queuedKey,
  type QueuedRow,
} from "../../events/outbox.ts";
import { stageNotice } from "../../metering/notices.ts";
import { blogKey, type BlogRow } from "../blogs.ts";
import { isTaken } from "./_attempt.ts";
import type { Hold, OutboxLeaseRow } from "./_hold.ts";
import { hookKey, type HookRow, stageHook } from "./_record.ts";

const DAY = 86_400_000;
const KEPT_ATTEMPTS = 20;
// Of those that are over, give or take a few.
const KEPT_DELIVERIES = 200;
// One in so many, by the millisecond that it was made in, looks for what is too much.
const PRUNE_EACH = 32;

/** Thrown where another instance delivers to the endpoint by now. */
export class HoldLost extends Error {}

/** Where a delivery is, and the place that it has there. */
export type Place = {
  hold: Hold;
  blog: string;
  hook: string;
  queued: { key: Key; value: QueuedRow };
};

/** What came of looking at a delivery: an attempt, or the reason why none is made any more. */
export type Result = { attempt: Attempt } | { refused: string };

/** Records a result, whoever else may have changed the delivery meanwhile; gives it as it is then, null where it is gone. */
export async function settleDelivery(
  deps: Deps,
  place: Place,
  result: Result,
): Promise<DeliveryRow | null> {
  const { hold, blog, hook, queued } = place;
  const id = queued.key.at(-1) as string;
  const row = await transact(deps.store, async (tx) => {
    const [lease, endpoint, before] = await Promise.all([
      tx.get<OutboxLeaseRow>(hold.key),
      tx.get<HookRow>(hookKey(blog, hook)),
      tx.get<DeliveryRow>(deliveryKey(hook, id)),
    ]);
    if (!hold.isOurs(lease)) throw new HoldLost();
    // Its removal is queued with the endpoint's.
    if (!endpoint) return null;
    if (!before) {
      tx.delete(queued.key);
      return null;
    }
    const next = after(deps, before, result);
    const end = endOfDelivery(next);
    tx.set(deliveryKey(hook, id), next, end ? { expireIn: Math.max(0, end - deps.clock()) } : {});
    if (end) tx.delete(queuedKey(hook, before));
    else tx.set(queuedKey(hook, before), { ...queued.value, at: next.nextAt });
    return next;
  });
  if (row && row.state !== "pending" && row.createdAt % PRUNE_EACH === 0) {
    await prune(deps, hook);
  }
  return row;
}

function after(deps: Deps, row: DeliveryRow, result: Result): DeliveryRow {
  if ("refused" in result) {
    return { ...row, state: "failed", nextAt: null, error: result.refused };
  }
  const { attempt } = result;
  const attempts = [...row.attempts, attempt].slice(-KEPT_ATTEMPTS);
  const tries = row.tries + 1;
  const next = { ...row, attempts, tries, nextAt: null };
  if (isTaken(attempt)) return { ...next, state: "delivered" };
  const wait = attempt.status === 410 ? undefined : deps.config.webhookRetries[row.tries];
  const at = deps.clock() + (wait ?? Infinity) * 1000;
  return at < row.until ? { ...next, nextAt: at } : { ...next, state: "failed" };
}

/** Removes what is beyond the newest of an endpoint's log; what waits stays. */
async function prune(deps: Deps, hook: string): Promise<void> {
  const range = under(deliveriesPrefix(hook));
  const rows = await deps.store.list<DeliveryRow>({ ...range, reverse: true }, KEPT_DELIVERIES);
  if (rows.length < KEPT_DELIVERIES) return;
  const old = deps.store.scan<DeliveryRow>({ start: range.start, end: rows.at(-1)!.key });
  for await (const { key, value, versionstamp } of old) {
    if (value.state !== "pending") await deps.store.removeIfSame({ key, value, versionstamp });
  }
}

/** What a turn learnt of an endpoint. */
export type Health = {
  taken: boolean;
  gone: boolean;
  /** the first failure of the turn */
  failedAt: number | null;
  /** when the first attempt was made of a delivery that has failed for good */
  givenUp: number | null;
};

/** Writes down since when an endpoint takes nothing; disables it, with a notice, where it is gone, or took nothing for a day. */
export async function settleHealth(
  deps: Deps,
  at: { blog: string; hook: string },
  health: Health,
): Promise<void> {
  const now = deps.clock();
  await transact(deps.store, async (tx) => {
    const [row, blog] = await Promise.all([
      tx.get<HookRow>(hookKey(at.blog, at.hook)),
      tx.peek<BlogRow>(blogKey(at.blog)),
    ]);
    if (!row || !blog || row.disabled) return;
    const failingSince = health.taken ? null : row.failingSince ?? health.failedAt;
    const failing = failingSince !== null &&
      (now - failingSince >= DAY || failingSince <= (health.givenUp ?? -1));
    const why = health.gone ? "gone" : failing ? "failing" : null;
    if (why) return await stageDisabled(tx, { ...row, failingSince }, { why, now });
    if (failingSince !== row.failingSince) {
      tx.set(hookKey(at.blog, at.hook), { ...row, failingSince });
    }
  });
}

async function stageDisabled(
  tx: Tx,
  row: HookRow,
  { why, now }: { why: "gone" | "failing"; now: number },
): Promise<void> {
  const blog = await tx.get<BlogRow>(blogKey(row.blog));
  if (!blog) return;
  stageHook(tx, blog, { ...row, disabled: { at: now, why }, updatedAt: now });
  const notice = { kind: "webhook.disabled", blog: row.blog, hook: row.id, url: row.url } as const;
  stageNotice(tx, blog.owner, { ...notice, why, now });
}
