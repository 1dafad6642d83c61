import assert from "node:assert/strict";
import { setup } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { setupPair } from "../support/pair.ts";

const DAY = 86_400_000;

Deno.test("POST /v1/blogs/{id}/api-keys answers with the secret as key and token, once", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  const path = `/blogs/${blog.id}/api-keys`;
  const body = { name: "CI/CD", scopes: ["posts:*"], expires_in: 30 };
  const made = await t.api("POST", path, { key, body });
  assert.equal(made.status, 201);
  const { id, key: secret, token, prefix, key_prefix, ...rest } = made.body;
  assert.match(secret, /^pk_live_[0-9A-Za-z]{32}$/);
  assert.equal(token, secret);
  assert.equal(prefix, secret.slice(0, 12));
  assert.equal(key_prefix, prefix);
  assert.deepEqual(rest, {
    name: "CI/CD",
    scopes: ["posts:*"],
    blog_id: blog.id,
    mode: "live",
    expires_at: "2026-04-23T10:00:00.000Z",
    created_at: "2026-03-24T10:00:00.000Z",
  });
  const list = await t.api("GET", path, { key });
  const row = list.body.data.find((k: { id: string }) => k.id === id);
  assert.deepEqual(row, { id, prefix, key_prefix, ...rest, app: null, last_used_at: null });
  assert.ok(!list.text.includes(secret));
});

Deno.test("a key's defaults are the name Default, every scope, live, and no expiry", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  for (const body of [{}, undefined, { name: " ", expires_in: null }]) {
    const made = await t.api("POST", `/blogs/${blog.id}/api-keys`, { key, body });
    assert.equal(made.status, 201);
    const { name, scopes, mode, expires_at } = made.body;
    assert.deepEqual([name, scopes, mode, expires_at], ["Default", ["*"], "live", null]);
  }
});

Deno.test("expires_in takes days, 30d, 90d, 1y and null, and nothing else", async () => {
  using t = await setup();
  const { token, key, blog } = await t.tenant();
  const create = (expires_in: unknown) => [
    t.api("POST", `/blogs/${blog.id}/api-keys`, { key, body: { expires_in } }),
    t.api("POST", "/account/tokens", { key: token, body: { name: "T", expires_in } }),
  ];
  const forms = [[1, 1], [365, 365], ["30d", 30], ["90d", 90], ["1y", 365]] as const;
  for (const [form, days] of forms) {
    for (const made of await Promise.all(create(form))) {
      assert.equal(made.status, 201);
      assert.equal(Date.parse(made.body.expires_at), t.now() + days * DAY);
    }
  }
  for (const bad of [0, -1, 1.5, "30", "1d", "", "forever", true, [], 1e12]) {
    for (const refused of await Promise.all(create(bad))) {
      assert.equal(refused.status, 400, String(bad));
      assert.equal(refused.body.issues[0].path, "expires_in");
    }
  }
});

Deno.test("a scope that there is not is 400 and named", async () => {
  using t = await setup();
  const { token, key, blog } = await t.tenant();
  for (const scope of ["posts:delete", "posts", "pages:*", "*:read", "POSTS:READ", ""]) {
    const body = { name: "T", scopes: ["posts:read", scope] };
    const path = `/blogs/${blog.id}/api-keys`;
    for (
      const got of [
        await t.api("POST", path, { key, body }),
        await t.api("POST", "/account/tokens", { key: token, body }),
      ]
    ) {
      assert.equal(got.status, 400);
      assert.ok(got.body.message.includes(`"${scope}"`), got.body.message);
    }
  }
  for (const scopes of [[], "posts:read", [1]]) {
    const got = await t.api("POST", "/account/tokens", { key: token, body: { name: "T", scopes } });
    assert.equal(got.status, 400);
  }
});

Deno.test("every scope of the reference and each resource's wildcard may be granted", async () => {
  using t = await setup();
  const { token } = await t.tenant();
  const both = ["posts", "blogs", "account", "packs", "domains", "media"];
  const scopes = [
    "*",
    "analytics:read",
    "search:read",
    "analytics:*",
    "search:*",
    ...both.flatMap((noun) => [`${noun}:read`, `${noun}:write`, `${noun}:*`]),
  ];
  const body = { name: "All", scopes };
  const made = await t.api("POST", "/account/tokens", { key: token, body });
  assert.equal(made.status, 201);
  assert.deepEqual(made.body.scopes, scopes);
});

Deno.test("a wildcard grants both of its resource's scopes, and none of another's", async () => {
  using t = await setup();
  const { token } = await t.tenant();
  const { body } = await t.api("POST", "/account/tokens", {
    key: token,
    body: { name: "T", scopes: ["posts:*"] },
  });
  const { key } = body;
  const post = { title: "T", content: "x" };
  assert.equal((await t.api("POST", "/posts", { key, body: post })).status, 201);
  assert.equal((await t.api("GET", "/posts", { key })).status, 200);
  const refused = await t.api("GET", "/blogs", { key });
  assert.equal(refused.body.reason, "scope_missing");
  assert.match(refused.body.message, /blogs:read/);
});

Deno.test("lists show only keys that are neither revoked nor expired", async () => {
  using t = await setup();
  const { token, key, blog } = await t.tenant();
  const path = `/blogs/${blog.id}/api-keys`;
  const create = async (name: string, expires_in: number | null) =>
    (await t.api("POST", path, { key: token, body: { name, expires_in } })).body;
  t.advance(1000);
  const revoked = await create("revoked", null);
  await create("expired", 1);
  await create("kept", 2);
  const got = await t.api("DELETE", `${path}/${revoked.id}`, { key });
  assert.deepEqual(got.body, { deleted: true, revoked: true });
  t.advance(DAY);
  const { data } = (await t.api("GET", path, { key })).body;
  assert.deepEqual(data.map((k: { name: string }) => k.name), ["kept", "Default"]);
  assert.equal((await t.api("DELETE", `${path}/${revoked.id}`, { key })).status, 404);
});

Deno.test("a list of keys is paged past revoked ones", async () => {
  using t = await setup();
  const { token, blog } = await t.tenant();
  const path = `/blogs/${blog.id}/api-keys`;
  const ids: string[] = [];
  for (let n = 0; n < 9; n++) {
    t.advance(1000);
    const name = `key ${n}`;
    ids.push((await t.api("POST", path, { key: token, body: { name } })).body.id);
  }
  for (const n of [8, 7, 4, 3]) await t.api("DELETE", `${path}/${ids[n]}`, { key: token });
  const names = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query: string = `?limit=2${cursor && `&cursor=${cursor}`}`;
    const { body } = await t.api("GET", `${path}${query}`, { key: token });
    names.push(...body.data.map((k: { name: string }) => k.name));
    cursor = body.next_cursor;
  }
  assert.deepEqual(names, ["key 6", "key 5", "key 2", "key 1", "key 0", "Default"]);
});

Deno.test("a revoked key stops at the next request, on every instance", async () => {
  using pair = await setupPair();
  const { one, two } = pair;
  const { key, token, blog } = await one.tenant();
  for (const t of [one, two]) assert.equal((await t.api("GET", "/posts", { key })).status, 200);
  const { data } = (await one.api("GET", `/blogs/${blog.id}/api-keys`, { key: token })).body;
  await one.api("DELETE", `/blogs/${blog.id}/api-keys/${data[0].id}`, { key: token });
  for (const t of [one, two]) {
    const got = await t.api("GET", "/posts", { key });
    assert.equal(got.status, 401);
    assert.equal(got.body.reason, "credential_revoked");
  }
});

Deno.test("a key works until the moment that it expires", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  const { body } = await t.api("POST", `/blogs/${blog.id}/api-keys`, {
    key,
    body: { expires_in: 1 },
  });
  t.advance(DAY - 1);
  assert.equal((await t.api("GET", "/posts", { key: body.key })).status, 200);
  t.advance(1);
  const got = await t.api("GET", "/posts", { key: body.key });
  assert.equal(got.status, 401);
  assert.equal(got.body.reason, "credential_expired");
});

Deno.test("no secret is in the store, only its SHA-256", async () => {
  using t = await setup();
  const { key, token, blog } = await t.tenant();
  const { body } = await t.api("POST", `/blogs/${blog.id}/api-keys`, { key });
  const secrets = [key, token, body.key].map((secret) => secret.slice("pk_live_".length));
  for await (const row of t.deps.store.kv.list({ prefix: [] })) {
    const text = Deno.inspect(row, { depth: 9, strAbbreviateSize: 1e6 });
    for (const secret of secrets) assert.ok(!text.includes(secret.slice(4)), text);
  }
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body.key));
  const row = await t.deps.store.get<{ id: string }>(["key", new Uint8Array(digest).toHex()]);
  assert.equal(row.value?.id, body.id);
});

Deno.test("last_used_at is kept to the minute, without a write of its own on each request", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { key, token, blog } = await t.tenant();
  const lastUsed = async () =>
    (await t.api("GET", `/blogs/${blog.id}/api-keys`, { key: token })).body.data[0].last_used_at;
  assert.equal(await lastUsed(), null);
  let commits = 0;
  hooks.before = (kind) => void (commits += kind === "commit" ? 1 : 0);
  for (let n = 0; n < 5; n++) await t.api("GET", "/posts", { key });
  assert.equal(commits, 5, "each request is counted, and writes nothing else");
  hooks.before = undefined;
  await t.runJob("sweep");
  t.deps.used.clear();
  assert.equal(await lastUsed(), "2026-03-24T10:00:00.000Z");
  t.advance(60_000);
  await t.api("GET", "/posts", { key });
  await t.runJob("sweep");
  t.deps.used.clear();
  assert.equal(await lastUsed(), "2026-03-24T10:01:00.000Z");
});

Deno.test("a key is found under its own blog only", async () => {
  using t = await setup();
  const { token, blog } = await t.tenant();
  const made = await t.api("POST", "/blogs", { key: token, body: { slug: "two", name: "Two" } });
  const { data } = (await t.api("GET", `/blogs/${blog.id}/api-keys`, { key: token })).body;
  const path = `/blogs/${made.body.id}/api-keys`;
  for (const id of [data[0].id, crypto.randomUUID(), "x"]) {
    const got = await t.api("DELETE", `${path}/${id}`, { key: token });
    assert.equal(got.status, 404);
    assert.equal(got.body.reason, "key_not_found");
  }
  assert.deepEqual((await t.api("GET", path, { key: token })).body.data, []);
});

Deno.test("POST /v1/blogs/{id}/api-keys returns 400 for a name over 100 characters and an unknown mode", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  for (const body of [{ name: "n".repeat(101) }, { mode: "Test" }, { name: 1 }]) {
    const got = await t.api("POST", `/blogs/${blog.id}/api-keys`, { key, body });
    assert.equal(got.status, 400);
  }
});
