import assert from "node:assert/strict";
import { get } from "node:http";
import { runAdmin, type Server, startServer } from "./support/server.ts";
import { asVisitor } from "./support/visitors.ts";

/** fetch sets Host itself, and a blog's name resolves only in browsers. */
function view(server: Server, visitor: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { ...asVisitor(visitor), host: `counted.localhost:${server.port}` };
    get({ host: "127.0.0.1", port: server.port, path: "/post", headers }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode!));
    }).on("error", reject);
  });
}

async function viewAll(server: Server, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) assert.equal(await view(server, n), 200);
}

async function total(server: Server, key: string): Promise<number> {
  const response = await fetch(`${server.origin}/v1/analytics/overview`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  return body.total_views;
}

/** Waits until the figures say so many, which a flush brings about by itself. */
async function reach(server: Server, key: string, wanted: number): Promise<void> {
  let seen = -1;
  for (let i = 0; i < 300 && seen !== wanted; i++) {
    if (i) await new Promise((resolve) => setTimeout(resolve, 200));
    seen = await total(server, key);
  }
  assert.equal(seen, wanted);
}

Deno.test("a server that is killed loses what it had not flushed and counts nobody twice; one that is asked to stop loses nothing", async () => {
  const dir = await Deno.makeTempDir();
  const env = { POSTLARK_KV: `${dir}/kv.db`, POSTLARK_TRUST_PROXY: "1" };
  const user = ["--email", "counted@example.com", "--plan", "scale", "--blog", "counted"];
  const made = await runAdmin(env, "user", "create", ...user);
  assert.equal(made.code, 0, made.stderr);
  const { key } = JSON.parse(made.stdout);
  const today = () => new Date().toISOString().slice(0, 10);
  const begun = today();
  let server = await startServer(env);
  try {
    const created = await fetch(`${server.origin}/v1/posts`, {
      method: "POST",
      headers: { "authorization": `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ title: "Post", content: "Text.", status: "published" }),
    });
    assert.equal(created.status, 201, await created.text());

    await viewAll(server, 0, 10);
    await reach(server, key, 10);
    await viewAll(server, 10, 20);
    await server.kill();
    server = await startServer(env);
    const left = await total(server, key);
    assert.ok(left >= 10 && left <= 20, String(left));
    const check = await runAdmin(env, "check");
    assert.equal(check.code, 0, check.stdout);
    // Whoever was counted is known to the next process; whoever was lost counts now.
    await viewAll(server, 0, 20);
    await viewAll(server, 20, 40);
    assert.equal(await server.stop(), 0);
    server = await startServer(env);
    const all = await total(server, key);
    // Past midnight everyone is new.
    if (today() === begun) assert.equal(all, 40);
    else assert.ok(all >= 40);
  } finally {
    await server.kill();
    await Deno.remove(dir, { recursive: true });
  }
});
