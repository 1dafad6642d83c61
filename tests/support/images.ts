import { IMAGE_TYPES, type ImageType } from "../../lib/content/media/mod.ts";

const FOLDER = new URL("../fixtures/images/", import.meta.url);
const ENDINGS = Object.entries(IMAGE_TYPES) as [ImageType, string][];

/** A file of tests/fixtures/images. */
export type Fixture = { name: string; type: ImageType; bytes: Uint8Array<ArrayBuffer> };

/** The type that a file's name says. */
export function typeByName(name: string): ImageType {
  return ENDINGS.find(([, ending]) => name.endsWith(`.${ending}`))![0];
}

export function readFixture(name: string): Fixture {
  const bytes = Deno.readFileSync(new URL(name, FOLDER));
  return { name, type: typeByName(name), bytes };
}

const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
  .filter((name) => ENDINGS.some(([, ending]) => name.endsWith(`.${ending}`))).sort();

/** Images that are taken, with what must be taken away from them. */
export const GOOD: Fixture[] = names.filter((name) => !/truncated|^bad-/.test(name))
  .map(readFixture);
/** Images that are refused, declared as what they pretend to be. */
export const BAD: Fixture[] = names.filter((name) => /truncated|^bad-/.test(name))
  .map(readFixture);

/** A JPEG of exactly so many bytes that is as large without its metadata. */
export function jpegOfSize(size: number): Uint8Array<ArrayBuffer> {
  const { bytes } = readFixture("jpeg-baseline.jpg");
  const scan = bytes.length - 2;
  const whole = new Uint8Array(size);
  whole.set(bytes.subarray(0, scan));
  // More entropy-coded data than the picture needs, which a decoder leaves aside.
  whole.fill(0x55, scan, size - 2);
  whole.set([0xff, 0xd9], size - 2);
  return whole;
}

/** The segments, chunks or blocks of an image that hold anything beside pixels and colours; its EXIF is told by its length. */
export function metadataOf(bytes: Uint8Array, type: ImageType): string[] {
  switch (type) {
    case "image/jpeg":
      return jpegSegments(bytes);
    case "image/png":
      return pngChunks(bytes);
    case "image/webp":
      return webpChunks(bytes);
    case "image/gif":
      return gifExtensions(bytes);
  }
}

function ascii(bytes: Uint8Array, at: number, length: number): string {
  return new TextDecoder("latin1").decode(bytes.subarray(at, at + length));
}

function jpegSegments(bytes: Uint8Array): string[] {
  const found: string[] = [];
  let at = 2;
  while (at < bytes.length) {
    const marker = bytes[at + 1];
    if (marker === 0xd9) break;
    const length = bytes[at + 2] << 8 | bytes[at + 3];
    const name = ascii(bytes, at + 4, 4);
    const known = marker === 0xe2 ? name === "ICC_" : marker === 0xee ? name === "Adob" : false;
    if (marker === 0xe1) found.push(`${name}:${length - 8}`);
    else if (marker === 0xfe || (marker >= 0xe0 && !known && name !== "JFIF")) {
      found.push(`${marker.toString(16)}:${name}`);
    }
    at += 2 + length;
    if (marker !== 0xda) continue;
    while (bytes[at] !== 0xff || bytes[at + 1] === 0 || (bytes[at + 1] & 0xf8) === 0xd0) at++;
  }
  if (at + 2 < bytes.length) found.push("trailer");
  return found;
}

const PNG_PIXELS = /^(IHDR|PLTE|IDAT|IEND|tRNS|cHRM|gAMA|iCCP|sBIT|sRGB|bKGD|pHYs|acTL|fcTL|fdAT)$/;

function pngChunks(bytes: Uint8Array): string[] {
  const found: string[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = 8;
  while (at < bytes.length) {
    const type = ascii(bytes, at + 4, 4);
    const length = view.getUint32(at);
    if (type === "eXIf") found.push(`Exif:${length}`);
    else if (!PNG_PIXELS.test(type)) found.push(type);
    at += 12 + length;
    if (type === "IEND") break;
  }
  if (at !== bytes.length) found.push("trailer");
  return found;
}

function webpChunks(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const found: string[] = [];
  const end = 8 + view.getUint32(4, true);
  for (let at = 12; at < end;) {
    const type = ascii(bytes, at, 4);
    const length = view.getUint32(at + 4, true);
    if (type === "EXIF") found.push(`Exif:${length}`);
    else if (!/^(VP8[ LX]|ALPH|ANIM|ANMF|ICCP)$/.test(type)) found.push(type);
    at += 8 + length + (length & 1);
  }
  if (end !== bytes.length) found.push("trailer");
  return found;
}

function gifExtensions(bytes: Uint8Array): string[] {
  const found: string[] = [];
  const table = (packed: number) => packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0;
  let at = 13 + table(bytes[10]);
  const skip = () => {
    while (bytes[at]) at += bytes[at] + 1;
    at++;
  };
  while (bytes[at] !== 0x3b) {
    if (bytes[at] === 0x2c) {
      at += 10 + table(bytes[at + 9]) + 1;
    } else {
      const label = bytes[at + 1];
      const name = label === 0xff ? ascii(bytes, at + 3, 11) : label.toString(16);
      if (label !== 0xf9 && name !== "NETSCAPE2.0") found.push(name);
      at += 2;
    }
    skip();
  }
  if (at + 1 !== bytes.length) found.push("trailer");
  return found;
}
