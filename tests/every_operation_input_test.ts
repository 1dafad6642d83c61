import assert from "node:assert/strict";
import { createToken } from "../lib/account/api_keys.ts";
import { onBehalfOf } from "../lib/account/accounts.ts";
import { createBlog } from "../lib/content/blogs.ts";
import type { Got, Service } from "./_setup.ts";
import {
  assertDocumented,
  bodyOf,
  type Documented,
  fits,
  GUARDED,
  OPERATIONS,
  queryParameters,
  resolve,
  rows,
  successOf,
} from "./support/api_document.ts";
import { call, makeWorld, setupAll as setup, type World } from "./support/things.ts";

const JSON_TYPE = { "content-type": "application/json" };
const MIB = 1_048_576;
const WRITES = OPERATIONS.filter(({ writes }) => writes);
const BODIED = OPERATIONS.filter((operation) => bodyOf(operation));
const PUBLIC = OPERATIONS.filter(({ scope }) => scope === null);
const MINTS = GUARDED.filter((operation) => "key" in propertiesOf(successOf(operation).schema));

// deno-lint-ignore no-explicit-any
function propertiesOf(schema: any): Record<string, any> {
  const { allOf, properties } = resolve(schema);
  return allOf ? Object.assign({}, ...allOf.map(propertiesOf)) : properties;
}

/** Throws unless all answers of `act` are documented ones with the status, and no row of the store changed. */
async function assertAllRefused(
  t: Service,
  status: number,
  act: (refused: (operation: Documented, got: Got, sent: unknown) => void) => Promise<void>,
) {
  const before = await rows(t);
  await act((operation, got, sent) => {
    const text = (JSON.stringify(sent) ?? "").slice(0, 200);
    assert.equal(got.status, status, `${operation.id} ${text}: ${got.text.slice(0, 300)}`);
    assertDocumented(operation, got);
  });
  assert.deepEqual(await rows(t), before);
}

/** The value with each of its strings in turn replaced by `text`; each of its keys, too. */
function* spoiled(value: unknown, text: string): Generator<unknown> {
  if (typeof value === "string") yield text;
  if (typeof value !== "object" || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    for (const bad of spoiled(part, text)) {
      yield Array.isArray(value) ? [bad] : { ...value, [key]: bad };
    }
  }
  if (!Array.isArray(value)) yield { ...value, [text]: 1 };
}

Deno.test("every operation answers 400 to a body that is not one JSON object in UTF-8", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  const bodies: (string | Uint8Array<ArrayBuffer>)[] = [
    "{",
    "{} {}",
    "[]",
    '[{"title":"x"}]',
    "null",
    "1",
    '"text"',
    "true",
    "{'title':1}",
    '{"title":NaN}',
    "\u0000",
    new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    new Uint8Array([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
    '{"title":' + "[".repeat(100_000) + "]".repeat(100_000) + "}",
    '{"a":'.repeat(5000) + "1" + "}".repeat(5000),
  ];
  await assertAllRefused(t, 400, async (refused) => {
    for (const operation of BODIED) {
      for (const raw of bodies) {
        refused(operation, await call(t, operation, { world, raw, headers: JSON_TYPE }), raw);
      }
    }
  });
});

Deno.test("every operation answers 400 to NUL characters and lone surrogates anywhere in a body", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  await assertAllRefused(t, 400, async (refused) => {
    for (const operation of BODIED) {
      for (const text of ["a\0b", "a\ud800b", "\udc00"]) {
        for (const body of spoiled(bodyOf(operation)!.example, text)) {
          refused(operation, await call(t, operation, { world, body }), body);
        }
      }
    }
  });
});

Deno.test("every operation answers 400 to NUL characters in its query", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  await assertAllRefused(t, 400, async (refused) => {
    for (const operation of OPERATIONS.filter((op) => queryParameters(op).length)) {
      const path = `${operation.path}?anything=%00`;
      refused(operation, await call(t, { ...operation, path }, { world }), path);
    }
  });
});

Deno.test("each field of a body takes exactly what its schema in the document allows", async () => {
  const values = [null, true, 0, 1, -1, 1.5, 1e300, "", " ", "x", "X Y", "ü", [], ["x"], [1], {}];
  for (const operation of BODIED) {
    const { schema, example } = bodyOf(operation)!;
    using t = await setup({ env: { POSTLARK_LIMIT_ENTERPRISE: "100000" } });
    const world = await makeWorld(t);
    for (const [name, field] of Object.entries(propertiesOf(schema))) {
      for (const value of [...values, "x".repeat(2000), Array(20).fill("*")]) {
        const got = await call(t, operation, { world, body: { ...example, [name]: value } });
        assertDocumented(operation, got);
        const faults = got.body.reason === "validation" ? got.body.issues : [];
        const refused = faults.some(({ path }: { path: string }) => path.split(".")[0] === name);
        const what = `${operation.id} ${name}: ${JSON.stringify(value)} ${got.text.slice(0, 200)}`;
        // White space alone counts as nothing, which a schema cannot say.
        if (value !== " ") assert.equal(refused, !fits(field, value), what);
        if (refused) assert.equal(got.status, 400, what);
      }
    }
  }
});

Deno.test("every operation names every field that a body lacks", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  await assertAllRefused(t, 400, async (refused) => {
    for (const operation of BODIED) {
      const required: string[] = resolve(bodyOf(operation)!.schema).required ?? [];
      if (!required.length) continue;
      for (const sent of [{ body: {} }, { raw: "" }, { raw: " ", headers: JSON_TYPE }]) {
        const got = await call(t, operation, { world, ...sent });
        refused(operation, got, sent);
        const paths = got.body.issues.map(({ path }: { path: string }) => path);
        assert.deepEqual(paths.sort(), required.toSorted(), operation.id);
      }
    }
  });
});

Deno.test("an absent or empty body is {} where nothing is required, and unknown keys are ignored", async () => {
  for (const operation of WRITES) {
    const required: string[] = resolve(bodyOf(operation)?.schema)?.required ?? [];
    const body = { ...bodyOf(operation)?.example, unheard_of: { a: 1 } };
    const sent = required.length ? [{ body }] : [{ body }, { body: undefined }, { raw: "" }];
    for (const one of sent) {
      using t = await setup();
      const got = await call(t, operation, { world: await makeWorld(t), ...one });
      assert.equal(got.status, successOf(operation).status, `${operation.id}: ${got.text}`);
    }
  }
});

Deno.test("each parameter of a query takes exactly what its schema in the document allows", async () => {
  using t = await setup({
    env: { POSTLARK_LIMIT_ENTERPRISE: "100000", POSTLARK_LIMIT_DISCOVER: "100000" },
  });
  const world = await makeWorld(t);
  const values = ["", "0", "-1", "1", "1.5", "1e3", "007", "99999", "x", " ", "1,2", "null", "%F0"];
  for (const operation of OPERATIONS) {
    for (const { name, schema } of queryParameters(operation)) {
      for (const value of [...values, ...schema.enum ?? []]) {
        const path = `${operation.path}?${name}=${value}`;
        const got = await call(t, { ...operation, path }, { world });
        assertDocumented(operation, got);
        const meant = schema.type === "integer" && /^-?\d+(\.\d+)?$/.test(value)
          ? Number(value)
          : value;
        const refused = got.body?.reason === "validation";
        assert.equal(refused, !fits(schema, meant), `${operation.id} ${path}: ${got.text}`);
        if (refused) assert.ok(got.body.message.includes(name), got.body.message);
      }
    }
  }
});

Deno.test("every list clamps a limit over its maximum and refuses a cursor that it did not give", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  const lists = OPERATIONS.filter((op) =>
    queryParameters(op).some(({ name }) => name === "cursor")
  );
  assert.ok(lists.length > 0);
  const forge = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
  const cursors = ["x", "%20", forge(null), forge({}), forge(["desc"]), forge(["desc", true])];
  for (const operation of lists) {
    const ask = (query: string) =>
      call(t, { ...operation, path: `${operation.path}?${query}` }, { world });
    const got = await ask("limit=100000");
    assert.equal(got.status, 200);
    assert.equal(got.body.next_cursor, null, operation.id);
    for (const cursor of [...cursors, "x".repeat(5000)]) {
      const bad = await ask(`cursor=${cursor}`);
      assert.equal(bad.status, 400, `${operation.id} ${cursor}: ${bad.text}`);
      assertDocumented(operation, bad);
      assert.equal(bad.body.reason, "cursor_malformed");
    }
  }
});

Deno.test("every write answers 413 to a body over the limit, whether or not its length is declared", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_BODY: "1000" } });
  const world = await makeWorld(t);
  const bytes = new TextEncoder().encode("x".repeat(1001));
  await assertAllRefused(t, 413, async (refused) => {
    for (const operation of WRITES) {
      const declared = { ...JSON_TYPE, "content-length": "1001" };
      refused(operation, await call(t, operation, { world, raw: bytes, headers: declared }), 1);
      const streamed = new Blob([bytes]).stream();
      refused(operation, await call(t, operation, { world, raw: streamed, headers: JSON_TYPE }), 2);
    }
  });
});

Deno.test("a body of 8 MiB is read, one byte more is 413", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  const [operation] = BODIED;
  const text = JSON.stringify(bodyOf(operation)!.example);
  const send = (size: number) =>
    call(t, operation, { world, raw: text.padEnd(size, " "), headers: JSON_TYPE });
  assert.equal((await send(8 * MIB)).status, successOf(operation).status);
  assert.equal((await send(8 * MIB + 1)).status, 413);
});

Deno.test("every write answers 415 to a body of another content type or encoding", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  const types = [
    { "content-type": "text/plain" },
    { "content-type": "application/x-www-form-urlencoded" },
    { "content-type": "multipart/form-data; boundary=x" },
    { "content-type": "application/jsonp" },
    { "content-type": "" },
    { ...JSON_TYPE, "content-encoding": "gzip" },
  ];
  await assertAllRefused(t, 415, async (refused) => {
    for (const operation of WRITES) {
      const raw = new TextEncoder().encode(JSON.stringify(bodyOf(operation)?.example ?? {}));
      const forms = operation.details.requestBody?.content["multipart/form-data"];
      for (const headers of types) {
        if (forms && headers["content-type"].startsWith("multipart/")) continue;
        refused(operation, await call(t, operation, { world, raw, headers }), headers);
      }
    }
  });
});

Deno.test("every write takes JSON under its other names", async () => {
  for (
    const type of ["application/json; charset=utf-8", "Application/JSON", "application/x+json"]
  ) {
    for (const operation of BODIED) {
      using t = await setup();
      const world = await makeWorld(t);
      const body = bodyOf(operation)!.example;
      const got = await call(t, operation, { world, body, headers: { "content-type": type } });
      assert.equal(got.status, successOf(operation).status, `${operation.id} ${type}: ${got.text}`);
    }
  }
});

Deno.test("over the limit every operation answers 429 with Retry-After, before 403 and 400 but after 401", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_ENTERPRISE: "30" } });
  const world = await makeWorld(t);
  const ctx = onBehalfOf(t.deps, world.id);
  const { key: powerless } = await createToken(ctx, { name: "x", scopes: ["packs:read"] });
  while ((await t.api("GET", "/account/profile", { key: world.token })).status === 200);
  await assertAllRefused(t, 429, async (refused) => {
    for (const operation of GUARDED) {
      const bad = operation.writes ? { raw: "{", headers: { "content-type": "text/plain" } } : {};
      for (const sent of [{}, { key: powerless }, { key: powerless, ...bad }, bad]) {
        const got = await call(t, operation, { world, ...sent });
        refused(operation, got, sent);
        assert.equal(got.headers.get("x-ratelimit-remaining"), "0");
        assert.equal(got.headers.get("x-ratelimit-limit"), "30");
        assert.equal(got.headers.get("retry-after"), "3600");
      }
    }
  });
  for (const operation of GUARDED) {
    assert.equal((await call(t, operation, { world, key: null })).status, 401);
  }
  t.advance(3_600_000);
  assert.equal((await t.api("GET", "/account/profile", { key: world.token })).status, 200);
});

Deno.test("an address that keeps calling without a credential gets 429", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_UNAUTHORIZED: "1" } });
  const world = await makeWorld(t);
  assert.equal((await call(t, GUARDED[0], { world, key: null })).status, 401);
  for (const operation of GUARDED) {
    const got = await call(t, operation, { world, key: null });
    assert.equal(got.status, 429);
    assertDocumented(operation, got);
  }
});

Deno.test("a public operation answers as without a credential, whatever credential is sent", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  assert.ok(PUBLIC.length > 0);
  for (const operation of PUBLIC) {
    const plain = await call(t, operation, { world, key: null });
    assert.equal(plain.status, successOf(operation).status);
    for (const key of ["nonsense", `pk_live_${"0".repeat(32)}`, world.key, world.token]) {
      const got = await call(t, operation, { world, key });
      assertDocumented(operation, got);
      assert.deepEqual(got.body, plain.body, operation.id);
    }
  }
});

/** Calls what mints a credential; the fields that its body does not have are left out. */
async function mint(
  t: Service,
  operation: Documented,
  { world, key, body }: { world: World; key: string; body: Record<string, unknown> },
): Promise<Got> {
  const known = Object.keys(propertiesOf(bodyOf(operation)!.schema));
  const fields = Object.entries(body).filter(([name]) => known.includes(name));
  return await call(t, operation, { world, key, body: Object.fromEntries(fields) });
}

Deno.test("no credential mints one with more scopes, a longer life or a wider reach than its own", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  const ctx = onBehalfOf(t.deps, world.id);
  const second = await createBlog(ctx, { slug: "second-blog", name: "Second" });
  assert.ok(MINTS.length > 0);
  for (const operation of MINTS) {
    const own = { name: "minter", scopes: [operation.scope, "posts:read"], expires_in: 30 };
    const bound = { name: "bound", scopes: ["*"], blog_id: world.blog.id };
    const scoped = (await createToken(ctx, own)).key;
    const brief = (await createToken(ctx, { ...own, scopes: ["*"] })).key;
    const tied = (await createToken(ctx, bound)).key;
    const asked: [string, Record<string, unknown>][] = [
      [scoped, { scopes: ["*"], expires_in: 1 }],
      [scoped, { expires_in: 1 }],
      [scoped, { scopes: ["posts:write"], expires_in: 1 }],
      [scoped, { scopes: ["posts:*"], expires_in: 1 }],
      [scoped, { scopes: ["posts:read", "media:read"], expires_in: 1 }],
      [brief, { scopes: ["posts:read"] }],
      [brief, { scopes: ["posts:read"], expires_in: null }],
      [brief, { scopes: ["posts:read"], expires_in: 31 }],
      [brief, { scopes: ["posts:read"], expires_in: "90d" }],
    ];
    if ("blog_id" in propertiesOf(bodyOf(operation)!.schema)) {
      asked.push([tied, { scopes: ["posts:read"], blog_id: null }]);
      asked.push([tied, { scopes: ["posts:read"], blog_id: second.id }]);
    }
    await assertAllRefused(t, 403, async (refused) => {
      for (const [key, body] of asked) {
        const got = await mint(t, operation, { world, key, body: { name: "more", ...body } });
        refused(operation, got, body);
        assert.equal(got.body.reason, "exceeds_credential");
      }
    });
  }
});

Deno.test("a credential mints one with as much as its own", async () => {
  for (const operation of MINTS) {
    using t = await setup();
    const world = await makeWorld(t);
    const scopes = [operation.scope, "posts:read"];
    const own = { name: "minter", scopes, blog_id: world.blog.id, expires_in: 30 };
    const { key } = await createToken(onBehalfOf(t.deps, world.id), own);
    const got = await mint(t, operation, { world, key, body: own });
    assert.equal(got.status, 201, got.text);
    assert.deepEqual(got.body.scopes, scopes);
    assert.equal(got.body.blog_id, world.blog.id);
    assert.equal(got.body.expires_at, new Date(t.now() + 30 * 86_400_000).toISOString());
    assert.equal(got.body.token, got.body.key);
  }
});
