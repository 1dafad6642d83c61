import assert from "node:assert/strict";
import { maskOf, SCORES } from "../../../../lib/content/search/score.ts";

// As PostgreSQL 15 says: ts_rank of one word, hits in title, description, headings and tags.
const RANKS: [[number, number, number, number], number][] = [
  [[0, 0, 0, 0], 0],
  [[1, 0, 0, 0], 0.6079271],
  [[0, 1, 0, 0], 0.24317084],
  [[0, 0, 1, 0], 0.12158542],
  [[0, 0, 0, 1], 0.06079271],
  [[2, 0, 0, 0], 0.75990885],
  [[3, 0, 0, 0], 0.82745636],
  [[1, 1, 1, 1], 0.6860289],
  [[0, 3, 0, 2], 0.33721384],
  [[3, 3, 3, 3], 0.86655074],
];

Deno.test("a word's score is PostgreSQL's ts_rank of it", () => {
  for (const [hits, rank] of RANKS) {
    const score = SCORES[maskOf(hits)];
    assert.ok(Math.abs(score - rank) < 1e-6, `${hits}: ${score}, not ${rank}`);
  }
});

Deno.test("up to three hits a field have a mask of their own, more have that of three", () => {
  const masks = new Set<number>();
  for (let n = 0; n < 256; n++) masks.add(maskOf([n & 3, n >> 2 & 3, n >> 4 & 3, n >> 6 & 3]));
  assert.equal(masks.size, 256);
  assert.ok([...masks].every((mask) => mask >= 0 && mask <= 255));
  assert.equal(maskOf([4, 5, 1000, 7]), maskOf([3, 3, 3, 3]));
});
