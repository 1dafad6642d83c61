import assert from "node:assert/strict";
import { MicroCache } from "../../../lib/kit/micro_cache.ts";

function make(capacity?: number) {
  const time = { now: 1000 };
  return { time, cache: new MicroCache<string>(() => time.now, capacity) };
}

Deno.test("a value is kept until its time, and not a moment longer", () => {
  const { time, cache } = make();
  cache.put("k", "v", { group: "g", begun: cache.begin(), until: 2000, size: 1 });
  time.now = 1999;
  assert.equal(cache.get("k"), "v");
  time.now = 2000;
  assert.equal(cache.get("k"), undefined);
});

Deno.test("a group's drop takes its values and no other's", () => {
  const { cache } = make();
  for (const group of ["a", "b"]) {
    cache.put(group, group, { group, begun: cache.begin(), until: 2000, size: 1 });
  }
  cache.drop("a");
  assert.equal(cache.get("a"), undefined);
  assert.equal(cache.get("b"), "b");
});

Deno.test("what a reader began to make before a drop is not kept after it", () => {
  const { cache } = make();
  const begun = cache.begin();
  cache.drop("g");
  cache.put("k", "stale", { group: "g", begun, until: 2000, size: 1 });
  assert.equal(cache.get("k"), undefined);
  cache.put("k", "fresh", { group: "g", begun: cache.begin(), until: 2000, size: 1 });
  assert.equal(cache.get("k"), "fresh");
});

Deno.test("a stale value is refused even after ten thousand other groups were dropped", () => {
  const { cache } = make();
  const begun = cache.begin();
  cache.drop("g");
  for (let i = 0; i < 10_001; i++) cache.drop(`other ${i}`);
  cache.put("k", "stale", { group: "g", begun, until: 2000, size: 1 });
  assert.equal(cache.get("k"), undefined);
});

Deno.test("the cache never holds more than its capacity", () => {
  const { cache } = make(10);
  for (let i = 0; i < 100; i++) {
    cache.put(`${i}`, "v", { group: "g", begun: cache.begin(), until: 2000, size: 3 });
  }
  const held = Array.from({ length: 100 }, (_, i) => cache.get(`${i}`)).filter(Boolean);
  assert.ok(held.length >= 1 && held.length <= 3, `${held.length} values of 3 bytes in 10`);
});

Deno.test("keys count for what the cache holds, and a long one is not kept at all", () => {
  const { cache } = make(10_000);
  const put = (key: string) => {
    cache.put(key, "v", { group: "g", begun: cache.begin(), until: 2000, size: 1 });
    return cache.get(key);
  };
  assert.equal(put("k".repeat(2049)), undefined);
  const keys = Array.from({ length: 10 }, (_, i) => `${i}`.repeat(2000));
  for (const key of keys) assert.equal(put(key), "v");
  const held = keys.filter((key) => cache.get(key));
  assert.ok(held.length <= 4, `${held.length} keys of 2,000 bytes in 10,000`);
});

Deno.test("a value above the capacity is not kept, and costs no other its place", () => {
  const { cache } = make(10);
  const put = (key: string, size: number) =>
    cache.put(key, "v", { group: "g", begun: cache.begin(), until: 2000, size });
  put("a", 3);
  put("b", 11);
  assert.deepEqual([cache.get("a"), cache.get("b")], ["v", undefined]);
});
