import { randomBytes } from "node:crypto";
import assert from "node:assert/strict";
import { type Service, setup } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { atOnce, setupPair } from "../support/pair.ts";
import { openStore } from "../support/store.ts";

const HOUR = 3_600_000;
const post = { title: "Hello", content: "Text." };
const once = (name = "one") => ({ "idempotency-key": name });

async function total(t: Service, key: string): Promise<number> {
  return (await t.api("GET", "/posts", { key })).body.pagination.total;
}

Deno.test("a replay within 24 hours gives the first answer and makes nothing, then the key is free", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const create = () => t.api("POST", "/posts", { key, body: post, headers: once() });
  const first = await create();
  assert.equal(first.headers.get("idempotency-replayed"), null);
  for (const wait of [0, 24 * HOUR - 1]) {
    t.advance(wait);
    const again = await create();
    assert.equal(again.status, 201);
    assert.equal(again.headers.get("idempotency-replayed"), "true");
    assert.equal(again.text, first.text);
    assert.ok(again.headers.get("x-ratelimit-remaining"));
  }
  assert.equal(await total(t, key), 1);
  t.advance(1);
  const late = await create();
  assert.equal(late.headers.get("idempotency-replayed"), null);
  assert.equal(late.body.slug, "hello-2");
});

Deno.test("fifty requests at once with one key over two instances make one post", async () => {
  using pair = await setupPair();
  const { key } = await pair.one.tenant();
  const got = await atOnce(
    50,
    (n) => pair.nth(n).api("POST", "/posts", { key, body: post, headers: once() }),
  );
  const made = got.filter(({ status, headers }) =>
    status === 201 && !headers.has("idempotency-replayed")
  );
  assert.equal(made.length, 1);
  for (const { status, body, headers } of got) {
    if (status === 201) assert.deepEqual(body, made[0].body);
    else {assert.deepEqual([body.reason, headers.get("retry-after")], [
        "idempotency_in_progress",
        "1",
      ]);}
  }
  assert.equal(await total(pair.one, key), 1);
});

Deno.test("the same key with another body is 409, whether the first succeeded or still runs", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { key } = await t.tenant();
  const create = (title: string) =>
    t.api("POST", "/posts", { key, body: { ...post, title }, headers: once() });
  const { held, release } = holdCommit(hooks, 3);
  const first = create("One");
  await held;
  assert.equal((await create("Two")).body.reason, "idempotency_mismatch");
  const same = await create("One");
  assert.equal(same.status, 409);
  assert.equal(same.body.reason, "idempotency_in_progress");
  assert.equal(same.headers.get("retry-after"), "1");
  assert.equal(same.body.retry_after, 1);
  release();
  assert.equal((await first).status, 201);
  const mismatch = await create("Two");
  assert.equal(mismatch.status, 409);
  assert.equal(mismatch.body.error, "conflict");
  assert.equal(mismatch.body.reason, "idempotency_mismatch");
  assert.equal(await total(t, key), 1);
});

/** Holds up the n-th commit from now: of a keyed write the count is the first, the claim the second. */
function holdCommit(hooks: Hooks, n: number) {
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  let commits = 0;
  hooks.before = (kind) => {
    if (kind !== "commit" || ++commits !== n) return;
    reached.resolve();
    return gate.promise;
  };
  return { held: reached.promise, release: () => gate.resolve() };
}

Deno.test("a claim of an instance that died lapses after a minute, and its late write makes no second post", async () => {
  const hooks: Hooks = {};
  const kv = await openStore();
  try {
    using dying = await setup({ kv, hooks });
    using t = await setup({ kv });
    const { key } = await t.tenant();
    const create = (on: Service) => on.api("POST", "/posts", { key, body: post, headers: once() });
    const { held, release } = holdCommit(hooks, 3);
    const lost = create(dying);
    await held;
    t.advance(59_999);
    assert.equal((await create(t)).body.reason, "idempotency_in_progress");
    t.advance(1);
    const taken = await create(t);
    assert.equal(taken.status, 201);
    assert.equal(taken.body.slug, "hello");
    release();
    assert.notEqual((await lost).status, 201);
    assert.equal(await total(t, key), 1);
    assert.deepEqual((await create(t)).body, taken.body);
  } finally {
    kv.close();
  }
});

Deno.test("a refused or failed write keeps no record: its key may be used again, corrected or not", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const create = (slug: string) =>
    t.api("POST", "/posts", { key, body: { ...post, slug }, headers: once() });
  await t.api("POST", "/posts", { key, body: { ...post, slug: "taken" } });
  for (let n = 0; n < 2; n++) {
    const refused = await create("taken");
    assert.equal(refused.body.reason, "slug_taken");
    assert.equal(refused.headers.get("idempotency-replayed"), null);
  }
  const invalid = await t.api("POST", "/posts", { key, body: {}, headers: once() });
  assert.equal(invalid.status, 400);
  assert.equal((await create("free")).status, 201);
  assert.equal((await create("free")).headers.get("idempotency-replayed"), "true");
});

Deno.test("the same key of another user, for another path, method or blog, or in test mode, is another", async () => {
  using t = await setup();
  const { key, token, blog } = await t.tenant();
  const other = await t.tenant();
  const two =
    (await t.api("POST", "/blogs", { key: token, body: { slug: "two", name: "B" } })).body;
  const test = (await t.api("POST", `/blogs/${blog.id}/api-keys`, { key, body: { mode: "test" } }))
    .body.key;
  const headers = once();
  const send = (key: string, more: Record<string, string> = {}) =>
    t.api("POST", "/posts", { key, body: post, headers: { ...headers, ...more } });
  const made = [
    await send(key),
    await send(other.key),
    await send(test),
    await send(token, { "x-blog-id": two.id }),
    await t.api("POST", "/posts/hello/publish", { key, headers }),
    await t.api("POST", "/posts/hello/unpublish", { key, headers }),
    await t.api("PUT", "/posts/hello", { key, headers, body: post }),
  ];
  for (const [n, got] of made.entries()) {
    assert.ok(got.status < 300, `${n}: ${got.text}`);
    assert.equal(got.headers.get("idempotency-replayed"), null, `${n}`);
  }
  const same = await send(token, { "x-blog-id": blog.id });
  assert.deepEqual([same.headers.get("idempotency-replayed"), same.text], ["true", made[0].text]);
});

Deno.test("X-Blog-Id tells no two requests apart where no blog is resolved", async () => {
  using t = await setup();
  const { token, blog } = await t.tenant();
  const body = { name: "T" };
  const create = (more: Record<string, string>) =>
    t.api("POST", "/account/tokens", { key: token, body, headers: { ...once(), ...more } });
  const first = await create({ "x-blog-id": blog.id });
  const again = await create({});
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.equal(again.text, first.text);
});

Deno.test("a replay gives what was answered then, though the post was edited, renamed or deleted since", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const create = () => t.api("POST", "/posts", { key, body: post, headers: once() });
  const first = await create();
  const put = () =>
    t.api("PUT", "/posts/hello", { key, body: { content: "Two." }, headers: once() });
  const edited = await put();
  await t.api("PUT", "/posts/hello", { key, body: { slug: "other", content: "Three." } });
  assert.equal((await create()).text, first.text);
  assert.equal((await put()).text, edited.text);
  const remove = () => t.api("DELETE", "/posts/other", { key, headers: once() });
  assert.deepEqual((await remove()).body, { deleted: true });
  assert.equal((await create()).text, first.text);
  const again = await remove();
  assert.deepEqual([again.status, again.body], [200, { deleted: true }]);
  assert.equal(await total(t, key), 0);
});

Deno.test("a large answer is replayed byte for byte, though its record holds no copy of the content", async () => {
  using t = await setup();
  const { key, token, blog } = await t.tenant();
  const noise = Array.from({ length: 4000 }, () => crypto.randomUUID());
  const create = () =>
    t.api("POST", "/posts", {
      key,
      body: { title: "Big", content: noise.join("\n\n") },
      headers: once(),
    });
  const theme = () =>
    t.api("PUT", `/blogs/${blog.id}`, {
      key: token,
      body: { name: "Big", theme_config: { customCss: noise.slice(0, 1500).join("\n") } },
      headers: once(),
    });
  for (const write of [create, theme]) {
    const first = await write();
    assert.ok(first.status < 300, first.text);
    assert.ok((await write()).text === first.text);
  }
  for await (
    const { value } of t.deps.store.kv.list<{ sealed: Uint8Array }>({ prefix: ["idem"] })
  ) {
    assert.ok(value.sealed.length < 1000, `${value.sealed.length} bytes`);
  }
});

Deno.test("a secret is replayed, and neither it nor the client's key can be read in the store", async () => {
  using t = await setup();
  const { key, token, blog } = await t.tenant();
  const calls: [string, string, unknown][] = [
    [key, `/blogs/${blog.id}/api-keys`, { name: "K" }],
    [token, "/account/tokens", { name: "T" }],
  ];
  const name = "the-client's-own-key-7391";
  const secrets = [name];
  for (const [credential, path, body] of calls) {
    const create = () => t.api("POST", path, { key: credential, body, headers: once(name) });
    const first = await create();
    assert.equal(first.status, 201);
    secrets.push(first.body.key.slice(12));
    assert.equal((await create()).text, first.text);
  }
  for await (const row of t.deps.store.kv.list({ prefix: [] })) {
    const text = Deno.inspect(row, { depth: 9, strAbbreviateSize: 1e6, iterableLimit: 1e6 });
    const { sealed } = Object(row.value) as { sealed?: Uint8Array };
    const raw = sealed ? new TextDecoder("latin1").decode(sealed) : "";
    for (const secret of secrets) assert.ok(!`${text}${raw}`.includes(secret), text);
  }
});

Deno.test("a write that changed nothing is recorded too", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await t.api("POST", "/posts", { key, body: { ...post, status: "published" } });
  const publish = () => t.api("POST", "/posts/hello/publish", { key, headers: once() });
  const first = await publish();
  await t.api("POST", "/posts/hello/unpublish", { key });
  const again = await publish();
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.equal(again.text, first.text);
  assert.equal((await t.api("GET", "/posts/hello", { key })).body.status, "draft");
});

Deno.test("GET and HEAD take no notice of a key", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  for (const method of ["GET", "HEAD"]) {
    for (const name of ["", "one", "one"]) {
      const got = await t.api(method, "/posts", { key, headers: once(name) });
      assert.equal(got.status, 200);
      assert.equal(got.headers.get("idempotency-replayed"), null);
    }
  }
});

Deno.test("a write that changes nothing replays too, however large the post is", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const content = randomBytes(300_000).toString("base64");
  const body = { title: "Large", slug: "large", content, status: "published" };
  assert.equal((await t.api("POST", "/posts", { key, body })).status, 201);
  for (const [method, path] of [["POST", "/posts/large/publish"], ["PUT", "/posts/large"]]) {
    const headers = { "idempotency-key": `again ${method}` };
    const first = await t.api(method, path, { key, headers });
    const second = await t.api(method, path, { key, headers });
    assert.equal(first.status, 200);
    assert.equal(second.headers.get("idempotency-replayed"), "true");
    assert.equal(second.text, first.text);
  }
});

Deno.test("a write that another request made needless while it committed is recorded all the same", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { key } = await t.tenant();
  await t.api("POST", "/posts", { key, body: { ...post, slug: "raced" } });
  let commits = 0;
  hooks.before = async (kind) => {
    // The count, the claim, then the write itself.
    if (kind !== "commit" || ++commits !== 3) return;
    hooks.before = undefined;
    assert.equal((await t.api("POST", "/posts/raced/publish", { key })).status, 200);
  };
  const first = await t.api("POST", "/posts/raced/publish", { key, headers: once() });
  assert.equal(first.status, 200);
  assert.equal(hooks.before, undefined);
  const again = await t.api("POST", "/posts/raced/publish", { key, headers: once() });
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.equal(again.text, first.text);
});

Deno.test("a replay gives no credential to one that could not have made it", async () => {
  using t = await setup();
  const { token } = await t.tenant();
  const weak = await t.api("POST", "/account/tokens", {
    key: token,
    body: { name: "weak", scopes: ["account:write"], expires_in: 1 },
  });
  const headers = { "idempotency-key": "deploy" };
  const body = { name: "strong" };
  const made = await t.api("POST", "/account/tokens", { key: token, body, headers });
  assert.equal(made.status, 201);
  const stolen = await t.api("POST", "/account/tokens", { key: weak.body.key, body, headers });
  assert.equal(stolen.status, 403);
  assert.equal(stolen.body.reason, "exceeds_credential");
  const again = await t.api("POST", "/account/tokens", { key: token, body, headers });
  assert.equal(again.body.key, made.body.key);
});

Deno.test("a purchase under one Idempotency-Key is one, whatever blog the header names", async () => {
  using t = await setup({ env: { POSTLARK_BILLING: "manual" } });
  const { token, blog } = await t.tenant();
  const second = await t.api("POST", "/blogs", { key: token, body: { slug: "b2", name: "B" } });
  for (const id of [blog.id, second.body.id]) {
    const headers = { "idempotency-key": "buy", "x-blog-id": id };
    await t.api("POST", "/packs/purchase", { key: token, body: { pack_type: "100" }, headers });
  }
  assert.equal((await t.api("GET", "/packs/balance", { key: token })).body.balance, 100);
});
