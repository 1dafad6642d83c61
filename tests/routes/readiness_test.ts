import assert from "node:assert/strict";
import { setup } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";

const ADDRESSES = ["http://localhost:8000", "http://10.0.0.7:8000", "http://[::1]:8000"];

Deno.test("/ready and /health are answered at the origin, at an IP address and at a bare name", async () => {
  using t = await setup();
  for (const address of [...ADDRESSES, "http://postlark:8000"]) {
    for (const path of ["/ready", "/health"]) {
      const got = await t.send("GET", address + path);
      assert.deepEqual([got.status, got.body], [200, { status: "ok" }], address + path);
      assert.equal(got.headers.get("cache-control"), "no-store");
    }
  }
});

Deno.test("/ready is 503 with Retry-After while the store fails, /health is not, and /ready is back with it", async () => {
  const hooks: Hooks = { before: () => Promise.reject(new Error("lost")) };
  using t = await setup({ hooks });
  const away = await t.send("GET", `${ADDRESSES[0]}/ready`);
  assert.equal(away.status, 503);
  assert.equal(away.body.reason, "store_unavailable");
  assert.equal(away.headers.get("retry-after"), "1");
  assert.equal((await t.send("GET", `${ADDRESSES[0]}/health`)).status, 200);
  hooks.before = undefined;
  assert.equal((await t.send("GET", `${ADDRESSES[0]}/ready`)).status, 200);
});

Deno.test("/ready is 503 within the deadline where the store never answers, by one read for all who ask", async () => {
  let reads = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const hooks: Hooks = { before: () => (reads++, promise) };
  using t = await setup({ hooks, env: { POSTLARK_KV_DEADLINE: "50" } });
  const ask = () => t.send("GET", `${ADDRESSES[0]}/ready`);
  const got = await Promise.all(Array.from({ length: 20 }, ask));
  assert.deepEqual(new Set(got.map(({ status }) => status)), new Set([503]));
  assert.equal(reads, 1);
  resolve();
});
