import { Buffer } from "node:buffer";
import { AppError } from "./errors.ts";
import type { Entry, Key, Range, Store } from "./kv.ts";

type Row = { key: Key; value: unknown; versionstamp: string };

// Whatever else a client puts into a cursor must not become part of a key.
const ID = /^[\w-]{1,64}$/;

/** The page that was asked for: `number` from 1, `size` already clamped. */
export type PageRequest = { number: number; size: number };
export type Pagination = { page: number; per_page: number; total: number; total_pages: number };

/** The value of a KvU64 counter that only `sum` moves; 0 where there is none. */
export function counted(entry: Entry<unknown>): number {
  const value = (entry.value as Deno.KvU64 | null)?.value ?? 0n;
  return Number(BigInt.asIntN(64, value));
}

/** The `pagination` of the reference. */
export function pagination(page: PageRequest, total: number): Pagination {
  return {
    page: page.number,
    per_page: page.size,
    total,
    total_pages: Math.ceil(total / page.size),
  };
}

/**
 * The rows of one page of an index that is the ranges one after another, read from whichever end is
 * nearer; `total` is how many rows all ranges hold.
 */
export async function readPage(
  store: Store,
  ranges: Range[],
  options: { page: PageRequest; total: number },
): Promise<Row[]> {
  const { page, total } = options;
  const skip = (page.number - 1) * page.size;
  const take = Math.min(page.size, total - skip);
  if (take <= 0) return [];
  const skipFromEnd = total - skip - take;
  if (skip <= skipFromEnd) return (await readFirst(store, ranges, skip + take)).slice(skip);
  const backwards = ranges.toReversed().map((r) => ({ ...r, reverse: !r.reverse }));
  const rows = await readFirst(store, backwards, skipFromEnd + take);
  return rows.slice(skipFromEnd).reverse();
}

async function readFirst(store: Store, ranges: Range[], count: number): Promise<Row[]> {
  const parts = await Promise.all(ranges.map((range) => store.list(range, count)));
  return parts.flat().slice(0, count);
}

/** What a cursor says: the last parts of the key after which to go on, and in which order. */
export type Cursor = { after: (string | number)[]; order: "asc" | "desc" };

/** Opaque to clients; `decodeCursor` takes it back. */
export function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify([cursor.order, ...cursor.after])).toString("base64url");
}

/** Throws 400 where `text` is not a cursor whose parts have the given types; strings in it are ids. */
export function decodeCursor(text: string, types: ("string" | "number")[]): Cursor {
  try {
    const [order, ...after] = JSON.parse(Buffer.from(text, "base64url").toString());
    const fits = after.length === types.length &&
      types.every((type, i) =>
        typeof after[i] === type && (type === "number" || ID.test(after[i]))
      );
    if (fits && (order === "asc" || order === "desc")) return { order, after };
  } catch {
    // Not JSON: judged below like any other malformed cursor.
  }
  throw new AppError("cursor_malformed");
}

/**
 * The rows after a cursor in a range, and the cursor of the next page (null on the last);
 * `parts` is how many last parts of a key the cursor holds.
 */
export async function readAfter(
  store: Store,
  prefix: Key,
  options: { cursor: Cursor | null; order: "asc" | "desc"; limit: number; parts: number },
): Promise<{ rows: Row[]; next: string | null }> {
  const { cursor, limit, parts } = options;
  const order = cursor?.order ?? options.order;
  const from = cursor && [...prefix, ...cursor.after];
  const range = order === "asc"
    ? { start: from ? [...from, false] : prefix, end: [...prefix, true, true] }
    : { start: prefix, end: from ?? [...prefix, true, true], reverse: true };
  const rows = await store.list(range, limit + 1);
  const last = rows[limit - 1];
  const next = rows.length > limit
    ? encodeCursor({ order, after: last.key.slice(-parts) as (string | number)[] })
    : null;
  return { rows: rows.slice(0, limit), next };
}
