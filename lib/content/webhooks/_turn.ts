import type { Deps } from "../../ctx.ts";
import { type Key, under } from "../../kit/kv.ts";
import {
  type Attempt,
  deliveryKey,
  type DeliveryRow,
  type DueRow,
  outboxDueKey,
  type QueuedRow,
  queuePrefix,
} from "../../events/outbox.ts";
import { planKey, type PlanRow, PLANS, shownPlan } from "../../metering/plans.ts";
import { blogKey, type BlogRow } from "../blogs.ts";
import { attempt, isTaken } from "./_attempt.ts";
import type { Hold } from "./_hold.ts";
import { hookKey, type HookRow } from "./_record.ts";
import { type Health, HoldLost, settleDelivery, settleHealth } from "./_settle.ts";

/** How long an endpoint is served before the others have their turn. */
const LONGEST_TURN = 20_000;
// So many deliveries to an endpoint are under way at once, and one where it takes nothing.
const ABREAST = 8;
const STREAK = 10;

type Queued = { key: Key; value: QueuedRow; versionstamp: string };
/** What was delivered, is to be tried again, or has failed. */
export type Tally = { delivered: number; retried: number; failed: number };
/** What tells a turn to end early. */
export type Stop = { stopped: boolean };

/** Delivers what is due at one endpoint, in order for each subject, and sets when it is to be looked at next. */
export class Turn {
  readonly #health: Health = { taken: false, gone: false, failedAt: null, givenUp: null };
  readonly #end: number;
  #streak = 0;
  #owner = "";

  constructor(
    readonly deps: Deps,
    readonly hold: Hold,
    readonly at: { blog: string; hook: string; tally: Tally; stop: Stop },
  ) {
    this.#end = deps.clock() + LONGEST_TURN;
  }

  async run(): Promise<void> {
    const { deps, at } = this;
    try {
      while (this.#goesOn() && !await this.#round()) continue;
    } catch (error) {
      if (!(error instanceof HoldLost)) throw error;
    }
    const { taken, gone, failedAt } = this.#health;
    if (taken || gone || failedAt !== null) await settleHealth(deps, at, this.#health);
  }

  /** Whether nothing is due any more. */
  async #round(): Promise<boolean> {
    const { deps, at: { blog, hook } } = this;
    const { store, clock } = deps;
    const entries = await store.getMany([outboxDueKey(hook), hookKey(blog, hook), blogKey(blog)]);
    const [seen, endpoint, owned] = entries;
    this.#owner = (owned.value as BlogRow | null)?.owner ?? "";
    // Nothing waits without it.
    if (!seen.value) return true;
    if (!endpoint.value) return (await store.removeIfSame(seen)).kind === "committed";
    const lanes = await readLanes(deps, hook);
    const now = clock();
    const due = lanes.filter(([head]) => (head.value.at ?? 0) <= now);
    if (due.length) {
      await this.#deliverAll(due);
      if (this.#goesOn()) return false;
    }
    const waiting = due.length ? await readLanes(deps, hook) : lanes;
    const next = Math.min(...waiting.map(([head]) => head.value.at ?? now));
    const outcome = next === Infinity
      ? await store.removeIfSame(seen)
      : await store.compareAndSet(seen, { blog, at: next } satisfies DueRow);
    // Else there is something new.
    return outcome.kind === "committed" || !this.#goesOn();
  }

  #goesOn(): boolean {
    return this.hold.held && !this.#health.gone && !this.at.stop.stopped &&
      this.deps.clock() < this.#end;
  }

  async #deliverAll(lanes: Queued[][]): Promise<void> {
    let next = 0;
    const work = async (worker: number) => {
      while (next < lanes.length && this.#goesOn()) {
        if (worker > 0 && this.#streak >= STREAK) return;
        await this.#deliverLane(lanes[next++]);
      }
    };
    const ended = await Promise.allSettled(Array.from({ length: ABREAST }, (_, i) => work(i)));
    for (const one of ended) if (one.status === "rejected") throw one.reason;
  }

  async #deliverLane(lane: Queued[]): Promise<void> {
    for (const queued of lane) {
      if (!this.#goesOn()) return;
      const row = await this.#deliver(queued);
      if (row?.state === "pending") return;
    }
  }

  async #deliver(queued: Queued): Promise<DeliveryRow | null> {
    const { deps, hold, at: { blog, hook, tally } } = this;
    const place = { hold, blog, hook, queued };
    const seen = await this.#read(queued.key.at(-1) as string);
    const why = refusal(deps, seen);
    if (why) {
      const row = await settleDelivery(deps, place, { refused: why });
      tally.failed++;
      return row;
    }
    const made = await attempt(deps, seen.hook!, seen.delivery!);
    const row = await settleDelivery(deps, place, { attempt: made });
    this.#learn(made, row);
    return row;
  }

  async #read(id: string): Promise<Seen> {
    const { deps: { store }, at: { blog, hook } } = this;
    const entries = await store.getMany([
      deliveryKey(hook, id),
      hookKey(blog, hook),
      planKey(this.#owner),
      blogKey(blog),
    ]);
    const [delivery, endpoint, plan, owned] = entries.map(({ value }) => value);
    return {
      delivery: delivery as DeliveryRow | null,
      hook: endpoint as HookRow | null,
      plan: owned ? plan as PlanRow | null : null,
    };
  }

  #learn(made: Attempt, row: DeliveryRow | null): void {
    const { tally } = this.at;
    const taken = isTaken(made);
    this.#streak = taken ? 0 : this.#streak + 1;
    if (taken) {
      tally.delivered++;
      this.#health.taken = true;
      return;
    }
    if (row?.state === "failed") {
      tally.failed++;
      this.#health.givenUp = row.attempts.at(-row.tries)?.at ?? null;
    } else tally.retried++;
    this.#health.gone ||= made.status === 410;
    this.#health.failedAt ??= made.at;
  }
}

type Seen = { delivery: DeliveryRow | null; hook: HookRow | null; plan: PlanRow | null };

/** Why a delivery is not tried any more; null where it is. */
function refusal(deps: Deps, { delivery, hook, plan }: Seen): string | null {
  if (!delivery || !hook || !plan) return "The blog or the webhook is gone.";
  if (hook.disabled) return "The webhook is disabled.";
  if (plan.suspendedAt !== null) return "The account is suspended.";
  if (!PLANS[shownPlan(plan)].features.includes("webhooks")) {
    return "The account's plan has no webhooks.";
  }
  if (deps.clock() >= delivery.until) return "It could not be delivered within 24 hours.";
  return null;
}

/** What waits at an endpoint: for each subject, in its order. */
async function readLanes(deps: Deps, hook: string): Promise<Queued[][]> {
  const lanes = new Map<string, Queued[]>();
  for await (const row of deps.store.scan<QueuedRow>(under(queuePrefix(hook)), 1000)) {
    const subject = row.key[2] as string;
    const lane = lanes.get(subject);
    if (lane) lane.push(row);
    else lanes.set(subject, [row]);
  }
  return [...lanes.values()].map((lane) => lane.sort(inOrder));
}

// A restored store has lost the order of its commits: what is left is the time in the ids.
function inOrder(a: Queued, b: Queued): number {
  return Number(a.value.at === null) - Number(b.value.at === null) ||
    compare(a.versionstamp, b.versionstamp) ||
    compare(timeOf(a), timeOf(b)) ||
    a.value.n - b.value.n;
}

function timeOf({ key }: Queued): string {
  return (key.at(-1) as string).slice(0, 13);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
