import type { Deps } from "../../ctx.ts";
import type { Store } from "../../kit/kv.ts";
import { decodePostings } from "./codec.ts";
import { blogFilter, type Posting } from "./document.ts";
import { chunksOf, LOG_ROWS, logKey, readLogKey } from "./keys.ts";
import { noteLogged } from "./log.ts";
import { hasTerm } from "./match.ts";
import { type MergeOptions, relieveLog } from "./merge.ts";

const STEP = 500;

/**
 * Kills all documents of a blog in steps that the merge can follow; may be cut short and done again. Hide the
 * blog before, and publish nothing more in it. `known` are documents that the posting lists may not have, as
 * an engine has them.
 */
export async function removeBlogDocuments(
  deps: Pick<Deps, "store" | "clock" | "alarm">,
  blog: string,
  { known = [], ...options }: MergeOptions & { known?: readonly number[] } = {},
): Promise<void> {
  const living = await readLiving(deps.store, { term: blogFilter(blog), known });
  for (let i = 0; i < living.length; i += STEP) {
    const step = living.slice(i, i + STEP);
    await deps.store.writeAll(step.map((n) => ({ key: logKey(n, 0), value: 1 })));
    noteLogged(deps, step.length);
    await relieveLog(deps, options);
  }
}

// The log before the list: what is merged in between is in both.
async function readLiving(
  store: Store,
  { term, known }: { term: string; known: readonly number[] },
): Promise<number[]> {
  const killed = new Set<number>();
  const living = new Set(known);
  for (const { key, value } of await store.list<Posting | 1>(LOG_ROWS, Infinity)) {
    const { n, kind } = readLogKey(key);
    if (kind === 0) killed.add(n);
    else if (hasTerm(value as Posting, term)) living.add(n);
  }
  const chunks = await store.list<Uint8Array>(chunksOf(term), Infinity);
  for (const n of decodePostings(chunks.map(({ value }) => ({ bytes: value }))).numbers) {
    living.add(n);
  }
  return [...living].filter((n) => !killed.has(n));
}
