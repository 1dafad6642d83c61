/** How often a write is tried before it is given up. */
export const ATTEMPTS = 16;
const BACKOFF_FROM = 20;
const BACKOFF_CAP = 400;

/** Whether another process holds an embedded store's file. */
export function isLocked(error: unknown): boolean {
  return error instanceof Error && error.message.includes("database is locked");
}

/** Full jitter, from 20 ms, capped at 400 ms; `attempt` from 0. */
export function backoff(attempt: number): Promise<void> {
  const wait = Math.random() * Math.min(BACKOFF_CAP, BACKOFF_FROM * 2 ** attempt);
  return new Promise((resolve) => setTimeout(resolve, wait));
}
