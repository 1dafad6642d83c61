import assert from "node:assert/strict";
import { mediaExpiryKey, type MediaRow } from "../../lib/content/media/_record.ts";
import type { Key } from "../../lib/kit/kv.ts";
import { countKey } from "../../lib/metering/quotas.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { setup } from "../_setup.ts";
import { readFixture } from "../support/images.ts";

const NOBODY = "00000000-0000-7000-8000-000000000000";

Deno.test("check names every image, chunk, counter and end that does not follow from the others", async () => {
  using t = await setup();
  const { id, key, token, blog } = await t.tenant();
  const { type, bytes } = readFixture("png-rgb.png");
  const body = { data: bytes.toBase64(), content_type: type };
  const live = (await t.api("POST", "/upload", { key, body })).body.id;
  const mode = { key: token, body: { mode: "test" } };
  const test = (await t.api("POST", `/blogs/${blog.id}/api-keys`, mode)).body.key;
  const tried = (await t.api("POST", "/upload", { key: test, body })).body.id;
  const { store } = t.deps;
  const rows = new Map<string, { key: Key; value: MediaRow }>();
  for await (const row of store.scan<MediaRow>({ start: ["media"], end: ["media", true] })) {
    rows.set(row.value.id, row);
  }
  const [row, sandboxed] = [rows.get(live)!, rows.get(tried)!];
  const chunk = ["mediachunk", blog.id, live, 0];
  const part = (await store.get<Uint8Array>(chunk)).value!;
  const end = mediaExpiryKey(sandboxed.value, sandboxed.value.expiresAt!);
  const sum = new Deno.KvU64(5n);
  const broken: [Key, unknown, RegExp][] = [
    [chunk, part.with(100, part[100] ^ 1), /not what was stored/],
    [chunk, undefined, /is missing/],
    [["mediachunk", blog.id, NOBODY, 0], part, /no image has this chunk/],
    [["mediachunk", NOBODY, NOBODY, 0], part, /no image has this chunk/],
    [row.key, { ...row.value, owner: NOBODY }, /names another image, blog or account/],
    [row.key, { ...row.value, expiresAt: 5 }, /only a sandbox's image has an end/],
    [row.key, { ...row.value, sha256: "x" }, /malformed/],
    [["media", NOBODY, live], { ...row.value, space: NOBODY }, /no blog has this space/],
    [["mediabytes", blog.id], sum, /is 5, and would be/],
    [["mediabytes", blog.id], undefined, /is missing/],
    [countKey(id, "bytes"), sum, /is 5, and would be/],
    [end, undefined, /is missing/],
    [[...end.slice(0, 3), live], blog.id, /no image of a sandbox makes it/],
    [["gc", 5, live], { prefixes: [chunk.slice(0, 3)] }, /it would remove the image/],
  ];
  for (const [at, value, problem] of broken) {
    const { value: before } = await store.get(at);
    await store.writeAll([{ key: at, value }]);
    const { differences } = await checkStore(t.deps, 0);
    const found = differences.filter((one) => problem.test(one.problem));
    assert.ok(found.length, `${at.join("/")} ${problem}: ${JSON.stringify(differences)}`);
    await store.writeAll([{ key: at, value: before ?? undefined }]);
    assert.deepEqual((await checkStore(t.deps, 0)).differences, [], at.join("/"));
  }
});
