import assert from "node:assert/strict";
import { createDemo, DEMO } from "../../lib/operator/demo.ts";
import { ensureSecret } from "../../lib/operator/secret.ts";
import { setup } from "../_setup.ts";

Deno.test("the demo is made on an empty store only, and its key publishes on the demo blog", async () => {
  using t = await setup();
  const key = await createDemo(t.deps);
  assert.equal(await createDemo(t.deps), null);
  const body = { title: "Hello world", content: "Text.", status: "published" };
  assert.equal((await t.api("POST", "/posts", { key, body })).status, 201);
  assert.equal((await t.view(DEMO.blog, "/hello-world")).status, 200);
});

Deno.test("a store's own secret is made in development only, and stays the same", async () => {
  using t = await setup();
  const { store } = t.deps;
  await assert.rejects(ensureSecret(store, false), /POSTLARK_SECRET is required/);
  const secret = await ensureSecret(store, true);
  assert.match(secret, /^[0-9a-f]{64}$/);
  assert.equal(await ensureSecret(store, true), secret);
  assert.equal(await ensureSecret(store, false), secret);
});
