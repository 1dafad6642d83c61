import assert from "node:assert/strict";
import { type Service, setup } from "./_setup.ts";
import { connect, KvConnectServer } from "./support/kv_connect/mod.ts";
import type { Loss } from "./support/kv_connect/faults.ts";
import { makeHook, receiverDouble } from "./support/receiver.ts";
import { readFromReplica } from "./support/store.ts";
import { under } from "../lib/kit/kv.ts";
import { checkStore } from "../lib/operator/check/mod.ts";

const post = { title: "Hello", content: "Text.", slug: "hello", status: "published" };

async function requireClean(t: Service): Promise<void> {
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
}

/** Waits for what its client still sends again of calls that were given up. */
async function settle(server: KvConnectServer): Promise<void> {
  server.faults.clear();
  for (let before = -1; before !== server.calls.reads + server.calls.writes;) {
    before = server.calls.reads + server.calls.writes;
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
}

Deno.test("while the store answers 503 every surface does, with Retry-After, and all is well once it is back", async () => {
  await using server = new KvConnectServer();
  using kv = await connect(server.url("away"));
  using t = await setup({ kv, env: { POSTLARK_KV_DEADLINE: "1000" } });
  const { key, blog } = await t.tenant();
  await t.api("POST", "/posts", { key, body: post });
  t.advance(2000);
  const headers = { "idempotency-key": "one" };
  const asked = {
    read: () => t.api("GET", "/posts/hello", { key }),
    list: () => t.api("GET", "/posts", { key }),
    write: () => t.api("POST", "/posts", { key, headers, body: { ...post, slug: "two" } }),
    search: () => t.api("GET", "/discover?q=hello"),
    page: () => t.view(blog.slug, "/hello"),
  };
  server.faults.failNext(Infinity, 503);
  for (const [what, ask] of Object.entries(asked)) {
    const got = await ask();
    assert.equal(got.status, 503, `${what}: ${got.text}`);
    assert.match(got.headers.get("retry-after") ?? "", /^\d+$/, what);
  }
  await settle(server);
  // What was given up may have happened since; a claim that it left lapses after a minute.
  t.advance(61_000);
  for (const [what, ask] of Object.entries(asked)) {
    const got = await ask();
    assert.equal(got.status, what === "write" ? 201 : 200, `${what}: ${got.text}`);
  }
  assert.equal((await t.api("GET", "/posts", { key })).body.pagination.total, 2);
  await requireClean(t);
});

Deno.test("a store that fails now and then is asked again, and shows in no answer", async () => {
  await using server = new KvConnectServer();
  using kv = await connect(server.url("shaky"));
  using t = await setup({ kv });
  const { key } = await t.tenant();
  for (const [status, slug] of [[500, "one"], [502, "two"], [503, "three"]] as const) {
    server.faults.failNext(1, status);
    const got = await t.api("POST", "/posts", { key, body: { ...post, slug } });
    assert.equal(got.status, 201, got.text);
  }
  assert.equal((await t.api("GET", "/posts", { key })).body.pagination.total, 3);
  await requireClean(t);
});

for (const how of ["error", "cut", "half"] satisfies Loss[]) {
  Deno.test(`creates whose every answer is lost (${how}) are told of once and charged once, whatever they are answered`, async () => {
    await using server = new KvConnectServer();
    using kv = await connect(server.url("lost"));
    using t = await setup({ kv });
    const receiver = receiverDouble(t);
    const tenant = await t.tenant("creator");
    await makeHook(t, tenant);
    const { key } = tenant;
    const slugs = ["one", "two"];
    for (const slug of slugs) {
      const sent = { key, headers: { "idempotency-key": slug }, body: { ...post, slug } };
      server.faults.loseAnswers(how, (n) => n % 2 === 1);
      const first = await t.api("POST", "/posts", sent);
      server.faults.clear();
      assert.ok(first.status === 201 || first.status === 503, first.text);
      assert.equal((await t.api("POST", "/posts", sent)).status, 201);
    }
    assert.equal((await t.api("GET", "/posts", { key })).body.pagination.total, 2);
    assert.equal((await t.deps.store.list(under(["post"]), 10)).length, 2);
    await t.runJob("drain_outbox");
    const told = receiver.got.filter(({ event }) => event.type === "post.created");
    assert.deepEqual(told.map(({ event }) => event.data.post.slug).sort(), slugs);
    await requireClean(t);
  });
}

Deno.test("a slow store makes answers slow, and no other", async () => {
  await using server = new KvConnectServer();
  using kv = await connect(server.url("slow"));
  using t = await setup({ kv });
  const { key, blog } = await t.tenant();
  server.faults.latencyMs = 40;
  assert.equal((await t.api("POST", "/posts", { key, body: post })).status, 201);
  const answers = await Promise.all([
    ...Array.from({ length: 10 }, () => t.api("GET", "/posts/hello", { key })),
    t.api("PUT", "/posts/hello", { key, body: { title: "Other" } }),
    t.view(blog.slug, "/hello"),
  ]);
  assert.deepEqual(answers.map(({ status }) => status), Array(12).fill(200));
  server.faults.clear();
  await requireClean(t);
});

Deno.test("a replica far behind shows nowhere: what was revoked, moved or deleted is so at the next request", async () => {
  // So far behind that it never has seen anything.
  await using server = new KvConnectServer({ lag: 10_000 });
  using kv = readFromReplica(
    await connect(server.url("lagging")),
    await connect(server.replicaUrl("lagging")),
  );
  using t = await setup({ kv });
  const [one, two] = [await t.tenant(), await t.tenant()];
  const keys = `/blogs/${one.blog.id}/api-keys`;
  const made = await t.api("POST", keys, { key: one.token, body: { name: "Second" } });
  assert.equal((await t.api("GET", "/posts", { key: made.body.key })).status, 200);
  assert.equal((await t.api("DELETE", `${keys}/${made.body.id}`, { key: one.token })).status, 200);
  assert.equal((await t.api("GET", "/posts", { key: made.body.key })).status, 401);
  await t.api("POST", "/posts", { key: one.key, body: post });
  await t.api("PUT", "/posts/hello", { key: one.key, body: { title: "Renamed", slug: "renamed" } });
  const list = (await t.api("GET", "/posts", { key: one.key })).body.data;
  assert.deepEqual(list.map(({ title }: { title: string }) => title), ["Renamed"]);
  assert.equal((await t.api("GET", "/posts", { key: two.key })).body.pagination.total, 0);
  assert.equal((await t.api("GET", "/posts/renamed", { key: two.key })).status, 404);
  const found = async () => (await t.api("GET", "/discover?q=renamed")).body.pagination.total;
  assert.equal(await found(), 1);
  await t.api("DELETE", "/posts/renamed", { key: one.key });
  assert.equal(await found(), 0);
  assert.equal((await t.view(one.blog.slug, "/renamed")).status, 404);
  assert.equal(server.calls.replica, 0);
});
