import type { Hooks } from "./hooked_kv.ts";

type Kind = Parameters<NonNullable<Hooks["before"]>>[0];
/** How many calls to the store went out together. */
type Wave = { reads: number; commits: number };

// As long as nothing new arrives for this many milliseconds, all that waits has been asked for together.
const QUIET = 6;

/**
 * The depth of what `fn` asks of the store: calls that go out together are one round. `rounds` counts those
 * with a read in them, `commits` each commit; `waves` has them all in order. `hooks` must be those of the store.
 */
export async function countRounds<T>(
  hooks: Hooks,
  fn: () => Promise<T>,
): Promise<{ rounds: number; commits: number; waves: Wave[]; value: T }> {
  const waves: Wave[] = [];
  const before = hooks.before;
  let held: { kind: Kind; release: () => void }[] = [];
  hooks.before = (kind) => new Promise((release) => void held.push({ kind, release }));
  let running = true;
  const result = fn().finally(() => running = false);
  try {
    for (let seen = 0; running;) {
      await new Promise((resolve) => setTimeout(resolve, QUIET));
      if (held.length > seen) {
        seen = held.length;
        continue;
      }
      if (seen === 0) continue;
      const commits = held.filter(({ kind }) => kind === "commit").length;
      waves.push({ reads: held.length - commits, commits });
      const together = held;
      [held, seen] = [[], 0];
      for (const { release } of together) release();
    }
    const value = await result;
    return {
      rounds: waves.filter(({ reads }) => reads).length,
      commits: waves.reduce((n, wave) => n + wave.commits, 0),
      waves,
      value,
    };
  } finally {
    hooks.before = before;
    for (const { release } of held) release();
  }
}
