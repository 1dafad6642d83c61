import assert from "node:assert/strict";
import { SCOPES } from "../lib/ctx.ts";
import { createToken } from "../lib/account/api_keys.ts";
import { onBehalfOf } from "../lib/account/accounts.ts";
import {
  assertChangesNothing,
  assertDocumented,
  assertRefused,
  DOCUMENT,
  GUARDED,
  headerNames,
  OPERATIONS,
  reasonsOf,
  rows,
  servedByPattern,
  successOf,
} from "./support/api_document.ts";
import {
  call,
  makeThings,
  makeWorld,
  pathWith,
  placesOf,
  setupAll as setup,
} from "./support/things.ts";

const NOBODY = "00000000-0000-7000-8000-000000000000";
const DAY = 86_400_000;
const ON_A_BLOG = OPERATIONS.filter((op) => headerNames(op).includes("X-Blog-Id"));
const OFF_A_BLOG = OPERATIONS.filter((op) => !headerNames(op).includes("X-Blog-Id"));

Deno.test("every operation succeeds with the status, headers and fields of its document", async () => {
  for (const operation of OPERATIONS) {
    using t = await setup();
    const got = await call(t, operation, { world: await makeWorld(t) });
    assertDocumented(operation, got);
    assert.equal(got.status, successOf(operation).status, got.text);
  }
});

Deno.test("every operation succeeds for a session", async () => {
  for (const operation of OPERATIONS) {
    using t = await setup();
    const world = await makeWorld(t);
    const got = await call(t, operation, { world, key: await t.session(world.id) });
    assert.equal(got.status, successOf(operation).status, got.text);
  }
});

Deno.test("every operation answers 401 to a credential that is missing, malformed, unknown, revoked or expired", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  const mint = async (expires_in: number | null) =>
    await createToken(onBehalfOf(t.deps, world.id), { name: "bad", expires_in });
  const [revoked, expired] = [await mint(null), await mint(1)];
  await t.api("DELETE", `/account/tokens/${revoked.id}`, { key: world.token });
  t.advance(DAY);
  const credentials: [string | null, string][] = [
    [null, "credential_missing"],
    ["nonsense", "credential_invalid"],
    [`pk_live_${"0".repeat(32)}`, "credential_invalid"],
    [world.token.slice(0, -1), "credential_invalid"],
    [revoked.key, "credential_revoked"],
    [expired.key, "credential_expired"],
  ];
  await assertChangesNothing(t, async () => {
    for (const operation of GUARDED) {
      for (const [key, reason] of credentials) {
        const got = await call(t, operation, { world, key });
        assert.equal(got.status, 401);
        assertRefused(operation, got, reason);
        const challenge = got.headers.get("www-authenticate")!;
        assert.match(
          challenge,
          /^Bearer .*resource_metadata="http:\/\/localhost:8000\/\.well-known/,
        );
        assert.equal(challenge.includes("invalid_token"), key !== null);
        assert.equal(got.headers.get("x-ratelimit-limit"), "1000");
      }
    }
  });
});

Deno.test("every operation answers 403 to a credential that lacks its scope alone, before it reads the body", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  const keys = new Map<string, string>();
  for (const scope of SCOPES) {
    const scopes = SCOPES.filter((other) => other !== scope);
    const ctx = onBehalfOf(t.deps, world.id);
    keys.set(scope, (await createToken(ctx, { name: "all but one", scopes })).key);
  }
  await assertChangesNothing(t, async () => {
    for (const operation of GUARDED) {
      const key = keys.get(operation.scope)!;
      const raw = operation.writes ? "{ not JSON" : undefined;
      for (const sent of [{}, { raw, headers: { "content-type": "text/plain" } }]) {
        const got = await call(t, operation, { world, key, ...sent });
        assert.equal(got.status, 403);
        assertRefused(operation, got, "scope_missing");
        assert.ok(got.body.message.includes(operation.scope));
      }
    }
  });
});

Deno.test("every operation needs no scope but its own", async () => {
  for (const operation of GUARDED) {
    using t = await setup();
    const world = await makeWorld(t);
    const scopes = [operation.scope];
    const { key } = await createToken(onBehalfOf(t.deps, world.id), { name: "one", scopes });
    const got = await call(t, operation, { world, key });
    assertDocumented(operation, got);
    // What mints a credential may refuse what the example asks for.
    if (got.body.reason === "exceeds_credential") continue;
    assert.equal(got.status, successOf(operation).status, got.text);
  }
});

Deno.test("every operation answers 404 for another tenant's things, as for what nobody has", async () => {
  using t = await setup();
  const mine = await makeWorld(t, "mine");
  const theirs = await makeWorld(t, "theirs");
  await assertChangesNothing(t, async () => {
    for (const operation of OPERATIONS) {
      for (const place of placesOf(operation)) {
        const refusals = [];
        for (const thing of [theirs.things[place], place.includes("slug") ? "nobodys" : NOBODY]) {
          const world = { ...mine, things: { ...mine.things, [place]: thing } };
          const got = await call(t, operation, { world });
          assert.equal(got.status, 404, `${operation.id} ${place}: ${got.text}`);
          assertDocumented(operation, got);
          refusals.push({ ...got.body, request_id: null });
        }
        assert.deepEqual(refusals[0], refusals[1], `${operation.id} tells ${place} apart`);
      }
    }
  });
});

Deno.test("every operation answers 404, never 5xx, for a path that can name nothing", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  const odd = ["\0", "x\0y", "..", "a/b", "🦜", "%", "%ff", "x".repeat(256), " ", "my-post "];
  await assertChangesNothing(t, async () => {
    for (const operation of OPERATIONS) {
      for (const place of placesOf(operation)) {
        for (const thing of odd) {
          const things = { ...world.things, [place]: thing };
          const got = await call(t, operation, { world: { ...world, things } });
          assert.equal(got.status, 404, `${operation.id} ${JSON.stringify(thing)}: ${got.text}`);
        }
      }
    }
    for (const path of ["/posts/%ff", "/posts/%", "/posts/%ed%a0%80", "/blogs/%00/api-keys"]) {
      const got = await t.api("GET", path, { key: world.token });
      assert.equal(got.status, 404, `${path}: ${got.text}`);
    }
  });
});

Deno.test("X-Blog-Id that contradicts the key, is unknown, or is another's is 403, all three alike", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  const theirs = await t.tenant();
  const body = { slug: "second-blog", name: "Second" };
  const second = (await t.api("POST", "/blogs", { key: world.token, body })).body.id;
  const wrong: [string, string][] = [
    [world.key, second],
    [world.key, theirs.blog.id],
    [world.key, NOBODY],
    [world.token, theirs.blog.id],
    [world.token, NOBODY],
    [world.token, "nonsense"],
    [await t.session(world.id), theirs.blog.id],
  ];
  await assertChangesNothing(t, async () => {
    for (const operation of ON_A_BLOG) {
      const refusals = [];
      for (const [key, blog] of wrong) {
        const got = await call(t, operation, { world, key, headers: { "x-blog-id": blog } });
        assert.equal(got.status, 403);
        refusals.push(assertRefused(operation, got, "blog_mismatch"));
      }
      for (const refusal of refusals) assert.deepEqual(refusal, refusals[0]);
    }
  });
});

Deno.test("an operation that acts on a blog needs X-Blog-Id where the token reaches several", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  const body = { slug: "second-blog", name: "Second" };
  await t.api("POST", "/blogs", { key: world.token, body });
  await assertChangesNothing(t, async () => {
    for (const operation of ON_A_BLOG) {
      // Those of the account judge the header, and do without it.
      if (!reasonsOf(operation).includes("blog_unresolved")) continue;
      const got = await call(t, operation, { world, headers: { "x-blog-id": "" } });
      assert.equal(got.status, 400);
      assertRefused(operation, got, "blog_unresolved");
    }
  });
});

Deno.test("X-Blog-Id is ignored by the operations that do not act on the resolved blog", async () => {
  for (const operation of OFF_A_BLOG) {
    using t = await setup();
    const world = await makeWorld(t);
    const got = await call(t, operation, { world, headers: { "x-blog-id": NOBODY } });
    assert.equal(got.status, successOf(operation).status, got.text);
  }
});

Deno.test("a key that is bound to another blog gets 403 on /blogs/:id…, as for what nobody has", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  const body = { slug: "second-blog", name: "Second" };
  const second = (await t.api("POST", "/blogs", { key: world.token, body })).body.id;
  const { key } = (await t.api("POST", `/blogs/${second}/api-keys`, {
    key: world.token,
    body: {},
  })).body;
  const named = OPERATIONS.filter((op) => placesOf(op).includes("blogs/{id}"));
  assert.ok(named.length > 0);
  await assertChangesNothing(t, async () => {
    for (const operation of named) {
      const own = await call(t, operation, { world, key });
      assert.equal(own.status, 403);
      const refusal = assertRefused(operation, own, "blog_bound");
      const things = { ...world.things, "blogs/{id}": NOBODY };
      const nobodys = await call(t, operation, { world: { ...world, things }, key });
      assert.deepEqual(assertRefused(operation, nobodys, "blog_bound"), refusal);
    }
  });
});

Deno.test("a test key reaches the sandbox's operations and nothing of the live blog", async () => {
  for (const operation of OPERATIONS) {
    using t = await setup();
    const world = await makeWorld(t);
    const { key } = (await t.api("POST", `/blogs/${world.blog.id}/api-keys`, {
      key: world.token,
      body: { mode: "test" },
    })).body;
    if (reasonsOf(operation).includes("test_mode")) {
      await assertChangesNothing(t, async () => {
        const got = await call(t, operation, { world, key });
        assert.equal(got.status, 403);
        assertRefused(operation, got, "test_mode");
      });
      continue;
    }
    const live = await rows(t);
    if (placesOf(operation).length) {
      assert.equal((await call(t, operation, { world, key })).status, 404, operation.id);
    }
    const things = await makeThings(t, world, { slug: "in-the-sandbox", key });
    const got = await call(t, operation, { world: { ...world, things }, key });
    assertDocumented(operation, got);
    assert.equal(got.status, successOf(operation).status, got.text);
    const after = new Set((await rows(t)).map((row) => JSON.stringify(row)));
    for (const row of live) assert.ok(after.has(JSON.stringify(row)), `${operation.id} ${row}`);
  }
});

Deno.test("every operation answers 503 with Retry-After while the store does not answer", async () => {
  for (const operation of OPERATIONS) {
    const hooks: { before?: () => void } = {};
    using t = await setup({ hooks });
    const world = await makeWorld(t);
    hooks.before = () => {
      throw new Error("the store is away");
    };
    const got = await call(t, operation, { world });
    assert.equal(got.status, 503);
    assertRefused(operation, got, "store_unavailable");
    assert.doesNotMatch(got.text, /away/);
  }
});

Deno.test("a sane X-Request-Id of the client is kept by every operation, any other is replaced", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  for (const operation of OPERATIONS) {
    const kept = await call(t, operation, {
      world,
      key: null,
      headers: { "x-request-id": "trace:1.a-b_c" },
    });
    assert.equal(kept.headers.get("x-request-id"), "trace:1.a-b_c");
    for (const id of ["", "x y", "<b>", "x".repeat(129)]) {
      const got = await call(t, operation, { world, key: null, headers: { "x-request-id": id } });
      assert.match(got.headers.get("x-request-id")!, /^[\w-]{8,}$/);
      assertDocumented(operation, got);
    }
  }
});

Deno.test("a page of any origin may call every operation with a header credential, never with cookies", async () => {
  using t = await setup();
  for (const operation of OPERATIONS) {
    const path = pathWith(operation, (await makeWorld(t)).things);
    const got = await t.api("OPTIONS", path, {
      headers: {
        origin: "https://elsewhere.test",
        "access-control-request-method": operation.method,
        "access-control-request-headers": "authorization",
      },
    });
    assert.ok(got.status < 300);
    assert.equal(got.headers.get("access-control-allow-origin"), "*");
    assert.equal(got.headers.get("access-control-allow-credentials"), null);
    const list = (name: string) => got.headers.get(name)!.toLowerCase().split(",");
    assert.ok(list("access-control-allow-methods").includes(operation.method.toLowerCase()));
    const allowed = list("access-control-allow-headers");
    for (const name of ["Authorization", "X-API-Key", "Content-Type", ...headerNames(operation)]) {
      assert.ok(allowed.includes(name.toLowerCase()), name);
    }
  }
});

Deno.test("a method that a path does not have is 405 with Allow, an unknown path 404, both 401 without a credential", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  for (const [path, methods] of Object.entries<object>(DOCUMENT.paths)) {
    const known = Object.keys(methods).map((method) => method.toUpperCase());
    for (const method of ["GET", "POST", "PUT", "DELETE", "PATCH"]) {
      if (known.includes(method) || servedByPattern(path, method)) continue;
      const got = await t.api(method, path, { key: world.token });
      assert.equal(got.status, 405, `${method} ${path}`);
      assert.equal(got.body.error, "method_not_allowed");
      const allow = got.headers.get("allow")!.split(", ");
      assert.deepEqual(allow.filter((m) => m !== "HEAD" && m !== "OPTIONS").sort(), known.sort());
      assert.equal((await t.api(method, path)).status, 401);
    }
    const lost = await t.api("GET", `${path}/lost/for/good`, { key: world.token });
    assert.equal(lost.status, 404);
    assert.equal(lost.body.error, "not_found");
    assert.ok(lost.headers.has("x-ratelimit-remaining"));
    assert.equal((await t.api("GET", `${path}/lost/for/good`)).status, 401);
  }
});

Deno.test("HEAD answers as GET does, without the body", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  for (const operation of OPERATIONS.filter(({ writes }) => !writes)) {
    const got = await call(t, { ...operation, method: "HEAD" }, { world });
    assert.equal(got.status, 200);
    assert.equal(got.text, "");
  }
});
