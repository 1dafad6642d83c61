import assert from "node:assert/strict";
import { runAdmin, type Server, startServer } from "./support/server.ts";

type Answer = { status: number; body: Record<string, unknown> };

/** Sends a create; a 503 is retried as it says. */
async function create(
  server: Server,
  key: string,
  sent: { body: Record<string, unknown>; headers?: Record<string, string> },
): Promise<Answer> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const response = await fetch(`${server.origin}/v1/posts`, {
      method: "POST",
      headers: {
        "authorization": `Bearer ${key}`,
        "content-type": "application/json",
        ...sent.headers,
      },
      body: JSON.stringify(sent.body),
    });
    const body = await response.json();
    const retry = response.headers.get("retry-after");
    const running = body.reason === "idempotency_in_progress";
    if (response.status !== 503 && !running) return { status: response.status, body };
    assert.ok(retry, `${response.status} without Retry-After`);
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(retry) * Math.random()));
  }
  return { status: 503, body: {} };
}

function tally(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

Deno.test("two server processes on one file", async (test) => {
  const dir = await Deno.makeTempDir();
  const env = {
    POSTLARK_KV: `${dir}/kv.db`,
    POSTLARK_LIMIT_FREE: "100000",
    POSTLARK_LIMIT_SCALE: "100000",
  };
  const servers = [await startServer(env), await startServer(env)];
  const user = async (plan: string) => {
    const args = ["--email", `${plan}@example.com`, "--plan", plan, "--blog", plan];
    const { stdout, stderr } = await runAdmin(env, "user", "create", ...args);
    assert.ok(stdout, stderr);
    return JSON.parse(stdout).key as string;
  };
  const fifty = (make: (server: Server, n: number) => Promise<Answer>) =>
    Promise.all(Array.from({ length: 50 }, (_, n) => make(servers[n % 2], n)));
  try {
    const scale = await user("scale");
    const free = await user("free");

    await test.step("50 concurrent creates with one explicit slug make one post", async () => {
      const body = { title: "Race", content: "Text.", slug: "race" };
      const answers = await fifty((server) => create(server, scale, { body }));
      assert.deepEqual(tally(answers), { 201: 1, 409: 49 });
    });

    await test.step("50 concurrent creates on Free with one place left make one post", async () => {
      for (let n = 0; n < 9; n++) {
        const body = { title: `Filler ${n}`, content: "Text." };
        assert.equal((await create(servers[0], free, { body })).status, 201);
      }
      const answers = await fifty((server, n) =>
        create(server, free, { body: { title: `Last ${n}`, content: "Text." } })
      );
      assert.deepEqual(tally(answers), { 201: 1, 403: 49 });
      assert.ok(answers.every((a) => a.status === 201 || a.body.reason === "post_limit"));
    });

    await test.step("50 concurrent creates with one Idempotency-Key make one post", async () => {
      const sent = {
        body: { title: "Once", content: "Text." },
        headers: { "idempotency-key": "once" },
      };
      const answers = await fifty((server) => create(server, scale, sent));
      assert.deepEqual(tally(answers), { 201: 50 });
      assert.equal(new Set(answers.map((a) => a.body.id)).size, 1);
    });

    await test.step("admin check finds nothing", async () => {
      const { code, stdout } = await runAdmin(env, "check");
      assert.equal(code, 0, stdout);
    });
  } finally {
    for (const server of servers) assert.equal(await server.stop(), 0);
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a server that is told to stop ends although a request hangs, and keeps when its keys were used", async () => {
  const dir = await Deno.makeTempDir();
  const env = { POSTLARK_KV: `${dir}/kv.db` };
  const server = await startServer(env);
  const killing = setTimeout(server.kill, 30_000);
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  try {
    const made = await runAdmin(
      env,
      "user",
      "create",
      "--email",
      "a@example.com",
      "--blog",
      "a-blog",
    );
    const { key } = JSON.parse(made.stdout);
    const { status } = await create(server, key, { body: { title: "Post", content: "Text." } });
    assert.equal(status, 201);
    const head = [
      "POST /v1/posts HTTP/1.1",
      `Host: localhost:${server.port}`,
      `Authorization: Bearer ${key}`,
      "Content-Type: application/json",
      "Content-Length: 100",
      "Expect: 100-continue",
    ];
    await connection.write(new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n`));
    // The server waits for the body.
    const answer = new Uint8Array(100);
    const length = await connection.read(answer);
    assert.match(new TextDecoder().decode(answer.subarray(0, length!)), /^HTTP\/1.1 100 /);
  } finally {
    assert.equal(await server.stop(), 0);
    clearTimeout(killing);
  }
  using kv = await Deno.openKv(env.POSTLARK_KV);
  const used = await Array.fromAsync(kv.list({ prefix: ["used"] }));
  assert.equal(used.length, 1);
  await Deno.remove(dir, { recursive: true });
});
