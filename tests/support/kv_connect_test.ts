import assert from "node:assert/strict";
import fc from "fast-check";
import { connect, KvConnectServer } from "./kv_connect/mod.ts";

type Step =
  | {
    do: "set" | "sum" | "min" | "max";
    key: number;
    value: number;
    checked: "now" | "absent" | null;
  }
  | { do: "delete"; key: number; checked: "now" | "absent" | null };

const key = fc.integer({ min: 0, max: 4 });
const checked = fc.constantFrom("now" as const, "absent" as const, null);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom("set" as const, "sum" as const, "min" as const, "max" as const),
    key,
    value: fc.integer({ min: 0, max: 9 }),
    checked,
  }),
  fc.record({ do: fc.constant("delete" as const), key, checked }),
);

/** Does the steps of one commit; whether its checks held. */
async function commit(kv: Deno.Kv, steps: Step[]): Promise<boolean> {
  const operation = kv.atomic();
  for (const one of steps) {
    const at = ["n", one.key];
    if (one.checked === "now") operation.check(await kv.get(at));
    if (one.checked === "absent") operation.check({ key: at, versionstamp: null });
    if (one.do === "delete") operation.delete(at);
    else if (one.do === "set") operation.set(at, new Deno.KvU64(BigInt(one.value)));
    else operation[one.do](at, BigInt(one.value));
  }
  return (await operation.commit()).ok;
}

/** All rows, in order, and in two ways by parts. */
async function contents(kv: Deno.Kv): Promise<unknown[]> {
  const rows = async (selector: Deno.KvListSelector, options: Deno.KvListOptions = {}) =>
    (await Array.fromAsync(kv.list(selector, options))).map(({ key, value }) => [key, value]);
  return [
    await rows({ prefix: [] }),
    await rows({ start: ["n", 1], end: ["n", 4] }, { reverse: true, batchSize: 2 }),
    await rows({ prefix: ["n"], start: ["n", 2] }, { limit: 2 }),
  ];
}

Deno.test("a database of the server holds what an embedded one does after the same commits", async () => {
  await using server = new KvConnectServer();
  const commits = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(commits, async (commits) => {
      using embedded = await Deno.openKv(":memory:");
      using remote = await connect(server.url(crypto.randomUUID()));
      for (const steps of commits) {
        assert.equal(await commit(remote, steps), await commit(embedded, steps));
      }
      assert.deepEqual(await contents(remote), await contents(embedded));
    }),
    { numRuns: 60 },
  );
});

Deno.test("a database of the server takes every kind of value, and keys with the version of their commit", async () => {
  await using server = new KvConnectServer();
  using kv = await connect(server.url("values"));
  const values = ["text", 1.5, 7n, true, new Uint8Array([1, 2]), { a: [null, new Date(0)] }];
  const operation = kv.atomic();
  values.forEach((value, i) => operation.set(["v", i], value));
  const { versionstamp } = await operation.set(["log", kv.commitVersionstamp()], 1)
    .commit() as Deno.KvCommitResult;
  const rows = await Array.fromAsync(kv.list({ prefix: ["v"] }));
  assert.deepEqual(rows.map(({ value }) => value), values);
  assert.ok(rows.every((row) => row.versionstamp === versionstamp));
  const [log] = await Array.fromAsync(kv.list({ prefix: ["log"] }));
  assert.deepEqual(log.key, ["log", versionstamp]);
});

Deno.test("what has expired is gone at once, and a sum keeps no expiry", async () => {
  await using server = new KvConnectServer();
  using kv = await connect(server.url("expiry"));
  await kv.atomic().set(["gone"], 1, { expireIn: 1 })
    .set(["kept"], new Deno.KvU64(1n), { expireIn: 1000 }).sum(["kept"], 1n).commit();
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const [gone, kept] = await kv.getMany([["gone"], ["kept"]]);
  assert.equal(gone.versionstamp, null);
  assert.deepEqual(kept.value, new Deno.KvU64(2n));
});

Deno.test("a commit takes ten checks and no more, a thousand rows, and values of 64 KiB", async () => {
  await using server = new KvConnectServer();
  using kv = await connect(server.url("limits"));
  const checking = (count: number) => {
    const operation = kv.atomic();
    for (let n = 0; n < count; n++) operation.check({ key: ["c", n], versionstamp: null });
    return operation.set(["done"], count).commit();
  };
  assert.equal((await checking(10)).ok, true);
  await assert.rejects(checking(11), /Too many checks/);
  assert.equal((await kv.get(["done"])).value, 10);
  await kv.set(["value"], new Uint8Array(65_536));
  await assert.rejects(kv.set(["value"], new Uint8Array(65_537)), /too large/);
  const many = kv.atomic();
  for (let n = 0; n < 1001; n++) many.delete(["d", n]);
  await assert.rejects(many.commit(), /[Tt]oo many mutations/);
});

Deno.test("a server that is told to refuses sums that would count twice where a commit is sent twice", async () => {
  await using server = new KvConnectServer({ once: true });
  using kv = await connect(server.url("once"));
  await assert.rejects(kv.atomic().sum(["n"], 1n).commit(), /could count twice/);
  const absent = { key: ["mark"], versionstamp: null };
  await assert.rejects(kv.atomic().check(absent).sum(["n"], 1n).commit(), /could count twice/);
  const fenced = () => kv.atomic().check(absent).set(["mark"], 1).sum(["n"], 1n).commit();
  assert.deepEqual([(await fenced()).ok, (await fenced()).ok], [true, false]);
  assert.deepEqual((await kv.get(["n"])).value, new Deno.KvU64(1n));
});

Deno.test("a watch tells of each change of its keys by whichever client", async () => {
  await using server = new KvConnectServer();
  using kv = await connect(server.url("watched"));
  using other = await connect(server.url("watched"));
  const changes = kv.watch<[number, number]>([["a"], ["b"]]).getReader();
  const next = async () => (await changes.read()).value!.map(({ value }) => value);
  assert.deepEqual(await next(), [null, null]);
  await other.set(["b"], 1);
  assert.deepEqual(await next(), [null, 1]);
  await other.delete(["b"]);
  assert.deepEqual(await next(), [null, null]);
  await changes.cancel();
});

Deno.test("a replica is as many commits behind as it is told, and the database itself is not", async () => {
  await using server = new KvConnectServer({ lag: 2 });
  using kv = await connect(server.url("lagging"));
  using replica = await connect(server.replicaUrl("lagging"));
  for (let n = 1; n <= 5; n++) await kv.set(["n"], n);
  assert.equal((await kv.get(["n"])).value, 5);
  assert.equal((await replica.get(["n"])).value, 3);
});

Deno.test("a commit whose answer is lost has happened; its client sends it again, and has a conflict with itself", async () => {
  await using server = new KvConnectServer();
  using kv = await connect(server.url("lost"));
  for (const how of ["error", "cut"] as const) {
    const before = await kv.get(["n"]);
    server.faults.loseAnswers(how, (n) => n === 1);
    assert.deepEqual(await kv.atomic().check(before).set(["n"], how).commit(), { ok: false });
    assert.equal((await kv.get(["n"])).value, how);
  }
  server.faults.loseAnswers("half");
  await assert.rejects(kv.set(["n"], "half"), /decode/);
  assert.equal((await kv.get(["n"])).value, "half");
});
