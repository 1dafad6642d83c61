/** Parts of a key; numbers sort as numbers, strings as bytes. */
export type Key = readonly (string | number | boolean)[];
/** Keys from `start` up to, not including, `end`; `reverse` reads them backwards. */
export type Range = { start: Key; end: Key; reverse?: boolean };

/** The range of all keys that begin with `prefix` and have further parts. */
export function under(prefix: Key, reverse = false): Range {
  return { start: prefix, end: [...prefix, true, true], reverse };
}

// What Deno KV takes, in its own form: of a text its UTF-8 between two bytes, NUL as two; of a number nine.
const MAX_BYTES = 2048;
const NUMBER_BYTES = 9;

/** Throws where a key is longer than the store takes: a fault of ours, as what comes from outside is bounded before. */
export function requireKeySize(key: Key): void {
  let most = 0;
  for (const part of key) most += typeof part === "string" ? 3 * part.length + 2 : NUMBER_BYTES;
  if (most <= MAX_BYTES) return;
  const size = key.reduce<number>((sum, part) => sum + sizeOf(part), 0);
  if (size > MAX_BYTES) throw new RangeError(`a key of ${size} bytes, under "${key[0]}"`);
}

function sizeOf(part: Key[number]): number {
  if (typeof part === "boolean") return 1;
  if (typeof part === "number") return NUMBER_BYTES;
  return new TextEncoder().encode(part).length + part.split("\0").length + 1;
}

/** One string a key, equal where the keys are. */
export function keyText(key: Key): string {
  return JSON.stringify(key);
}

/** What is left of a range after its row `last`. */
export function rest({ reverse }: Range, last: Key, { start, end }: Range): Range {
  return reverse ? { start, end: last } : { start: [...last, false], end };
}
