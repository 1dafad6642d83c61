import assert from "node:assert/strict";
import { FAMILIES } from "../../lib/operator/check/families.ts";

Deno.test("the table of keys lists the nouns that check knows, each once", async () => {
  const text = await Deno.readTextFile(new URL("../../.github/storage.md", import.meta.url));
  const listed = [...text.matchAll(/^\| `(\w+)[`,]/gm)].map(([, noun]) => noun);
  assert.deepEqual(listed.sort(), Object.keys(FAMILIES).sort());
});
