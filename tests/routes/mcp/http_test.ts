import assert from "node:assert/strict";
import { type Got, type Sent, type Service, setup } from "../../_setup.ts";
import { jpegOfSize } from "../../support/images.ts";

const HOUR = 3_600_000;
const ACCEPT = { accept: "application/json, text/event-stream" };

function post(t: Service, sent: Sent, origin = t.deps.config.origin): Promise<Got> {
  return t.send("POST", `${origin}/mcp`, { ...sent, headers: { ...ACCEPT, ...sent.headers } });
}

function call(name: string, args: Record<string, unknown> = {}) {
  return { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } };
}

/** The result of a request of the protocol of 2025, which is answered as an event. */
function resultOf({ text }: Got) {
  return JSON.parse(/^data: (.*)$/m.exec(text)![1]).result;
}

const LIST = { jsonrpc: "2.0", id: 1, method: "tools/list" };

Deno.test("a 401 of /mcp says where a client finds out how to sign in", async () => {
  using t = await setup();
  for (const origin of ["http://localhost:8000", "http://api.localhost:8000"]) {
    for (const key of [null, "pk_live_00000000000000000000000000000000"]) {
      const got = await post(t, { key, body: LIST }, origin);
      assert.equal(got.status, 401);
      const told = /^Bearer .*resource_metadata="([^"]*)"/.exec(
        got.headers.get("www-authenticate")!,
      );
      assert.equal(told![1], `${origin}/.well-known/oauth-protected-resource/mcp`);
      assert.ok(got.headers.get("x-ratelimit-remaining"));
    }
  }
});

Deno.test("each request to /mcp is one in the account's count, whatever it comes to", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_STARTER: "5" } });
  const { key } = await t.tenant("starter");
  const bodies = [LIST, call("list_posts"), call("get_post"), call("no such tool"), {}];
  for (const [n, body] of bodies.entries()) {
    const got = await post(t, { key, body });
    assert.equal(got.headers.get("x-ratelimit-remaining"), String(4 - n));
    assert.equal(got.headers.get("x-ratelimit-limit"), "5");
  }
  const got = await post(t, { key, body: call("create_post", { title: "T", content: "C" }) });
  assert.equal(got.status, 429);
  assert.equal(got.body.reason, "rate_limited");
  assert.ok(Number(got.headers.get("retry-after")) > 0);
  t.advance(HOUR);
  assert.equal((await t.api("GET", "/posts", { key })).body.pagination.total, 0);
});

Deno.test("more uploads than ten a minute are refused in words, not by the connection", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_UPLOADS: "1" } });
  const { key } = await t.tenant();
  const body = call("upload_image", {
    data: jpegOfSize(2000).toBase64(),
    content_type: "image/jpeg",
  });
  assert.ok(!resultOf(await post(t, { key, body })).isError);
  const got = await post(t, { key, body });
  assert.equal(got.status, 200);
  assert.match(resultOf(got).content[0].text, /1 uploads\/minute.*\nRetry after \d+ s\./s);
});

Deno.test("upload_image takes an image of 5 MB, and says no to a larger one", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const upload = (size: number) =>
    post(t, {
      key,
      body: call("upload_image", {
        data: jpegOfSize(size).toBase64(),
        content_type: "image/jpeg",
      }),
    });
  const max = 5 * 1024 * 1024;
  assert.equal(resultOf(await upload(max)).structuredContent.size, max);
  const got = resultOf(await upload(max + 1));
  assert.equal(got.isError, true);
  assert.match(got.content[0].text, /^The image is too large: at most 5 MB/);
});

Deno.test("a body over the limit of all bodies is a 413", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const got = await post(t, { key, body: call("x", { y: "z".repeat(8 * 1024 * 1024) }) });
  assert.equal(got.status, 413);
});

Deno.test("a method other than POST is a 405, of which clients know that there is no stream", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  for (const method of ["GET", "DELETE", "PUT"]) {
    const got = await t.send(method, `${t.deps.config.origin}/mcp`, { key, headers: ACCEPT });
    assert.equal(got.status, 405, method);
    assert.equal(got.headers.get("allow"), "POST, OPTIONS");
  }
});

Deno.test("what is no message is refused as JSON-RPC does, never with a 500", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const json = { "content-type": "application/json" };
  const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  const bodies = [
    "",
    "{",
    "null",
    "1",
    '"a"',
    "[]",
    "{}",
    '{"jsonrpc":"2.0","id":1}',
    '{"jsonrpc":"2.0","id":1,"method":"nothing/known"}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call"}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":1}}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_posts","arguments":[]}}',
    '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///etc/passwd"}}',
    '{"jsonrpc":"2.0","id":1,"method":"resources/list","params":{"cursor":"?"}}',
    '{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"write_and_publish_post"}}',
    '{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{}}',
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create_post","arguments":{"title":${deep}}}}`,
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create_post","arguments":{"__proto__":{"a":1},"constructor":1}}}`,
  ];
  for (const raw of bodies) {
    const got = await post(t, { key, raw, headers: json });
    const event = /^data: (.*)$/m.exec(got.text)?.[1];
    const answer = event ? JSON.parse(event) : got.body;
    const refused = answer?.error?.code < 0 || answer?.result?.isError === true;
    assert.ok(got.status < 500 && refused, `${raw.slice(0, 100)}: ${got.status} ${got.text}`);
    assert.notEqual(answer.error?.code, -32603, `${raw.slice(0, 100)}: ${got.text}`);
  }
  assert.deepEqual(t.logs, []);
  const got = await post(t, { key, raw: "<x/>", headers: { "content-type": "text/xml" } });
  assert.equal(got.status, 415);
});

Deno.test("a batch is refused, so that no request counts for many", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const got = await post(t, { key, body: [call("list_posts"), call("list_posts")] });
  assert.equal(got.status, 400);
  assert.equal(got.body.error.message, "Send one message a request.");
});

Deno.test("a page calls over https or from this machine, no other", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const status = async (origin: string) =>
    (await post(t, { key, body: LIST, headers: { origin } })).status;
  for (
    const origin of [
      "https://claude.example",
      "http://localhost:6274",
      "http://127.0.0.1:6274",
      "http://app.localhost:8000",
    ]
  ) assert.equal(await status(origin), 200, origin);
  for (const origin of ["http://evil.example", "http://localhost.evil.example", "null", "x"]) {
    assert.equal(await status(origin), 403, origin);
  }
});

Deno.test("in development no page of another machine calls, and no name that is rebound to this one", async () => {
  using t = await setup({ env: { POSTLARK_DEV: "1" } });
  const { key } = await t.tenant();
  const headers = { origin: "https://evil.example" };
  assert.equal((await post(t, { key, body: LIST, headers })).status, 403);
  // What any other name is: a blog's, which takes no POST.
  assert.equal((await post(t, { key, body: LIST }, "http://evil.example:8000")).status, 405);
});

Deno.test("a page may read the answer, and is told what it may send", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const headers = {
    origin: "https://client.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization, mcp-protocol-version",
  };
  const asked = await t.send("OPTIONS", `${t.deps.config.origin}/mcp`, { headers });
  assert.equal(asked.status, 204);
  assert.match(asked.headers.get("access-control-allow-headers")!, /Mcp-Protocol-Version/);
  const got = await post(t, { key, body: LIST, headers: { origin: headers.origin } });
  assert.equal(got.headers.get("access-control-allow-origin"), "*");
  assert.equal(got.headers.get("access-control-allow-credentials"), null);
  assert.match(got.headers.get("access-control-expose-headers")!, /WWW-Authenticate/);
});

Deno.test("a write with an idempotency_key happens once, however often it is called", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const args = { title: "Once", content: "C", idempotency_key: "first" };
  const answers = [];
  for (let n = 0; n < 3; n++) {
    answers.push(resultOf(await post(t, { key, body: call("create_post", args) })));
  }
  const [first, ...rest] = answers.map(({ structuredContent }) => structuredContent);
  for (const replay of rest) assert.deepEqual(replay, first);
  assert.equal((await t.api("GET", "/posts", { key })).body.pagination.total, 1);
  const other = call("create_post", { ...args, title: "Twice" });
  const { isError, content } = resultOf(await post(t, { key, body: other }));
  assert.equal(isError, true);
  assert.match(content[0].text, /^This idempotency_key was used.*\nNext: .*another/);
});

Deno.test("a tool's error names the request as the answer's header does", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const got = await post(t, { key, body: call("get_post", { slug: "none" }) });
  const { content } = resultOf(got);
  assert.ok(content[0].text.includes(`request ${got.headers.get("x-request-id")})`));
});

Deno.test("the headers of REST's versions are neither heard nor said", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await t.api("POST", "/posts", { key, body: { title: "T", content: "C", slug: "one" } });
  const body = call("update_post", { slug: "one", title: "U" });
  const got = await post(t, { key, body, headers: { "if-match": '"other"' } });
  assert.equal(resultOf(got).structuredContent.title, "U");
  assert.equal(got.headers.get("etag"), null);
});

Deno.test("an unknown fault is said as a tool's error with the request's id, and logged with it", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await post(t, { key, body: LIST });
  const { deps } = t;
  Object.defineProperty(deps.pages, "begin", {
    value: () => {
      throw new Error("secret detail");
    },
  });
  await t.api("POST", "/posts", {
    key,
    body: { title: "A", content: "zebra", status: "published" },
  });
  const headers = { "x-request-id": "my-id" };
  const body = call("discover_posts", { q: "zebra" });
  const got = await post(t, { key, body, headers });
  assert.equal(got.status, 200);
  const { isError, content } = resultOf(got);
  assert.equal(isError, true);
  assert.match(content[0].text, /^Internal server error\nNext: .*\n.*request my-id\)$/);
  assert.equal(t.logs.at(-1)!.request_id, "my-id");
});
