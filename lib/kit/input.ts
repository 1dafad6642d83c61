import { z } from "@hono/zod-openapi";

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

/** A point in time with an offset, as milliseconds since the epoch; null where it is none. */
export function parseTime(text: string): number | null {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/i;
  const match = form.exec(text.trim());
  if (!match) return null;
  const time = Date.parse(text.trim().replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  return Number.isNaN(time) ? null : time;
}

/** ISO 8601 in UTC with milliseconds. */
export function iso(time: number): string {
  return new Date(time).toISOString();
}
