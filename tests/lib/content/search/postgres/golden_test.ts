import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { STOPWORDS } from "../../../../../lib/content/search/stopwords.ts";
import { queryTermsOf } from "../../../../../lib/content/search/text.ts";
import { STEMMED_WORDS } from "../../../../support/english_words.ts";
import {
  describeCorpus,
  GOLDEN,
  makeCorpus,
  makeQueries,
  match,
} from "../../../../support/search_corpus.ts";

/** What PostgreSQL said: of a query the number of hits, a digest of their ids, the sum of all scores and the ten best. */
export type Golden = {
  version: string;
  stopwords: string;
  stems: string;
  queries: { q: string; total: number; ids: string; sum: number; top: number[] }[];
};

const golden: Golden = JSON.parse(
  await Deno.readTextFile(new URL("golden.json", import.meta.url)),
);
const corpus = makeCorpus(GOLDEN.corpus);
const queries = makeQueries(GOLDEN.queries);
const postings = describeCorpus(corpus);

Deno.test("the words left out are those of PostgreSQL's english.stop", () => {
  assert.deepEqual([...STOPWORDS].sort(), golden.stopwords.trim().split(" ").sort());
});

Deno.test("a word of Latin letters is stemmed as PostgreSQL's english_stem does", () => {
  const stems = golden.stems.split(" ");
  assert.ok(stems.length > 5000);
  const ours = STEMMED_WORDS.map((word) => queryTermsOf(word)[0] ?? "");
  assert.deepEqual(ours, stems);
});

Deno.test("the golden numbers are of the corpus and the queries that the seeds make", () => {
  assert.ok(corpus.length >= 5000 && queries.length >= 200);
  assert.deepEqual(golden.queries.map(({ q }) => q), queries);
  assert.ok(golden.queries.filter(({ total }) => total > 0).length >= 200);
});

Deno.test("every query finds the very documents that PostgreSQL finds, with its scores to six decimals", () => {
  for (const { q, total, ids, sum, top } of golden.queries) {
    const hits = match(postings, q);
    assert.equal(hits.length, total, `total of ${q}`);
    const found = hits.map(({ at }) => at).sort((a, b) => a - b).join(",");
    const digest = createHash("md5").update(found).digest("hex");
    assert.equal(digest.slice(0, ids.length), ids, `documents of ${q}`);
    const scores = hits.slice(0, top.length).map(({ score }) => score);
    scores.forEach((score, i) => {
      assert.ok(Math.abs(score - top[i]) < 1e-6, `score ${i} of ${q}: ${score}, not ${top[i]}`);
    });
    // PostgreSQL's are single-precision: their sum differs by more than one of them.
    const ours = hits.reduce((all, { score }) => all + score, 0);
    assert.ok(Math.abs(ours - sum) < 1e-3, `sum of ${q}: ${ours}, not ${sum}`);
  }
});
