import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  decodePostings,
  encodePostings,
  matchPostings,
} from "../../../../lib/content/search/codec.ts";

const MAX_NUMBER = 2 ** 49 - 1;

// Near each other and far apart, so that a varint has every length.
const numbers = fc.array(fc.oneof(fc.nat(300), fc.maxSafeNat().map((n) => n % MAX_NUMBER)), {
  maxLength: 200,
}).map((list) => Float64Array.from(new Set(list)).sort());

const postings = numbers.chain((numbers) =>
  fc.uint8Array({ minLength: numbers.length, maxLength: numbers.length })
    .map((masks) => ({ numbers, masks }))
);

Deno.test("postings are read from their chunks as they were written, whatever a chunk may hold", () => {
  fc.assert(fc.property(postings, fc.integer({ min: 9, max: 400 }), (list, maxBytes) => {
    const chunks = encodePostings(list, maxBytes);
    assert.deepEqual(decodePostings(chunks), list);
    assert.ok(chunks.every(({ bytes }) => bytes.length > 0 && bytes.length <= maxBytes));
    chunks.forEach((chunk) => assert.equal(decodePostings([chunk]).numbers[0], chunk.first));
  }));
});

Deno.test("the greatest number and its mask take eight bytes", () => {
  const list = { numbers: Float64Array.of(MAX_NUMBER), masks: Uint8Array.of(255) };
  const [chunk] = encodePostings(list, 8);
  assert.equal(chunk.bytes.length, 8);
  assert.deepEqual(decodePostings([chunk]), list);
});

Deno.test("a list that is split leaves a tenth of each full chunk free", () => {
  const numbers = Float64Array.from({ length: 1000 }, (_, i) => i);
  const sizes = encodePostings({ numbers, masks: new Uint8Array(1000) }, 100)
    .map(({ bytes }) => bytes.length);
  assert.ok(sizes.slice(0, -1).every((size) => size > 80 && size <= 90), String(sizes));
  assert.equal(encodePostings({ numbers, masks: new Uint8Array(1000) }, 2001).length, 1);
});

Deno.test("a document that two chunks hold is decoded once", () => {
  const masks = new Uint8Array(4);
  const [before] = encodePostings({ numbers: Float64Array.of(1, 5, 8, 9), masks });
  const [after] = encodePostings({ numbers: Float64Array.of(8, 9, 12, 20), masks });
  assert.deepEqual([...decodePostings([before, after]).numbers], [1, 5, 8, 9, 12, 20]);
});

Deno.test("matching finds those of the candidates that a list holds, with their masks", () => {
  fc.assert(fc.property(
    postings,
    numbers,
    fc.integer({ min: 9, max: 60 }),
    (list, others, maxBytes) => {
      const candidates = Float64Array.from(
        new Set([...others, ...list.numbers.filter((_, i) => i % 3 === 0)]),
      ).sort();
      const { at, masks, count } = matchPostings(encodePostings(list, maxBytes), candidates);
      const found = Array.from({ length: count }, (_, i) => [candidates[at[i]], masks[i]]);
      const expected = [...list.numbers].flatMap((n, i) =>
        candidates.includes(n) ? [[n, list.masks[i]]] : []
      );
      assert.deepEqual(found, expected);
    },
  ));
});

Deno.test("matching reads no chunk that can hold none of the candidates", () => {
  const numbers = Float64Array.from({ length: 90 }, (_, i) => i);
  const chunks = encodePostings({ numbers, masks: new Uint8Array(90) }, 20);
  const read = new Set<number>();
  const watched = chunks.map(({ first, bytes }) => ({
    first,
    get bytes() {
      read.add(first);
      return bytes;
    },
  }));
  const [second, , fourth] = chunks.slice(1).map(({ first }) => first);
  assert.equal(matchPostings(watched, Float64Array.of(second, fourth, 1000)).count, 2);
  assert.deepEqual([...read], [second, fourth, chunks.at(-1)!.first]);
});
