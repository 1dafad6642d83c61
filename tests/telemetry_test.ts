import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Span, startCollector } from "./support/collector.ts";
import { runAdmin, startArguments, startServer } from "./support/server.ts";

const SERVER = 2;
const OWN_ADDRESSES = ["url.full", "url.path", "url.query"];
const SECRET = "canary0secret0canary0secret0canary";

/** The lines of the log that tell of requests. */
// deno-lint-ignore no-explicit-any
function requestsOf(output: string): any[] {
  return output.split("\n").filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line)).filter(({ event }) => event === "request");
}

Deno.test("a process under OTEL_DENO sends a span a request, with its calls of the store and renders below it", async () => {
  await using collector = startCollector();
  const dir = await Deno.makeTempDir();
  const env = {
    POSTLARK_KV: `${dir}/kv.db`,
    POSTLARK_BLOG_ADDRESS: "path",
    POSTLARK_OUTBOUND_PRIVATE: "1",
  };
  const server = await startServer({ ...env, ...collector.env });
  const hook = Promise.withResolvers<string>();
  const receiver = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    hook.resolve(request.url);
    return new Response(null, { status: 204 });
  });
  let blog: string;
  try {
    const user = ["--email", "ada@example.com", "--plan", "creator", "--blog", "ada"];
    const made = JSON.parse((await runAdmin(env, "user", "create", ...user)).stdout);
    blog = made.blog.id;
    const { token } = JSON.parse(
      (await runAdmin(env, "session", "create", "--email", "ada@example.com")).stdout,
    );
    const send = async (method: string, path: string, body?: unknown, key = made.key) => {
      const answer = await fetch(server.origin + path, {
        method,
        headers: { "authorization": `Bearer ${key}`, "content-type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
        redirect: "manual",
      });
      return [answer.status, await answer.text()] as const;
    };
    const url = `http://127.0.0.1:${receiver.addr.port}/${SECRET}?${SECRET}`;
    const [hooked, text] = await send("POST", `/v1/blogs/${blog}/webhooks`, { url }, token);
    assert.equal(hooked, 201, text);
    const post = { title: SECRET, slug: "post", content: SECRET, status: "published" };
    assert.equal((await send("POST", "/v1/posts", post))[0], 201);
    assert.equal(await hook.promise, url);
    const page = await fetch(`${server.origin}/@ada/?${SECRET}`);
    assert.ok((await page.text()).includes(SECRET));
    assert.equal((await send("GET", `/auth/callback/oidc?code=${SECRET}&state=${SECRET}`))[0], 404);
    assert.equal((await send("GET", `/v1/posts/${SECRET}`))[0], 404);
  } finally {
    await server.stop();
    await receiver.shutdown();
    await Deno.remove(dir, { recursive: true });
  }

  const { spans, sent } = collector;
  const below = (span: Span) => spans.filter(({ parent }) => parent === span.id);
  const request = (name: string) => {
    const [found, more] = spans.filter((span) => span.kind === SERVER && span.name === name);
    assert.ok(found && !more, `${name}: ${spans.map((span) => span.name).join()}`);
    return found;
  };
  const created = request("POST /v1/posts");
  assert.equal(created.attributes["http.route"], "/v1/posts");
  assert.equal(created.attributes["postlark.blog"], blog);
  const names = below(created).map(({ name }) => name);
  for (const name of ["kv getMany", "kv commit", "render markdown", "render post"]) {
    assert.ok(names.includes(name), `${name}: ${names}`);
  }
  const rounds = below(created).map(({ attributes }) => Number(attributes["postlark.kv.round"]));
  const last = Math.max(...rounds.filter(Boolean));
  assert.ok(last >= Number(created.attributes["postlark.kv.rounds"]));
  assert.ok(below(request("GET {blog}/")).some(({ name }) => name === "render list"));
  assert.ok(request("GET /auth/callback/{provider}"));
  const outbound = spans.filter(({ name }) => name === "outbound request");
  assert.ok(outbound.length);
  assert.ok(spans.some(({ name }) => name === "job publish_scheduled"));

  const told = requestsOf(server.output()).find(({ method, route }) =>
    method === "POST" && route === "/v1/posts"
  );
  assert.equal(told.kv_rounds, created.attributes["postlark.kv.rounds"]);
  const logs = sent.filter(({ path }) => path === "/v1/logs").map(({ text }) => text).join();
  assert.ok(logs.includes(told.request_id), "the collector has the log's lines too");
  // The runtime's own attributes of what came in are the collector's to drop: the README says which.
  for (const { attributes } of spans.filter(({ kind }) => kind === SERVER)) {
    for (const name of OWN_ADDRESSES) delete attributes[name];
  }
  const rest = sent.filter(({ path }) => path !== "/v1/traces").map(({ text }) => text);
  for (const text of [JSON.stringify(spans), ...rest]) {
    const at = text.indexOf(SECRET);
    assert.ok(at < 0, text.slice(Math.max(0, at - 300), at + 60));
  }
  assert.ok(!server.output().includes(SECRET));
});

Deno.test("a process logs a line a request, pretty or none as POSTLARK_REQUEST_LOG says, and loses none as it ends", async () => {
  for (const kind of ["json", "pretty", "off"]) {
    const server = await startServer({
      POSTLARK_KV: ":memory:",
      ...kind !== "json" && { POSTLARK_REQUEST_LOG: kind },
    });
    for (let n = 0; n < 20; n++) {
      const answer = await fetch(`${server.origin}/ready?${SECRET}`);
      await answer.body?.cancel();
    }
    assert.equal(await server.stop(), 0);
    const lines = server.output().trim().split("\n");
    const json = requestsOf(server.output()).filter(({ route }) => route === "/ready");
    const pretty = lines.filter((line) => line.startsWith("200 GET /ready  "));
    const expected = { json: [20, 0], pretty: [0, 20], off: [0, 0] }[kind];
    assert.deepEqual([json.length, pretty.length], expected, server.output());
    for (const { time, level, kv_rounds } of json) {
      assert.match(time, /^\d{4}-\d\d-\d\dT/);
      assert.deepEqual([level, kv_rounds], ["info", 1]);
    }
  }
});

Deno.test("a process goes on serving once nobody reads its log any more", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...startArguments(":memory:"), "main.ts"],
    cwd: fileURLToPath(new URL("../", import.meta.url)),
    env: { PORT: "0", POSTLARK_HOSTNAME: "127.0.0.1", POSTLARK_SECRET: "x".repeat(32) },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const reader = child.stderr.getReader();
  const first = new TextDecoder().decode((await reader.read()).value);
  const [, port] = /"listening".*"port":(\d+)[,}]/.exec(first)!;
  await reader.cancel();
  for (let n = 0; n < 3; n++) {
    // Beyond the time for which lines are kept back.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const answer = await fetch(`http://127.0.0.1:${port}/ready`);
    assert.equal(answer.status, 200);
    await answer.body?.cancel();
  }
  child.kill("SIGTERM");
  assert.equal((await child.status).code, 0);
});
