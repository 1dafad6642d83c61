import assert from "node:assert/strict";
import { auditLists, confirmFault, type Fault } from "../../../../lib/content/search/audit.ts";
import { buildIndex } from "../../../../lib/content/search/bulk.ts";
import { describePost, type IndexedPost } from "../../../../lib/content/search/document.ts";
import { chunkKey, documentKey, logKey } from "../../../../lib/content/search/keys.ts";
import { mergeLog } from "../../../../lib/content/search/merge.ts";
import { Store, under } from "../../../../lib/kit/kv.ts";
import { hookKv, type Hooks } from "../../../support/hooked_kv.ts";
import { openStore } from "../../../support/store.ts";

const BLOG = "018f0000-0000-7000-8000-000000000000";

/** An index of ten documents that have the word apple. */
async function open(hooks: Hooks = {}) {
  const kv = await openStore();
  const store = new Store(hookKv(kv, hooks));
  const shown = { title: "Apple", description: "", tags: [], blog: BLOG, lang: "en" };
  const row: IndexedPost = {
    ...describePost({ ...shown, headings: [] }),
    ...shown,
    post: BLOG,
    owner: BLOG,
    slug: "apple",
    excerpt: "",
    createdAt: 0,
    publishedAt: 0,
  };
  await buildIndex(store, Array.from({ length: 10 }, (_, n) => ({ n, row })));
  const merge = () => mergeLog({ store, clock: () => 0, alarm: () => {} });
  return { store, row, merge, [Symbol.dispose]: () => kv.close() };
}

function audit(store: Store): Promise<Fault[]> {
  return Array.fromAsync(auditLists(store, (noun) => store.scan(under([noun]))));
}

Deno.test("an audit of an index that agrees suspects nothing, and one of a lost document each of its postings", async () => {
  using t = await open();
  assert.deepEqual(await audit(t.store), []);
  await t.store.writeAll([{ key: documentKey(3) }]);
  const terms = t.row.terms.split(" ");
  assert.deepEqual(
    (await audit(t.store)).map((fault) => fault.kind === "ghost" && [fault.n, fault.term]).sort(),
    terms.map((term) => [3, term]).sort(),
  );
});

Deno.test("a posting whose document came after the audit had read the documents is no fault", async () => {
  using t = await open();
  assert.equal(await confirmFault(t.store, { kind: "ghost", term: "appl", n: 3 }), null);
});

Deno.test("a posting that was there and is gone is no fault", async () => {
  using t = await open();
  assert.equal(await confirmFault(t.store, { kind: "ghost", term: "appl", n: 11 }), null);
});

for (const kind of [0, 1] as const) {
  Deno.test(`a document that waits in the log as ${kind ? "added" : "killed"} may be missing in a list`, async () => {
    using t = await open();
    const fault: Fault = { kind: "missing", term: "appl", n: 3, mask: 1 };
    await t.store.writeAll([{ key: chunkKey("appl", 0) }]);
    assert.notEqual(await confirmFault(t.store, fault), null);
    await t.store.writeAll([{ key: logKey(3, kind), value: kind ? t.row : 1 }]);
    assert.equal(await confirmFault(t.store, fault), null);
  });
}

Deno.test("a document that is killed and merged away between two reads of a confirmation is no fault", async () => {
  const hooks: Hooks = {};
  using t = await open(hooks);
  const fault: Fault = { kind: "missing", term: "appl", n: 3, mask: 1 };
  hooks.before = async (kind) => {
    // The document was read, the posting list is next.
    if (kind !== "list") return;
    hooks.before = undefined;
    await t.store.writeAll([{ key: logKey(3, 0), value: 1 }]);
    await t.merge();
  };
  assert.equal(await confirmFault(t.store, fault), null);
  assert.equal((await t.store.get(documentKey(3))).value, null);
});

Deno.test("a document that a dying merge took out of a list is no fault while it is marked as killed", async () => {
  const hooks: Hooks = {};
  using t = await open(hooks);
  const fault: Fault = { kind: "missing", term: "appl", n: 3, mask: 1 };
  hooks.before = async (kind) => {
    if (kind !== "list") return;
    hooks.before = undefined;
    await t.store.writeAll([{ key: logKey(3, 0), value: 1 }, { key: chunkKey("appl", 0) }]);
  };
  assert.equal(await confirmFault(t.store, fault), null);
});
