import assert from "node:assert/strict";
import { type Options, Postlark, PostlarkError, receivedWith } from "../../clients/sdk.ts";
import { setup } from "../_setup.ts";

type Call = { method: string; url: string; headers: Headers; body: Uint8Array };
type Reply = Response | Error | "never";

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });
const POST = { title: "a", content: "b" };

/** A client whose requests get these replies in turn, the last one again and again. */
function scripted(replies: (() => Reply)[], options: Options = {}) {
  const calls: Call[] = [];
  const waits: number[] = [];
  const send = async (to: string, init: RequestInit) => {
    const request = new Request(to, init);
    const body = new Uint8Array(await request.arrayBuffer());
    const { method, url, headers } = request;
    calls.push({ method, url, headers, body });
    const reply = replies[Math.min(calls.length, replies.length) - 1]();
    if (reply instanceof Error) throw reply;
    if (reply !== "never") return reply;
    return await new Promise<Response>((_, reject) => {
      init.signal!.addEventListener("abort", () => reject(init.signal!.reason));
    });
  };
  const client = new Postlark({
    apiKey: "pk_live_x",
    apiBase: "https://api.example.com/v1/",
    fetch: send,
    onRetry: ({ wait }) => waits.push(wait),
    ...options,
  });
  return { client, calls, waits };
}

async function failure(promise: PromiseLike<unknown>): Promise<PostlarkError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof PostlarkError, String(error));
    return error;
  }
  assert.fail("it did not throw");
}

Deno.test("a POST that gets 503 is sent again with the same Idempotency-Key, after Retry-After", async () => {
  const { client, calls, waits } = scripted([
    () => json(503, { error: "unavailable", message: "later" }, { "retry-after": "0" }),
    () => json(201, { slug: "a" }),
  ]);
  assert.equal((await client.posts.create(POST)).slug, "a");
  assert.deepEqual(waits, [0]);
  const keys = calls.map(({ headers }) => headers.get("idempotency-key"));
  assert.match(keys[0]!, /^[0-9a-f]{32}$/);
  assert.deepEqual(keys, [keys[0], keys[0]]);
});

Deno.test("two calls have two Idempotency-Keys, a GET and a PUT none, and the caller's own one is taken", async () => {
  const { client, calls } = scripted([() => json(200, {})]);
  await client.posts.create(POST);
  await client.posts.create(POST);
  await client.posts.get("a");
  await client.posts.update("a", { title: "c" });
  await client.posts.delete("a", { idempotencyKey: "mine" });
  const keys = calls.map(({ headers }) => headers.get("idempotency-key"));
  assert.notEqual(keys[0], keys[1]);
  assert.deepEqual(keys.slice(2), [null, null, "mine"]);
});

Deno.test("an upload is sent again byte for byte, so that it is the same request", async () => {
  const { client, calls } = scripted([
    () => json(503, {}, { "retry-after": "0" }),
    () => json(201, { url: "u" }),
  ]);
  await client.media.upload({ data: new Uint8Array([0xff, 0xd8, 0xff]), filename: "a.jpg" });
  assert.deepEqual(calls[0].body, calls[1].body);
  const text = new TextDecoder("latin1").decode(calls[0].body);
  assert.match(text, /name="file"; filename="a\.jpg"\r\nContent-Type: image\/jpeg/);
});

Deno.test("a wait that is longer than maxWait is not begun", async () => {
  const { client, calls } = scripted([
    () =>
      json(429, { error: "rate_limit_exceeded", message: "m", retry_after: 3000 }, {
        "retry-after": "3000",
      }),
  ]);
  const error = await failure(client.posts.list());
  assert.deepEqual([error.status, error.code, error.retryAfter], [
    429,
    "rate_limit_exceeded",
    3000,
  ]);
  assert.equal(calls.length, 1);
});

Deno.test("a call gives up after its retries, with the last error", async () => {
  const { client, calls } = scripted(
    [() => json(503, { error: "unavailable", message: "m" }, { "retry-after": "0" })],
    { retries: 2 },
  );
  assert.equal((await failure(client.posts.get("a"))).status, 503);
  assert.equal(calls.length, 3);
});

Deno.test("without Retry-After the waits grow at most twofold", async () => {
  const { client, waits } = scripted([
    () => new TypeError("no network"),
    () => json(502, {}),
    () => json(200, {}),
  ]);
  await client.posts.get("a");
  assert.equal(waits.length, 2);
  assert.ok(waits[0] <= 500 && waits[1] <= 1000, String(waits));
});

Deno.test("no other failure is tried again, but a write that still runs is", async () => {
  for (const status of [400, 401, 403, 404, 409, 412, 413, 500]) {
    const { client, calls } = scripted([() => json(status, { error: "x", message: "m" })]);
    await failure(client.posts.create(POST));
    assert.equal(calls.length, 1, String(status));
  }
  const busy = { error: "conflict", message: "m", reason: "idempotency_in_progress" };
  const { client, calls } = scripted([
    () => json(409, busy, { "retry-after": "0" }),
    () => json(201, {}),
  ]);
  await client.posts.create(POST);
  assert.equal(calls.length, 2);
});

Deno.test("no answer in time is a timeout, and no answer at all a network error; both have status 0", async () => {
  const late = scripted([() => "never"], { timeout: 10, retries: 0 });
  const timeout = await failure(late.client.posts.get("a"));
  assert.deepEqual([timeout.code, timeout.status], ["timeout", 0]);
  const secret = await failure(
    late.client.request(["GET", "/poll"], { query: { code: "s3cret" } }),
  );
  assert.doesNotMatch(secret.message, /s3cret/);
  const none = scripted([() => new TypeError("refused")], { retries: 0 });
  const network = await failure(none.client.posts.get("a"));
  assert.deepEqual([network.code, network.status], ["network", 0]);
  assert.match(network.message, /api\.example\.com/);
});

Deno.test("an AbortSignal ends a request, and a wait, with its own reason", async () => {
  const reason = new Error("enough");
  const running = scripted([() => "never"]);
  const cut = new AbortController();
  const call = running.client.posts.get("a", { signal: cut.signal });
  cut.abort(reason);
  await assert.rejects(call, reason);
  const again = new AbortController();
  const waiting = scripted([() => json(503, {}, { "retry-after": "60" })], {
    onRetry: () => again.abort(reason),
  });
  await assert.rejects(waiting.client.posts.list({}, { signal: again.signal }).then(), reason);
  await assert.rejects(waiting.client.posts.get("a", { signal: again.signal }), reason);
  assert.equal(waiting.calls.length, 1);
});

Deno.test("an answer that is not the API's own is an error with its status", async () => {
  const { client } = scripted([
    () => new Response("<html>", { status: 404, headers: { "x-request-id": "r" } }),
  ]);
  const error = await failure(client.posts.get("a"));
  assert.deepEqual([error.code, error.status, error.requestId], ["http_404", 404, "r"]);
});

Deno.test("a redirect is an error, and what was sent goes nowhere else", async () => {
  const paths: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    paths.push(new URL(request.url).pathname);
    return new Response(null, { status: 307, headers: { location: "/elsewhere" } });
  });
  const client = new Postlark({ apiBase: `http://127.0.0.1:${server.addr.port}/v1` });
  const error = await failure(client.posts.create(POST));
  await server.shutdown();
  assert.equal(error.status, 307);
  assert.deepEqual(paths, ["/v1/posts"]);
});

Deno.test("an iterated list follows next_cursor to the end, and an awaited one is one page", async () => {
  const pages = [
    () => json(200, { data: [{ slug: "a" }], next_cursor: "1" }),
    () => json(200, { data: [{ slug: "b" }], next_cursor: "2" }),
    () => json(200, { data: [{ slug: "c" }], next_cursor: null }),
  ];
  const walked = scripted(pages);
  const slugs = [];
  for await (const { slug } of walked.client.posts.list({ tag: "t", per_page: 3 })) {
    slugs.push(slug);
  }
  assert.deepEqual(slugs, ["a", "b", "c"]);
  const queries = walked.calls.map(({ url }) => new URL(url).search);
  assert.deepEqual(queries, [
    "?tag=t&limit=250",
    "?tag=t&limit=250&cursor=1",
    "?tag=t&limit=250&cursor=2",
  ]);
  const once = scripted(pages);
  assert.equal((await once.client.posts.list({ per_page: 3 })).data.length, 1);
  assert.deepEqual(once.calls.map(({ url }) => new URL(url).search), ["?per_page=3"]);
});

Deno.test("a name cannot lead to another path", async () => {
  const { client, calls } = scripted([() => json(200, {})]);
  await client.posts.get("a/../b?c#d");
  assert.equal(calls[0].url, "https://api.example.com/v1/posts/a%2F..%2Fb%3Fc%23d");
  for (const name of ["", ".", ".."]) assert.throws(() => client.posts.get(name), TypeError);
});

Deno.test("against the service: a post is made, changed against its ETag, and gone; what fails says all", async () => {
  using t = await setup();
  const a = await t.tenant();
  const service = {
    apiBase: `${t.deps.config.origin}/v1`,
    fetch: async (url: string, init: RequestInit) => await t.app.fetch(new Request(url, init)),
  };
  const client = new Postlark({ ...service, apiKey: a.token, blog: a.blog.id });
  const made = await client.posts.create({ ...POST, status: "published" });
  const post = await client.posts.get(made.slug);
  const { etag } = receivedWith(post)!;
  const changed = await client.posts.update("a", { title: "New" }, { ifMatch: etag! });
  assert.equal(changed.title, "New");
  const stale = await failure(client.posts.update("a", { title: "Old" }, { ifMatch: etag! }));
  assert.deepEqual([stale.status, stale.code], [412, "precondition_failed"]);
  assert.match(stale.requestId!, /^[0-9a-f-]{36}$/);
  const wrong = await failure(client.posts.create({ title: "", content: "" }));
  assert.deepEqual(wrong.issues.map(({ path }) => path).sort(), ["content", "title"]);
  assert.deepEqual(await client.posts.delete("a"), { deleted: true });
  assert.equal((await failure(client.posts.get("a"))).reason, "post_not_found");
  const nobody = await failure(new Postlark(service).posts.get("a"));
  assert.equal(nobody.status, 401);
});
