import assert from "node:assert/strict";
import type { Service, Tenant } from "../_setup.ts";
import { under } from "../../lib/kit/kv.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { readFixture } from "../support/images.ts";
import { testLostAnswers, type Write } from "../support/lost_answers.ts";

const IMAGE = {
  data: readFixture("gif-still.gif").bytes.toBase64(),
  content_type: "image/gif",
};

const WRITES: Write[] = [
  {
    name: "POST /upload",
    send: (t, { key }, headers) => t.api("POST", "/upload", { key, body: IMAGE, headers }),
    status: 201,
    proof: readImages,
    expected: { images: 1, size: 938 },
  },
  {
    name: "DELETE /media/{id}",
    async prepare(t, { key }) {
      for (let n = 0; n < 2; n++) await t.api("POST", "/upload", { key, body: IMAGE });
    },
    async send(t, { key }, headers) {
      const [{ key: [, , id] }] = await t.deps.store.list(under(["media"]), 1);
      return await t.api("DELETE", `/media/${String(id)}`, { key, headers });
    },
    status: 200,
    proof: readImages,
    expected: { images: 1, size: 938 },
  },
  {
    name: "POST …/domain",
    send: (t, { token, blog }, headers) => {
      const body = { hostname: "blog.example.com" };
      return t.api("POST", `/blogs/${blog.id}/domain`, { key: token, body, headers });
    },
    status: 200,
    async proof(t, { token, blog }) {
      const { status } = (await t.api("GET", `/blogs/${blog.id}/domain`, { key: token })).body;
      assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
      return [status, (await t.deps.store.list(under(["claim"]), 9)).length];
    },
    expected: ["pending", 1],
  },
  {
    name: "POST …/webhooks",
    send: (t, { token, blog }, headers) => {
      const body = { url: "https://receiver.example/hook" };
      return t.api("POST", `/blogs/${blog.id}/webhooks`, { key: token, body, headers });
    },
    status: 201,
    proof: async (t, { token, blog }) =>
      (await t.api("GET", `/blogs/${blog.id}/webhooks`, { key: token })).body.data.length,
    expected: 1,
  },
];

/** How many images there are, and the bytes that they count; check proves both. */
async function readImages(t: Service, { key, token }: Tenant) {
  const { data } = (await t.api("GET", "/media", { key })).body;
  const { storage } = (await t.api("GET", "/account/usage", { key: token })).body;
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
  return { images: data.length, size: storage.used_bytes };
}

for (const write of WRITES) testLostAnswers(write);
