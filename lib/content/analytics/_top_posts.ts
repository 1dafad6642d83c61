import { parse, stringify } from "uuid";
import { MOST_POSTS } from "./_bounds.ts";

const ID = 16;
const RECORD = ID + 4;

/** The most viewed posts first; of as many views the older one. */
export function rankPosts(views: Map<string, number>): [string, number][] {
  return [...views].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

/** The thousand most viewed posts in 20 bytes each: the id's bytes, then the views (big-endian). */
export function packPosts(views: Map<string, number>): Uint8Array {
  const ranked = rankPosts(views).slice(0, MOST_POSTS);
  const bytes = new Uint8Array(ranked.length * RECORD);
  const view = new DataView(bytes.buffer);
  ranked.forEach(([post, n], i) => {
    bytes.set(parse(post), i * RECORD);
    view.setUint32(i * RECORD + ID, n);
  });
  return bytes;
}

/** The inverse of `packPosts`. */
export function unpackPosts(bytes: Uint8Array): [string, number][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / RECORD) }, (_, i) => [
    stringify(bytes, i * RECORD),
    view.getUint32(i * RECORD + ID),
  ]);
}
