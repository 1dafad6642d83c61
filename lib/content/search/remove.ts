import type { Deps } from "../../ctx.ts";
import type { Store } from "../../kit/kv.ts";
import { decodePostings } from "./codec.ts";
import { blogFilter } from "./document.ts";
import { readDocuments } from "./documents.ts";
import { chunksOf, logKey } from "./keys.ts";
import { noteLogged, readLog } from "./log.ts";
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
  const living = await readLiving(deps.store, { blog, known });
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
  { blog, known }: { blog: string; known: readonly number[] },
): Promise<number[]> {
  const { adds, dead } = await readLog(store);
  const logged = [...adds];
  const documents = await readDocuments(store, logged);
  const chunks = await store.list<Uint8Array>(chunksOf(blogFilter(blog)), Infinity);
  const listed = decodePostings(chunks.map(({ value }) => ({ bytes: value }))).numbers;
  const its = logged.filter((_, i) => documents[i]?.blog === blog);
  return [...new Set([...known, ...its, ...listed])].filter((n) => !dead.has(n));
}
