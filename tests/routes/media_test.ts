import assert from "node:assert/strict";
import { suspendAccount } from "../../lib/account/plan_changes.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { type Service, setup, type Tenant } from "../_setup.ts";
import { jpegOfSize, readFixture } from "../support/images.ts";
import { countRounds } from "../support/kv_rounds.ts";
import { setupPair } from "../support/pair.ts";

type Made = { tenant: Tenant; url: string; id: string; bytes: Uint8Array };

async function uploaded(t: Service, bytes?: Uint8Array<ArrayBuffer>): Promise<Made> {
  const tenant = await t.tenant();
  const image = bytes ?? readFixture("jpeg-baseline.jpg").bytes;
  const body = { data: image.toBase64(), content_type: "image/jpeg" };
  const got = await t.api("POST", "/upload", { key: tenant.key, body });
  assert.equal(got.status, 201, got.text);
  const { url, id } = got.body;
  return { tenant, url, id, bytes: await (await t.app.fetch(new Request(url))).bytes() };
}

async function ask(
  t: Service,
  url: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<{ status: number; headers: Headers; bytes: Uint8Array }> {
  const response = await t.app.fetch(new Request(url, { method, headers }));
  return { status: response.status, headers: response.headers, bytes: await response.bytes() };
}

Deno.test("an image is served for good, whole, under its type, and can never act as a page", async () => {
  using t = await setup();
  const { url, bytes } = await uploaded(t);
  const got = await ask(t, url);
  assert.equal(got.status, 200);
  assert.deepEqual(got.bytes, bytes);
  const expected = {
    "content-type": "image/jpeg",
    "content-length": String(bytes.length),
    "cache-control": "public, max-age=31536000, s-maxage=86400, immutable",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "cross-origin",
    "accept-ranges": "bytes",
  };
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(got.headers.get(name), value, name);
  }
  const head = await ask(t, url, {}, "HEAD");
  assert.equal(head.status, 200);
  assert.equal(head.bytes.length, 0);
  for (const name of [...Object.keys(expected), "etag"]) {
    assert.equal(head.headers.get(name), got.headers.get(name), name);
  }
  const etag = got.headers.get("etag")!;
  assert.match(etag, /^"[0-9a-f]{24}"$/);
  for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
    const same = await ask(t, url, { "if-none-match": tag });
    assert.deepEqual([same.status, same.bytes.length], [304, 0], tag);
  }
  assert.equal((await ask(t, url, { "if-none-match": '"x"' })).status, 200);
  const post = await ask(t, url, {}, "POST");
  assert.deepEqual([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
});

Deno.test("a range of an image is 206, one beyond it 416, and what is no single range the whole", async () => {
  using t = await setup();
  // Of several chunks, and more than is read in one piece.
  for (const length of [1000, 59_999, 60_000, 600_001, 1_500_000]) {
    const { url, bytes } = await uploaded(t, jpegOfSize(Math.max(length, 2000)));
    const size = bytes.length;
    const ranges: [string, number, number][] = [
      ["bytes=0-0", 0, 0],
      ["bytes=0-", 0, size - 1],
      [`bytes=${size - 1}-`, size - 1, size - 1],
      ["bytes=-1", size - 1, size - 1],
      [`bytes=-${size + 5}`, 0, size - 1],
      ["bytes=500-99999999999999999999", 500, size - 1],
      [`bytes=${size >> 1}-${(size >> 1) + 700}`, size >> 1, Math.min(size - 1, (size >> 1) + 700)],
    ];
    if (size > 130_000) ranges.push(["bytes=59999-120000", 59_999, 120_000]);
    if (size > 1_000_000) ranges.push(["bytes=1234-1333333", 1234, 1_333_333]);
    for (const [range, from, to] of ranges) {
      const got = await ask(t, url, { range });
      assert.equal(got.status, 206, range);
      assert.equal(got.headers.get("content-range"), `bytes ${from}-${to}/${size}`);
      assert.deepEqual(got.bytes, bytes.subarray(from, to + 1), `${range} of ${size}`);
    }
    for (const range of [`bytes=${size}-`, "bytes=-0", "bytes=99999999-"]) {
      const got = await ask(t, url, { range });
      assert.deepEqual([got.status, got.headers.get("content-range")], [416, `bytes */${size}`]);
    }
    for (const range of ["bytes=5-2", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b", "bytes=-"]) {
      const got = await ask(t, url, { range });
      assert.equal(got.status, 200, range);
      assert.deepEqual(got.bytes, bytes);
    }
    const head = await ask(t, url, { range: "bytes=0-0" }, "HEAD");
    assert.deepEqual([head.status, head.headers.get("content-length")], [200, String(size)]);
  }
});

Deno.test("If-Range gives the range only of the very version that it names", async () => {
  using t = await setup();
  const { url } = await uploaded(t);
  const etag = (await ask(t, url)).headers.get("etag")!;
  const status = async (condition: string) =>
    (await ask(t, url, { range: "bytes=0-9", "if-range": condition })).status;
  assert.equal(await status(etag), 206);
  for (const other of ['"x"', `W/${etag}`, "Tue, 24 Mar 2026 10:00:00 GMT"]) {
    assert.equal(await status(other), 200, other);
  }
});

Deno.test("what names no image is 404, whatever it looks like", async () => {
  using t = await setup();
  const { url, tenant, id } = await uploaded(t);
  const other = await t.tenant();
  const wrong = [
    url.replace(/jpg$/, "png"),
    url.replace(/jpg$/, "jpg/x"),
    url.replace(/\.jpg$/, ""),
    url.replace(tenant.blog.id, other.blog.id),
    `http://localhost:8000/media/${tenant.blog.id}/`,
    `http://localhost:8000/media/${tenant.blog.id}/..%2f${id}.jpg`,
    "http://localhost:8000/media/%00/%ff.jpg",
    "http://localhost:8000/media/",
  ];
  for (const address of wrong) {
    const got = await ask(t, address);
    assert.equal(got.status, 404, address);
    assert.equal(got.headers.get("x-content-type-options"), "nosniff");
  }
  assert.equal((await ask(t, `${url}?v=2`)).status, 200);
});

Deno.test("an image is gone with itself, its blog, its account, and while that is suspended", async () => {
  using t = await setup();
  const gone: Record<string, (made: Made) => Promise<unknown>> = {
    image: ({ tenant, id }) => t.api("DELETE", `/media/${id}`, { key: tenant.key }),
    blog: ({ tenant }) => t.api("DELETE", `/blogs/${tenant.blog.id}`, { key: tenant.token }),
    account: ({ tenant }) => t.api("POST", "/account/delete", { key: tenant.token }),
    suspension: ({ tenant }) => suspendAccount(t.deps, tenant.id, true),
  };
  for (const [what, remove] of Object.entries(gone)) {
    const made = await uploaded(t);
    assert.equal((await ask(t, made.url)).status, 200);
    await remove(made);
    assert.equal((await ask(t, made.url)).status, 404, what);
    if (what !== "suspension") continue;
    await suspendAccount(t.deps, made.tenant.id, false);
    assert.equal((await ask(t, made.url)).status, 200);
  }
});

Deno.test("another instance stops showing a deleted image within a second", async () => {
  using pair = await setupPair();
  const { one, two } = pair;
  const { url, id, tenant } = await uploaded(one);
  assert.equal((await ask(two, url)).status, 200);
  await one.api("DELETE", `/media/${id}`, { key: tenant.key });
  pair.advance(1000);
  assert.equal((await ask(two, url)).status, 404);
});

Deno.test("a small image takes two rounds of reads, and within the second none", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { url } = await uploaded(t);
  t.advance(2000);
  assert.equal((await countRounds(hooks, () => ask(t, url))).rounds, 2);
  assert.equal((await countRounds(hooks, () => ask(t, url))).rounds, 0);
});

Deno.test("while the store does not answer an image is 503, and no cache keeps that", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { url } = await uploaded(t);
  t.advance(2000);
  hooks.before = () => Promise.reject(new Error("the store is away"));
  const got = await ask(t, url);
  assert.deepEqual([got.status, got.headers.get("retry-after")], [503, "1"]);
  assert.equal(got.headers.get("cache-control"), "no-store");
});

Deno.test("a sandbox's image is served for thirty days, whether or not the sweep comes", async () => {
  using t = await setup();
  const { token, blog } = await t.tenant();
  const sandboxed = { name: "test", mode: "test" };
  const { key } =
    (await t.api("POST", `/blogs/${blog.id}/api-keys`, { key: token, body: sandboxed })).body;
  const body = {
    data: readFixture("jpeg-baseline.jpg").bytes.toBase64(),
    content_type: "image/jpeg",
  };
  const { url } = (await t.api("POST", "/upload", { key, body })).body;
  t.advance(30 * 86_400_000 - 1);
  assert.equal((await ask(t, url)).status, 200);
  t.advance(1001);
  assert.equal((await ask(t, url)).status, 404);
});
