import { Store } from "./kv.ts";

const LONGEST = 2000;

/**
 * Makes a check that throws 503 where the store does not answer a read within two seconds, or its own `deadline`
 * (milliseconds) if that is less; those who ask at once share one read.
 */
export function createReadiness({ kv }: Store, deadline: number): () => Promise<void> {
  const store = new Store(kv, Math.min(LONGEST, deadline));
  let read: Promise<unknown> | undefined;
  return async () => {
    read ??= store.get(["ready"]).finally(() => read = undefined);
    await read;
  };
}
