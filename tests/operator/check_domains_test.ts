import assert from "node:assert/strict";
import { keyText, under } from "../../lib/kit/kv.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import type { BlogRow } from "../../lib/content/blogs.ts";
import { domain, HOST, service, settled } from "../support/domains.ts";

const STRANGER = "018f0000-0000-7000-8000-000000000000";

Deno.test("check names each row of a domain that is lost, contradicts its blog, or is nobody's", async () => {
  await using s = await service();
  const { t, dns } = s;
  const tenant = await settled(t, dns);
  await domain(t, await t.tenant("starter")).set("pending.example.com");
  const { store } = t.deps;
  const named = async (key: (string | number)[], value?: unknown): Promise<string[]> => {
    const [before] = await store.getMany([key]);
    await store.writeAll([{ key, value }]);
    const { differences } = await checkStore(t.deps, 0);
    await store.writeAll([{ key, value: before.value ?? undefined }]);
    return differences.map((one) => keyText(one.key));
  };
  for (const noun of ["claim", "claimdue", "host", "held"]) {
    for (const { key } of await store.list(under([noun]), 10)) {
      assert.ok((await named(key as string[])).includes(keyText(key)), `${key} is missing`);
    }
  }
  const host = ["host", HOST];
  for (const owner of [tenant.id, STRANGER]) {
    const other = { blog: owner === STRANGER ? tenant.blog.id : STRANGER, owner };
    assert.deepEqual(await named(host, other), [keyText(host)]);
  }
  const free = ["host", "free.example.com"];
  assert.deepEqual(await named(free, { blog: tenant.blog.id, owner: tenant.id }), [keyText(free)]);
  const due = ["claimdue", 1, HOST, tenant.blog.id];
  assert.deepEqual(await named(due, 1), [keyText(due)]);
  const [held] = await store.list(under(["held"]), 1);
  assert.deepEqual(await named(held.key as string[], { owner: STRANGER }), [keyText(held.key)]);
  const claim = ["claim", HOST, tenant.blog.id];
  const { value } = await store.get<Record<string, unknown>>(claim);
  assert.deepEqual(await named(claim, { ...value, owner: STRANGER }), [keyText(claim)]);
  const blog = ["blog", tenant.blog.id];
  const { value: row } = await store.get<BlogRow>(blog);
  assert.deepEqual(
    await named(blog, { ...row, domain: null }),
    [claim, host].map(keyText),
  );
  assert.deepEqual(await named(blog, { ...row, domain: { host: HOST, active: false } }), [
    keyText(host),
  ]);
});
