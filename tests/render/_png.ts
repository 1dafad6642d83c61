import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";

/** Each pixel as 0xRRGGBB, row by row. */
export type Pixels = { width: number; height: number; rgb: Uint32Array };

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Reads a PNG of a palette, RGB or RGBA that is not interlaced, and throws on any other. */
export function decodePng(png: Uint8Array): Pixels {
  assert.deepEqual([...png.subarray(0, 8)], SIGNATURE);
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const data: number[] = [];
  let palette = new Uint8Array();
  for (let at = 8; at < png.length;) {
    const length = view.getUint32(at);
    const type = new TextDecoder().decode(png.subarray(at + 4, at + 8));
    const chunk = png.subarray(at + 8, at + 8 + length);
    if (type === "IDAT") { for (const byte of chunk) data.push(byte); }
    if (type === "PLTE") palette = new Uint8Array(chunk);
    at += length + 12;
  }
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, kind, , , interlaced] = png.subarray(24, 29);
  const channels = ({ 2: 3, 3: 1, 6: 4 } as Record<number, number>)[kind];
  assert.ok(channels && (depth === 8 || kind === 3) && interlaced === 0, "another kind of PNG");
  const stride = Math.ceil(width * channels * depth / 8);
  const bytes = unfilter(inflateSync(new Uint8Array(data)), { stride, bytes: channels, height });
  const rgb = new Uint32Array(width * height);
  for (let i = 0; i < rgb.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const shift = 8 - depth - (x * depth) % 8;
    const index = (bytes[y * stride + (x * depth >> 3)] >> shift) & ((1 << depth) - 1);
    const [from, at] = kind === 3 ? [palette, index * 3] : [bytes, y * stride + x * channels];
    rgb[i] = from[at] << 16 | from[at + 1] << 8 | from[at + 2];
  }
  return { width, height, rgb };
}

function unfilter(
  raw: Uint8Array,
  { stride, bytes, height }: { stride: number; bytes: number; height: number },
): Uint8Array {
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const left = x >= bytes ? out[y * stride + x - bytes] : 0;
      const up = y > 0 ? out[(y - 1) * stride + x] : 0;
      const corner = x >= bytes && y > 0 ? out[(y - 1) * stride + x - bytes] : 0;
      const guess = predict(filter, left, up, corner);
      out[y * stride + x] = raw[y * (stride + 1) + 1 + x] + guess;
    }
  }
  return out;
}

function predict(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const [a, b, c] = [
    Math.abs(up - corner),
    Math.abs(left - corner),
    Math.abs(left + up - 2 * corner),
  ];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
