import assert from "node:assert/strict";
import { setup } from "../_setup.ts";

Deno.test("a credential is taken from Authorization with or without Bearer, and from X-API-Key", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const forms: Record<string, string>[] = [
    { authorization: `Bearer ${key}` },
    { authorization: `bearer ${key}` },
    { authorization: `BEARER   ${key} ` },
    { authorization: key },
    { "x-api-key": key },
    { "x-api-key": ` ${key} ` },
  ];
  for (const headers of forms) {
    assert.equal((await t.api("GET", "/posts", { headers })).status, 200, JSON.stringify(headers));
  }
});

Deno.test("of two credentials the one in Authorization counts, also where it is bad", async () => {
  using t = await setup();
  const one = await t.tenant();
  const two = await t.tenant();
  const profile = (headers: Record<string, string>) =>
    t.api("GET", "/account/profile", { headers });
  const both = { authorization: `Bearer ${one.key}`, "x-api-key": two.key };
  assert.equal((await profile(both)).body.id, one.id);
  assert.equal((await profile({ ...both, authorization: "Bearer x" })).status, 401);
  assert.equal((await profile({ ...both, authorization: "" })).body.id, two.id);
});

Deno.test("what is no credential of ours is 401", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const credentials = [
    key.slice(0, -1),
    `${key}a`,
    key.toUpperCase(),
    key.replace("pk_live_", "pk_test_"),
    key.replace("pk_live_", ""),
    `pk_live_${"a".repeat(32)}`,
    "Basic dXNlcjpwYXNz",
    "Bearer",
    "a.b.c",
    "..",
    "eyJhbGciOiJIUzI1NiJ9.e30.x",
  ];
  for (const authorization of credentials) {
    const got = await t.api("GET", "/posts", { headers: { authorization } });
    assert.equal(got.status, 401, authorization);
    assert.equal(got.body.error, "unauthorized");
  }
  const missing = await t.api("GET", "/posts");
  assert.equal(missing.body.reason, "credential_missing");
  assert.equal(
    missing.headers.get("www-authenticate"),
    'Bearer resource_metadata="http://localhost:8000/.well-known/oauth-protected-resource"',
  );
});

Deno.test("a request acts on the blog of its key, else of X-Blog-Id, else on the only or first one", async () => {
  using t = await setup();
  const { id, key, token, blog } = await t.tenant();
  const session = await t.session(id);
  const acts = async (credential: string, named?: string) => {
    const headers: Record<string, string> = named ? { "x-blog-id": named } : {};
    const body = { title: "T", content: "x" };
    const got = await t.api("POST", "/posts", { key: credential, headers, body });
    return got.status === 201 ? new URL(got.body.url).hostname.split(".")[0] : got.body.reason;
  };
  assert.equal(await acts(token), blog.slug);
  t.advance(1000);
  const made = await t.api("POST", "/blogs", { key: token, body: { slug: "two", name: "Two" } });
  const two = made.body.id;
  assert.equal(await acts(key), blog.slug);
  assert.equal(await acts(key, blog.id.toUpperCase()), blog.slug);
  assert.equal(await acts(key, two), "blog_mismatch");
  assert.equal(await acts(token), "blog_unresolved");
  assert.equal(await acts(token, two), "two");
  assert.equal(await acts(session), blog.slug);
  assert.equal(await acts(session, two), "two");
});

Deno.test("an unresolved blog is 400 with the reference's words", async () => {
  using t = await setup();
  const { id, token, blog } = await t.tenant();
  await t.api("DELETE", `/blogs/${blog.id}`, { key: token });
  for (const key of [token, await t.session(id)]) {
    const got = await t.api("GET", "/posts", { key });
    assert.equal(got.status, 400);
    assert.equal(got.body.message, "Blog not resolved: set X-Blog-Id");
  }
});

Deno.test("what is not the caller's is 404, as if it were not there", async () => {
  using t = await setup();
  const { token } = await t.tenant();
  const other = await t.tenant();
  for (const id of [other.blog.id, crypto.randomUUID(), "x"]) {
    for (const path of [`/blogs/${id}`, `/blogs/${id}/api-keys`]) {
      const got = await t.api("GET", path, { key: token });
      assert.equal(got.status, 404, path);
      assert.equal(got.body.reason, "blog_not_found");
    }
  }
});

Deno.test("every answer has a request id, the client's own where it is a sane one", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  await t.api("POST", "/posts", {
    key,
    body: { title: "T", content: "x", slug: "t", status: "published" },
  });
  await t.api("PUT", "/posts/t", { key, body: { slug: "new" } });
  const apex = "http://localhost:8000";
  const urls = [
    `${apex}/v1/posts`,
    `${apex}/v1/none`,
    `${apex}/none`,
    `${apex}/health`,
    `http://${blog.slug}.localhost:8000/`,
    `http://${blog.slug}.localhost:8000/t`,
    `http://${blog.slug}.localhost:8000/none`,
    "http://nobody.localhost:8000/",
    "http://elsewhere.example/",
  ];
  for (const url of urls) {
    for (const method of ["GET", "POST", "OPTIONS"]) {
      const sane = { "x-request-id": "abc-123:x.y_z" };
      const kept = await t.send(method, url, { headers: sane });
      assert.equal(kept.headers.get("x-request-id"), "abc-123:x.y_z", `${method} ${url}`);
      for (const wild of ["", "a b", "<script>", "x".repeat(129)]) {
        const got = await t.send(method, url, { headers: { "x-request-id": wild } });
        assert.match(got.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/, `${method} ${url}`);
        if (got.body?.request_id) {
          assert.equal(got.body.request_id, got.headers.get("x-request-id"));
        }
      }
    }
  }
});

Deno.test("an unhandled fault is 500 with the request id and nothing else; the log has the stack", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  t.deps.store.list = () => Promise.reject(new Error("a secret detail"));
  const got = await t.api("GET", "/posts", { key });
  assert.equal(got.status, 200, "an empty list needs no rows");
  await t.api("POST", "/posts", { key, body: { title: "T", content: "x" } });
  const failed = await t.api("GET", "/posts", { key });
  assert.equal(failed.status, 500);
  assert.deepEqual(failed.body, {
    error: "internal_error",
    message: "Internal server error",
    reason: "internal_error",
    request_id: failed.headers.get("x-request-id"),
  });
  const line = t.logs.find((line) => line.request_id === failed.body.request_id)!;
  assert.match(String(line.stack), /a secret detail/);
});
