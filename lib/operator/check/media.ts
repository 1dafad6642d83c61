import { createHash } from "node:crypto";
import { type Key, keyText } from "../../kit/kv.ts";
import type { BlogRow } from "../../content/blogs.ts";
import {
  chunksPrefix,
  mediaBytesKey,
  mediaExpiryKey,
  mediaKey,
  type MediaRow,
} from "../../content/media/_record.ts";
import { compareCounter } from "./accounts.ts";
import type { Blogs } from "./blogs.ts";
import type { Removals } from "./removals.ts";
import type { RowStream, Walk } from "./walk.ts";

type Streams = {
  media: RowStream<MediaRow>;
  mediachunk: RowStream<Uint8Array>;
  mediabytes: RowStream<unknown>;
};
/** `blog` is null while a deletion takes the space away. */
type Space = { blog: BlogRow | null; deleting: boolean };

/**
 * Compares images with their bytes in KV, and the counters with both; gives the bytes of each account's
 * blogs. Objects of an S3-compatible store are not asked for. Holds the images of one space at a time.
 */
export async function checkMedia(
  walk: Walk,
  blogs: Blogs,
  removals: Removals,
): Promise<Map<string, number>> {
  const expiry = new Map<string, Key>();
  for await (const { key, value } of walk.rows<string>("mediaexpiry")) {
    expiry.set(keyText([...key, value]), key);
  }
  const streams: Streams = {
    media: walk.stream("media"),
    mediachunk: walk.stream("mediachunk"),
    mediabytes: walk.stream("mediabytes"),
  };
  const spaces = listSpaces(blogs);
  const perUser = new Map<string, number>();
  for (let id = await nextSpace(streams); id !== undefined; id = await nextSpace(streams)) {
    const space = spaces.get(id) ?? { blog: null, deleting: false };
    const images = await readImages(walk, { id, space, expiry }, streams.media);
    await checkChunks(walk, images, { id, space, removals, stream: streams.mediachunk });
    const bytes = [...images.values()].reduce((sum, { size }) => sum + size, 0);
    await checkCounter(walk, { id, space, bytes, stream: streams.mediabytes });
    const { blog } = space;
    if (blog?.id === id) perUser.set(blog.owner, (perUser.get(blog.owner) ?? 0) + bytes);
  }
  for (const key of expiry.values()) {
    if (!spaces.get(key[2] as string)?.deleting) walk.report(key, "no image of a sandbox makes it");
  }
  for await (const _ of walk.rows("mediagone")) continue;
  return perUser;
}

function listSpaces(blogs: Blogs): Map<string, Space> {
  const spaces = new Map<string, Space>();
  for (const blog of blogs.live.values()) {
    for (const id of [blog.id, blog.sandbox]) spaces.set(id, { blog, deleting: false });
  }
  for (const { blog, sandbox } of blogs.deleting.values()) {
    for (const id of [blog, sandbox]) spaces.set(id, { blog: null, deleting: true });
  }
  return spaces;
}

async function nextSpace(streams: Streams): Promise<string | undefined> {
  const heads = await Promise.all(Object.values(streams).map((stream) => stream.peek()));
  return heads.flatMap((row) => row ? [row.key[1] as string] : []).sort()[0];
}

/** The images of a space by the name of their bytes. */
async function readImages(
  walk: Walk,
  at: { id: string; space: Space; expiry: Map<string, Key> },
  stream: RowStream<MediaRow>,
): Promise<Map<string, MediaRow>> {
  const { id, space: { blog, deleting }, expiry } = at;
  const images = new Map<string, MediaRow>();
  for await (const { key, value, versionstamp } of stream.takeWhile((row) => row.key[1] === id)) {
    if (deleting) continue;
    const fits = value.id === key[2] && value.space === id && value.blog === blog?.id &&
      value.owner === blog.owner;
    if (!fits) {
      walk.report(key, blog ? "it names another image, blog or account" : "no blog has this space");
      continue;
    }
    images.set(value.object, value);
    const sandboxed = id !== blog!.id;
    if (sandboxed !== (value.expiresAt !== null)) {
      walk.report(key, "only a sandbox's image has an end, and each has one");
    } else if (value.expiresAt !== null) {
      const row = mediaExpiryKey(value, value.expiresAt);
      if (!expiry.delete(keyText([...row, value.blog]))) {
        walk.report(row, `is missing: the image ${value.id} has this end`, versionstamp);
      }
    }
  }
  return images;
}

async function checkChunks(
  walk: Walk,
  images: Map<string, MediaRow>,
  at: { id: string; space: Space; removals: Removals; stream: RowStream<Uint8Array> },
): Promise<void> {
  const { id, space, removals, stream } = at;
  const missing = new Map(images);
  for (let row = await stream.peek(); row?.key[1] === id; row = await stream.peek()) {
    const object = row.key[2] as string;
    const image = images.get(object);
    const inUse = image?.store === "kv" ? image : null;
    const guard = inUse && { key: mediaKey(id, inUse.id), equals: object };
    const content = createHash("sha256");
    for await (const { key, value } of stream.takeWhile((one) => one.key[2] === object)) {
      content.update(value);
      if (!inUse && !space.deleting && !removals.covers(key)) {
        walk.report(key, "no image has this chunk, and no removal is queued for it");
      }
      for (const threat of guard ? removals.threats(key, guard) : []) {
        walk.report(threat, `it would remove the image ${inUse!.id}`);
      }
    }
    if (inUse && content.digest("hex") !== inUse.sha256) {
      walk.report(guard!.key, "its chunks are not what was stored");
    }
    missing.delete(object);
  }
  for (const image of missing.values()) {
    if (image.store === "kv") {
      walk.report([...chunksPrefix(image), 0], "is missing: an image has it");
    }
  }
}

async function checkCounter(
  walk: Walk,
  at: { id: string; space: Space; bytes: number; stream: RowStream<unknown> },
): Promise<void> {
  const { id, space, bytes, stream } = at;
  let found = false;
  for await (const row of stream.takeWhile(({ key }) => key[1] === id)) {
    found = true;
    if (!space.deleting) compareCounter(walk, row, bytes);
  }
  if (!found && bytes) walk.report(mediaBytesKey(id), `is missing: it would be ${bytes}`);
}
