import assert from "node:assert/strict";
import { setup } from "../_setup.ts";

Deno.test("POST /v1/posts returns 409 for a slug that the blog has", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const post = { title: "Hello", content: "Text.", slug: "hello" };
  assert.equal((await t.api("POST", "/posts", { key, body: post })).status, 201);
  const second = await t.api("POST", "/posts", { key, body: post });
  assert.equal(second.status, 409);
  assert.equal(second.body.message, 'slug "hello" is already taken');
});
