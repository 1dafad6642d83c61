import { type Service, setup } from "../_setup.ts";
import type { Hooks } from "./hooked_kv.ts";
import { openStore } from "./store.ts";

/** Two instances of the service on one in-memory store, as behind a load balancer. */
export async function setupPair(options: { env?: Record<string, string>; hooks?: Hooks } = {}) {
  const kv = await openStore();
  const one: Service = await setup({ ...options, kv });
  const two: Service = await setup({ ...options, kv });
  return {
    one,
    two,
    kv,
    /** Moves both clocks on, milliseconds. */
    advance(ms: number) {
      one.advance(ms);
      two.advance(ms);
    },
    /** The instance that takes the n-th request. */
    nth: (n: number) => n % 2 ? two : one,
    [Symbol.dispose]: () => kv.close(),
  };
}

/** How many answers had each status, and beside it, where it has one, its reason. */
export function tally(answers: { status: number; body: { reason?: string } | null }[]) {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = body?.reason ? `${status} ${body.reason}` : String(status);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** The results of `count` calls that are all under way at once. */
export function atOnce<T>(count: number, call: (n: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, n) => call(n)));
}
