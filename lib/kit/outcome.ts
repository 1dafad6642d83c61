import { isDeepStrictEqual } from "node:util";
import { AppError } from "./errors.ts";
import { type Key, keyText } from "./key.ts";

/** A key's value, null where there is none, as it was read at some version. */
export type Entry<T> = { key: Key; value: T | null; versionstamp: string | null };
/** What a commit does to one key. */
export type Mutation =
  | { type: "set"; key: Key; value: unknown; expireIn?: number }
  | { type: "delete"; key: Key }
  | { type: "sum"; key: Key; value: bigint };
/** One commit, by the texts of its keys. */
export type Batch = { checks: Map<string, Entry<unknown>>; mutations: Map<string, Mutation> };

/** How many keys one read of the store holds at most. */
export const MAX_READ_KEYS = 10;

/** What became of a batch, by its values and by what it checked; throws (503) where others have written over what tells. */
export async function judge(
  { checks, mutations }: Batch,
  read: (keys: Key[]) => Promise<Entry<unknown>[]>,
): Promise<"landed" | "failed" | "open"> {
  const sets = [...mutations.values()].filter((m) => m.type === "set")
    .toSorted((a, b) => Number(checks.has(keyText(b.key))) - Number(checks.has(keyText(a.key))))
    .slice(0, MAX_READ_KEYS);
  // First what is checked, all of it in one call: a batch that lands meanwhile has moved all of that or none.
  const entries = await readAgain(read, [
    ...[...checks.values()].map((c) => c.key),
    ...sets.map((m) => m.key),
  ]);
  const isOurs = (m: typeof sets[number]) =>
    isDeepStrictEqual(entries[checks.size + sets.indexOf(m)].value, m.value);
  const checked = [...checks.values()].map((before, i) => ({
    before,
    same: entries[i].versionstamp === before.versionstamp,
    mutated: mutations.has(keyText(before.key)),
  }));
  // A row that was checked and set is a version further once the batch has landed; an index row tells less.
  const telling = sets.filter((m) => checks.has(keyText(m.key)));
  const untouched = checked.some(({ same, mutated }) => same && mutated);
  const written = telling.length
    ? !untouched && telling.every(isOurs)
    : sets.length > 0 && sets.every(isOurs);
  if (written) return "landed";
  if (checked.every(({ same }) => same)) return "open";
  // No row has a version twice, and what is checked has moved: it neither landed nor will.
  if (checked.some(({ before, same, mutated }) => same && mutated && before.versionstamp)) {
    return "failed";
  }
  throw new AppError("outcome_unknown", { retryAfter: 1 });
}

async function readAgain(
  read: (keys: Key[]) => Promise<Entry<unknown>[]>,
  keys: Key[],
): Promise<Entry<unknown>[]> {
  try {
    return await read(keys);
  } catch (cause) {
    throw new AppError("outcome_unknown", { retryAfter: 1, cause });
  }
}
