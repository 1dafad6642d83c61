import assert from "node:assert/strict";
import { runAdmin, type Server, startServer } from "../support/server.ts";

/** Creates posts until it is told to stop; says how many. */
async function write(server: Server, key: string, stop: AbortSignal): Promise<number> {
  for (let n = 0;; n++) {
    if (stop.aborted) return n;
    const response = await fetch(`${server.origin}/v1/posts`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ title: "Post", content: "Text.", status: "published", tags: ["a"] }),
    });
    await response.text();
    assert.equal(response.status, 201);
  }
}

/** With the permissions of `deno task admin`, which are not all. */
async function runTask(env: Record<string, string>, ...args: string[]) {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "admin", ...args],
    env: { ...env, POSTLARK_SECRET: "a secret for tests that is long enough" },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.ok(out, err);
  return JSON.parse(out);
}

Deno.test("the operator's commands work beside a server that is written to all the time", async (test) => {
  const dir = await Deno.makeTempDir();
  const env = { POSTLARK_KV: `${dir}/kv.db`, POSTLARK_LIMIT_ENTERPRISE: "1000000" };
  const run = async (more: Record<string, string>, ...args: string[]) => {
    const { code, stdout, stderr } = await runAdmin({ ...env, ...more }, ...args);
    assert.equal(code, 0, stdout + stderr);
    return JSON.parse(stdout);
  };
  const create = ["user", "create", "--plan", "enterprise"];
  const { key } = await run({}, ...create, "--email", "a@example.com", "--blog", "busy");
  const server = await startServer(env);
  const stop = new AbortController();
  const writing = Promise.all([1, 2, 3].map(() => write(server, key, stop.signal)));
  // Judged where it is awaited.
  writing.catch(() => {});
  try {
    await test.step("an account is made", async () => {
      const made = await run({}, ...create, "--email", "b@example.com", "--blog", "second");
      assert.equal(made.blog.slug, "second");
    });
    await test.step("check finds nothing", async () => {
      assert.equal((await run({}, "check")).ok, true);
    });
    await test.step("a backup restores to a store that passes the check", async () => {
      const { rows } = await runTask(env, "backup", `${dir}/backup.jsonl`);
      const other = { POSTLARK_KV: `${dir}/other.db` };
      assert.equal((await run(other, "restore", `${dir}/backup.jsonl`)).rows, rows);
      const { ok, counted } = await run(other, "check");
      assert.ok(ok && counted.post > 0);
    });
    stop.abort();
    const made = (await writing).reduce((sum, n) => sum + n);
    assert.equal((await run({}, "check")).counted.post, made);
  } finally {
    stop.abort();
    await writing.catch(() => {});
    await server.stop();
    await Deno.remove(dir, { recursive: true });
  }
});
