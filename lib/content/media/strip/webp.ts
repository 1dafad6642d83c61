import {
  badImage,
  cutOff,
  join,
  latin1,
  readOrientation,
  requireFewParts,
  type Stripped,
  viewOf,
  writeOrientation,
} from "./bytes.ts";

const EXIF_FLAG = 0x08;
const XMP_FLAG = 0x04;
const ANIMATION_FLAG = 0x02;
// A frame's place, size, duration and flags, before its own chunks.
const FRAME_HEADER = 16;

type Chunk = { type: string; data: Uint8Array; whole: Uint8Array };
type Size = { width: number; height: number };

/** Keeps the chunks that a WebP (RFC 9649) is shown with; EXIF but for the orientation, XMP, anything unknown and what follows the end go. */
export function stripWebp(bytes: Uint8Array): Stripped {
  const size = viewOf(bytes).getUint32(4, true) + 8;
  if (size > bytes.length) throw cutOff();
  const chunks = readChunks(bytes.subarray(12, size));
  const [first] = chunks;
  if (first?.type === "VP8X") return stripExtended(first, chunks.slice(1));
  const picture = first && pictureSize(first);
  if (!picture) throw badImage("holds no picture.");
  return { parts: riff([first.whole]), ...picture, orientation: 1 };
}

function stripExtended(head: Chunk, chunks: Chunk[]): Stripped {
  const { data } = head;
  if (data.length < 10) throw badImage("is damaged: its header is malformed.");
  const header = head.whole.slice(0, 18);
  const animated = (data[0] & ANIMATION_FLAG) !== 0;
  const exif = chunks.find(({ type }) => type === "EXIF");
  const orientation = exif ? readOrientation(withoutPrefix(exif.data)) : 1;
  header[8] = data[0] & ~(EXIF_FLAG | XMP_FLAG) | (orientation === 1 ? 0 : EXIF_FLAG);
  const view = viewOf(header);
  view.setUint32(4, 10, true);
  const canvas = {
    width: 1 + (data[4] | data[5] << 8 | data[6] << 16),
    height: 1 + (data[7] | data[8] << 8 | data[9] << 16),
  };
  const kept = animated ? keepFrames(chunks) : keepPicture(chunks, canvas);
  const profile = chunks.find(({ type }) => type === "ICCP");
  const parts = [header, ...profile ? [profile.whole] : [], ...kept];
  if (orientation !== 1) parts.push(chunkOf("EXIF", writeOrientation(orientation)));
  // The tag stays for viewers that heed it; browsers do not turn a WebP.
  return { parts: riff(parts), ...canvas, orientation: 1 };
}

function keepPicture(chunks: Chunk[], canvas: Size): Uint8Array[] {
  const picture = chunks.find(({ type }) => type === "VP8 " || type === "VP8L");
  const size = picture && pictureSize(picture);
  if (!size) throw badImage("holds no picture.");
  if (size.width !== canvas.width || size.height !== canvas.height) {
    throw badImage("is damaged: its header and its picture differ in size.");
  }
  const alpha = picture.type === "VP8 " ? chunks.find(({ type }) => type === "ALPH") : undefined;
  return [...alpha ? [alpha.whole] : [], picture.whole];
}

function keepFrames(chunks: Chunk[]): Uint8Array[] {
  const loop = chunks.find(({ type }) => type === "ANIM");
  const frames = chunks.filter(({ type }) => type === "ANMF");
  if (!loop || !frames.length) throw badImage("holds no picture.");
  return [
    loop.whole,
    ...frames.map(({ data }) => {
      if (data.length < FRAME_HEADER) throw badImage("is damaged: a frame is malformed.");
      const inner = readChunks(data.subarray(FRAME_HEADER));
      const alpha = inner.find(({ type }) => type === "ALPH");
      const picture = inner.find(({ type }) => type === "VP8 " || type === "VP8L");
      if (!picture || !pictureSize(picture)) throw badImage("has a frame without a picture.");
      return chunkOf(
        "ANMF",
        join([data.subarray(0, FRAME_HEADER), ...alpha ? [alpha.whole] : [], picture.whole]),
      );
    }),
  ];
}

function readChunks(bytes: Uint8Array): Chunk[] {
  const view = viewOf(bytes);
  const chunks: Chunk[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    requireFewParts(chunks);
    const type = latin1(bytes, at, 4);
    const length = view.getUint32(at + 4, true);
    const end = at + 8 + length;
    if (end > bytes.length) throw cutOff();
    const data = bytes.subarray(at + 8, end);
    chunks.push({ type, data, whole: length & 1 ? chunkOf(type, data) : bytes.subarray(at, end) });
    at = end + (length & 1);
  }
  return chunks;
}

/** The size in the header of a VP8 key frame (RFC 6386, 9.1) or a VP8L picture; null where it is neither. */
function pictureSize({ type, data }: Chunk): Size | null {
  const view = viewOf(data);
  if (type === "VP8 " && data.length >= 10 && latin1(data, 3, 3) === "\x9d\x01\x2a") {
    return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff };
  }
  if (type === "VP8L" && data.length >= 5 && data[0] === 0x2f) {
    const packed = view.getUint32(1, true);
    return { width: (packed & 0x3fff) + 1, height: (packed >>> 14 & 0x3fff) + 1 };
  }
  return null;
}

// Some writers begin the chunk as a JPEG's segment begins.
function withoutPrefix(exif: Uint8Array): Uint8Array {
  return latin1(exif, 0, 6) === "Exif\0\0" ? exif.subarray(6) : exif;
}

function chunkOf(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + data.length + (data.length & 1));
  bytes.set(new TextEncoder().encode(type));
  viewOf(bytes).setUint32(4, data.length, true);
  bytes.set(data, 8);
  return bytes;
}

function riff(parts: Uint8Array[]): Uint8Array[] {
  const head = new Uint8Array(12);
  head.set(new TextEncoder().encode("RIFF"));
  head.set(new TextEncoder().encode("WEBP"), 8);
  viewOf(head).setUint32(4, 4 + parts.reduce((n, part) => n + part.length, 0), true);
  return [head, ...parts];
}
