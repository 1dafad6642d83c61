import assert from "node:assert/strict";
import { AppError } from "../../lib/kit/errors.ts";
import { under } from "../../lib/kit/kv.ts";
import { copyImages } from "../../lib/content/media/mod.ts";
import { ObjectStore } from "../../lib/content/media/s3.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { type Service, setup } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { jpegOfSize, readFixture } from "../support/images.ts";
import { startS3 } from "../support/s3.ts";
import { openStore } from "../support/store.ts";

const HOUR = 3_600_000;
const LARGE = jpegOfSize(1_500_000);

async function setupS3(s3: { env: Record<string, string> }, options: Options = {}) {
  const { env, ...rest } = options;
  const t = await setup({ ...rest, env: { ...s3.env, POSTLARK_LIMIT_UPLOADS: "1000", ...env } });
  t.deps.fetch = fetch;
  return t;
}
type Options = Parameters<typeof setup>[0] & object;

function upload(t: Service, key: string, bytes = readFixture("jpeg-baseline.jpg").bytes) {
  const body = { data: bytes.toBase64(), content_type: "image/jpeg" };
  return t.api("POST", "/upload", { key, body });
}

async function read(t: Service, url: string, headers: Record<string, string> = {}) {
  const response = await t.app.fetch(new Request(url, { headers }));
  return { status: response.status, bytes: await response.bytes() };
}

async function requireClean(t: Service) {
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
}

async function countRows(t: Service, noun: string): Promise<number> {
  return (await t.deps.store.list(under([noun]), 1000)).length;
}

Deno.test("images in an S3 store are uploaded, read whole and by range, listed and deleted like any", async () => {
  await using s3 = startS3();
  using t = await setupS3(s3);
  const { key, blog } = await t.tenant();
  const { body } = await upload(t, key, LARGE);
  assert.equal(body.size, LARGE.length);
  assert.deepEqual([...s3.state.objects.keys()], [`${blog.id}/${body.id}.jpg`]);
  assert.equal([...s3.state.objects.values()][0].type, "image/jpeg");
  assert.equal(await countRows(t, "mediachunk"), 0);
  assert.deepEqual(await read(t, body.url), { status: 200, bytes: LARGE });
  const range = { range: "bytes=100000-199999" };
  assert.deepEqual(await read(t, body.url, range), {
    status: 206,
    bytes: LARGE.slice(100_000, 200_000),
  });
  await requireClean(t);
  assert.equal((await t.api("DELETE", `/media/${body.id}`, { key })).status, 200);
  assert.equal(s3.state.objects.size, 0);
  assert.equal((await read(t, body.url)).status, 404);
  assert.equal(await countRows(t, "mediagone"), 0);
  await requireClean(t);
});

Deno.test("keys of any characters reach the store as they are, and a wrong secret is refused", async () => {
  await using s3 = startS3();
  using t = await setupS3(s3);
  const store = new ObjectStore(t.deps);
  const bytes = new TextEncoder().encode("hello");
  const odd = ["a.jpg", "b1/한글 x.jpg", "a/f'(1)!*~-_.png", "a/b+c&d=e,f?g#h.png", "a//b", "%20"];
  for (const key of odd) {
    await store.put(key, bytes, "image/png");
    assert.ok(s3.state.objects.has(key), key);
    const back = await new Response(await store.get(key, { from: 1, to: 3 })).text();
    assert.equal(back, "ell");
    await store.delete(key);
    assert.equal(await store.get(key, { from: 0, to: 0 }), null);
    await store.delete(key);
  }
  using wrong = await setupS3(s3, { env: { POSTLARK_S3_SECRET_ACCESS_KEY: "another" } });
  const refused = (error: unknown) =>
    error instanceof AppError && error.reason === "media_unavailable";
  await assert.rejects(() => new ObjectStore(wrong.deps).put("x", bytes, "image/png"), refused);
  const { key } = await wrong.tenant();
  assert.equal((await upload(wrong, key)).status, 503);
  assert.equal(s3.state.objects.size, 0);
  const said = wrong.logs.filter(({ event }) => event === "object_store_refused");
  assert.equal(said[0].said, "403 SignatureDoesNotMatch");
});

Deno.test("while the S3 store is down an upload is 503 and nothing of it is left, and images are 503, not gone", async () => {
  await using s3 = startS3();
  using t = await setupS3(s3);
  const { key } = await t.tenant();
  const kept = (await upload(t, key)).body;
  t.advance(2000);
  s3.state.down = true;
  const refused = await upload(t, key);
  assert.deepEqual([refused.status, refused.body.reason], [503, "media_unavailable"]);
  assert.ok(refused.headers.has("retry-after"));
  assert.equal((await read(t, kept.url)).status, 503);
  assert.equal((await t.api("GET", "/media", { key })).body.data.length, 1);
  const { storage } = (await t.api("GET", "/account/usage", { key })).body;
  assert.equal(storage.used_bytes, kept.size);
  s3.state.down = false;
  s3.state.forgetful = true;
  assert.equal((await upload(t, key)).status, 503, "stored, but its answer was lost");
  s3.state.forgetful = false;
  assert.equal(s3.state.objects.size, 2);
  t.advance(HOUR + 1);
  await t.runJob("sweep");
  assert.equal(s3.state.objects.size, 1);
  assert.equal(await countRows(t, "mediagone"), 0);
  assert.equal((await read(t, kept.url)).status, 200);
  await requireClean(t);
});

Deno.test("an image or a blog that is deleted while the S3 store is down is gone at once, its objects later", async () => {
  await using s3 = startS3();
  using t = await setupS3(s3);
  const { key, token, blog } = await t.tenant();
  const made = [];
  for (let n = 0; n < 10; n++) made.push((await upload(t, key)).body);
  s3.state.down = true;
  assert.equal((await t.api("DELETE", `/media/${made[0].id}`, { key })).status, 200);
  assert.equal((await read(t, made[0].url)).status, 404);
  assert.equal((await t.runJob("sweep")).failed, 1);
  assert.equal((await t.api("DELETE", `/blogs/${blog.id}`, { key: token })).status, 200);
  assert.equal((await read(t, made[1].url)).status, 404);
  assert.equal((await t.runJob("resume_deletions")).failed, 1);
  assert.equal(s3.state.objects.size, 10);
  s3.state.down = false;
  assert.equal((await t.runJob("sweep")).objects, 1);
  assert.equal((await t.runJob("resume_deletions")).finished, 1);
  assert.equal(s3.state.objects.size, 0);
  assert.equal(await countRows(t, "media"), 0);
  await requireClean(t);
});

Deno.test("images move to the S3 store and back while they are served, and their addresses stay", async () => {
  await using s3 = startS3();
  using t = await setupS3(s3, { env: { POSTLARK_MEDIA: "kv" } });
  const { key, blog, token } = await t.tenant();
  const made = [(await upload(t, key, LARGE)).body];
  for (let n = 0; n < 6; n++) made.push((await upload(t, key)).body);
  const mode = { key: token, body: { mode: "test" } };
  const test = (await t.api("POST", `/blogs/${blog.id}/api-keys`, mode)).body.key;
  made.push((await upload(t, test)).body);
  const before = await Promise.all(made.map(({ url }) => read(t, url)));
  const requireServed = async () => {
    t.advance(1001);
    for (const [i, { url }] of made.entries()) assert.deepEqual(await read(t, url), before[i]);
    await requireClean(t);
  };
  for (let round = 0; round < 2; round++) {
    const there = await copyImages(t.deps, "s3");
    assert.deepEqual([there.moved, there.present, there.damaged], [8, 0, []]);
    assert.equal((await copyImages(t.deps, "s3")).present, 8);
    await requireServed();
    t.advance(HOUR);
    await t.runJob("sweep");
    assert.equal(await countRows(t, "mediachunk"), 0);
    await requireServed();
    assert.equal((await copyImages(t.deps, "kv")).moved, 8);
    await requireServed();
    assert.equal(s3.state.objects.size, 8, "a reader may still be at them");
    t.advance(HOUR);
    await t.runJob("sweep");
    assert.equal(s3.state.objects.size, 0);
    await requireServed();
  }
});

Deno.test("a move to the S3 store that is cut short at any commit loses nothing, and can be gone on with", async () => {
  for (let stops = 1, moved = false; !moved; stops++) {
    await using s3 = startS3();
    const kv = await openStore();
    const hooks: Hooks = {};
    const env = { POSTLARK_MEDIA: "kv" };
    {
      using t = await setupS3(s3, { kv, hooks, env });
      const { key } = await t.tenant();
      const { url } = (await upload(t, key, LARGE)).body;
      let commits = 0;
      hooks.before = (kind) => {
        if (kind === "commit") commits++;
        if (commits >= stops) throw new Error("the process is gone");
      };
      moved = await copyImages(t.deps, "s3").then(() => true, () => false);
      hooks.before = undefined;
      using next = await setupS3(s3, { kv, env });
      next.advance(2000);
      assert.deepEqual((await read(next, url)).bytes, LARGE);
      await requireClean(next);
      await copyImages(next.deps, "s3");
      next.advance(2 * HOUR);
      await next.runJob("sweep");
      assert.deepEqual((await read(next, url)).bytes, LARGE);
      assert.equal(s3.state.objects.size, 1);
      assert.equal(await countRows(next, "mediachunk"), 0);
      await requireClean(next);
    }
    kv.close();
  }
});

Deno.test("images are not moved to an S3 store that is not configured", async () => {
  using t = await setup();
  await assert.rejects(() => copyImages(t.deps, "s3"), /set the POSTLARK_S3_… variables/);
});

Deno.test("an image whose bytes are not what they were is not moved, and named", async () => {
  await using s3 = startS3();
  using t = await setupS3(s3);
  const { key } = await t.tenant();
  const { id } = (await upload(t, key)).body;
  const [stored] = s3.state.objects.values();
  stored.bytes[100] ^= 1;
  const report = await copyImages(t.deps, "kv");
  assert.deepEqual([report.moved, report.damaged], [0, [id]]);
  assert.equal(s3.state.objects.size, 1);
});

Deno.test("an image of a blog that is being deleted is not moved: its object would be nobody's", async () => {
  await using s3 = startS3();
  const hooks: Hooks = {};
  using t = await setupS3(s3, { hooks, env: { POSTLARK_MEDIA: "kv" } });
  const { key, token, blog } = await t.tenant();
  await upload(t, key);
  hooks.before = async (kind) => {
    if (kind !== "commit" || (await t.deps.store.get(["blog", blog.id])).value) return;
    throw new Error("the process is gone");
  };
  await t.api("DELETE", `/blogs/${blog.id}`, { key: token });
  hooks.before = undefined;
  assert.equal(await countRows(t, "media"), 1);
  assert.equal((await copyImages(t.deps, "s3")).moved, 0);
  t.advance(2 * HOUR);
  for (const job of ["resume_deletions", "sweep"]) await t.runJob(job);
  assert.equal(s3.state.objects.size, 0);
  await requireClean(t);
});

Deno.test("an S3 store that does not answer holds the sweep up for about a minute, however much waits", async () => {
  await using s3 = startS3();
  using t = await setupS3(s3);
  const { key } = await t.tenant();
  const made = [];
  for (let n = 0; n < 8; n++) made.push((await upload(t, key)).body.id);
  t.deps.fetch = () => Promise.reject(new Error("away"));
  for (const id of made) assert.equal((await t.api("DELETE", `/media/${id}`, { key })).status, 200);
  t.deps.fetch = () => {
    t.advance(10_000);
    return Promise.reject(new Error("away"));
  };
  const begun = t.now();
  assert.equal((await t.runJob("sweep")).objects, 0);
  assert.ok(t.now() - begun <= 90_000, String(t.now() - begun));
  t.deps.fetch = fetch;
  assert.equal((await t.runJob("sweep")).objects, 8);
  assert.equal(s3.state.objects.size, 0);
});

Deno.test("a body that stops coming ends in 503, and one that comes is read whole", async () => {
  await using s3 = startS3();
  using t = await setupS3(s3);
  const pieces = [new Uint8Array([1, 2]), new Uint8Array([3, 4])];
  const answer = (given: Uint8Array[]) => () => {
    const left = [...given];
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = left.shift();
        if (piece) controller.enqueue(piece);
        else if (given.length === pieces.length) controller.close();
        // Else nothing more ever comes.
        else return new Promise(() => {});
      },
    });
    const headers = { "content-length": "4" };
    return Promise.resolve(new Response(body, { status: 206, headers }));
  };
  const readAll = async (given: Uint8Array[]) => {
    t.deps.fetch = answer(given);
    const store = new ObjectStore(t.deps, given.length === pieces.length ? 60_000 : 20);
    return await new Response(await store.get("a", { from: 0, to: 3 })).bytes();
  };
  assert.deepEqual(await readAll(pieces), new Uint8Array([1, 2, 3, 4]));
  await assert.rejects(
    readAll(pieces.slice(1)),
    (error) => error instanceof AppError && error.reason === "media_unavailable",
  );
});
