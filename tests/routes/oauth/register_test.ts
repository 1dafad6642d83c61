import assert from "node:assert/strict";
import { setup } from "../../_setup.ts";
import { ORIGIN, REDIRECT } from "./_flow.ts";

const REGISTER = `${ORIGIN}/oauth/register`;

Deno.test("a registration is answered with what was registered, and a public client gets no secret", async () => {
  using t = await setup();
  const body = {
    client_name: "  Quill\u0007  for\tyou ",
    redirect_uris: [REDIRECT, REDIRECT],
    grant_types: ["authorization_code", "refresh_token", "password"],
    scope: "posts:* account:write nonsense",
    logo_uri: "https://evil.example/logo.svg",
    jwks: { keys: [] },
  };
  const { status, body: got, headers } = await t.send("POST", REGISTER, { body });
  assert.equal(status, 201);
  assert.equal(headers.get("cache-control"), "no-store");
  const { client_id, ...rest } = got;
  assert.match(client_id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(rest, {
    client_id_issued_at: Math.floor(t.now() / 1000),
    client_name: "Quill for you",
    redirect_uris: [REDIRECT],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
    scope: "posts:read posts:write",
  });
});

Deno.test("redirect URIs are https, http on loopback, or a scheme of the app's own", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_OAUTH_REGISTRATION: "100" } });
  const register = async (uri: string) => {
    const body = { redirect_uris: [REDIRECT, uri] };
    return await t.send("POST", REGISTER, { body });
  };
  const right = [
    "https://app.example",
    "https://app.example:8443/a/b?c=d",
    "http://127.0.0.1/cb",
    "http://127.0.0.1:8080/cb",
    "http://[::1]:8080/cb",
    "http://localhost:3000/oauth/callback",
    "com.example.app:/oauth",
    "com.example.app://oauth",
    "cursor://anysphere.cursor-retrieval/oauth/callback",
    "vscode://vscode.github-authentication/did-authenticate",
  ];
  for (const uri of right) assert.equal((await register(uri)).status, 201, uri);
  const wrong = [
    "",
    "/callback",
    "app.example/callback",
    "http://app.example/cb",
    "http://localhost.evil.example/cb",
    "http://127.0.0.2/cb",
    "http://0.0.0.0/cb",
    "https://app.example/cb#x",
    "https://app.example/cb#",
    "https://user@app.example/cb",
    "https://user:pass@app.example/cb",
    "https://@app.example/cb",
    "https://app.example/c b",
    "https://app.example/\u202Ecb",
    "https://app.example\\@evil.example/",
    "https://*.example/cb",
    "https://a;script-src/cb",
    "https://a,b/cb",
    "https://",
    "javascript:alert(1)",
    "javascript://app.example/%0aalert(1)",
    "JavaScript://x/",
    "data:text/html,x",
    "data://x/",
    "file:///etc/passwd",
    "blob:https://app.example/x",
    "mailto:x@y",
    "ftp://app.example/",
    "ms-msdt://app.example/",
    "Search-MS://app.example/",
    "ms-settings:x",
    `https://app.example/${"x".repeat(500)}`,
  ];
  for (const uri of wrong) {
    const { status, body } = await register(uri);
    assert.deepEqual([status, body.error], [400, "invalid_redirect_uri"], uri);
    assert.ok(!body.error_description.includes("evil"));
  }
});

Deno.test("metadata that nothing can be done with is a 400 that says what is wrong", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_OAUTH_REGISTRATION: "100" } });
  const ok = { redirect_uris: [REDIRECT] };
  const wrong: [unknown, string][] = [
    [{}, "invalid_redirect_uri"],
    [{ redirect_uris: [] }, "invalid_redirect_uri"],
    [{ redirect_uris: REDIRECT }, "invalid_redirect_uri"],
    [{ redirect_uris: [1] }, "invalid_redirect_uri"],
    [{ redirect_uris: Array(11).fill(REDIRECT) }, "invalid_redirect_uri"],
    [{ ...ok, client_name: 1 }, "invalid_client_metadata"],
    [{ ...ok, client_name: "a\0b" }, "invalid_client_metadata"],
    [{ ...ok, token_endpoint_auth_method: "private_key_jwt" }, "invalid_client_metadata"],
    [{ ...ok, grant_types: ["client_credentials"] }, "invalid_client_metadata"],
    [{ ...ok, response_types: ["token"] }, "invalid_client_metadata"],
    [{ ...ok, scope: ["posts:read"] }, "invalid_client_metadata"],
    [[], "invalid_client_metadata"],
  ];
  for (const [body, error] of wrong) {
    const got = await t.send("POST", REGISTER, { body });
    assert.deepEqual([got.status, got.body.error], [400, error], JSON.stringify(body));
    assert.ok(got.body.error_description.length > 10);
  }
  const headers = { "content-type": "application/json" };
  const broken = await t.send("POST", REGISTER, { raw: "{ not JSON", headers });
  assert.deepEqual([broken.status, broken.body.error], [400, "invalid_client_metadata"]);
  const raw = JSON.stringify({ ...ok, client_name: "x".repeat(40_000) });
  assert.equal((await t.send("POST", REGISTER, { raw, headers })).status, 413);
  const long = await t.send("POST", REGISTER, { body: { ...ok, client_name: "🦜".repeat(500) } });
  assert.equal(long.body.client_name, "🦜".repeat(80));
});

Deno.test("an address registers twenty apps in ten minutes", async () => {
  using t = await setup();
  const register = () => t.send("POST", REGISTER, { body: { redirect_uris: [REDIRECT] } });
  for (let n = 0; n < 20; n++) assert.equal((await register()).status, 201);
  const over = await register();
  assert.equal(over.status, 429);
  assert.ok(Number(over.headers.get("retry-after")) <= 600);
  assert.match(over.body.error_description, /Too many registrations/);
  t.advance(600_000);
  assert.equal((await register()).status, 201);
});
