import assert from "node:assert/strict";
import { Store, transact } from "../lib/kit/kv.ts";
import { type Movement, stagePackGrant } from "../lib/metering/packs.ts";
import { planKey, type PlanRow } from "../lib/metering/plans.ts";
import { runAdmin, type Server, startServer } from "./support/server.ts";

const DAY = 86_400_000;

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

/** Gives an account a subscription's period of a month that began some days ago, as a renewal does. */
async function renew(store: Store, user: string, daysAgo: number): Promise<void> {
  const start = Date.now() - daysAgo * DAY;
  await transact(store, async (tx) => {
    const row = await tx.get<PlanRow>(planKey(user));
    tx.set(planKey(user), { ...row, period: { start, end: start + 30 * DAY } });
  });
}

Deno.test("a month's posts and packs are used once each by two server processes on one file", async (test) => {
  const dir = await Deno.makeTempDir();
  const env = { POSTLARK_KV: `${dir}/kv.db`, POSTLARK_LIMIT_STARTER: "100000" };
  const servers = [await startServer(env), await startServer(env)];
  const kv = await Deno.openKv(env.POSTLARK_KV);
  const store = new Store(kv);
  const args = ["--email", "packs@example.com", "--plan", "starter", "--blog", "packs"];
  const made = await runAdmin(env, "user", "create", ...args);
  const { key, user: { id: user } } = JSON.parse(made.stdout);
  // Under a key of its own, so that one whose outcome is not known is not made twice.
  const createOne = (n: number) =>
    create(servers[n % 2], key, {
      body: { title: `Post ${n}`, content: "Text." },
      headers: { "idempotency-key": crypto.randomUUID() },
    });
  const atOnce = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, n) => createOne(n)));
  const read = async (path: string) => {
    const headers = { authorization: `Bearer ${key}` };
    return await (await fetch(`${servers[1].origin}/v1${path}`, { headers })).json();
  };
  const readLedger = async (): Promise<Movement[]> => {
    const { data, next_cursor } = await read("/packs/ledger?limit=250");
    assert.equal(next_cursor, null);
    return data;
  };
  try {
    await test.step("100 concurrent creates with seven left of the month and two packs of five make 17", async () => {
      await renew(store, user, 10);
      assert.deepEqual(tally(await atOnce(8)), { 201: 8 });
      for (const [n, ref] of ["first", "second"].entries()) {
        const pack = { user, size: 5, ref, now: Date.now() + n };
        await transact(store, (tx) => stagePackGrant(tx, pack));
      }
      const answers = await atOnce(100);
      assert.deepEqual(tally(answers), { 201: 17, 403: 83 });
      assert.ok(answers.every((a) => a.status === 201 || a.body.reason === "post_limit"));
      assert.equal((await read("/posts")).pagination.total, 25);
    });

    await test.step("the ledger adds up, and the oldest pack is the first to end", async () => {
      const ledger = await readLedger();
      const packs = new Map(
        ledger.filter(({ kind }) => kind === "grant").map((row) => [row.reference, row.pack_id]),
      );
      const used = ledger.filter(({ kind }) => kind === "consumption");
      assert.equal(used.filter(({ source }) => source === "month").length, 15);
      const order = used.filter(({ source }) => source === "pack")
        .toSorted((a, b) => b.balance - a.balance);
      assert.deepEqual(order.map(({ balance }) => balance), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
      assert.deepEqual(order.map(({ pack_id }) => pack_id), [
        ...Array(5).fill(packs.get("first")),
        ...Array(5).fill(packs.get("second")),
      ]);
      assert.equal(new Set(used.map(({ post_id }) => post_id)).size, 25);
      assert.deepEqual(await read("/packs/balance"), {
        total_remaining: 0,
        balance: 0,
        packs: [],
      });
    });

    await test.step("a period that ends with creates under way gives its posts once", async () => {
      const [early] = await Promise.all([atOnce(40), renew(store, user, 1)]);
      const late = await atOnce(40);
      assert.equal([...early, ...late].filter(({ status }) => status === 201).length, 15);
      const resets = (await readLedger()).filter(({ kind }) => kind === "reset");
      assert.deepEqual(resets.map(({ amount }) => amount), [15]);
      assert.equal((await read("/posts")).pagination.total, 40);
    });

    await test.step("admin check finds nothing", async () => {
      const { code, stdout } = await runAdmin(env, "check");
      assert.equal(code, 0, stdout);
    });
  } finally {
    kv.close();
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
