import assert from "node:assert/strict";
import { type Service, setup } from "../_setup.ts";
import { Store, under } from "../../lib/kit/kv.ts";
import { BackupError, restoreBackup, writeBackup } from "../../lib/operator/backup.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { makeBusy } from "./_busy.ts";
import { openStore } from "../support/store.ts";

const LEFT_OUT = ["rl", "rlip", "rlup", "oauthcode", "device", "usercode"];

/** A file in memory; each `open` begins it anew. */
async function backUp(t: Service): Promise<{ text: string; rows: number; passes: number }> {
  const decoder = new TextDecoder();
  let text = "";
  const report = await writeBackup(t.deps, () => {
    text = "";
    const write = (bytes: Uint8Array) => void (text += decoder.decode(bytes, { stream: true }));
    return Promise.resolve(new WritableStream({ write }));
  });
  return { text, ...report };
}

/** In pieces that end within lines and within characters. */
async function restore(t: Service, text: string) {
  const bytes = new TextEncoder().encode(text);
  return await restoreBackup(t.deps, () =>
    Promise.resolve(async function* () {
      for (let i = 0; i < bytes.length; i += 9973) yield await bytes.subarray(i, i + 9973);
    }()));
}

async function dump(store: Store): Promise<Map<string, unknown>> {
  const rows = new Map<string, unknown>();
  for await (const { key, value } of store.scan({ start: [], end: [true, true] }, 100)) {
    if (!LEFT_OUT.includes(String(key[0]))) rows.set(JSON.stringify(key), value);
  }
  return rows;
}

async function isEmpty(t: Service): Promise<boolean> {
  return (await t.deps.store.list({ start: [], end: [true, true] }, 1)).length === 0;
}

Deno.test("a store that is restored from its backup has the same rows and values, and passes the check", async () => {
  using t = await setup();
  const { one } = await makeBusy(t, { large: true });
  const odd = {
    bytes: new Uint8Array([0, 255, 10]),
    nested: [{ $bytes: "no bytes", x: null }, { "": 1.5 }, []],
    n: 12345678901234567890n,
    "\u2028 \ud83d\ude00": "é\n",
  };
  await t.deps.store.writeAll([
    { key: ["odd", 1, -2.5, true, "\u0001é"], value: odd },
    { key: ["odd", 2], value: new Deno.KvU64(2n ** 64n - 1n) },
  ]);
  const { text, rows } = await backUp(t);
  using other = await setup();
  assert.equal((await restore(other, text)).rows, rows);
  const [before, after] = [await dump(t.deps.store), await dump(other.deps.store)];
  assert.deepEqual([...after.keys()], [...before.keys()]);
  for (const [key, value] of before) assert.deepStrictEqual(after.get(key), value, key);
  await other.deps.store.writeAll([
    { key: ["odd", 1, -2.5, true, "\u0001é"] },
    { key: ["odd", 2] },
  ]);
  assert.deepEqual((await checkStore(other.deps, 0)).differences, []);
  const post = await other.api("GET", "/posts/large", { key: one.key });
  assert.equal(post.body.content_md.length, 1_048_576);
});

Deno.test("a backup leaves out request windows and records of requests that have lapsed", async () => {
  using t = await setup();
  await makeBusy(t);
  assert.match((await backUp(t)).text, /\["idem",/);
  t.advance(25 * 3_600_000);
  const { text } = await backUp(t);
  assert.doesNotMatch(text, /\["(idem|rl|rlip|rlup)",/);
});

Deno.test("a backup that is taken while the store is written to restores to one that passes the check", async () => {
  using t = await setup();
  const { one } = await makeBusy(t);
  const made: string[] = [];
  const writer = async (name: string) => {
    for (let i = 0; i < 25; i++) {
      const body = {
        title: `${name} ${i}`,
        content: `Text ${i}.`,
        status: "published",
        tags: ["x"],
      };
      const post = await t.api("POST", "/posts", { key: one.key, body });
      made.push(post.body.slug);
      if (i % 3 === 0) await t.api("DELETE", `/posts/${made.shift()}`, { key: one.key });
    }
  };
  const writing = Promise.all(["a", "b", "c"].map(writer));
  const { text, passes } = await backUp(t);
  await writing;
  using other = await setup();
  await restore(other, text);
  assert.deepEqual((await checkStore(other.deps, 0)).differences, []);
  // Two readings are the least: a third shows that the writers were noticed.
  assert.ok(passes > 2, `${passes}`);
});

Deno.test("a store that never holds still is not backed up", async () => {
  let n = 0;
  const raw = await openStore();
  using t = await setup({
    kv: raw,
    hooks: {
      async before(kind) {
        if (kind === "list") await raw.set(["email", "busy@example.com"], `${n++}`);
      },
    },
  });
  await assert.rejects(backUp(t), BackupError);
  raw.close();
});

Deno.test("a backup that was cut, changed or lengthened anywhere is refused, and nothing of it written", async () => {
  using t = await setup();
  await t.tenant();
  const { text } = await backUp(t);
  const lines = text.trimEnd().split("\n");
  const broken = {
    empty: "",
    "cut in a line": text.slice(0, text.length / 2),
    "cut before the end": text.slice(0, -1),
    "without its trailer": lines.slice(0, -1).join("\n") + "\n",
    "without a row": [...lines.slice(0, 3), ...lines.slice(4), ""].join("\n"),
    "without its head": [...lines.slice(1), ""].join("\n"),
    changed: text.replace("scale", "Scale"),
    longer: `${text}${lines[1]}\n`,
    "another file": '{"name":"something else"}\n{"rows":0}\n',
    "no JSON": "hello\n",
    "of another format": text.replace('"postlark_backup":1', '"postlark_backup":2'),
  };
  using other = await setup();
  for (const [what, file] of Object.entries(broken)) {
    await assert.rejects(restore(other, file), BackupError, what);
    assert.ok(await isEmpty(other), what);
  }
});

Deno.test("a restore refuses a store that holds an account", async () => {
  using t = await setup();
  await t.tenant();
  const { text } = await backUp(t);
  using other = await setup();
  await other.tenant();
  const before = await dump(other.deps.store);
  await assert.rejects(restore(other, text), /not empty/);
  assert.deepEqual(await dump(other.deps.store), before);
});

Deno.test("a restore that was cut short shows in the check, and goes on with the same file only", async () => {
  using t = await setup();
  await makeBusy(t);
  const { text } = await backUp(t);
  using another = await setup();
  const { text: anotherText } = await backUp(another);
  const raw = await openStore();
  let [commits, cut] = [0, true];
  const hooks = {
    before(kind: string) {
      if (kind === "commit" && cut && ++commits > 2) throw new Error("cut");
    },
  };
  using other = await setup({ kv: raw, hooks });
  await assert.rejects(restore(other, text));
  cut = false;
  const named = (await checkStore(other.deps, 0)).differences.map(({ key }) => key[0]);
  assert.ok(named.includes("restore"));
  await assert.rejects(restore(other, anotherText), /cut short/);
  await restore(other, text);
  assert.deepEqual((await checkStore(other.deps, 0)).differences, []);
  assert.deepEqual(await dump(other.deps.store), await dump(t.deps.store));
  raw.close();
});

Deno.test("a restored session ends when it would have", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const jwt = await t.session(tenant.id);
  const { text } = await backUp(t);
  using other = await setup();
  await restore(other, text);
  assert.equal((await other.api("GET", "/account/profile", { key: jwt })).status, 200);
  await other.deps.store.writeAll(
    (await other.deps.store.list(under(["session"]), 10)).map(({ key }) => ({ key })),
  );
  assert.equal((await other.api("GET", "/account/profile", { key: jwt })).status, 401);
});
