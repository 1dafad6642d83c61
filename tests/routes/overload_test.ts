import assert from "node:assert/strict";
import { setup } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { atOnce, tally } from "../support/pair.ts";
import { awaitClient, LoadGate } from "../../routes/_load_gate.ts";

/** A service that works on three requests at once, and whose store answers when it is let go. */
async function held() {
  const hooks: Hooks = {};
  const t = await setup({ hooks, env: { POSTLARK_LIMIT_AT_ONCE: "3" } });
  const tenant = await t.tenant();
  const gate = Promise.withResolvers<void>();
  hooks.before = () => gate.promise;
  return { t, tenant, letGo: gate.resolve };
}

Deno.test("what is beyond the bound is answered 503 at once, with when to retry; the rest is answered, and so is what comes after", async () => {
  const { t, tenant: { key, blog }, letGo } = await held();
  using _ = t;
  const taken = atOnce(3, () => t.api("GET", "/posts", { key }));
  const refused = await t.api("GET", "/posts", { key });
  assert.equal(refused.status, 503);
  assert.equal(refused.body.reason, "overloaded");
  assert.equal(refused.headers.get("retry-after"), "1");
  assert.equal(refused.headers.get("access-control-allow-origin"), "*");
  assert.equal(refused.body.request_id, refused.headers.get("x-request-id"));
  assert.equal((await t.view(blog.slug, "/")).status, 503);
  assert.equal((await t.send("GET", "http://localhost:8000/health")).status, 200);
  letGo();
  assert.deepEqual(tally(await taken), { "200": 3 });
  assert.equal((await t.api("GET", "/posts", { key })).status, 200);
  const lines = t.logs.filter(({ event }) => event === "overloaded");
  assert.deepEqual(lines, [{ event: "overloaded", refused: 1, at_once: 3 }]);
});

Deno.test("beyond the bound only the instance's own /health is answered, whatever else an address ends in", async () => {
  const { t, tenant: { key, blog }, letGo } = await held();
  using _ = t;
  const taken = atOnce(3, () => t.api("GET", "/posts", { key }));
  const { origin } = t.deps.config;
  for (const url of [`${origin}/health`, `${origin}/health?probe=1`, "http://10.0.0.7/health"]) {
    assert.equal((await t.send("GET", url)).status, 200, url);
  }
  for (const url of [`${origin}/v1/posts?q=/health`, `${origin}/v1/posts/health`]) {
    assert.equal((await t.send("GET", url, { key })).status, 503, url);
  }
  assert.equal((await t.view(blog.slug, "/health")).status, 503);
  letGo();
  await taken;
});

Deno.test("a browser that opens a page beyond the bound is told so in a line of text, which nobody keeps", async () => {
  const { t, tenant: { key, blog }, letGo } = await held();
  using _ = t;
  const taken = atOnce(3, () => t.api("GET", "/posts", { key }));
  const headers = { accept: "text/html,application/xhtml+xml;q=0.9" };
  const answers = [
    await t.view(blog.slug, "/", headers),
    await t.send("GET", `${t.deps.config.origin}/app`, { headers }),
  ];
  for (const { status, headers, text } of answers) {
    assert.equal(status, 503);
    assert.match(headers.get("content-type")!, /^text\/plain/);
    assert.equal(headers.get("retry-after"), "1");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.match(text, /^This server is at its limit/);
    assert.ok(text.includes(headers.get("x-request-id")!));
  }
  letGo();
  await taken;
});

Deno.test("a body that comes once its request has been answered takes no place for good", async () => {
  const gate = new LoadGate(1);
  const sent = Promise.withResolvers<void>();
  const request = new Request("http://x/");
  let reading: Promise<void> | undefined;
  await gate.run(request, () => {
    reading = awaitClient(request, () => sent.promise);
    return new Response();
  });
  sent.resolve();
  await reading;
  const { status } = await gate.run(new Request("http://x/"), () => new Response());
  assert.equal(status, 200);
});

Deno.test("clients that send their bodies slowly keep nobody else out", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_AT_ONCE: "3" } });
  const { key } = await t.tenant();
  const ends: (() => void)[] = [];
  const slow = atOnce(10, (n) => {
    const raw = new ReadableStream({
      start(controller) {
        const text = new TextEncoder();
        controller.enqueue(text.encode(`{"title":"Slow ${n}",`));
        ends.push(() => {
          controller.enqueue(text.encode('"content":"x"}'));
          controller.close();
        });
      },
    });
    const headers = { "content-type": "application/json" };
    return t.api("POST", "/posts", { key, raw, headers });
  });
  // Each is judged before its body is read.
  const tries = [];
  for (let n = 0; n < 1000 && tries.at(-1) !== 200; n++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    tries.push((await t.api("GET", "/posts", { key })).status);
  }
  assert.equal(tries.at(-1), 200);
  for (const end of ends) end();
  const { 201: made = 0, "503 overloaded": refused = 0 } = tally(await slow);
  assert.equal(made + refused, 10);
  assert.ok(made >= 1);
  const { pagination } = (await t.api("GET", "/posts", { key })).body;
  assert.equal(pagination.total, made);
});

/** A gate of 100 at a clock of its own, and what has it give 64 answers that take so many milliseconds each. */
function timedGate() {
  let now = 0;
  const gate = new LoadGate(100, () => now);
  return {
    gate,
    async answer(ms: (n: number) => number) {
      for (let n = 0; n < 64; n++) {
        await gate.run(new Request("http://x/"), () => {
          now += ms(n);
          return new Response();
        });
      }
    },
  };
}

Deno.test("the bound shrinks while half of the answers take longer than they did, down to a least, and grows again", async () => {
  const { gate, answer } = timedGate();
  await answer(() => 10);
  assert.equal(gate.bound, 100);
  await answer((n) => n % 2 ? 1000 : 10);
  assert.equal(gate.bound, 80);
  await answer((n) => n < 20 ? 1000 : 10);
  assert.equal(gate.bound, 88);
  for (let window = 0; window < 30; window++) await answer(() => 1000);
  assert.equal(gate.bound, 16);
  for (let window = 0; window < 30; window++) await answer(() => 10);
  assert.equal(gate.bound, 100);
});

Deno.test("answers that are slow from the first, as by a store far away, leave the bound where it is", async () => {
  const { gate, answer } = timedGate();
  for (let window = 0; window < 30; window++) await answer((n) => 400 + n);
  assert.equal(gate.bound, 100);
});
