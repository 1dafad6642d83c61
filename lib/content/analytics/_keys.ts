import type { Key } from "../../kit/kv.ts";
import { iso } from "../../kit/input.ts";

const DAY = 86_400_000;

/** Stands for the whole blog where a post's id may stand. */
export const BLOG = "*";
/** The name of all that has none of its own: unknown, or beyond what is told apart. */
export const OTHER = "other";
/** What is told apart of a view. */
export const KINDS = ["referrer", "country", "browser"] as const;
export type Kind = typeof KINDS[number];

/** One past day of a blog or one of its posts; `visitors` of a post equals its `views`. */
export type DayRow = {
  views: number;
  visitors: number;
  /** of a blog: its most viewed posts, as `packPosts` makes them */
  posts: Uint8Array | null;
} & Record<Kind, Record<string, number>>;
/** The last part of its flushes that an instance has written. */
export type FlushRow = { part: string };

/** The day of a time, UTC, as `2026-03-24`. */
export function dayOf(time: number): string {
  return iso(time).slice(0, 10);
}
/** When a day ends, milliseconds since the epoch. */
export function endOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00.000Z`) + DAY;
}

/** Days that views were counted on, and that are not rolled up yet. */
export const OPEN_DAYS: Key = ["viewopen"];
export function openDayKey(day: string): Key {
  return [...OPEN_DAYS, day];
}
/** The secret of a day; without it nobody can tell whose a hash of that day is. */
export function saltKey(day: string): Key {
  return ["salt", day];
}
/** Hashes of who has seen what of a blog on a day, by instance and chunk. */
export function visitorsPrefix(day: string, blog?: string): Key {
  return blog === undefined ? ["visitors", day] : ["visitors", day, blog];
}
export function flushKey(instance: string): Key {
  return ["flush", instance];
}
/** Counters of the days that are not rolled up; `of` is a post or `BLOG`, kinds beside the others `view` and `visitor`. */
export function hitPrefix(blog: string, of: string, day?: string): Key {
  return day === undefined ? ["hit", blog, of] : ["hit", blog, of, day];
}
/** The posts' views once more, so that those of a day stand together. */
export function postHitPrefix(blog: string, day?: string): Key {
  return day === undefined ? ["hitpost", blog] : ["hitpost", blog, day];
}
/** Past days of a blog or a post. */
export function dayPrefix(blog: string, of: string): Key {
  return ["viewday", blog, of];
}
/** Sum of the views of the past days. */
export function totalKey(blog: string, of: string): Key {
  return ["views", blog, of];
}

/** Everything under which a blog keeps figures; the backup counts on the order of the nouns: see there. */
export const ANALYTICS_NOUNS = ["hit", "hitpost", "viewday", "views"];
/** What a deleted post leaves to be removed; its views stay in the figures of its blog. */
export function postFigures(blog: string, post: string): Key[] {
  return [dayPrefix(blog, post), totalKey(blog, post)];
}
