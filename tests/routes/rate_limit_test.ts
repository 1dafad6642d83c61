import assert from "node:assert/strict";
import { countRounds } from "../support/kv_rounds.ts";
import { type Service, setup } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { atOnce, setupPair, tally } from "../support/pair.ts";

const HOUR = 3_600_000;

Deno.test("every answer counts one request against the plan's hourly window, errors too", async () => {
  using t = await setup();
  const { key } = await t.tenant("starter");
  const calls: [string, string, number][] = [
    ["GET", "/posts", 200],
    ["GET", "/posts/none", 404],
    ["GET", "/posts?page=0", 400],
    ["POST", "/posts", 400],
    ["GET", "/none", 404],
    ["PATCH", "/posts", 405],
  ];
  let remaining = 300;
  for (const [method, path, status] of calls) {
    const got = await t.api(method, path, { key });
    assert.equal(got.status, status);
    assert.equal(got.headers.get("x-ratelimit-limit"), "300");
    assert.equal(got.headers.get("x-ratelimit-remaining"), String(--remaining));
    assert.equal(got.headers.get("x-ratelimit-reset"), String((t.now() + HOUR) / 1000));
  }
});

Deno.test("the limits are those of the plans, and the operator's where they are set", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_CREATOR: "7" } });
  const limits = { free: 60, starter: 300, creator: 7, scale: 10_000, enterprise: 20_000 } as const;
  for (const [plan, limit] of Object.entries(limits)) {
    const { key } = await t.tenant(plan as keyof typeof limits);
    const { headers } = await t.api("GET", "/posts", { key });
    assert.equal(headers.get("x-ratelimit-limit"), String(limit));
  }
});

async function spend(t: Service, key: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    assert.equal((await t.api("GET", "/account/profile", { key })).status, 200);
  }
}

Deno.test("a request over the limit is 429 with Retry-After until the hour ends, then the window is whole", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_FREE: "3" } });
  const { key } = await t.tenant("free");
  t.advance(20 * 60_000);
  await spend(t, key, 3);
  t.advance(40 * 60_000 - 1500);
  const refused = await t.api("GET", "/posts", { key });
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("retry-after"), "2");
  assert.equal(refused.headers.get("x-ratelimit-remaining"), "0");
  const { error, message, retry_after } = refused.body;
  assert.deepEqual([error, message, retry_after], [
    "rate_limit_exceeded",
    "Rate limit exceeded. Limit: 3 requests/hour.",
    2,
  ]);
  t.advance(1500);
  const { headers } = await t.api("GET", "/posts", { key });
  assert.equal(headers.get("x-ratelimit-remaining"), "2");
});

Deno.test("all credentials of a user share one window, another user has its own", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_FREE: "3" } });
  const { id, key, token } = await t.tenant("free");
  const other = await t.tenant("free");
  await spend(t, key, 1);
  await spend(t, token, 1);
  await spend(t, await t.session(id), 1);
  for (const credential of [key, token, await t.session(id)]) {
    assert.equal((await t.api("GET", "/posts", { key: credential })).status, 429);
  }
  await spend(t, other.key, 3);
});

Deno.test("sixty-four requests at once over two instances are admitted exactly up to the limit", async () => {
  using pair = await setupPair({ env: { POSTLARK_LIMIT_FREE: "20" } });
  const { key } = await pair.one.tenant("free");
  const got = await atOnce(64, (n) => pair.nth(n).api("GET", "/account/profile", { key }));
  assert.deepEqual(tally(got), { 200: 20, "429 rate_limited": 44 });
  const left = got.filter(({ status }) => status === 200)
    .map(({ headers }) => Number(headers.get("x-ratelimit-remaining"))).sort((a, b) => a - b);
  assert.deepEqual(left, Array.from({ length: 20 }, (_, n) => n));
  pair.advance(HOUR);
  const next = await atOnce(64, (n) => pair.nth(n).api("GET", "/account/profile", { key }));
  assert.deepEqual(tally(next), { 200: 20, "429 rate_limited": 44 });
});

Deno.test("a refused write does nothing, large or small, with an Idempotency-Key or without", async () => {
  const noise = () => crypto.getRandomValues(new Uint8Array(60_000)).toBase64();
  const large = Array.from({ length: 10 }, noise).join("\n\n");
  for (const content of ["Small.", large]) {
    for (const headers of [{} as Record<string, string>, { "idempotency-key": "one" }]) {
      using pair = await setupPair({ env: { POSTLARK_LIMIT_FREE: "2" } });
      const { one, two, kv } = pair;
      const { key } = await one.tenant("free");
      await spend(one, key, 2);
      const before = await keysOf(kv);
      const body = { title: "T", content };
      // The one knows that the window is full, the other learns it beside its work.
      for (const t of [one, two]) {
        const refused = await t.api("POST", "/posts", { key, body, headers });
        assert.equal(refused.status, 429);
      }
      assert.deepEqual(await keysOf(kv), before);
    }
  }
});

async function keysOf(kv: Deno.Kv): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key, versionstamp } of kv.list({ prefix: [] })) {
    keys.push(`${JSON.stringify(key)} ${versionstamp}`);
  }
  return keys;
}

Deno.test("a request in a window that is known to be full costs no commit", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks, env: { POSTLARK_LIMIT_FREE: "2" } });
  const { key } = await t.tenant("free");
  await spend(t, key, 2);
  let commits = 0;
  hooks.before = (kind) => void (commits += kind === "commit" ? 1 : 0);
  for (const headers of [{} as Record<string, string>, { "idempotency-key": "one" }]) {
    assert.equal((await t.api("DELETE", "/posts/t", { key, headers })).status, 429);
    assert.equal((await t.api("GET", "/posts", { key, headers })).status, 429);
  }
  assert.equal(commits, 0);
});

Deno.test("401s are counted by address, apart from any user, and turn into 429", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_UNAUTHORIZED: "3" } });
  const { key } = await t.tenant();
  const from = async (hostname: string, headers: Record<string, string> = {}) => {
    const remoteAddr: Deno.NetAddr = { transport: "tcp", hostname, port: 1 };
    const request = new Request("http://localhost:8000/v1/posts", { headers });
    return await t.app.fetch(request, { remoteAddr });
  };
  for (const remaining of ["2", "1", "0"]) {
    const got = await from("192.0.2.1");
    assert.equal(got.status, 401);
    assert.equal(got.headers.get("x-ratelimit-limit"), "3");
    assert.equal(got.headers.get("x-ratelimit-remaining"), remaining);
    await got.body?.cancel();
  }
  const statuses = [
    await from("192.0.2.1"),
    await from("192.0.2.1", { "x-forwarded-for": "192.0.2.9" }),
    await from("192.0.2.2"),
    await from("192.0.2.1", { "x-api-key": key }),
  ].map(({ status }) => status);
  assert.deepEqual(statuses, [429, 429, 401, 200]);
  for await (const row of t.deps.store.kv.list({ prefix: [] })) {
    assert.ok(!Deno.inspect(row, { depth: 9 }).includes("192.0.2"));
  }
});

Deno.test("all addresses of an IPv6 network of 64 bits are one, and IPv4 addresses in its form are not", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_UNAUTHORIZED: "9" } });
  const remaining = async (hostname: string) => {
    const remoteAddr: Deno.NetAddr = { transport: "tcp", hostname, port: 1 };
    const request = new Request("http://localhost:8000/v1/posts");
    const { headers } = await t.app.fetch(request, { remoteAddr });
    return Number(headers.get("x-ratelimit-remaining"));
  };
  const same = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:0DB8:0001:0002:0:0:0:7%eth0"];
  for (const [i, address] of same.entries()) assert.equal(await remaining(address), 8 - i);
  const others = ["2001:db8:1:3::1", "2001:db8::1:2:0:1", "::1", "::ffff:192.0.2.1"];
  for (const address of [...others, "::ffff:192.0.2.2", "192.0.2.1", "not:an:address"]) {
    assert.equal(await remaining(address), 8, address);
  }
});

Deno.test("X-Forwarded-For counts only from the proxies that POSTLARK_TRUST_PROXY says there are", async () => {
  const remaining = async (t: Service, forwarded: string) => {
    const remoteAddr: Deno.NetAddr = { transport: "tcp", hostname: "10.0.0.1", port: 1 };
    const headers = { "x-forwarded-for": forwarded };
    const request = new Request("http://localhost:8000/v1/posts", { headers });
    const { headers: got } = await t.app.fetch(request, { remoteAddr });
    return Number(got.get("x-ratelimit-remaining"));
  };
  using one = await setup({
    env: { POSTLARK_TRUST_PROXY: "1", POSTLARK_LIMIT_UNAUTHORIZED: "9" },
  });
  assert.equal(await remaining(one, "198.51.100.7"), 8);
  assert.equal(await remaining(one, "203.0.113.5, 198.51.100.7"), 7, "the client's own word");
  assert.equal(await remaining(one, "198.51.100.8"), 8);
  assert.equal(await remaining(one, "198.51.100.8:5678"), 7, "with a port");
  assert.equal(await remaining(one, "2001:db8:1:2::1"), 8);
  assert.equal(await remaining(one, "[2001:db8:1:2::1]:80"), 7, "with a port");
  assert.equal(await remaining(one, "[2001:db8:1:2::1]"), 6, "with brackets");
  assert.equal(await remaining(one, "::1"), 8);
  assert.equal(await remaining(one, "[::1]:80"), 7);
  assert.equal(await remaining(one, "::1:80"), 8, "an address, not a port");
  using two = await setup({
    env: { POSTLARK_TRUST_PROXY: "2", POSTLARK_LIMIT_UNAUTHORIZED: "9" },
  });
  assert.equal(await remaining(two, "1.1.1.1, 198.51.100.7, 10.9.9.9"), 8);
  assert.equal(await remaining(two, "2.2.2.2,198.51.100.7,10.8.8.8"), 7);
  assert.equal(await remaining(two, ""), 8, "no header: the connection's address");
});

Deno.test("health and documents cost nothing and need no credential", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_UNAUTHORIZED: "1" } });
  for (let n = 0; n < 3; n++) {
    const got = await t.send("GET", "http://localhost:8000/health");
    assert.equal(got.status, 200);
    assert.equal(got.headers.get("x-ratelimit-limit"), null);
  }
  assert.equal((await t.api("GET", "/posts")).headers.get("x-ratelimit-remaining"), "0");
});

Deno.test("a request that is known to be over the limit is refused before anything is read for it", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks, env: { POSTLARK_LIMIT_SCALE: "2" } });
  const { key } = await t.tenant();
  await t.api("POST", "/posts", { key, body: { title: "One", content: "Text.", slug: "one" } });
  const { body } = await t.api("GET", "/posts/one/revisions", { key });
  const path = `/posts/one/revisions/${body.data[0].id}/restore`;
  const got = await countRounds(hooks, () => t.api("POST", path, { key }));
  assert.equal(got.value.status, 429);
  assert.deepEqual([got.rounds, got.commits], [2, 0]);
});
