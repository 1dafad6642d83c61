import { AsyncLocalStorage } from "node:async_hooks";

export type Attributes = Record<string, string | number>;

/** Spans for a collector; `main.ts` has them where the runtime collects. */
export type Tracer = {
  /** does `work` within a span, which its failure marks */
  span<T>(name: string, work: () => T | Promise<T>, attributes?: Attributes): Promise<T>;
  /** names the span under way, and sets attributes of it */
  rename(name: string, attributes: Attributes): void;
};

/** What one request, or one run of a job, comes to: what is known of it, and what it asked of the store. */
export class Observation {
  /** names without spaces: no secret, and nothing that a client chose freely */
  readonly about: Record<string, string> = {};
  /** how many calls of the store waited for one another; what goes out together is one round */
  rounds = 0;
  commits = 0;
  #ended = 0;

  constructor(readonly tracer: Tracer | null) {}

  /** Whatever `work` does, and goes on to do, is observed here. */
  run<T>(work: () => T): T {
    return current.run(this, work);
  }

  /** A call of the store: its round is the one after the last that has ended. */
  async call<T>(operation: string, work: () => Promise<T>, keys: number): Promise<T> {
    const round = this.#ended + 1;
    this.rounds = Math.max(this.rounds, round);
    if (operation === "commit") this.commits++;
    try {
      if (!this.tracer) return await work();
      return await this.tracer.span(`kv ${operation}`, work, {
        "db.system.name": "deno_kv",
        "db.operation.name": operation,
        "db.operation.batch.size": keys,
        "postlark.kv.round": round,
      });
    } finally {
      this.#ended = Math.max(this.#ended, round);
    }
  }
}

const current = new AsyncLocalStorage<Observation>();

/** Adds to what is known of the request under way, where one is observed. */
export function note(about: Record<string, string | null>): void {
  const observation = current.getStore();
  if (!observation) return;
  for (const [name, value] of Object.entries(about)) {
    if (value) observation.about[name] = value;
  }
}

/** Does `work` within a span of the request or job under way, where spans are collected. */
export function span<T>(name: string, work: () => T | Promise<T>): T | Promise<T> {
  const tracer = current.getStore()?.tracer;
  return tracer ? tracer.span(name, work) : work();
}

/** Does a call of the store for the request or job under way. */
export function observeCall<T>(
  operation: string,
  work: () => Promise<T>,
  keys = 1,
): Promise<T> {
  const observation = current.getStore();
  return observation ? observation.call(operation, work, keys) : work();
}
