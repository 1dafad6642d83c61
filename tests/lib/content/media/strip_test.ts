import assert from "node:assert/strict";
import fc from "fast-check";
import { AppError } from "../../../../lib/kit/errors.ts";
import { cleanImage } from "../../../../lib/content/media/strip/mod.ts";
import { BAD, GOOD, jpegOfSize, metadataOf, readFixture } from "../../../support/images.ts";

const clean = (name: string) => {
  const { bytes, type } = readFixture(name);
  return cleanImage(bytes, type);
};
const refusal = (message: RegExp) => (error: unknown) =>
  error instanceof AppError && error.reason === "image_invalid" && message.test(error.message);

Deno.test("the fixtures are at least forty, and hold the metadata that is to be taken away", () => {
  assert.ok(GOOD.length + BAD.length >= 40, String(GOOD.length + BAD.length));
  const dirty = GOOD.filter(({ bytes, type }) => metadataOf(bytes, type).length > 0);
  assert.ok(dirty.length >= 20, String(dirty.map(({ name }) => name)));
  const secret = GOOD.filter(({ bytes }) => textOf(bytes).includes("SECRET"));
  assert.ok(secret.length >= 15, String(secret.map(({ name }) => name)));
});

function textOf(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

for (const { name, type, bytes } of GOOD) {
  Deno.test(`${name} keeps no metadata but its orientation, and is the same when it is cleaned again`, () => {
    const turned = /orientation-([2-8])/.test(name);
    const cleaned = cleanImage(bytes, type);
    assert.deepEqual(metadataOf(cleaned.bytes, type), turned ? ["Exif:26"] : []);
    assert.doesNotMatch(textOf(cleaned.bytes), /SECRET|<script|photoshop|xmpmeta|Phone/i);
    const [width, height] = /orientation-[5-8].(jpg|png)/.test(name) ? [32, 48] : [48, 32];
    assert.deepEqual([cleaned.width, cleaned.height], [width, height]);
    assert.deepEqual(cleanImage(cleaned.bytes, type), cleaned);
  });
}

for (const { name, type, bytes } of BAD) {
  Deno.test(`${name} is refused`, () => {
    const message = /truncated/.test(name) ? /cut off/ : /damaged|cut off|unknown type/;
    assert.throws(() => cleanImage(bytes, type), refusal(message));
  });
}

Deno.test("an orientation is what is left of EXIF, in each of its eight values", () => {
  for (let n = 2; n <= 8; n++) {
    const { bytes } = clean(`jpeg-orientation-${n}.jpg`);
    const at = textOf(bytes).indexOf("Exif\0\0MM");
    assert.ok(at > 0);
    assert.equal(bytes[at + 6 + 19], n);
  }
});

Deno.test("a vector image, a document and a type that was not declared are refused", () => {
  for (const name of ["bad-vector.svg", "bad-document.pdf"]) {
    const bytes = Deno.readFileSync(
      new URL(`../../../fixtures/images/${name}`, import.meta.url),
    );
    assert.throws(() => cleanImage(bytes, "image/png"), refusal(/unknown type/));
  }
  const { bytes } = readFixture("png-rgb.png");
  assert.throws(
    () => cleanImage(bytes, "image/jpeg"),
    refusal(/declared as image\/jpeg.*is image\/png/),
  );
});

Deno.test("more than 16,384 pixels a side or 64 megapixels are refused by the header alone", () => {
  const { bytes } = readFixture("gif-still.gif");
  const sized = (width: number, height: number) => {
    const copy = bytes.slice();
    const view = new DataView(copy.buffer);
    view.setUint16(6, width, true);
    view.setUint16(8, height, true);
    return copy;
  };
  const taken = cleanImage(sized(16_384, 3906), "image/gif");
  assert.deepEqual([taken.width, taken.height], [16_384, 3906]);
  for (const [width, height] of [[16_385, 1], [32, 16_385], [8001, 8000]]) {
    assert.throws(() => cleanImage(sized(width, height), "image/gif"), refusal(/at most 16,384/));
  }
  // A frame that exceeds the screen counts as what a browser makes of it.
  const wide = bytes.slice();
  const frame = wide.indexOf(0x2c, 13 + 3 * 2 ** ((wide[10] & 7) + 1));
  new DataView(wide.buffer).setUint16(frame + 1, 16_384, true);
  assert.throws(() => cleanImage(wide, "image/gif"), refusal(/at most 16,384/));
});

Deno.test("a PNG whose bytes were damaged on the way is refused", () => {
  const { bytes, type } = readFixture("png-rgb.png");
  const damaged = bytes.slice();
  damaged[200] ^= 1;
  assert.throws(() => cleanImage(damaged, type), refusal(/checksum of its IDAT/));
});

Deno.test("five megabytes of scan are kept to the last byte", () => {
  const bytes = jpegOfSize(5 * 1024 * 1024);
  assert.equal(cleanImage(bytes, "image/jpeg").bytes.length, bytes.length);
});

Deno.test("whatever is changed, cut out or put in, an image is cleaned or refused, and what is cleaned is clean", () => {
  const edit = fc.record({
    name: fc.constantFrom(...GOOD.map(({ name }) => name)),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat(40),
    put: fc.uint8Array({ maxLength: 20 }),
  });
  fc.assert(
    fc.property(edit, ({ name, at, cut, put }) => {
      const { bytes, type } = GOOD.find((fixture) => fixture.name === name)!;
      const from = Math.floor(at * bytes.length);
      const edited = new Uint8Array([
        ...bytes.subarray(0, from),
        ...put,
        ...bytes.subarray(from + cut),
      ]);
      try {
        const { bytes: cleaned } = cleanImage(edited, type);
        const left = metadataOf(cleaned, type).filter((one) => one !== "Exif:26");
        assert.deepEqual(left, []);
        assert.deepEqual(cleanImage(cleaned, type).bytes, cleaned);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        assert.equal(error.reason, "image_invalid");
      }
    }),
    { numRuns: 3000, seed: 6 },
  );
});

Deno.test("an image of a million parts is refused, of each type", () => {
  const of = (count: number, ...part: number[]) =>
    new Uint8Array(part.length * count).map((_, i) => part[i % part.length]);
  const [jpeg, gif, png, webp] = [
    "jpeg-baseline.jpg",
    "gif-still.gif",
    "png-rgb.png",
    "webp-lossy.webp",
  ]
    .map((name) => readFixture(name));
  const table = 13 + (gif.bytes[10] & 0x80 ? 3 << (gif.bytes[10] & 7) + 1 : 0);
  const empty = [0, 0, 0, 0, 0x49, 0x44, 0x41, 0x54, 0x35, 0xaf, 0x06, 0x1e];
  const full = [
    [jpeg, 2, of(100_000, 0xff, 0xc4, 0, 2)],
    [gif, table, of(100_000, 0x21, 0xf9, 4, 0, 0, 0, 0, 0)],
    [png, 33, of(100_000, ...empty)],
    [webp, webp.bytes.length, of(100_000, 0x41, 0x41, 0x41, 0x41, 0, 0, 0, 0)],
  ] as const;
  for (const [{ name, bytes, type }, at, parts] of full) {
    const image = new Uint8Array([...bytes.subarray(0, at), ...parts, ...bytes.subarray(at)]);
    if (type === "image/webp") new DataView(image.buffer).setUint32(4, image.length - 8, true);
    assert.throws(() => cleanImage(image, type), refusal(/too many parts/), name);
  }
});
