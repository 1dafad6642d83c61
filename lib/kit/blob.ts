import { gunzip, gunzipSync, gzip, gzipSync } from "node:zlib";
import { promisify } from "node:util";
import { type Entry, type Key, type Store, transact, type Tx, under } from "./kv.ts";

// Above this, compressing holds up the event loop for longer than the thread pool costs.
const SYNC_GZIP = 100_000;
const SYNC_GUNZIP = 60_000;
const CHUNK = 60_000;
/** What may go with the rest of a commit (819,200 bytes in all). */
const INLINE_TOTAL = 600_000;
const HOUR = 3_600_000;

const gzipAsync = promisify(gzip);
const gunzipAsync = promisify(gunzip);

/** Bytes that were cut into values that fit the store; immutable once written. */
export type Blob = { prefix: Key; chunks: Uint8Array[] };

/** What to remove later: keys under the prefixes, unless a row stands for them. */
type Removal = {
  prefixes: Key[];
  /** rows that go only while their field holds this value */
  rows?: { key: Key; field: string; equals: unknown }[];
  /** the row whose field, with this value, keeps everything */
  unless?: { key: Key; field: string; equals: unknown };
};

/** Gzip of UTF-8 text; of the same text always the same bytes. */
export async function compress(text: string): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(bytes.length < SYNC_GZIP ? gzipSync(bytes) : await gzipAsync(bytes));
}

/** The inverse of `compress`, also for any other gzip. */
export async function decompress(bytes: Uint8Array): Promise<string> {
  const small = bytes.length < SYNC_GUNZIP;
  return new TextDecoder().decode(small ? gunzipSync(bytes) : await gunzipAsync(bytes));
}

/** Cuts bytes into a blob; its values are keyed `prefix, 0…`. */
export function toBlob(prefix: Key, bytes: Uint8Array): Blob {
  const chunks = [];
  for (let i = 0; i < bytes.length; i += CHUNK) chunks.push(bytes.slice(i, i + CHUNK));
  return { prefix, chunks };
}

/** The keys of a blob of `count` chunks. */
export function chunkKeys(prefix: Key, count: number): Key[] {
  return Array.from({ length: count }, (_, i) => [...prefix, i]);
}

/** The bytes of chunks that were read, or null where one is missing. */
export function joinChunks(entries: Entry<Uint8Array>[]): Uint8Array | null {
  if (entries.some((e) => e.value === null)) return null;
  const out = new Uint8Array(entries.reduce((n, e) => n + e.value!.length, 0));
  let at = 0;
  for (const { value } of entries) {
    out.set(value!, at);
    at += value!.length;
  }
  return out;
}

/** Whether blobs go with the rest of a commit, or must be written ahead of it. */
export function fitsOneCommit(blobs: Blob[]): boolean {
  return blobs.flatMap((b) => b.chunks).reduce((n, c) => n + c.length, 0) <= INLINE_TOTAL;
}

// A writer of blobs that go with a commit: in it where they fit, else ahead of it and swept if it never comes.
type StagedBlobs = { write: (tx: Tx) => void };

/** Writes ahead what does not fit one commit, under an intent that the sweeper takes up after an hour. */
export async function stageBlobs(
  store: Store,
  blobs: Blob[],
  options: { id: string; now: number; removal: Removal },
): Promise<StagedBlobs> {
  const writes = blobs.flatMap((b) =>
    b.chunks.map((value, i) => ({ key: [...b.prefix, i], value }))
  );
  if (fitsOneCommit(blobs)) {
    return { write: (tx) => writes.forEach((w) => tx.set(w.key, w.value)) };
  }
  const intent = removalKey(options.now + HOUR, options.id);
  await store.writeAll([{ key: intent, value: options.removal }, ...writes]);
  return { write: (tx) => tx.delete(intent) };
}

/** Queues a removal for `due`; `id` makes the row's key its own. */
export function stageRemoval(tx: Tx, removal: Removal, options: { due: number; id: string }): void {
  tx.set(removalKey(options.due, options.id), removal);
}

function removalKey(due: number, id: string): Key {
  return ["gc", due, id];
}

/** Carries out the removals that are due; says how many it did, how many keys went, and how many have to wait for the next run. */
export async function sweepRemovals(
  store: Store,
  { now, log }: { now: number; log: (line: Record<string, unknown>) => void },
): Promise<{ removals: number; keys: number; failed: number }> {
  const report = { removals: 0, keys: 0, failed: 0 };
  for await (const row of store.scan<Removal>({ start: ["gc"], end: ["gc", now + 1] })) {
    try {
      report.keys += await carryOut(store, row.key, row.value);
      report.removals++;
    } catch (error) {
      report.failed++;
      log({ event: "removal_postponed", removal: row.key.join("/"), error: String(error) });
    }
  }
  return report;
}

async function carryOut(store: Store, intent: Key, removal: Removal): Promise<number> {
  let removed = 0;
  const { unless } = removal;
  for (const { key, field, equals } of removal.rows ?? []) {
    await transact(store, async (tx) => {
      const row = await tx.get<Record<string, unknown>>(key);
      if (row && row[field] === equals) tx.delete(key);
    });
  }
  for (let left = true; left;) {
    left = await transact(store, async (tx) => {
      await tx.get(intent);
      const guard = unless && await tx.get<Record<string, unknown>>(unless.key);
      const kept = guard && guard[unless!.field] === unless!.equals;
      const keys = kept ? [] : await firstKeys(store, removal.prefixes, 400);
      removed += keys.length;
      for (const key of keys) tx.delete(key);
      if (keys.length < 400) tx.delete(intent);
      return keys.length === 400;
    });
  }
  return removed;
}

async function firstKeys(store: Store, prefixes: Key[], limit: number): Promise<Key[]> {
  const keys: Key[] = [];
  for (const prefix of prefixes) {
    if (keys.length >= limit) break;
    keys.push(...(await store.list(under(prefix), limit - keys.length)).map((r) => r.key));
    if (keys.length < limit) keys.push(prefix);
  }
  return keys.slice(0, limit);
}
