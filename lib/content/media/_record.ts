import type { Deps } from "../../ctx.ts";
import type { Key } from "../../kit/kv.ts";
import { IMAGE_TYPES, type ImageType } from "./strip/mod.ts";

/** Where an image's bytes are: chunks in KV, or an object of the S3-compatible store. */
export type StoreName = "kv" | "s3";

/**
 * An image. `space` is the blog's id, or its sandbox's; `object` names its bytes, and is another after each
 * move from one store to the other; `sha256` is of those bytes; times in milliseconds.
 */
export type MediaRow = {
  id: string;
  space: string;
  blog: string;
  owner: string;
  store: StoreName;
  object: string;
  filename: string;
  type: ImageType;
  size: number;
  width: number;
  height: number;
  sha256: string;
  createdAt: number;
  /** of a sandbox's image: when it vanishes */
  expiresAt: number | null;
};
/** An object of the S3-compatible store that goes when it is due, unless the image has it. */
export type GoneRow = { space: string; id: string; object: string; key: string };

/** What of a row names its bytes. */
export type Place = Pick<MediaRow, "space" | "id" | "object" | "type">;

export function mediaPrefix(space: string): Key {
  return ["media", space];
}
export function mediaKey(space: string, id: string): Key {
  return [...mediaPrefix(space), id];
}
/** Where the chunks of an image are, of 60,000 bytes each; at first `object` is the image's id. */
export function chunksPrefix({ space, object }: Pick<Place, "space" | "object">): Key {
  return ["mediachunk", space, object];
}
/** Where the bytes of all images of a space are counted. */
export function mediaBytesKey(space: string): Key {
  return ["mediabytes", space];
}
/** A sandbox's images, in the order in which they vanish. */
export function mediaExpiryKey(row: Pick<MediaRow, "space" | "id">, at: number): Key {
  return ["mediaexpiry", at, row.space, row.id];
}
export function goneKey(due: number, object: string): Key {
  return ["mediagone", due, object];
}

/** The name of the image's file. */
export function fileOf(row: { id: string; type: ImageType }): string {
  return `${row.id}.${IMAGE_TYPES[row.type]}`;
}

/** Whether images are at `/media/` of the origin: where it has no subdomains, and on localhost. */
export function hasMediaInPath({ config }: Pick<Deps, "config">): boolean {
  return config.blogAddress === "path" || new URL(config.origin).hostname === "localhost";
}

/** The address under which a space's images are, with a slash at the end. */
export function mediaBase({ config }: Pick<Deps, "config">, space: string): string {
  return hasMediaInPath({ config })
    ? `${config.origin}/media/${space}/`
    : `${new URL(config.origin).protocol}//media.${config.baseHost}/${space}/`;
}
