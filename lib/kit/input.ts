import { z } from "@hono/zod-openapi";

const FIRST_TIME = Date.parse("0001-01-01T00:00:00.000Z");
const LAST_TIME = Date.parse("9999-12-31T23:59:59.999Z");

/** Number of Unicode characters, not of UTF-16 units. */
export function characters(text: string): number {
  let n = 0;
  for (const _ of text) n++;
  return n;
}

/** Bytes of the UTF-8 form. */
export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

type Bounds = { min?: number; max: number };

/** A string that is trimmed and then judged by its characters; the faults name the field. */
export function trimmed(name: string, { min = 0, max }: Bounds) {
  return z.string(typed(name, "a string")).trim()
    .refine((text) => characters(text) >= min, {
      error: `${name} is required`,
      abort: true,
    })
    .refine((text) => characters(text) <= max, {
      error: `${name} must have at most ${max.toLocaleString("en")} characters`,
    });
}

/** Options of a schema whose faults say that the field is missing, or what it must be. */
export function typed(name: string, what: string) {
  return {
    error: (issue: { input?: unknown }) =>
      issue.input === undefined ? `${name} is required` : `${name} must be ${what}`,
  };
}

/** A point in time with an offset, as milliseconds since the epoch; null where it is none, or not in the UTC years 1 to 9999. */
export function parseTime(text: string): number | null {
  const form = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/i;
  const match = form.exec(text.trim());
  if (!match) return null;
  const time = Date.parse(text.trim().replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  // Date.parse reads the 30th of February as the 2nd of March.
  const midnight = Date.parse(`${match[1]}T00:00:00.000Z`);
  if (Number.isNaN(time) || !iso(midnight).startsWith(match[1])) return null;
  return time >= FIRST_TIME && time <= LAST_TIME ? time : null;
}

/** ISO 8601 in UTC with milliseconds. */
export function iso(time: number): string {
  return new Date(time).toISOString();
}
