import assert from "node:assert/strict";
import { AppError } from "../../../lib/kit/errors.ts";
import { Reads, Store, transact, under } from "../../../lib/kit/kv.ts";
import { hookKv, type Hooks } from "../../support/hooked_kv.ts";
import { openStore } from "../../support/store.ts";

async function open(hooks: Hooks = {}, deadline = 5000) {
  const raw = await openStore();
  const store = new Store(hookKv(raw, hooks), deadline);
  return { raw, store, [Symbol.dispose]: () => raw.close() };
}

async function increment(store: Store): Promise<number> {
  return await transact(store, async (tx) => {
    const n = (await tx.get<number>(["n"]) ?? 0) + 1;
    tx.set(["n"], n);
    return n;
  });
}

Deno.test("transact loses no update of ten concurrent writers", async () => {
  using t = await open();
  const results = await Promise.all(Array.from({ length: 10 }, () => increment(t.store)));
  assert.deepEqual(results.toSorted((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

Deno.test("transact takes back nothing and writes nothing when its body refuses", async () => {
  using t = await open();
  const refused = transact(t.store, async (tx) => {
    tx.set(["half"], 1);
    await tx.get(["n"]);
    throw new AppError("post_limit");
  });
  await assert.rejects(refused, { reason: "post_limit" });
  assert.equal((await t.raw.get(["half"])).value, null);
});

Deno.test("a commit refused with 'database is locked' is tried again", async () => {
  let refusals = 3;
  using t = await open({
    before(kind) {
      if (kind === "commit" && refusals-- > 0) throw new TypeError("database is locked");
    },
  });
  assert.equal(await increment(t.store), 1);
  assert.equal((await t.raw.get(["n"])).value, 1);
});

Deno.test("a commit whose answer is lost counts once", async () => {
  let losses = 1;
  using t = await open({
    committed() {
      if (losses-- > 0) throw new Error("connection reset");
    },
  });
  assert.equal(await increment(t.store), 1);
  assert.equal((await t.raw.get(["n"])).value, 1);
});

Deno.test("a commit that lands after its deadline counts once", async () => {
  let slow = true;
  const hooks: Hooks = {
    async before(kind) {
      if (kind === "commit" && slow) {
        slow = false;
        await new Promise((resolve) => setTimeout(resolve, 900));
      }
    },
  };
  using t = await open(hooks, 500);
  assert.equal(await increment(t.store), 1);
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.equal((await t.raw.get(["n"])).value, 1);
});

Deno.test("a lost answer that another writer has since overwritten is a 503, never a guess", async () => {
  const hooks: Hooks = {};
  using t = await open(hooks);
  hooks.committed = async () => {
    hooks.committed = undefined;
    await t.raw.set(["n"], 40);
    throw new Error("connection reset");
  };
  await assert.rejects(increment(t.store), { reason: "outcome_unknown", status: 503 });
  assert.equal((await t.raw.get(["n"])).value, 40);
});

Deno.test("a commit that never answers ends in a 503 with Retry-After", async () => {
  using t = await open({
    before: (kind) =>
      kind === "commit" ? Promise.reject(new Error("connection refused")) : undefined,
  });
  const failed = transact(t.store, async (tx) => {
    await tx.get(["n"]);
    tx.set(["n"], 1);
  });
  await assert.rejects(failed, (error) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.reason, "outcome_unknown");
    assert.equal(error.details.retryAfter, 1);
    return true;
  });
});

Deno.test("a read that hangs ends in a 503 at the deadline", async () => {
  let release = () => {};
  const hooks: Hooks = { before: () => new Promise((resolve) => release = resolve) };
  using t = await open(hooks, 30);
  await assert.rejects(t.store.get(["n"]), { reason: "store_unavailable", status: 503 });
  release();
  await new Promise((resolve) => setTimeout(resolve, 5));
});

Deno.test("a transaction of more than ten checks is refused, as the distributed store would", async () => {
  using t = await open();
  const wide = transact(t.store, async (tx) => {
    for (let i = 0; i < 11; i++) await tx.get(["k", i]);
  });
  await assert.rejects(wide, /more than 10 checks/);
});

Deno.test("a key is refused as a fault of ours exactly where the store would refuse it, whatever is done with it", async () => {
  using t = await open();
  const { store, raw } = t;
  // Nine of the number, and two around each text.
  const longest = ["n", 1, true, "\0".repeat(10) + "€".repeat(671)];
  for (const [key, fits] of [[longest, true], [[...longest, false], false]] as const) {
    const uses = [
      () => store.get(key),
      () => store.getMany([["n"], key]),
      () => store.list({ start: key, end: ["o"] }, 1),
      () => store.writeAll([{ key, value: 1 }]),
      () => transact(store, (tx) => Promise.resolve(tx.set(key, 2))),
      () => transact(store, (tx) => tx.get(key)),
    ];
    for (const use of uses) {
      if (fits) await use();
      else await assert.rejects(use(), RangeError);
    }
    const direct = raw.set([...key], 3);
    if (fits) await direct;
    else await assert.rejects(direct, TypeError);
  }
});

Deno.test("hooks of a transaction run once, after the attempt that was committed", async () => {
  using t = await open();
  let ran = 0;
  let attempts = 0;
  await transact(t.store, async (tx) => {
    const n = await tx.get<number>(["n"]) ?? 0;
    if (attempts++ === 0) await t.raw.set(["n"], 7);
    tx.set(["n"], n + 1);
    tx.afterCommit.push(() => ran++);
  });
  assert.equal(attempts, 2);
  assert.equal(ran, 1);
  assert.equal((await t.raw.get(["n"])).value, 8);
});

Deno.test("keys that are asked for together are read in one round trip, and once each", async () => {
  let calls = 0;
  using t = await open({ before: () => void calls++ });
  const reads = new Reads(t.store);
  await Promise.all([reads.get(["a"]), reads.get(["b"]), reads.get(["a"])]);
  assert.equal(calls, 1);
  await reads.get(["b"]);
  assert.equal(calls, 1);
});

Deno.test("sum moves a counter both ways, and sums of one transaction join", async () => {
  using t = await open();
  const move = (by: number[]) =>
    transact(t.store, async (tx) => {
      tx.set(["moves"], (await tx.get<number>(["moves"]) ?? 0) + 1);
      for (const n of by) tx.sum(["c"], n);
    });
  await move([5, -2]);
  await move([-1, -1, 1]);
  assert.equal((await t.raw.get<Deno.KvU64>(["c"])).value?.value, 2n);
  await move([1, -1]);
  assert.equal((await t.raw.get<Deno.KvU64>(["c"])).value?.value, 2n);
});

Deno.test("scan gives every row of a range in order, whatever the size of its steps", async () => {
  using t = await open();
  for (let i = 0; i < 25; i++) await t.raw.set(["r", i], i);
  await t.raw.set(["s", 0], "another prefix");
  for (const batch of [1, 5, 7, 25, 100]) {
    const forward = await Array.fromAsync(t.store.scan<number>(under(["r"]), batch));
    assert.deepEqual(forward.map((row) => row.value), [...Array(25).keys()]);
    const back = await Array.fromAsync(t.store.scan<number>(under(["r"], true), batch));
    assert.deepEqual(back.map((row) => row.value), [...Array(25).keys()].reverse());
  }
});

Deno.test("a lost answer of a commit that failed is not taken for success because an index row looks the same", async () => {
  const hooks: Hooks = {};
  using t = await open(hooks);
  await t.raw.set(["post"], { rev: 0 });
  hooks.before = async (kind) => {
    if (kind !== "commit") return;
    hooks.before = undefined;
    await t.raw.atomic().set(["post"], { rev: "theirs" }).set(["ix", "tag"], 1).commit();
    hooks.committed = () => {
      hooks.committed = undefined;
      throw new Error("connection reset");
    };
  };
  const write = transact(t.store, async (tx) => {
    await tx.get(["post"]);
    tx.set(["post"], { rev: "ours" });
    tx.set(["ix", "tag"], 1);
    return "ours";
  });
  await assert.rejects(write, { reason: "outcome_unknown" });
  assert.deepEqual((await t.raw.get(["post"])).value, { rev: "theirs" });
});

Deno.test("reads beyond those under way go out together, and each gets its own rows", async () => {
  const held: (() => void)[] = [];
  const hooks: Hooks = {};
  using t = await open(hooks);
  for (let i = 0; i < 40; i++) await t.raw.set(["k", i], i);
  let calls = 0;
  hooks.before = () => {
    calls++;
    return new Promise((resolve) => void held.push(resolve));
  };
  const reads = Array.from(
    { length: 40 },
    (_, i) => t.store.getMany<number>([["k", i], ["k", -i]]),
  );
  while (held.length) {
    held.shift()!();
    await new Promise((resolve) => setTimeout(resolve));
  }
  const rows = await Promise.all(reads);
  assert.deepEqual(rows.map(([row]) => row.value), [...Array(40).keys()]);
  assert.ok(calls < 20, `${calls} calls`);
});

Deno.test("a read that waits behind others that hang ends in a 503 at its own deadline", async () => {
  const held: (() => void)[] = [];
  const hooks: Hooks = {};
  using t = await open(hooks, 60);
  let calls = 0;
  hooks.before = () => {
    calls++;
    return new Promise((resolve) => void held.push(resolve));
  };
  const ends = await Promise.allSettled(
    Array.from({ length: 200 }, (_, i) => t.store.getMany([["k", i]])),
  );
  assert.ok(ends.every((end) => end.status === "rejected" && end.reason.status === 503));
  assert.ok(calls < 20, `${calls} calls were sent for what nobody waited for any more`);
  for (const release of held) release();
  await new Promise((resolve) => setTimeout(resolve, 20));
});

Deno.test("a lost answer of a commit that failed is not taken for success because a count came out the same", async () => {
  const hooks: Hooks = {};
  using t = await open(hooks);
  await t.raw.set(["used"], 4);
  hooks.before = async (kind) => {
    if (kind !== "commit") return;
    hooks.before = undefined;
    await t.raw.atomic().set(["post", "theirs"], 1).set(["used"], 5).commit();
    hooks.committed = () => {
      hooks.committed = undefined;
      throw new Error("connection reset");
    };
  };
  const write = transact(t.store, async (tx) => {
    await tx.get(["post", "ours"]);
    tx.set(["post", "ours"], 1);
    tx.set(["used"], (await tx.get<number>(["used"]))! + 1);
  });
  await assert.rejects(write, { reason: "outcome_unknown" });
  assert.equal((await t.raw.get(["post", "ours"])).value, null);
});

Deno.test("a lost answer of a commit that can no longer land is no answer at all: the write is tried again", async () => {
  const hooks: Hooks = {};
  using t = await open(hooks);
  await t.raw.atomic().set(["post"], { title: "Old" }).set(["used"], 4).commit();
  hooks.before = async (kind) => {
    if (kind !== "commit") return;
    hooks.before = undefined;
    await t.raw.set(["used"], 5);
    hooks.committed = () => {
      hooks.committed = undefined;
      throw new Error("connection reset");
    };
  };
  await transact(t.store, async (tx) => {
    await tx.get(["post"]);
    tx.set(["post"], { title: "New" });
    tx.set(["used"], (await tx.get<number>(["used"]))! + 1);
  });
  assert.deepEqual((await t.raw.get(["post"])).value, { title: "New" });
  assert.equal((await t.raw.get(["used"])).value, 6);
});

Deno.test("a lost answer of a commit that failed is not taken for success because another changed all it checked, and one row the same way", async () => {
  const hooks: Hooks = {};
  using t = await open(hooks);
  await t.raw.atomic().set(["post"], { title: "Old" }).set(["used"], 4).commit();
  hooks.before = async (kind) => {
    if (kind !== "commit") return;
    hooks.before = undefined;
    await t.raw.atomic().set(["post"], { title: "Theirs" }).set(["used"], 5).commit();
    hooks.committed = () => {
      hooks.committed = undefined;
      throw new Error("connection reset");
    };
  };
  const write = transact(t.store, async (tx) => {
    await tx.get(["post"]);
    tx.set(["post"], { title: "Ours" });
    tx.set(["used"], (await tx.get<number>(["used"]))! + 1);
  });
  await assert.rejects(write, { reason: "outcome_unknown" });
  assert.deepEqual((await t.raw.get(["post"])).value, { title: "Theirs" });
});
