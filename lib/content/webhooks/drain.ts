import type { Deps } from "../../ctx.ts";
import { type Key, type Store, transact, under } from "../../kit/kv.ts";
import {
  ACCOUNT_EVENTS,
  type AccountEventRow,
  type DueRow,
  stageEvent,
} from "../../events/outbox.ts";
import { blogKey, type BlogRow, listBlogIds } from "../blogs.ts";
import { Hold } from "./_hold.ts";
import { type Stop, type Tally, Turn } from "./_turn.ts";

// So many endpoints are served at once, and for so long before the next run takes over.
const ABREAST = 32;
const LONGEST_RUN = 50_000;
const PAGE = 1000;
const MOST_BLOGS = 100_000;
const BLOGS_A_COMMIT = 8;
// When to look again at an endpoint that another instance serves, or where the store failed.
const LATER = 1000;

/** `next` is when something is due again, milliseconds, or null. */
export type DrainReport = Tally & { next: number | null };

// One at a time in an instance: a second is told to the first, which looks again.
const runs = new WeakMap<Store, { drain: Drain; ended: Promise<DrainReport> }>();
const stopped = new WeakSet<Store>();

/** Delivers all that is due at the endpoints that no other instance serves. */
export async function drainOutbox(deps: Deps): Promise<DrainReport> {
  const running = runs.get(deps.store);
  if (running?.drain.wake()) return await running.ended;
  await running?.ended.catch(() => {});
  if (stopped.has(deps.store)) return { delivered: 0, retried: 0, failed: 0, next: null };
  if (runs.has(deps.store)) return await drainOutbox(deps);
  const drain = new Drain(deps);
  const ended = drain.run().finally(() => runs.delete(deps.store));
  runs.set(deps.store, { drain, ended });
  return await ended;
}

/** Lets what is on its way arrive, and begins nothing more: for an instance that ends. */
export async function stopDraining(deps: Deps): Promise<void> {
  stopped.add(deps.store);
  const running = runs.get(deps.store);
  running?.drain.end();
  await running?.ended.catch(() => {});
}

class Drain {
  readonly #stop: Stop = { stopped: false };
  readonly #tally: Tally = { delivered: 0, retried: 0, failed: 0 };
  readonly #active = new Map<string, Promise<void>>();
  readonly #later = new Map<string, number>();
  /** the number of the turn that each had last */
  readonly #served = new Map<string, number>();
  #turns = 0;
  #ending = false;
  #woken = Promise.withResolvers<void>();

  constructor(readonly deps: Deps) {}

  /** Has it look again; false where it has looked for the last time. */
  wake(): boolean {
    this.#woken.resolve();
    return !this.#ending;
  }

  /** Has it begin nothing more. */
  end(): void {
    this.#stop.stopped = true;
    this.wake();
  }

  async run(): Promise<DrainReport> {
    const { clock } = this.deps;
    const end = clock() + LONGEST_RUN;
    try {
      while (clock() < end && !this.#stop.stopped) {
        this.#woken = Promise.withResolvers();
        await shareAccountEvents(this.deps);
        for (const { hook, row } of await this.#due()) {
          if (this.#active.size >= ABREAST) break;
          this.#served.set(hook, ++this.#turns);
          this.#active.set(hook, this.#serve(hook, row).finally(() => this.#active.delete(hook)));
        }
        if (!this.#active.size) break;
        await Promise.race([...this.#active.values(), this.#woken.promise]);
      }
    } finally {
      // Also where the store failed: what is on its way belongs to this run.
      this.#ending = true;
      await Promise.all(this.#active.values());
    }
    return { ...this.#tally, next: await this.#next() };
  }

  /** Never throws. */
  async #serve(hook: string, row: DueRow): Promise<void> {
    const { deps } = this;
    const stop = this.#stop;
    let hold: Hold | null = null;
    try {
      hold = await Hold.take(deps, hook);
      if (!hold) return this.#postpone(hook);
      const at = { blog: row.blog, hook, tally: this.#tally, stop };
      await new Turn(deps, hold, at).run();
    } catch (error) {
      this.#postpone(hook);
      deps.log({ event: "deliveries_postponed", hook, error: String(error) });
    } finally {
      await hold?.release().catch(() => {});
    }
  }

  #postpone(hook: string): void {
    this.#later.set(hook, this.deps.clock() + LATER);
  }

  async #due(): Promise<{ hook: string; row: DueRow }[]> {
    const now = this.deps.clock();
    const due = (await this.#rows()).filter(({ hook, row }) => (
      row.at <= now && !this.#active.has(hook) && (this.#later.get(hook) ?? 0) <= now
    ));
    // Else a few that always have more to deliver would hold up all others.
    const turn = ({ hook }: { hook: string }) => this.#served.get(hook) ?? 0;
    return due.sort((a, b) => turn(a) - turn(b));
  }

  async #next(): Promise<number | null> {
    const times = (await this.#rows()).map(({ hook, row }) => (
      Math.max(row.at, this.#later.get(hook) ?? 0)
    ));
    return times.length ? times.reduce((first, at) => Math.min(first, at)) : null;
  }

  async #rows(): Promise<{ hook: string; row: DueRow }[]> {
    const rows: { hook: string; row: DueRow }[] = [];
    // All of them: they are in no order of time.
    for await (const { key, value } of this.deps.store.scan<DueRow>(under(["outdue"]), PAGE)) {
      rows.push({ hook: key[1] as string, row: value });
    }
    return rows;
  }
}

/** Gives the events of whole accounts to those of their blogs that hear of them. */
async function shareAccountEvents(deps: Deps): Promise<void> {
  for (const { key } of await deps.store.list(ACCOUNT_EVENTS, PAGE)) {
    try {
      while (await shareSome(deps, key)) continue;
    } catch (error) {
      // What waits at the endpoints does not wait for it.
      deps.log({ event: "account_event_postponed", id: key[1], error: String(error) });
    }
  }
}

/** The same for as many blogs as one commit checks; whether there may be more. */
async function shareSome(deps: Deps, key: Key): Promise<boolean> {
  const { store } = deps;
  return await transact(store, async (tx) => {
    const event = await tx.get<AccountEventRow>(key);
    if (!event) return false;
    const { user, type, data, at, after } = event;
    const ids = await listBlogIds(store, user, MOST_BLOGS);
    const blogs = await store.getMany<BlogRow>(ids.filter((id) => id > after).map(blogKey));
    const listening = blogs.filter(({ value }) => value?.hooks.length);
    const now = listening.slice(0, BLOGS_A_COMMIT);
    for (const entry of now) {
      tx.check(entry);
      const blog = entry.value!;
      const told = { ...data as object, blog_id: blog.id };
      const id = key[1] as string;
      stageEvent(tx, deps, { blog, type, subject: user, data: told, now: at, id });
    }
    const more = listening.length > now.length;
    if (more) tx.set(key, { ...event, after: now.at(-1)!.value!.id });
    else tx.delete(key);
    return more;
  });
}
