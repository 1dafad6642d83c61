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

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const EXIF = 0xe1;
const ICC = 0xe2;
const ADOBE = 0xee;
// DHT, DQT, DNL and DRI: what a picture is decoded with, beside its frame and scans.
const TABLES = [0xc4, 0xdb, 0xdc, 0xdd];
// Baseline, extended and progressive, Huffman-coded: the processes that browsers decode.
const FRAMES = [0xc0, 0xc1, 0xc2];

type Segment = { marker: number; start: number; end: number; body: Uint8Array };

/**
 * Keeps what a JPEG (ITU T.81) is decoded with: tables, frame, scans, JFIF without its thumbnail, the colour
 * profile and Adobe's colour transform. EXIF, XMP, IPTC, comments and whatever follows the end go.
 */
export function stripJpeg(bytes: Uint8Array): Stripped {
  const head: Uint8Array[] = [bytes.subarray(0, 2)];
  const parts: Uint8Array[] = [];
  let frame: { width: number; height: number } | null = null;
  let orientation: number | null = null;
  let scans = 0;
  for (let at = 2;;) {
    requireFewParts(parts);
    const { marker, start } = readMarker(bytes, at);
    if (marker === EOI) {
      if (!scans) throw badImage("holds no picture.");
      parts.push(Uint8Array.of(0xff, EOI));
      break;
    }
    // Restarts belong into a scan, and mean nothing here.
    if (isRestart(marker) || marker === 0x01) {
      at = start + 2;
      continue;
    }
    if (marker === SOI) throw badImage("has a second beginning inside: save it anew.");
    const segment = readSegment(bytes, marker, start);
    at = segment.end;
    if (isFrame(marker)) {
      if (frame) throw badImage("has several frames: save it as a plain JPEG.");
      frame = readFrame(segment);
      parts.push(bytes.subarray(start, at));
    } else if (marker === SOS) {
      if (!frame) throw badImage("has a scan before its frame: save it anew.");
      const end = endOfScan(bytes, at);
      parts.push(bytes.subarray(start, end));
      at = end;
      scans++;
    } else if (TABLES.includes(marker)) {
      parts.push(bytes.subarray(start, at));
    } else if (marker === EXIF && latin1(segment.body, 0, 6) === "Exif\0\0") {
      orientation ??= readOrientation(segment.body.subarray(6));
    } else {
      const kept = keptApp(segment);
      if (kept) (marker === APP0 ? head : parts).push(kept);
    }
  }
  if (orientation !== null && orientation !== 1) head.push(exifSegment(orientation));
  return { parts: [...head, ...parts], ...frame!, orientation: orientation ?? 1 };
}

function readMarker(bytes: Uint8Array, from: number): { marker: number; start: number } {
  if (from >= bytes.length) throw cutOff();
  if (bytes[from] !== 0xff) throw badImage("is damaged: a marker was expected.");
  let at = from;
  // Any number of fill bytes may precede a marker.
  while (bytes[at + 1] === 0xff) at++;
  if (at + 1 >= bytes.length) throw cutOff();
  return { marker: bytes[at + 1], start: at };
}

function readSegment(bytes: Uint8Array, marker: number, start: number): Segment {
  if (marker < 0xc0 || marker === 0xff) throw badImage("is damaged: it has an unknown marker.");
  if (start + 4 > bytes.length) throw cutOff();
  const length = bytes[start + 2] << 8 | bytes[start + 3];
  if (length < 2) throw badImage("is damaged: a segment has no length.");
  const end = start + 2 + length;
  if (end > bytes.length) throw cutOff();
  return { marker, start, end, body: bytes.subarray(start + 4, end) };
}

function readFrame({ marker, body }: Segment): { width: number; height: number } {
  if (!FRAMES.includes(marker)) {
    throw badImage("is a kind of JPEG that browsers do not show: save it as a plain JPEG.");
  }
  if (body.length < 6 || body.length !== 6 + 3 * body[5]) {
    throw badImage("is damaged: its frame is malformed.");
  }
  const view = viewOf(body);
  return { height: view.getUint16(1), width: view.getUint16(3) };
}

/** Where the entropy-coded data ends: at the first marker that is no restart and no stuffed byte. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next !== 0 && next !== 0xff && !isRestart(next)) return at;
  }
  throw cutOff();
}

function keptApp({ marker, body }: Segment): Uint8Array | null {
  if (marker === APP0 && latin1(body, 0, 5) === "JFIF\0" && body.length >= 14) {
    const jfif = new Uint8Array(18);
    jfif.set([0xff, APP0, 0, 16]);
    jfif.set(body.subarray(0, 12), 4);
    return jfif;
  }
  if (marker === ADOBE && latin1(body, 0, 5) === "Adobe" && body.length >= 12) {
    const adobe = new Uint8Array(16);
    adobe.set([0xff, ADOBE, 0, 14]);
    adobe.set(body.subarray(0, 12), 4);
    return adobe;
  }
  if (marker === ICC && latin1(body, 0, 12) === "ICC_PROFILE\0") return wholeSegment(marker, body);
  return null;
}

function wholeSegment(marker: number, body: Uint8Array): Uint8Array {
  const segment = new Uint8Array(4 + body.length);
  segment.set([0xff, marker, body.length + 2 >> 8, body.length + 2 & 0xff]);
  segment.set(body, 4);
  return segment;
}

function exifSegment(orientation: number): Uint8Array {
  const body = new Uint8Array(32);
  body.set([0x45, 0x78, 0x69, 0x66, 0, 0]);
  body.set(writeOrientation(orientation), 6);
  return wholeSegment(EXIF, body);
}

function isRestart(marker: number): boolean {
  return marker >= 0xd0 && marker <= 0xd7;
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}
