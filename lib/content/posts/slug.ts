import anyAscii from "any-ascii";
import { randomHex } from "../../kit/ids.ts";
import type { Tx } from "../../kit/kv.ts";
import { slugKey, type SlugRow } from "./_record.ts";

const MAX = 100;

/** A slug of the title by transliteration; never empty. */
export function slugify(title: string): string {
  const slug = anyAscii(title.normalize("NFKC")).toLowerCase()
    .replace(/['’]/g, "")
    .replace(/[^a-z0-9]+/g, "-");
  return trim(slug.slice(0, MAX + 1)) || `post-${randomHex(3)}`;
}

/** The first of slug, slug-2, slug-3… that is free as of this commit; in a long run the search gallops. */
export async function freeSlug(tx: Tx, space: string, base: string): Promise<string> {
  if (await isFree(tx, space, base)) return await claim(tx, space, base);
  const near = range(2, 10, 1);
  const first = await firstFree(tx, space, { base, numbers: near });
  if (first) return await claim(tx, space, numbered(base, first));
  let taken = 10;
  let free = 0;
  while (!free) {
    const numbers = Array.from({ length: 10 }, (_, i) => taken * 2 ** (i + 1));
    free = await firstFree(tx, space, { base, numbers }) ?? 0;
    taken = free ? Math.max(taken, free / 2) : numbers[9];
  }
  while (free - taken > 1) {
    const step = Math.max(1, Math.ceil((free - taken) / 10));
    const numbers = range(taken + step, free - 1, step);
    const found = await firstFree(tx, space, { base, numbers }) ?? free;
    const last = numbers[numbers.length - 1];
    taken = found === free ? last : found - step;
    free = found;
  }
  return await claim(tx, space, numbered(base, free));
}

async function claim(tx: Tx, space: string, slug: string): Promise<string> {
  await tx.get(slugKey(space, slug));
  return slug;
}

async function isFree(tx: Tx, space: string, slug: string): Promise<boolean> {
  const row = await tx.peek<SlugRow>(slugKey(space, slug));
  return !row || "redirect" in row;
}

async function firstFree(
  tx: Tx,
  space: string,
  { base, numbers }: { base: string; numbers: number[] },
): Promise<number | undefined> {
  const free = await Promise.all(numbers.map((n) => isFree(tx, space, numbered(base, n))));
  return numbers.find((_, i) => free[i]);
}

function numbered(base: string, n: number): string {
  const suffix = `-${n}`;
  return trim(base.slice(0, MAX - suffix.length)) + suffix;
}

function trim(slug: string): string {
  return slug.slice(0, MAX).replace(/^-+|-+$/g, "");
}

function range(from: number, to: number, step: number): number[] {
  const out = [];
  for (let n = from; n <= to; n += step) out.push(n);
  return out;
}
