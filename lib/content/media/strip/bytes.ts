import { AppError } from "../../../kit/errors.ts";

export type ImageType = "image/jpeg" | "image/png" | "image/gif" | "image/webp";
/** What is left of an image: its parts in order, its size as the file says, and the EXIF orientation (1 to 8) by which browsers turn it. */
export type Stripped = {
  parts: Uint8Array[];
  width: number;
  height: number;
  orientation: number;
};

/** The 400 of an image that is not taken; `fault` follows "The image ". */
export function badImage(fault: string): AppError {
  return new AppError("image_invalid", { message: `The image ${fault}` });
}

/** The 400 of one that breaks off. */
export function cutOff(): AppError {
  return badImage("is cut off: send the whole file.");
}

// Each costs memory: an image of 5 MB may claim a million.
const MAX_PARTS = 65_536;

/** Throws where a file consists of more parts than any real one. */
export function requireFewParts(parts: { length: number }): void {
  if (parts.length > MAX_PARTS) throw badImage("consists of too many parts: save it anew.");
}

/** `length` bytes from `at` on as Latin-1. */
export function latin1(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

/** A view of the same bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The parts in one piece. */
export function join(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const ORIENTATION = 0x0112;
const SHORT = 3;

/** The orientation that a TIFF header's first directory names (EXIF 2.3, tag 274); 1 where it names none. */
export function readOrientation(tiff: Uint8Array): number {
  if (tiff.length < 14) return 1;
  const order = latin1(tiff, 0, 2);
  if (order !== "II" && order !== "MM") return 1;
  const little = order === "II";
  const view = viewOf(tiff);
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return 1;
  const count = view.getUint16(directory, little);
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + i * 12;
    if (entry + 12 > tiff.length) return 1;
    if (view.getUint16(entry, little) !== ORIENTATION) continue;
    const value = view.getUint16(entry + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** A TIFF header of 26 bytes whose one entry is the orientation. */
export function writeOrientation(orientation: number): Uint8Array {
  const tiff = new Uint8Array(26);
  const view = viewOf(tiff);
  tiff.set([0x4d, 0x4d]);
  view.setUint16(2, 42);
  view.setUint32(4, 8);
  view.setUint16(8, 1);
  view.setUint16(10, ORIENTATION);
  view.setUint16(12, SHORT);
  view.setUint32(14, 1);
  view.setUint16(18, orientation);
  return tiff;
}
