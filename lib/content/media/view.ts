import type { Deps } from "../../ctx.ts";
import type { Entry } from "../../kit/kv.ts";
import { planKey, type PlanRow } from "../../metering/plans.ts";
import { blogKey } from "../blogs.ts";
import { fileOf, mediaKey, type MediaRow } from "./_record.ts";
import { type Bytes, firstChunkKeys, readBytes, type Span } from "./bytes.ts";

/** How long an instance may show what another has taken away, milliseconds. */
const FRESH = 1000;
/** Images up to this many bytes are kept in memory for that long, whole. */
const KEPT = 100_000;

/** An image that may be shown, and how to read it. */
export type Found = {
  row: MediaRow;
  /** null where its bytes are lost */
  read: (span: Span) => Promise<Bytes | null>;
};
type Kept = { row: MediaRow; whole: Uint8Array<ArrayBuffer> | null };

/** The image of an address; null where there is none, its time is over, or its blog or account is not to be seen. */
export async function findImage(deps: Deps, space: string, file: string): Promise<Found | null> {
  const name = `media:${space}/${file}`;
  const kept = deps.pages.get(name) as Kept | undefined;
  if (kept) return toFound(deps, name, { ...kept, seen: [] });
  const begun = deps.pages.begin();
  const until = deps.clock() + FRESH;
  const id = file.slice(0, file.indexOf("."));
  // The chunks of an image that was never moved are where its address says.
  const guessed = deps.config.media === "kv" ? firstChunkKeys({ space, object: id }) : [];
  const [entry, ...chunks] = await deps.store.getMany([mediaKey(space, id), ...guessed]);
  const row = entry.value as MediaRow | null;
  if (!row || fileOf(row) !== file || !await isShown(deps, row)) return null;
  // Of a larger image the row alone is kept: what follows reads its chunks, and nothing else.
  deps.pages.put(name, { row, whole: null }, { group: row.blog, begun, until, size: 1000 });
  const seen = row.store === "kv" && row.object === id ? chunks as Entry<Uint8Array>[] : [];
  return toFound(deps, name, { row, whole: null, seen, begun, until });
}

type Seen = Kept & { seen: Entry<Uint8Array>[]; begun?: number; until?: number };

function toFound(deps: Deps, name: string, at: Seen): Found {
  const { row, whole, seen, begun, until } = at;
  return {
    row,
    async read(span) {
      if (whole) return whole.subarray(span.from, span.to + 1);
      const bytes = await readBytes(deps, row, { ...span, seen });
      if (!bytes) deps.log({ event: "image_lost", image: row.id, store: row.store });
      const complete = bytes instanceof Uint8Array && bytes.length === row.size;
      if (complete && row.size <= KEPT && begun !== undefined) {
        const value: Kept = { row, whole: bytes };
        const options = { group: row.blog, begun, until: until!, size: row.size + 1000 };
        deps.pages.put(name, value, options);
      }
      return bytes;
    },
  };
}

async function isShown(deps: Deps, { blog, owner, expiresAt }: MediaRow): Promise<boolean> {
  if (expiresAt !== null && expiresAt <= deps.clock()) return false;
  const name = `media-of:${blog}`;
  if (deps.pages.get(name)) return true;
  const begun = deps.pages.begin();
  const until = deps.clock() + FRESH;
  const [row, plan] = await deps.store.getMany([blogKey(blog), planKey(owner)]);
  if (!row.value || !plan.value || (plan.value as PlanRow).suspendedAt !== null) return false;
  deps.pages.put(name, true, { group: blog, begun, until, size: 100 });
  return true;
}
