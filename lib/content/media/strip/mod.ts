import { badImage, type ImageType, join, latin1 } from "./bytes.ts";
import { stripGif } from "./gif.ts";
import { stripJpeg } from "./jpeg.ts";
import { stripPng } from "./png.ts";
import { stripWebp } from "./webp.ts";

const MAX_SIDE = 16_384;
const MAX_PIXELS = 64_000_000;
const STRIP = {
  "image/jpeg": stripJpeg,
  "image/png": stripPng,
  "image/gif": stripGif,
  "image/webp": stripWebp,
};

export type { ImageType } from "./bytes.ts";
/** The types that are taken, each with the ending of its files. */
export const IMAGE_TYPES: Record<ImageType, string> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/gif": "gif",
  "image/webp": "webp",
};

/** The type that the first bytes say, or null. */
export function typeOf(bytes: Uint8Array): ImageType | null {
  if (bytes.length > 3 && latin1(bytes, 0, 3) === "\xff\xd8\xff") return "image/jpeg";
  if (bytes.length > 33 && latin1(bytes, 0, 8) === "\x89PNG\r\n\x1a\n") return "image/png";
  if (bytes.length > 13 && /^GIF8[79]a$/.test(latin1(bytes, 0, 6))) return "image/gif";
  if (bytes.length > 20 && /^RIFF....WEBP$/s.test(latin1(bytes, 0, 12))) return "image/webp";
  return null;
}

/**
 * The image as it may be published: the same pixels, orientation, colours and animation, and no other
 * metadata. `width` and `height` are as it is shown. Throws 400 where it is no image of the declared type,
 * is damaged, or too large.
 */
export function cleanImage(
  bytes: Uint8Array,
  declared: ImageType,
): { bytes: Uint8Array<ArrayBuffer>; width: number; height: number } {
  const type = typeOf(bytes);
  if (!type) throw badImage("is of an unknown type: send a JPEG, PNG, GIF or WebP.");
  if (type !== declared) {
    throw badImage(`was declared as ${declared}, and is ${type}: declare what it is.`);
  }
  const { parts, width, height, orientation } = STRIP[type](bytes);
  if (!width || !height) throw badImage("has no size: save it anew.");
  if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS) {
    throw badImage(
      `has ${width} × ${height} pixels: at most 16,384 a side and 64 megapixels are taken.`,
    );
  }
  const turned = orientation >= 5;
  return {
    bytes: join(parts),
    width: turned ? height : width,
    height: turned ? width : height,
  };
}
