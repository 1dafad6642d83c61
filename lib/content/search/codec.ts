/** Postings of one term: document numbers, ascending, and the mask of each. */
export type Postings = { numbers: Float64Array; masks: Uint8Array };
/** A part of a posting list: (number less the one before as a varint, mask)*, the first number whole. */
export type Chunk = { first: number; bytes: Uint8Array };
/** Those of some candidates that a list holds: where each is among them, and its mask. */
export type Matches = { at: Uint32Array; masks: Uint8Array; count: number };

/** Bytes of a chunk at most. */
export const CHUNK_BYTES = 4096;
// A number is below 2^49: seven bytes, and the mask.
const MAX_POSTING_BYTES = 8;
// What had to be split leaves room for a document that comes late.
const FILL = 0.9;

/** The chunks of postings, in order; none for none. */
export function encodePostings(postings: Postings, maxBytes: number = CHUNK_BYTES): Chunk[] {
  const { numbers } = postings;
  const buffer = new Uint8Array(Math.max(maxBytes, MAX_POSTING_BYTES));
  const chunks: Chunk[] = [];
  let limit = maxBytes;
  for (let from = 0; from < numbers.length;) {
    let { bytes, to } = fill(buffer, postings, { from, limit });
    if (from === 0 && to < numbers.length) {
      limit = Math.floor(maxBytes * FILL);
      ({ bytes, to } = fill(buffer, postings, { from, limit }));
    }
    chunks.push({ first: numbers[from], bytes: buffer.slice(0, bytes) });
    from = to;
  }
  return chunks;
}

// As many postings as the limit allows, and one at least.
function fill(
  buffer: Uint8Array,
  { numbers, masks }: Postings,
  { from, limit }: { from: number; limit: number },
): { bytes: number; to: number } {
  let at = 0;
  for (let i = from, previous = 0; i < numbers.length; previous = numbers[i++]) {
    let delta = numbers[i] - previous;
    if (i > from && at + sizeOf(delta) > limit) return { bytes: at, to: i };
    while (delta > 127) {
      buffer[at++] = (delta % 128) | 128;
      delta = Math.floor(delta / 128);
    }
    buffer[at++] = delta;
    buffer[at++] = masks[i];
  }
  return { bytes: at, to: numbers.length };
}

function sizeOf(delta: number): number {
  let bytes = 2;
  for (let rest = delta; rest > 127; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

/** All postings of a list, given its chunks in order; a document that two chunks hold is taken once. */
export function decodePostings(chunks: readonly { bytes: Uint8Array }[]): Postings {
  const capacity = chunks.reduce((sum, { bytes }) => sum + (bytes.length >> 1), 0);
  const numbers = new Float64Array(capacity);
  const masks = new Uint8Array(capacity);
  let count = 0;
  for (const { bytes } of chunks) {
    const last = count ? numbers[count - 1] : -1;
    for (let at = 0, n = 0; at < bytes.length; at++) {
      let byte = bytes[at++];
      // As integers as long as it is one: most are.
      let low = byte & 127;
      for (let shift = 7; byte > 127 && shift < 28; shift += 7) {
        byte = bytes[at++];
        low |= (byte & 127) << shift;
      }
      n += low;
      for (let unit = 2 ** 28; byte > 127; unit *= 128) {
        byte = bytes[at++];
        n += (byte & 127) * unit;
      }
      if (n <= last) continue;
      numbers[count] = n;
      masks[count++] = bytes[at];
    }
  }
  return { numbers: numbers.subarray(0, count), masks: masks.subarray(0, count) };
}

/** Adds to `matches` which of `numbers`, ascending, a list holds; chunks that can hold none of them are not decoded. */
export function matchPostings(
  chunks: readonly Chunk[],
  numbers: Float64Array,
  matches: Matches = noMatches(numbers.length),
): Matches {
  for (let i = 0, from = 0; i < chunks.length && from < numbers.length; i++) {
    const end = i + 1 < chunks.length ? chunks[i + 1].first : Infinity;
    while (from < numbers.length && numbers[from] < chunks[i].first) from++;
    if (numbers[from] < end) from = matchChunk(chunks[i].bytes, { numbers, from, end }, matches);
  }
  return matches;
}

function noMatches(capacity: number): Matches {
  return { at: new Uint32Array(capacity), masks: new Uint8Array(capacity), count: 0 };
}

// Gives the first candidate that is not judged: one of a later chunk.
function matchChunk(
  bytes: Uint8Array,
  candidates: { numbers: Float64Array; from: number; end: number },
  matches: Matches,
): number {
  const { numbers, end } = candidates;
  let i = candidates.from;
  let candidate = numbers[i];
  for (let at = 0, n = 0; at < bytes.length; at++) {
    let byte = bytes[at++];
    let low = byte & 127;
    for (let shift = 7; byte > 127 && shift < 28; shift += 7) {
      byte = bytes[at++];
      low |= (byte & 127) << shift;
    }
    n += low;
    for (let unit = 2 ** 28; byte > 127; unit *= 128) {
      byte = bytes[at++];
      n += (byte & 127) * unit;
    }
    while (candidate < n) candidate = numbers[++i];
    if (candidate === n) {
      matches.at[matches.count] = i;
      matches.masks[matches.count++] = bytes[at];
      candidate = numbers[++i];
    }
    if (!(candidate < end)) return i;
  }
  while (candidate < end) candidate = numbers[++i];
  return i;
}
