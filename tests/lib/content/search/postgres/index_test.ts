import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { IndexedPost } from "../../../../../lib/content/search/document.ts";
import { describeCorpus, GOLDEN, makeCorpus } from "../../../../support/search_corpus.ts";
import { makeIndexed, openIndex } from "../../../../support/search_index.ts";
import type { Golden } from "./golden_test.ts";

const LOGGED = 300;

const golden: Golden = JSON.parse(
  await Deno.readTextFile(new URL("golden.json", import.meta.url)),
);

Deno.test("the index finds what PostgreSQL finds, ranked as it ranks, while it is merged and edited", async () => {
  using t = await openIndex();
  const rows: IndexedPost[] = describeCorpus(makeCorpus(GOLDEN.corpus))
    .map((posting) => ({ ...makeIndexed({ title: "" }), ...posting }));
  const publish = async (from: number, to: number, shift = 0) => {
    for (let n = from; n < to; n += 50) {
      const some = rows.slice(n, Math.min(n + 50, to));
      await Promise.all(some.map((row, i) => t.publish(row, { n: n + i + shift })));
    }
  };
  // Versions that are to be replaced, some of them merged; the last documents stay in the log.
  const merged = rows.length - LOGGED;
  await publish(0, 200, rows.length);
  await publish(100, merged);
  await t.merge();
  await publish(0, 100);
  await publish(merged, rows.length);
  for (let n = 0; n < 200; n++) await t.kill(n + rows.length);

  for (const { q, total, ids, top } of golden.queries) {
    const found = await t.find(q);
    assert.equal(found.total, total, `total of ${q}`);
    const ns = found.hits.map(({ n }) => n).sort((a, b) => a - b).join(",");
    const digest = createHash("md5").update(ns).digest("hex");
    assert.equal(digest.slice(0, ids.length), ids, `documents of ${q}`);
    top.forEach((score, i) => {
      const ours = found.hits[i].score;
      assert.ok(Math.abs(ours - score) < 1e-6, `score ${i} of ${q}: ${ours}, not ${score}`);
    });
  }
});
