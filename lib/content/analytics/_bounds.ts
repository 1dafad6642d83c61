import type { Kind } from "./_keys.ts";

/** How many names of a kind are told apart on a day, of a blog and of a post; the others count as `other`. */
export const MOST_NAMES: Record<Kind, { blog: number; post: number }> = {
  referrer: { blog: 100, post: 10 },
  country: { blog: 250, post: 20 },
  browser: { blog: 100, post: 100 },
};
/** How many such names an instance remembers on a day. */
export const MOST_NAMES_IN_ALL = 200_000;
/** Pairs of visitor and post that an instance tells apart on a day, of one blog and of all; a view beyond them is not counted. */
export const MOST_SEEN = { blog: 3_000_000, all: 6_000_000 };
/** Views that wait for their day and blog to be read; one beyond them is not counted. */
export const MOST_WAITING = 20_000;
/** Characters of a `User-Agent`: a longer one is no browser's. */
export const LONGEST_AGENT = 512;
/** Characters of an address that count. */
export const LONGEST_ADDRESS = 64;
/** Posts that a past day of a blog names: the most viewed. */
export const MOST_POSTS = 1000;
/** A day is closed so long after its end, and must have been begun so long after it at the latest: milliseconds. */
export const GRACE = { close: 120_000, open: 60_000 };
