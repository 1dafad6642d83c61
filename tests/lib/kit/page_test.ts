import assert from "node:assert/strict";
import fc from "fast-check";
import { Store, under } from "../../../lib/kit/kv.ts";
import { decodeCursor, encodeCursor, readAfter, readPage } from "../../../lib/kit/page.ts";
import { openStore } from "../../support/store.ts";

async function filled(first: number, second: number) {
  const kv = await openStore();
  const write = async (prefix: string, count: number) => {
    for (let i = 0; i < count; i++) await kv.set([prefix, i, `id${i}`], 1);
  };
  await write("a", first);
  await write("b", second);
  return { kv, store: new Store(kv), [Symbol.dispose]: () => kv.close() };
}

Deno.test("every page of an index of two ranges, in both orders, is the slice that it should be", async () => {
  using t = await filled(23, 9);
  for (const reverse of [false, true]) {
    const ranges = [under(["a"], reverse), under(["b"], reverse)];
    const rows = async (prefix: string) =>
      (await Array.fromAsync(t.kv.list({ prefix: [prefix] }, { reverse }))).map((row) => row.key);
    const all = [...await rows("a"), ...await rows("b")];
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 40 }), async (
        size,
        number,
      ) => {
        const page = await readPage(t.store, ranges, { page: { size, number }, total: 32 });
        const from = (number - 1) * size;
        assert.deepEqual(page.map((row) => row.key), all.slice(from, from + size));
      }),
      { numRuns: 60 },
    );
  }
});

Deno.test("walking by cursor visits every row once, and ends with null", async () => {
  using t = await filled(23, 0);
  for (const order of ["asc", "desc"] as const) {
    const seen: unknown[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof readAfter>> = await readAfter(t.store, ["a"], {
        cursor: cursor ? decodeCursor(cursor, ["number", "string"]) : null,
        order,
        limit: 5,
        parts: 2,
      });
      seen.push(...page.rows.map((row) => row.key[1]));
      cursor = page.next;
    } while (cursor);
    const expected = [...Array(23).keys()];
    assert.deepEqual(seen, order === "asc" ? expected : expected.reverse());
  }
});

Deno.test("a cursor that was not made here is a 400", () => {
  const foreign = [
    "",
    "x",
    "!!!!",
    "bnVsbA",
    encodeCursor({ order: "asc", after: ["a"] }),
    encodeCursor({ order: "asc", after: [1, 2] }),
    encodeCursor({ order: "asc", after: [1, ""] }),
    encodeCursor({ order: "up" as "asc", after: [1, "a"] }),
  ];
  for (const text of foreign) {
    assert.throws(() => decodeCursor(text, ["number", "string"]), { reason: "cursor_malformed" });
  }
});
