import { badImage, cutOff, latin1, requireFewParts, type Stripped, viewOf } from "./bytes.ts";

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;
const GRAPHIC_CONTROL = 0xf9;
const APPLICATION = 0xff;
const LOOPS = ["NETSCAPE2.0", "ANIMEXTS1.0"];

/** Keeps the frames of a GIF (89a) with their timing and the loop count; comments, texts, other extensions and what follows the end go. */
export function stripGif(bytes: Uint8Array): Stripped {
  const view = viewOf(bytes);
  let [width, height] = [view.getUint16(6, true), view.getUint16(8, true)];
  let at = 13 + tableLength(bytes[10]);
  if (at > bytes.length) throw cutOff();
  const parts = [bytes.subarray(0, at)];
  let frames = 0;
  for (let ended = false; !ended;) {
    if (at >= bytes.length) throw cutOff();
    requireFewParts(parts);
    const start = at;
    switch (bytes[at]) {
      case TRAILER:
        ended = true;
        break;
      case EXTENSION: {
        at = endOfBlocks(bytes, at + 2);
        const kept = keptExtension(bytes.subarray(start, at));
        if (kept) parts.push(kept);
        break;
      }
      case IMAGE: {
        if (at + 11 > bytes.length) throw cutOff();
        // A browser widens the canvas for a frame that exceeds it.
        width = Math.max(width, view.getUint16(at + 1, true) + view.getUint16(at + 5, true));
        height = Math.max(height, view.getUint16(at + 3, true) + view.getUint16(at + 7, true));
        at = endOfBlocks(bytes, at + 11 + tableLength(bytes[at + 9]));
        parts.push(bytes.subarray(start, at));
        frames++;
        break;
      }
      default:
        throw badImage("is damaged: it has an unknown block.");
    }
  }
  if (!frames) throw badImage("holds no picture.");
  parts.push(Uint8Array.of(TRAILER));
  return { parts, width, height, orientation: 1 };
}

/** Bytes of the colour table that a packed field announces. */
function tableLength(packed: number): number {
  return packed & 0x80 ? 3 << (packed & 7) + 1 : 0;
}

function endOfBlocks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at]) at += bytes[at] + 1;
  if (at >= bytes.length) throw cutOff();
  return at + 1;
}

function keptExtension(block: Uint8Array): Uint8Array | null {
  const [, label, length] = block;
  if (label === GRAPHIC_CONTROL && length === 4) {
    const control = new Uint8Array(8);
    control.set(block.subarray(0, 7));
    return control;
  }
  if (label !== APPLICATION || !LOOPS.includes(latin1(block, 3, 11)) || length !== 11) return null;
  // Of its blocks only the loop count matters; others might hold anything.
  if (block[14] !== 3 || block[15] !== 1) return null;
  const loop = new Uint8Array(19);
  loop.set(block.subarray(0, 18));
  return loop;
}
