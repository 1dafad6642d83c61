import assert from "node:assert/strict";
import type { DayRow } from "../../lib/content/analytics/_keys.ts";
import type { Key } from "../../lib/kit/kv.ts";
import { keyText } from "../../lib/kit/kv.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { type Service, setup } from "../_setup.ts";
import { hookKv } from "../support/hooked_kv.ts";
import { flush, publish, rowsOf, viewOf } from "../support/visitors.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const STRANGER = "018f0000-0000-7000-8000-000000000000";
const NOUNS = ["hit", "hitpost", "salt", "visitors", "viewopen", "viewday", "views", "flush"];

/** Two posts of one blog, viewed on two past days and on the day that lasts. */
async function service() {
  const t = await setup();
  const tenant = await t.tenant();
  const blog = tenant.blog.id;
  const posts = [await publish(t, tenant, "one"), await publish(t, tenant, "two")];
  const visit = async () => {
    for (const post of posts) {
      for (let n = 0; n < 3; n++) t.deps.views.count(viewOf({ blog, post }, n));
    }
    await flush(t);
  };
  for (let day = 0; day < 2; day++) {
    await visit();
    t.advance(DAY);
    await t.runJob("roll_up_views");
  }
  await visit();
  return { t, tenant, blog, posts, [Symbol.dispose]: () => t[Symbol.dispose]() };
}

async function differences(t: Service): Promise<string[]> {
  const { differences } = await checkStore(t.deps, 0);
  return differences.map(({ key }) => keyText(key));
}

Deno.test("check finds nothing while views are counted, rolled up, and lose their post or blog", async () => {
  using s = await service();
  const { t, tenant, blog, posts } = s;
  for (const noun of NOUNS) assert.ok((await rowsOf(t, noun)).length, noun);
  assert.deepEqual(await differences(t), []);
  await t.api("DELETE", "/posts/one", { key: tenant.key });
  assert.deepEqual(await differences(t), []);
  t.advance(26 * HOUR);
  await t.runJob("roll_up_views");
  await t.runJob("sweep");
  assert.deepEqual(await differences(t), []);
  t.deps.views.count(viewOf({ blog, post: posts[1] }, 1));
  await t.api("DELETE", `/blogs/${blog}`, { key: tenant.token });
  await flush(t);
  assert.deepEqual(await differences(t), []);
  t.advance(DAY);
  await t.runJob("roll_up_views");
  assert.deepEqual(await differences(t), []);
});

Deno.test("check finds nothing wherever a roll-up was cut short", async () => {
  for (let call = 1; call < 40; call += 3) {
    using s = await service();
    const { t } = s;
    t.advance(DAY);
    const { kv } = t.deps.store;
    let calls = 0;
    const cut = hookKv(kv, {
      before: () => ++calls >= call ? Promise.reject(new Error("killed")) : undefined,
    });
    Object.assign(t.deps.store, { kv: cut });
    await t.runJob("roll_up_views").catch(() => {});
    Object.assign(t.deps.store, { kv });
    assert.deepEqual(await differences(t), [], `cut at call ${call}`);
  }
});

Deno.test("check names what does not add up, or belongs to nothing", async () => {
  using s = await service();
  const { t, blog, posts: [post] } = s;
  const { store } = t.deps;
  const at = (of: string): Key => ["viewday", blog, of, "2026-03-25"];
  const row = (await store.get<DayRow>(at(post))).value!;
  const own = (await store.get<DayRow>(at("*"))).value!;
  const n = (value: bigint) => new Deno.KvU64(value);
  const changes: [Key, unknown, Key?][] = [
    [["views", blog, post], n(7n)],
    [["views", blog, post], undefined],
    [["views", blog, "*"], n(11n)],
    [at("*"), undefined, ["views", blog, "*"]],
    [at("*"), { ...own, views: 5, visitors: 3 }],
    [at(post), { ...row, visitors: 4 }],
    [at(post), { ...row, posts: new Uint8Array(19) }],
    [["viewday", STRANGER, "*", "2026-03-25"], own, ["viewday", STRANGER, "*"]],
    [["views", STRANGER, "*"], n(1n)],
    [["viewday", blog, STRANGER, "2026-03-25"], row, ["viewday", blog, STRANGER]],
    [["hit", blog, "*", "2026-03-25", "view", ""], n(1n)],
    [["hitpost", blog, "2026-03-25", post], n(1n)],
    [["salt", "2026-03-25"], "ab".repeat(32)],
    [["visitors", "2026-03-25", blog, STRANGER, 0], new Uint8Array(8)],
    [["viewopen", "2026-03-26"], undefined, ["salt", "2026-03-26"]],
  ];
  for (const [key, value, named = key] of changes) {
    const before = (await store.get(key)).value ?? undefined;
    await store.writeAll([{ key, value }]);
    assert.ok((await differences(t)).includes(keyText(named)), keyText(key));
    await store.writeAll([{ key, value: before }]);
    assert.deepEqual(await differences(t), []);
  }
});
