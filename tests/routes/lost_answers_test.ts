import assert from "node:assert/strict";
import { type Service, setup, type Tenant } from "../_setup.ts";
import { transact } from "../../lib/kit/kv.ts";
import { stagePackGrant } from "../../lib/metering/packs.ts";
import { changePlan } from "../../lib/account/plan_changes.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { ready, testLostAnswers, type Write } from "../support/lost_answers.ts";

const post = { title: "Hello", content: "Text.", slug: "hello" };

const read = async (t: Service, { key }: Tenant) => {
  const { body } = await t.api("GET", "/posts/old", { key });
  return body.status ?? body.reason;
};
const WRITES: Write[] = [
  {
    name: "POST /posts",
    send: (t, { key }, headers) => t.api("POST", "/posts", { key, body: post, headers }),
    status: 201,
    proof: async (t, { key }) => (await t.api("GET", "/posts", { key })).body.pagination.total,
    expected: 2,
  },
  {
    name: "POST /posts with an automatic slug",
    send: (t, { key }, headers) =>
      t.api("POST", "/posts", { key, body: { title: "Old", content: "x" }, headers }),
    status: 201,
    proof: async (t, { key }) => (await t.api("GET", "/posts", { key })).body.pagination.total,
    expected: 2,
  },
  {
    name: "PUT /posts/{slug}",
    send: (t, { key }, headers) =>
      t.api("PUT", "/posts/old", { key, body: { content: "New." }, headers }),
    status: 200,
    proof: async (t, { key }) =>
      (await t.api("GET", "/posts/old/revisions", { key })).body.data.length,
    expected: 2,
  },
  {
    name: "POST …/publish",
    send: (t, { key }, headers) => t.api("POST", "/posts/old/publish", { key, headers }),
    status: 200,
    proof: read,
    expected: "published",
  },
  {
    name: "DELETE /posts/{slug}",
    send: (t, { key }, headers) => t.api("DELETE", "/posts/old", { key, headers }),
    status: 200,
    proof: read,
    expected: "post_not_found",
  },
  {
    name: "POST /blogs",
    send: (t, { token }, headers) =>
      t.api("POST", "/blogs", { key: token, body: { slug: "two", name: "B" }, headers }),
    status: 201,
    proof: async (t, { token }) => (await t.api("GET", "/blogs", { key: token })).body.data.length,
    expected: 2,
  },
  {
    name: "PUT /blogs/{id}",
    send: (t, { token, blog }, headers) =>
      t.api("PUT", `/blogs/${blog.id}`, { key: token, body: { name: "New" }, headers }),
    status: 200,
    proof: async (t, { token, blog }) =>
      (await t.api("GET", `/blogs/${blog.id}`, { key: token })).body.name,
    expected: "New",
  },
  {
    name: "DELETE /blogs/{id}",
    send: (t, { token, blog }, headers) =>
      t.api("DELETE", `/blogs/${blog.id}`, { key: token, headers }),
    status: 200,
    proof: async (t, { token }) => (await t.api("GET", "/blogs", { key: token })).body.data,
    expected: [],
  },
  {
    name: "POST …/api-keys",
    send: (t, { key, blog }, headers) =>
      t.api("POST", `/blogs/${blog.id}/api-keys`, { key, headers }),
    status: 201,
    proof: async (t, { key, blog }) =>
      (await t.api("GET", `/blogs/${blog.id}/api-keys`, { key })).body.data.length,
    expected: 2,
  },
  {
    name: "POST /account/tokens",
    send: (t, { token }, headers) =>
      t.api("POST", "/account/tokens", { key: token, body: { name: "T" }, headers }),
    status: 201,
    proof: async (t, { token }) =>
      (await t.api("GET", "/account/tokens", { key: token })).body.data.length,
    expected: 2,
  },
  {
    name: "POST /packs/purchase",
    plan: "starter",
    send: (t, { key }, headers) =>
      t.api("POST", "/packs/purchase", { key, body: { pack_type: "100" }, headers }),
    status: 200,
    proof: readQuota,
    expected: { used: 1, left: 100, movements: 2 },
  },
  {
    name: "POST /posts of a limited month",
    plan: "starter",
    send: (t, { key }, headers) => t.api("POST", "/posts", { key, body: post, headers }),
    status: 201,
    proof: readQuota,
    expected: { used: 2, left: 0, movements: 2 },
  },
  {
    name: "POST /posts of the last of a pack",
    plan: "starter",
    async prepare(t, { id, key }) {
      const body = { title: "More", content: "Text." };
      for (let n = 1; n < 15; n++) await t.api("POST", "/posts", { key, body });
      const pack = { user: id, size: 1, ref: "txn_1", now: t.now() };
      await transact(t.deps.store, (tx) => stagePackGrant(tx, pack));
    },
    send: (t, { key }, headers) => t.api("POST", "/posts", { key, body: post, headers }),
    status: 201,
    proof: readQuota,
    expected: { used: 15, left: 0, movements: 17 },
  },
  {
    name: "POST /posts of Free's last place",
    plan: "free",
    async prepare(t, { key }) {
      const body = { title: "More", content: "Text." };
      for (let n = 1; n < 9; n++) await t.api("POST", "/posts", { key, body });
    },
    send: (t, { key }, headers) => t.api("POST", "/posts", { key, body: post, headers }),
    status: 201,
    proof: readQuota,
    expected: { used: 10, left: 0, movements: 0 },
  },
  {
    name: "POST …/activate",
    plan: "creator",
    prepare: (t, { id }) => changePlan(t.deps, id, { plan: "starter" }),
    send: (t, { token, blog }, headers) =>
      t.api("POST", `/blogs/${blog.id}/activate`, { key: token, headers }),
    status: 200,
    proof: async (t, { token }) =>
      (await t.api("GET", "/blogs", { key: token })).body.data.map(
        ({ frozen }: { frozen: boolean }) => frozen,
      ),
    expected: [false],
  },
  {
    name: "POST /account/delete",
    send: (t, { token }, headers) => t.api("POST", "/account/delete", { key: token, headers }),
    status: 200,
    proof: async (t, { token, id }) => [
      (await t.api("GET", "/account/profile", { key: token })).status,
      (await t.deps.store.get(["user", id])).value,
    ],
    expected: [401, null],
  },
];

/** What an account's quota and packs come to, and their movements; check proves one from the other. */
async function readQuota(t: Service, { key, token }: Tenant) {
  const { posts, packs } = (await t.api("GET", "/account/usage", { key: token })).body;
  const { data } = (await t.api("GET", "/packs/ledger", { key })).body;
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
  return { used: posts.used, left: packs.remaining, movements: data.length };
}

for (const write of WRITES) testLostAnswers(write);

Deno.test("an outcome that reading does not tell is 503 with Retry-After; a retry with the key makes one post", async () => {
  const hooks: Hooks = {};
  const { t, tenant: { key } } = await ready({ hooks });
  using _ = t;
  let commits = 0;
  hooks.committed = () => {
    if (++commits < 3) return;
    hooks.before = () => Promise.reject(new Error("the store is away"));
    throw new Error("the answer was lost");
  };
  const headers = { "idempotency-key": "one" };
  const create = () => t.api("POST", "/posts", { key, body: post, headers });
  const unknown = await create();
  assert.equal(unknown.status, 503);
  assert.equal(unknown.body.error, "unavailable");
  assert.equal(unknown.body.reason, "outcome_unknown");
  assert.equal(unknown.headers.get("retry-after"), "1");
  hooks.before = hooks.committed = undefined;
  const retried = await create();
  assert.equal(retried.status, 201);
  assert.equal(retried.headers.get("idempotency-replayed"), "true");
  assert.equal((await t.api("GET", "/posts", { key })).body.pagination.total, 2);
});

/** Sends a write whose outcome the service cannot find out: its commit happens, and the store is away from then on. */
async function sendUnknown(
  hooks: Hooks,
  send: () => ReturnType<Service["api"]>,
  commit: number,
): Promise<void> {
  let commits = 0;
  hooks.committed = () => {
    if (++commits < commit) return;
    hooks.before = () => Promise.reject(new Error("the store is away"));
    throw new Error("the answer was lost");
  };
  const got = await send();
  hooks.before = hooks.committed = undefined;
  assert.deepEqual([got.status, got.body.reason], [503, "outcome_unknown"]);
}

// What becomes of each where it is sent again without a key: a purchase is another one, a post has no place.
const REPEATED = {
  "POST /packs/purchase": 200,
  "POST /posts of the last of a pack": 403,
  "POST /posts of Free's last place": 403,
};

for (const [name, status] of Object.entries(REPEATED)) {
  const write = WRITES.find((one) => one.name === name)!;
  Deno.test(`${name} whose outcome is unknown is replayed by a retry with its key`, async () => {
    const hooks: Hooks = {};
    const { t, tenant } = await ready({ hooks }, write);
    using _ = t;
    const send = () => write.send(t, tenant, { "idempotency-key": "one" });
    await sendUnknown(hooks, send, 3);
    const retried = await send();
    assert.equal(retried.status, write.status);
    assert.equal(retried.headers.get("idempotency-replayed"), "true");
    assert.deepEqual(await write.proof(t, tenant), write.expected);
  });

  Deno.test(`${name} without a key whose outcome is unknown has happened once, whole`, async () => {
    const hooks: Hooks = {};
    const { t, tenant } = await ready({ hooks }, write);
    using _ = t;
    const send = () => write.send(t, tenant, {});
    await sendUnknown(hooks, send, 2);
    assert.deepEqual(await write.proof(t, tenant), write.expected);
    assert.equal((await send()).status, status);
  });
}

Deno.test("a write that never reached the store is done by the retry with its key, at the latest a minute later", async () => {
  const hooks: Hooks = {};
  const { t, tenant: { key } } = await ready({ hooks });
  using _ = t;
  let commits = 0;
  hooks.before = (kind) => {
    if (kind !== "commit" || ++commits < 3) return;
    hooks.before = () => Promise.reject(new Error("the store is away"));
    throw new Error("the store is away");
  };
  const headers = { "idempotency-key": "one" };
  const create = () => t.api("POST", "/posts", { key, body: post, headers });
  assert.equal((await create()).body.reason, "outcome_unknown");
  hooks.before = undefined;
  assert.equal((await create()).body.reason, "idempotency_in_progress");
  t.advance(60_000);
  const retried = await create();
  assert.equal(retried.status, 201);
  assert.equal(retried.headers.get("idempotency-replayed"), null);
  assert.equal((await t.api("GET", "/posts", { key })).body.pagination.total, 2);
});

Deno.test("a store that does not answer is 503 with Retry-After after POSTLARK_KV_DEADLINE, on every surface", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks, env: { POSTLARK_KV_DEADLINE: "20" } });
  const { key, blog } = await t.tenant();
  const gate = Promise.withResolvers<void>();
  hooks.before = () => gate.promise;
  for (const [method, body] of [["GET", undefined], ["POST", post]] as const) {
    const got = await t.api(method, "/posts", { key, body });
    assert.equal(got.status, 503);
    assert.equal(got.body.reason, "store_unavailable");
    assert.equal(got.headers.get("retry-after"), "1");
    assert.ok(got.headers.get("x-request-id"));
  }
  const page = await t.view(blog.slug, "/hello");
  assert.equal(page.status, 503);
  assert.equal(page.headers.get("retry-after"), "1");
  assert.ok(!page.text.includes("Error"));
  gate.resolve();
});

Deno.test("commits that hang end in 503; whichever of them lands later, a retry with the key makes one post", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks, env: { POSTLARK_KV_DEADLINE: "250" } });
  const { key } = await t.tenant();
  const gate = Promise.withResolvers<void>();
  let commits = 0;
  let landed = 0;
  hooks.before = (kind) => kind === "commit" && ++commits > 2 ? gate.promise : undefined;
  hooks.committed = () => void landed++;
  const headers = { "idempotency-key": "one" };
  const create = () =>
    t.api("POST", "/posts", { key, body: { title: "T", content: "x" }, headers });
  const hung = await create();
  assert.equal(hung.status, 503);
  assert.equal(hung.body.reason, "outcome_unknown");
  hooks.before = undefined;
  gate.resolve();
  while (landed < commits) await new Promise((resolve) => setTimeout(resolve, 1));
  const retried = await create();
  assert.equal(retried.status, 201);
  assert.equal((await t.api("GET", "/posts", { key })).body.pagination.total, 1);
});

Deno.test("a token whose commit lands after its deadline is made once", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks, env: { POSTLARK_KV_DEADLINE: "1000" } });
  const { token } = await t.tenant();
  await t.api("GET", "/account/profile", { key: token });
  const [answered, landed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let commits = 0;
  let late = false;
  hooks.before = async (kind) => {
    // The count goes first, then the token's own.
    if (kind !== "commit" || ++commits !== 2) return;
    await answered.promise;
    late = true;
  };
  hooks.committed = () => {
    if (late) landed.resolve();
  };
  await t.api("POST", "/account/tokens", { key: token, body: { name: "late" } });
  answered.resolve();
  await landed.promise;
  const { body } = await t.api("GET", "/account/tokens", { key: token });
  assert.deepEqual(body.data.map(({ name }: { name: string }) => name).toSorted(), ["all", "late"]);
});
