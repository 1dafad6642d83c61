import assert from "node:assert/strict";
import {
  packWords,
  unpackWords,
  VisitorSet,
} from "../../../../lib/content/analytics/_visitor_set.ts";
import { Random } from "../../../support/random.ts";

const WORD = 2 ** 32;

Deno.test("a set of hashes says of each of 50,000, many of them repeats, what a Set of their text says", () => {
  const random = new Random(7);
  const [ours, theirs] = [new VisitorSet(), new Set<string>()];
  // Few low words: most places are taken by others when they are looked for.
  const words = Array.from({ length: 3000 }, () => random.below(WORD));
  for (let i = 0; i < 50_000; i++) {
    const [high, low] = [random.below(15), random.pick(words)];
    const text = `${high} ${low || 1}`;
    assert.equal(ours.has(high, low), theirs.has(text));
    assert.equal(ours.add(high, low), !theirs.has(text));
    theirs.add(text);
    assert.equal(ours.size, theirs.size);
  }
  assert.ok(theirs.size > 20_000 && theirs.size < 50_000);
});

Deno.test("a hash is told from one that differs in either word alone", () => {
  const set = new VisitorSet();
  set.add(WORD - 1, WORD - 1);
  assert.equal(set.has(WORD - 1, WORD - 2), false);
  assert.equal(set.has(WORD - 2, WORD - 1), false);
  assert.equal(set.has(WORD - 1, WORD - 1), true);
});

Deno.test("words are the same after they were packed and unpacked", () => {
  const words = [0, 1, 255, 256, WORD - 1, 0x80000000];
  assert.equal(packWords(words).length, 24);
  assert.deepEqual(unpackWords(packWords(words)), words);
});
