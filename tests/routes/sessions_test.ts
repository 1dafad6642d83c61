import assert from "node:assert/strict";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { type Got, type Service, setup } from "../_setup.ts";
import { accountOfIdentity, findAccount } from "../../lib/account/accounts.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { createUser } from "../../lib/operator/users.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { atOnce, tally } from "../support/pair.ts";
import { openStore } from "../support/store.ts";

const ISSUER = "https://ref.supabase.co/auth/v1";
const SECRET = "a Supabase secret that is long enough";
const JWKS = "https://ref.supabase.co/auth/v1/.well-known/jwks.json";
const BY_SECRET = { POSTLARK_SUPABASE_ISSUER: ISSUER, POSTLARK_SUPABASE_JWT_SECRET: SECRET };
const BY_JWKS = { POSTLARK_SUPABASE_ISSUER: ISSUER, POSTLARK_SUPABASE_JWKS_URL: JWKS };
const HOUR = 3600;

type Claims = Record<string, unknown>;
type Signer = { alg: string; key: CryptoKey | Uint8Array; kid?: string };
const bytes = (text: string) => new TextEncoder().encode(text);
const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");

function claims(t: Service, more: Claims = {}): Claims {
  const now = Math.floor(t.now() / 1000);
  return {
    iss: ISSUER,
    sub: "user-1",
    aud: "authenticated",
    role: "authenticated",
    email: "Ada@Example.com",
    user_metadata: { full_name: "Ada" },
    iat: now,
    exp: now + HOUR,
    ...more,
  };
}

async function sign(payload: Claims, signer: Signer = { alg: "HS256", key: bytes(SECRET) }) {
  const { alg, key, kid } = signer;
  return await new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(key);
}

async function profile(t: Service, key: string) {
  return await t.api("GET", "/account/profile", { key });
}

Deno.test("a session of ours works for an hour, with every scope", async () => {
  using t = await setup();
  const { id } = await t.tenant();
  const key = await t.session(id);
  assert.equal((await profile(t, key)).body.id, id);
  t.advance(HOUR * 1000 - 1000);
  assert.equal(
    (await t.api("POST", "/posts", { key, body: { title: "T", content: "x" } })).status,
    201,
  );
  t.advance(1000);
  const late = await profile(t, key);
  assert.equal(late.status, 401);
  assert.equal(late.body.reason, "credential_expired");
});

Deno.test("a session that has ended is 401 at the next request, though its JWT has not expired", async () => {
  using t = await setup();
  const { id } = await t.tenant();
  const key = await t.session(id);
  const { sid } = JSON.parse(atob(key.split(".")[1]));
  assert.equal((await profile(t, key)).status, 200);
  await t.deps.store.writeAll([{ key: ["session", sid] }]);
  const got = await profile(t, key);
  assert.equal(got.status, 401);
  assert.equal(got.body.reason, "session_ended");
});

Deno.test("a JWT with our issuer that we did not sign, or that names no session of its subject, is 401", async () => {
  using t = await setup({ env: BY_SECRET });
  const { id } = await t.tenant();
  const real = await t.session(id);
  const payload = JSON.parse(atob(real.split(".")[1]));
  const ours = { alg: "HS256", key: t.deps.keys.key("session") };
  const { sid: _, ...unnamed } = payload;
  const { exp: __, ...endless } = payload;
  const forged = [
    await sign(payload),
    await sign(payload, { alg: "HS256", key: bytes("a secret for tests that is long enough") }),
    await sign(payload, { ...ours, alg: "HS384" }),
    await sign({ ...payload, sub: crypto.randomUUID() }, ours),
    await sign({ ...payload, sid: crypto.randomUUID() }, ours),
    await sign({ ...payload, aud: "authenticated" }, ours),
    await sign(unnamed, ours),
    await sign(endless, ours),
    `${part({ alg: "none" })}.${part(payload)}.`,
    `${part({ alg: "none" })}.${part(payload)}.${real.split(".")[2]}`,
    `${real.slice(0, -4)}AAAA`,
    `abc.${real.split(".")[1]}.abc`,
    `${part({})}.${part(payload)}.abc`,
    `${part({ alg: "HS256" })}.${part([])}.abc`,
  ];
  assert.equal((await profile(t, await sign(payload, ours))).status, 200);
  for (const [n, key] of forged.entries()) {
    assert.equal((await profile(t, key)).status, 401, `${n}`);
  }
});

Deno.test("a Supabase token signs its user up at first sight, and leads to the same account from then on", async () => {
  using t = await setup({ env: BY_SECRET });
  const first = await profile(t, await sign(claims(t)));
  assert.equal(first.status, 200);
  assert.deepEqual([first.body.email, first.body.name, first.body.plan], [
    "ada@example.com",
    "Ada",
    "free",
  ]);
  const again = await profile(t, await sign(claims(t, { email: "new@example.com" })));
  assert.deepEqual(again.body, first.body);
  const other = await profile(t, await sign(claims(t, { sub: "user-2", email: undefined })));
  assert.notEqual(other.body.id, first.body.id);
  assert.equal(other.body.email, "");
});

Deno.test("twenty first requests at once make one account", async () => {
  using t = await setup({ env: BY_SECRET });
  const key = await sign(claims(t));
  const answers = await atOnce(20, () => profile(t, key));
  assert.deepEqual(tally(answers), { 200: 20 });
  assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
  assert.equal((await t.deps.store.list({ start: ["user"], end: ["user", true] }, 9)).length, 1);
});

Deno.test("a first request that another overtakes at any moment leads to the same account", async () => {
  for (let step = 1; step <= 8; step++) {
    const hooks: Hooks = {};
    const kv = await openStore();
    try {
      using one = await setup({ env: BY_SECRET, kv, hooks });
      using two = await setup({ env: BY_SECRET, kv });
      const key = await sign(claims(one));
      let calls = 0;
      let overtaken: Promise<Got> | undefined;
      hooks.before = async () => {
        if (++calls === step) await (overtaken = profile(two, key));
      };
      const slow = await profile(one, key);
      const fast = await (overtaken ?? profile(two, key));
      assert.deepEqual(tally([slow, fast]), { 200: 2 }, `call ${step}`);
      assert.equal(slow.body.id, fast.body.id);
    } finally {
      kv.close();
    }
  }
});

Deno.test("an e-mail address that an account has leads a Supabase user to an account of their own", async () => {
  using t = await setup({ env: BY_SECRET });
  const { email, id } = await t.tenant();
  const got = await profile(t, await sign(claims(t, { email: email.toUpperCase() })));
  assert.deepEqual([got.status, got.body.email], [200, email]);
  assert.notEqual(got.body.id, id);
  assert.equal((await findAccount(t.deps, email)).id, id);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("a Supabase user's e-mail address stays free: who proves it later gets it, whatever becomes of the first", async () => {
  using t = await setup({ env: BY_SECRET });
  const eve = await sign(claims(t));
  const planted = (await profile(t, eve)).body;
  const email = "ada@example.com";
  assert.equal(planted.email, email);
  await assert.rejects(findAccount(t.deps, email), { reason: "account_not_found" });
  assert.equal((await findAccount(t.deps, planted.id)).id, planted.id);
  const ada = await createUser(t.deps, { email });
  assert.equal((await findAccount(t.deps, email)).id, ada.user.id);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
  assert.equal((await t.api("POST", "/account/delete", { key: eve })).status, 200);
  assert.equal((await findAccount(t.deps, email)).id, ada.user.id);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("a Supabase token whose subject is longer than any may be is 401", async () => {
  using t = await setup({ env: BY_SECRET });
  const statuses = [];
  for (const length of [255, 256, 3000]) {
    const got = await profile(t, await sign(claims(t, { sub: "€".repeat(length), email: "" })));
    statuses.push(got.status);
  }
  assert.deepEqual(statuses, [200, 401, 401]);
});

Deno.test("an e-mail that a Supabase user calls verified links no one else's sign-in to that account", async () => {
  using t = await setup({ env: BY_SECRET });
  const user_metadata = { full_name: "Eve", email_verified: true };
  const planted = (await profile(t, await sign(claims(t, { user_metadata })))).body.id;
  const email = "ada@example.com";
  const ada = { issuer: "https://accounts.google.com", subject: "1", email, verified: true };
  const own = await accountOfIdentity(t.deps, { ...ada, name: "Ada" }, { link: true });
  assert.notEqual(own, planted);
  // Nor does one that is verified, of an identity that is not to be linked.
  const apart = await accountOfIdentity(t.deps, { ...ada, subject: "2", name: "Ada" });
  assert.notEqual(apart, own);
  assert.equal((await findAccount(t.deps, email)).id, own);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("a name or e-mail of any length and characters signs up, as one that can be kept", async () => {
  using t = await setup({ env: BY_SECRET });
  const names = { ["x".repeat(70_000)]: "x".repeat(200), "\0A\nda\ud800": "A da\ufffd" };
  for (const [full_name, name] of Object.entries(names)) {
    const change = { sub: `${name.length}`, email: "", user_metadata: { full_name } };
    const got = await profile(t, await sign(claims(t, change)));
    assert.equal(got.status, 200);
    assert.equal(got.body.name, name);
  }
  const email = `${"x".repeat(3000)}@example.com`;
  assert.equal((await profile(t, await sign(claims(t, { email })))).body.email, "");
});

Deno.test("with sign-up closed a new identity is 403, a known one comes in", async () => {
  const kv = await openStore();
  try {
    using open = await setup({ env: BY_SECRET, kv });
    using closed = await setup({ env: { ...BY_SECRET, POSTLARK_SIGNUP: "closed" }, kv });
    const known = await sign(claims(open));
    assert.equal((await profile(open, known)).status, 200);
    assert.equal((await profile(closed, known)).status, 200);
    const got = await profile(closed, await sign(claims(closed, { sub: "user-2", email: "" })));
    assert.equal(got.status, 403);
    assert.equal(got.body.reason, "signup_closed");
    assert.equal(got.headers.get("x-ratelimit-remaining"), "999");
  } finally {
    kv.close();
  }
});

Deno.test("a Supabase token of another issuer, audience, role or algorithm, or expired, is 401", async () => {
  using t = await setup({ env: BY_SECRET });
  const now = Math.floor(t.now() / 1000);
  const changes: Claims[] = [
    { iss: "https://other.supabase.co/auth/v1" },
    { iss: undefined },
    { aud: "anon" },
    { aud: undefined },
    { role: "anon" },
    { role: "service_role" },
    { role: undefined },
    { sub: undefined },
    { sub: "" },
    { exp: now },
    { exp: undefined },
    { nbf: now + 60 },
  ];
  for (const change of changes) {
    const got = await profile(t, await sign(claims(t, change)));
    assert.equal(got.status, 401, JSON.stringify(change));
  }
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const tokens = [
    await sign(claims(t), { alg: "HS512", key: bytes(SECRET.repeat(2)) }),
    await sign(claims(t), { alg: "HS256", key: bytes("another secret that is long enough") }),
    await sign(claims(t), { alg: "ES256", key: privateKey }),
    `${part({ alg: "none" })}.${part(claims(t))}.`,
    `abc.${part(claims(t))}.abc`,
    `abc.abc.abc`,
  ];
  assert.ok(publicKey);
  for (const [n, key] of tokens.entries()) {
    assert.equal((await profile(t, key)).status, 401, `${n}`);
  }
  assert.equal((await t.deps.store.list({ start: ["user"], end: ["user", true] }, 9)).length, 0);
});

Deno.test("Supabase tokens are 401 where the operator has configured nothing", async () => {
  using t = await setup();
  assert.equal((await profile(t, await sign(claims(t)))).status, 401);
});

Deno.test("tokens by ES256 and RS256 are judged by the keys at the JWKS URL", async () => {
  using t = await setup({ env: BY_JWKS });
  const signers: Signer[] = [];
  const keys: unknown[] = [];
  for (const alg of ["ES256", "RS256"]) {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    signers.push({ alg, key: privateKey, kid: alg });
    keys.push({ ...await exportJWK(publicKey), kid: alg, alg, use: "sig" });
  }
  const asked: string[] = [];
  t.deps.fetch = (url) => {
    asked.push(String(url));
    return Promise.resolve(Response.json({ keys }));
  };
  for (const signer of signers) {
    const got = await profile(t, await sign(claims(t), signer));
    assert.equal(got.status, 200, signer.alg);
    assert.equal(got.body.name, "Ada");
  }
  assert.deepEqual(asked, [JWKS]);
  const { privateKey } = await generateKeyPair("ES256");
  const strangers = [
    await sign(claims(t), { alg: "ES256", key: privateKey, kid: "ES256" }),
    await sign(claims(t), { alg: "ES256", key: privateKey, kid: "unknown" }),
    await sign(claims(t), { ...signers[0], alg: "ES256", kid: "RS256" }),
    await sign(claims(t), { alg: "HS256", key: bytes(JSON.stringify(keys[0])), kid: "ES256" }),
    await sign(claims(t, { role: "service_role" }), signers[0]),
    await sign(claims(t, { iss: "https://other.example" }), signers[0]),
  ];
  for (const [n, key] of strangers.entries()) {
    assert.equal((await profile(t, key)).status, 401, `${n}`);
  }
});

Deno.test("a JWKS URL that does not answer is 502, not 401", async () => {
  const { privateKey } = await generateKeyPair("ES256");
  const failures: (() => Promise<Response>)[] = [
    () => Promise.reject(new TypeError("connection refused")),
    () => Promise.resolve(new Response("busy", { status: 503 })),
  ];
  for (const fail of failures) {
    using t = await setup({ env: BY_JWKS });
    t.deps.fetch = fail;
    const got = await profile(
      t,
      await sign(claims(t), { alg: "ES256", key: privateKey, kid: "a" }),
    );
    assert.equal(got.status, 502);
    assert.equal(got.body.error, "upstream_error");
  }
});
