import { crc32 } from "node:zlib";
import {
  badImage,
  cutOff,
  latin1,
  readOrientation,
  requireFewParts,
  type Stripped,
  viewOf,
  writeOrientation,
} from "./bytes.ts";

// What pixels, colours and animation are made of (PNG, third edition).
const KEPT = new Set(
  "IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD pHYs acTL fcTL fdAT"
    .split(" "),
);

/** Keeps the chunks that a PNG or APNG is shown with; text, times, EXIF, anything unknown and what follows the end go. */
export function stripPng(bytes: Uint8Array): Stripped {
  const view = viewOf(bytes);
  const parts = [bytes.subarray(0, 8)];
  let orientation = 1;
  let seen = 0;
  let pictures = 0;
  for (let at = 8, ended = false; !ended;) {
    if (at + 12 > bytes.length) throw cutOff();
    requireFewParts(parts);
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > bytes.length) throw cutOff();
    const type = latin1(bytes, at + 4, 4);
    const data = bytes.subarray(at + 8, end - 4);
    if (seen++ === 0 && (type !== "IHDR" || length !== 13)) {
      throw badImage("is damaged: its header is malformed.");
    }
    if (KEPT.has(type)) {
      if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
        throw badImage(`is damaged: the checksum of its ${type} is wrong.`);
      }
      if (type === "IDAT") pictures++;
      if (type !== "IEND") parts.push(bytes.subarray(at, end));
    } else if (type === "eXIf") {
      orientation = readOrientation(data);
    }
    ended = type === "IEND";
    at = end;
  }
  if (!pictures) throw badImage("holds no picture.");
  // Right behind the header: it must precede the picture.
  if (orientation !== 1) parts.splice(2, 0, chunk("eXIf", writeOrientation(orientation)));
  parts.push(chunk("IEND", new Uint8Array()));
  return { parts, width: view.getUint32(16), height: view.getUint32(20), orientation };
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = viewOf(bytes);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}
