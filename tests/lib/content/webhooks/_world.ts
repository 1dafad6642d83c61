import assert from "node:assert/strict";
import { type Service, setup, type Tenant } from "../../../_setup.ts";
import { makeHook, receiverDouble } from "../../../support/receiver.ts";
import { checkStore } from "../../../../lib/operator/check/mod.ts";

/** An account on Creator with one endpoint, and a receiver behind it. */
export async function world(options: Parameters<typeof setup>[0] = {}) {
  const t = await setup(options);
  const tenant = await t.tenant("creator");
  const hook = await makeHook(t, tenant);
  const receiver = receiverDouble(t);
  return { t, tenant, hook, receiver, [Symbol.dispose]: () => t[Symbol.dispose]() };
}

/** Creates a draft. */
export const write = (t: Service, { key }: Tenant, title: string) =>
  t.api("POST", "/posts", { key, body: { title, content: "x" } });
/** Gives a post another title. */
export const edit = (t: Service, { key }: Tenant, slug: string, title: string) =>
  t.api("PUT", `/posts/${slug}`, { key, body: { title } });

/** Fails where check finds anything. */
export async function requireClean(t: Service): Promise<void> {
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
}
