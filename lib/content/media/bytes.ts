import type { Deps } from "../../ctx.ts";
import { chunkKeys, joinChunks, stageBlobs, stageRemoval, toBlob } from "../../kit/blob.ts";
import { sha256 } from "../../kit/crypto.ts";
import { type Entry, type Key, type Tx, under } from "../../kit/kv.ts";
import {
  chunksPrefix,
  goneKey,
  type GoneRow,
  mediaExpiryKey,
  mediaKey,
  mediaPrefix,
  type MediaRow,
  type Place,
  type StoreName,
} from "./_record.ts";
import { ObjectStore } from "./s3.ts";
import { IMAGE_TYPES } from "./strip/mod.ts";

/** Bytes of one chunk in KV. */
const CHUNK = 60_000;
/** What is read of an image in one piece; more is read as it is sent. */
const PIECE = 10 * CHUNK;
const HOUR = 3_600_000;
// A store that does not answer must not hold up what else is swept.
const LONGEST_FAILING = 60_000;

/** From where to where, both included. */
export type Span = { from: number; to: number };
export type Bytes = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

/** Where new images go. */
export function chosenStore({ config }: Deps): StoreName {
  return config.media;
}

/** Stores an image's bytes ahead of the commit that makes them count; swept an hour later if that never comes. */
export async function stageBytes(
  deps: Deps,
  to: StoreName,
  { bytes, ...place }: Place & { bytes: Uint8Array<ArrayBuffer> },
): Promise<{ write: (tx: Tx) => void }> {
  const now = deps.clock();
  if (to === "kv") {
    const { space, id, object } = place;
    const unless = { key: mediaKey(space, id), field: "object", equals: object };
    const removal = { prefixes: [chunksPrefix(place)], unless };
    return await stageBlobs(deps.store, [toBlob(chunksPrefix(place), bytes)], {
      id: object,
      now,
      removal,
    });
  }
  const objects = new ObjectStore(deps);
  const value = goneOf(place);
  const key = goneKey(now + HOUR, place.object);
  await deps.store.writeAll([{ key, value }]);
  await objects.put(value.key, bytes, place.type);
  return { write: (tx) => tx.delete(key) };
}

/** Has the bytes of an image removed at `due`, by the caller's commit; the image has others by then, or is gone. */
export function stageBytesGone(tx: Tx, row: MediaRow, due: number): void {
  if (row.store === "s3") {
    tx.set(goneKey(due, row.object), goneOf(row));
    return;
  }
  const unless = { key: mediaKey(row.space, row.id), field: "object", equals: row.object };
  stageRemoval(tx, { prefixes: [chunksPrefix(row)], unless }, { due, id: row.object });
}

/** The keys of an image's chunks that hold a span. */
export function chunkKeysOf(place: Pick<Place, "space" | "object">, { from, to }: Span): Key[] {
  const keys = chunkKeys(chunksPrefix(place), Math.floor(to / CHUNK) + 1);
  return keys.slice(Math.floor(from / CHUNK));
}

/** The first chunks of an image, as many as one round trip reads beside its row. */
export function firstChunkKeys(place: Pick<Place, "space" | "object">): Key[] {
  return chunkKeys(chunksPrefix(place), 9);
}

/**
 * A span of an image's bytes, large ones as a stream; null where they are not there. `seen` are its first
 * chunks where they were read already.
 */
export async function readBytes(
  deps: Deps,
  row: MediaRow,
  { seen = [], ...span }: Span & { seen?: Entry<Uint8Array>[] },
): Promise<Bytes | null> {
  if (row.store === "s3") return await new ObjectStore(deps).get(goneOf(row).key, span);
  const keys = chunkKeysOf(row, span);
  const first = Math.floor(span.from / CHUNK);
  const read = async (some: Key[], at: number) => {
    const known = seen.slice(first + at, first + at + some.length);
    const rest = await deps.store.getMany<Uint8Array>(some.slice(known.length));
    return joinChunks([...known, ...rest]) as Uint8Array<ArrayBuffer> | null;
  };
  const length = span.to - span.from + 1;
  const skip = span.from - first * CHUNK;
  const per = PIECE / CHUNK;
  const head = await read(keys.slice(0, per), 0);
  if (!head) return null;
  if (keys.length <= per) return head.subarray(skip, skip + length);
  let sent = 0;
  let next = per;
  return new ReadableStream({
    async pull(controller) {
      const piece = sent === 0
        ? head.subarray(skip)
        : await read(keys.slice(next, next + per), next);
      if (!piece) return controller.error(new Error("a chunk of the image is missing"));
      if (sent > 0) next += per;
      const left = length - sent;
      controller.enqueue(piece.subarray(0, left));
      sent += Math.min(left, piece.length);
      if (sent === length) controller.close();
    },
  });
}

/** All bytes of an image; null where they are not there, or not what they were. */
export async function readWhole(
  deps: Deps,
  row: MediaRow,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const made = await readBytes(deps, row, { from: 0, to: row.size - 1 });
  const bytes = made && await new Response(made as BodyInit).bytes();
  return bytes && sha256(bytes) === row.sha256 ? bytes as Uint8Array<ArrayBuffer> : null;
}

/** Removes what is due from the S3-compatible store; says how many objects went, and how many have to wait. */
export async function sweepObjects(deps: Deps): Promise<{ objects: number; failed: number }> {
  const report = { objects: 0, failed: 0 };
  const begun = deps.clock();
  const range = { start: ["mediagone"], end: ["mediagone", begun + 1] };
  for await (const { key, value } of deps.store.scan<GoneRow>(range)) {
    try {
      await carryOut(deps, key, value);
      report.objects++;
    } catch (error) {
      report.failed++;
      deps.log({ event: "object_removal_postponed", key: value.key, error: String(error) });
      if (deps.clock() - begun > LONGEST_FAILING) break;
    }
  }
  return report;
}

/** The same for one image whose removal is queued; what fails is left to the sweep. */
export async function removeObjectNow(deps: Deps, row: MediaRow, due: number): Promise<void> {
  if (row.store === "s3") {
    await carryOut(deps, goneKey(due, row.object), goneOf(row)).catch(() => {});
  }
}

async function carryOut(deps: Deps, key: Key, gone: GoneRow): Promise<void> {
  const { value } = await deps.store.get<MediaRow>(mediaKey(gone.space, gone.id));
  if (value?.object !== gone.object) await new ObjectStore(deps).delete(gone.key);
  await deps.store.writeAll([{ key }]);
}

/** Removes what a space that is being deleted has elsewhere than under its own keys: objects, and rows in the order of time. */
export async function removeObjects(deps: Deps, space: string): Promise<void> {
  let batch: MediaRow[] = [];
  const remove = async () => {
    const objects = batch.length ? new ObjectStore(deps) : null;
    const done = await Promise.allSettled(batch.map((row) => objects!.delete(goneOf(row).key)));
    const failed = done.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
    batch = [];
  };
  for await (const { value } of deps.store.scan<MediaRow>(under(mediaPrefix(space)))) {
    if (value.expiresAt !== null) {
      await deps.store.writeAll([{ key: mediaExpiryKey(value, value.expiresAt) }]);
    }
    if (value.store === "s3" && batch.push(value) === 8) await remove();
  }
  await remove();
}

function goneOf({ space, id, object, type }: Place): GoneRow {
  return { space, id, object, key: `${space}/${object}.${IMAGE_TYPES[type]}` };
}
