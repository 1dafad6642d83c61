/** Parts of a key; numbers sort as numbers, strings as bytes. */
export type Key = readonly (string | number | boolean)[];
/** Keys from `start` up to, not including, `end`; `reverse` reads them backwards. */
export type Range = { start: Key; end: Key; reverse?: boolean };

/** The range of all keys that begin with `prefix` and have further parts. */
export function under(prefix: Key, reverse = false): Range {
  return { start: prefix, end: [...prefix, true, true], reverse };
}

/** One string a key, equal where the keys are. */
export function keyText(key: Key): string {
  return JSON.stringify(key);
}

/** What is left of a range after its row `last`. */
export function rest({ reverse }: Range, last: Key, { start, end }: Range): Range {
  return reverse ? { start, end: last } : { start: [...last, false], end };
}
