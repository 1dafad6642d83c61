import assert from "node:assert/strict";
import { changePlan } from "../../lib/account/plan_changes.ts";
import { countKey } from "../../lib/metering/quotas.ts";
import { mediaBytesKey } from "../../lib/content/media/_record.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { type Service, setup } from "../_setup.ts";
import { BAD, type Fixture, GOOD, jpegOfSize, metadataOf, readFixture } from "../support/images.ts";
import { atOnce, setupPair, tally } from "../support/pair.ts";

const MIB = 1024 ** 2;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MANY = { env: { POSTLARK_LIMIT_UPLOADS: "1000" } };

function asJson({ bytes, type, name }: Fixture) {
  return { data: bytes.toBase64(), content_type: type, filename: name };
}

function asForm({ bytes, type, name }: Fixture): FormData {
  const form = new FormData();
  form.set("file", new File([bytes], name, { type }));
  return form;
}

async function readBytes(t: Service, url: string): Promise<Uint8Array> {
  const response = await t.app.fetch(new Request(url));
  assert.equal(response.status, 200, url);
  return await response.bytes();
}

async function usedBytes(t: Service, key: string): Promise<number> {
  return (await t.api("GET", "/account/usage", { key })).body.storage.used_bytes;
}

Deno.test("every fixture can be uploaded as JSON and as a form, to the same bytes without metadata", async () => {
  using t = await setup(MANY);
  const { key } = await t.tenant();
  for (const fixture of GOOD) {
    const sent = await t.api("POST", "/upload", { key, body: asJson(fixture) });
    assert.equal(sent.status, 201, `${fixture.name}: ${sent.text}`);
    const formed = await t.api("POST", "/upload", { key, raw: asForm(fixture) });
    assert.equal(formed.status, 201, `${fixture.name}: ${formed.text}`);
    const bytes = await readBytes(t, sent.body.url);
    assert.deepEqual(await readBytes(t, formed.body.url), bytes);
    assert.equal(sent.body.size, bytes.length);
    assert.equal(sent.body.content_type, fixture.type);
    const left = metadataOf(bytes, fixture.type).filter((one) => one !== "Exif:26");
    assert.deepEqual(left, [], fixture.name);
  }
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("an upload answers 201 with id, url, Markdown, type, size and what it measures", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  const body = {
    ...asJson(readFixture("jpeg-orientation-6.jpg")),
    filename: "a/My [best] photo.JPG",
  };
  const got = await t.api("POST", "/upload", { key, body });
  const { id, url, size } = got.body;
  assert.equal(url, `http://localhost:8000/media/${blog.id}/${id}.jpg`);
  assert.deepEqual(got.body, {
    id,
    url,
    markdown: `![My best photo](${url})`,
    filename: "a/My [best] photo.JPG",
    content_type: "image/jpeg",
    size,
    width: 32,
    height: 48,
    created_at: new Date(t.now()).toISOString(),
  });
  assert.ok(size < body.data.length);
});

Deno.test("images are addressed on the media host, where the service is not on localhost", async () => {
  using t = await setup({ env: { POSTLARK_ORIGIN: "https://postlark.example" } });
  const { key, blog } = await t.tenant();
  const { body } = await t.api("POST", "/upload", {
    key,
    body: asJson(readFixture("png-rgb.png")),
  });
  assert.equal(body.url, `https://media.postlark.example/${blog.id}/${body.id}.png`);
  assert.ok((await readBytes(t, body.url)).length > 0);
  const apex = await t.send("GET", `https://postlark.example/media/${blog.id}/${body.id}.png`);
  assert.equal(apex.status, 404, "owners' files have no place on the origin of the API");
});

Deno.test("what is no whole image of the declared type is 400 with its reason, and nothing is stored", async () => {
  using t = await setup(MANY);
  const { key } = await t.tenant();
  const good = readFixture("png-rgb.png");
  const svg = {
    ...good,
    bytes: new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>'),
  };
  const refused: [object, RegExp][] = [
    ...BAD.map((fixture): [object, RegExp] => [asJson(fixture), /cut off|damaged|unknown type/]),
    [{ ...asJson(good), content_type: "image/gif" }, /declared as image\/gif, and is image\/png/],
    [asJson(svg), /unknown type/],
    [{ ...asJson(good), data: "data:image/png;base64,AAAA" }, /without a data: prefix/],
  ];
  for (const [body, message] of refused) {
    const got = await t.api("POST", "/upload", { key, body });
    assert.equal(got.status, 400, got.text);
    assert.equal(got.body.reason, "image_invalid");
    assert.match(got.body.message, message);
  }
  const declared = await t.api("POST", "/upload", {
    key,
    body: { ...asJson(good), content_type: "image/svg+xml" },
  });
  assert.equal(declared.status, 400);
  assert.equal(declared.body.issues[0].path, "content_type");
  assert.deepEqual((await t.api("GET", "/media", { key })).body.data, []);
  assert.equal(await usedBytes(t, key), 0);
});

Deno.test("a form without a file, with a text for one, of an undeclared type, or cut off is 400", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const text = new FormData();
  text.set("file", "not a file");
  const undeclared = asForm({ ...readFixture("webp-lossy.webp"), type: "" as "image/webp" });
  for (const raw of [new FormData(), text, undeclared]) {
    const got = await t.api("POST", "/upload", { key, raw });
    assert.equal(got.status, 400, got.text);
    assert.equal(got.body.issues[0].path, "file");
  }
  const whole = new Response(asForm(readFixture("png-rgb.png")));
  const cut = (await whole.bytes()).slice(0, 2000);
  const headers = { "content-type": whole.headers.get("content-type")! };
  const got = await t.api("POST", "/upload", { key, raw: cut, headers });
  assert.equal(got.status, 400, got.text);
  const post = await t.api("POST", "/posts", { key, raw: asForm(readFixture("png-rgb.png")) });
  assert.equal(post.status, 415, "only uploads take forms");
});

Deno.test("five megabytes are taken both ways, and one byte more is 413", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const fixture = { name: "large.jpg", type: "image/jpeg" as const, bytes: jpegOfSize(5 * MIB) };
  for (const sent of [{ body: asJson(fixture) }, { raw: asForm(fixture) }]) {
    const got = await t.api("POST", "/upload", { key, ...sent });
    assert.equal(got.status, 201, got.text);
    assert.equal(got.body.size, 5 * MIB);
    assert.deepEqual(await readBytes(t, got.body.url), fixture.bytes);
  }
  const larger = { ...fixture, bytes: jpegOfSize(5 * MIB + 1) };
  for (const sent of [{ body: asJson(larger) }, { raw: asForm(larger) }]) {
    const got = await t.api("POST", "/upload", { key, ...sent });
    assert.equal(got.status, 413);
    assert.match(got.body.message, /at most 5 MB/);
  }
  assert.equal(await usedBytes(t, key), 10 * MIB);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("a user may upload ten times a minute over all credentials and instances, then 429 until it ends", async () => {
  using pair = await setupPair();
  const { one } = pair;
  const { key, token } = await one.tenant();
  const body = asJson(readFixture("gif-still.gif"));
  const got = await atOnce(
    14,
    (n) => pair.nth(n).api("POST", "/upload", { key: n % 3 ? key : token, body }),
  );
  assert.deepEqual(tally(got), { 201: 10, "429 rate_limited": 4 });
  const refused = await one.api("POST", "/upload", { key, body });
  assert.equal(refused.headers.get("retry-after"), "60");
  assert.match(refused.body.message, /10 uploads\/minute/);
  assert.equal((await one.api("GET", "/media", { key })).body.data.length, 10);
  assert.equal((await one.api("GET", "/posts", { key })).status, 200, "nothing else is limited");
  pair.advance(MINUTE);
  assert.equal((await one.api("POST", "/upload", { key, body })).status, 201);
});

Deno.test("images are listed newest first, by cursor, and each can be deleted once", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const made: string[] = [];
  for (let n = 0; n < 5; n++) {
    t.advance(1000);
    const body = asJson(readFixture("webp-lossy.webp"));
    made.unshift((await t.api("POST", "/upload", { key, body })).body.id);
  }
  const listed: string[] = [];
  for (let cursor = ""; cursor !== null;) {
    const { body } = await t.api("GET", `/media?limit=2${cursor && `&cursor=${cursor}`}`, { key });
    listed.push(...body.data.map(({ id }: { id: string }) => id));
    cursor = body.next_cursor;
  }
  assert.deepEqual(listed, made);
  const { url } = (await t.api("GET", "/media?limit=1", { key })).body.data[0];
  assert.equal((await t.send("GET", url)).status, 200);
  const gone = await t.api("DELETE", `/media/${made[0]}`, { key });
  assert.deepEqual([gone.status, gone.body], [200, { deleted: true }]);
  assert.equal((await t.send("GET", url)).status, 404);
  const again = await t.api("DELETE", `/media/${made[0]}`, { key });
  assert.deepEqual([again.status, again.body.reason], [404, "media_not_found"]);
  assert.equal((await t.api("GET", "/media", { key })).body.data.length, 4);
});

Deno.test("images count against the plan's storage, and the full one is 403 with where to upgrade", async () => {
  using t = await setup(MANY);
  const { key, token, id, blog } = await t.tenant("free");
  const image = { name: "x.jpg", type: "image/jpeg" as const, bytes: jpegOfSize(5 * MIB) };
  for (let n = 0; n < 10; n++) {
    assert.equal((await t.api("POST", "/upload", { key, raw: asForm(image) })).status, 201);
  }
  assert.equal(await usedBytes(t, key), 50 * MIB);
  const body = asJson(readFixture("gif-still.gif"));
  const full = await t.api("POST", "/upload", { key, body });
  assert.deepEqual([full.status, full.body.reason], [403, "storage_limit"]);
  assert.match(full.body.message, /Free plan allows 50 MB/);
  assert.equal(full.body.upgrade_url, "http://localhost:8000/upgrade");
  const [newest] = (await t.api("GET", "/media?limit=1", { key })).body.data;
  await t.api("DELETE", `/media/${newest.id}`, { key });
  assert.equal(await usedBytes(t, key), 45 * MIB);
  assert.equal((await t.api("POST", "/upload", { key, body })).status, 201);
  await changePlan(t.deps, id, { plan: "starter" });
  assert.equal((await t.api("POST", "/upload", { key, raw: asForm(image) })).status, 201);
  await t.api("DELETE", `/blogs/${blog.id}`, { key: token });
  assert.equal(await usedBytes(t, token), 0);
  t.advance(2 * 60 * MINUTE);
  await t.runJob("sweep");
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
  for await (const { key } of t.deps.store.kv.list({ prefix: ["mediachunk"] })) {
    assert.fail(key.join("/"));
  }
});

Deno.test("of twenty uploads at once into room for one, one is stored", async () => {
  using pair = await setupPair(MANY);
  const { one } = pair;
  const { key, id, blog } = await one.tenant("free");
  const image = readFixture("png-rgb.png");
  const { size } = (await one.api("POST", "/upload", { key, body: asJson(image) })).body;
  const full = new Deno.KvU64(BigInt(50 * MIB - size));
  await one.deps.store.kv.atomic().set(countKey(id, "bytes"), full)
    .set(mediaBytesKey(blog.id), full).commit();
  const got = await atOnce(
    20,
    (n) => pair.nth(n).api("POST", "/upload", { key, body: asJson(image) }),
  );
  assert.deepEqual(tally(got), { 201: 1, "403 storage_limit": 19 });
});

Deno.test("a test key's images are apart, count in no quota, have fifty megabytes of their own, and go after thirty days", async () => {
  using t = await setup(MANY);
  const { key, token, blog } = await t.tenant("free");
  const test = (await t.api("POST", `/blogs/${blog.id}/api-keys`, {
    key: token,
    body: { mode: "test" },
  })).body.key;
  const { url, id } = (await t.api("POST", "/upload", {
    key: test,
    body: asJson(readFixture("png-rgb.png")),
  })).body;
  assert.equal((await t.send("GET", url)).status, 200);
  assert.equal(await usedBytes(t, key), 0);
  assert.deepEqual((await t.api("GET", "/media", { key })).body.data, []);
  assert.equal((await t.api("GET", "/media", { key: test })).body.data.length, 1);
  assert.equal((await t.api("DELETE", `/media/${id}`, { key })).status, 404);
  const image = { name: "x.jpg", type: "image/jpeg" as const, bytes: jpegOfSize(5 * MIB) };
  for (let n = 0; n < 9; n++) await t.api("POST", "/upload", { key: test, raw: asForm(image) });
  const full = await t.api("POST", "/upload", { key: test, raw: asForm(image) });
  assert.deepEqual([full.status, full.body.reason], [403, "storage_limit"]);
  t.advance(30 * DAY - 1);
  await t.runJob("sweep");
  assert.equal((await t.api("GET", "/media", { key: test })).body.data.length, 10);
  t.advance(1);
  assert.equal((await t.runJob("sweep")).images, 10);
  assert.equal((await t.send("GET", url)).status, 404);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("on a frozen blog nothing is uploaded, and images can still be deleted", async () => {
  using t = await setup();
  const { key, id, token } = await t.tenant("creator");
  t.advance(1000);
  const body = { slug: "second-blog", name: "Second" };
  const second = (await t.api("POST", "/blogs", { key: token, body })).body.id;
  const on = { "x-blog-id": second };
  const image = asJson(readFixture("gif-still.gif"));
  const made = await t.api("POST", "/upload", { key: token, body: image, headers: on });
  await changePlan(t.deps, id, { plan: "free" });
  t.advance(31 * DAY);
  await t.runJob("grace_and_freeze");
  const refused = await t.api("POST", "/upload", { key: token, body: image, headers: on });
  assert.deepEqual([refused.status, refused.body.reason], [403, "blog_frozen"]);
  assert.equal((await t.send("GET", made.body.url)).status, 200);
  const gone = await t.api("DELETE", `/media/${made.body.id}`, { key: token, headers: on });
  assert.equal(gone.status, 200);
  assert.equal(await usedBytes(t, key), 0);
});

Deno.test("an upload by form is repeated by its Idempotency-Key, not done twice", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const headers = { "idempotency-key": "once" };
  // Each form has a boundary of its own.
  const upload = (name: string) =>
    t.api("POST", "/upload", { key, raw: asForm(readFixture(name)), headers });
  const first = await upload("jpeg-baseline.jpg");
  const again = await upload("jpeg-baseline.jpg");
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.deepEqual(again.body, first.body);
  assert.equal((await upload("jpeg-gray.jpg")).body.reason, "idempotency_mismatch");
  assert.equal((await t.api("GET", "/media", { key })).body.data.length, 1);
});
