import assert from "node:assert/strict";
import { BAD, jpegOfSize, readFixture } from "../../support/images.ts";
import { setupSignedIn, signedIn, textsOf } from "./_dashboard.ts";

type At = Awaited<ReturnType<typeof setupSignedIn>>;
const JPEG = readFixture("jpeg-baseline.jpg").bytes;
const MIB = 1024 ** 2;

function imageOf(name: string, bytes: Uint8Array<ArrayBuffer> = JPEG, type = "image/jpeg"): File {
  return new File([bytes], name, { type });
}

/** Sends files as the page's form does, and follows. */
async function upload({ browser, home }: Pick<At, "browser" | "home">, files: File[]) {
  const { origin } = browser.t.deps.config;
  const form = new FormData();
  for (const file of files) form.append("file", file);
  const body = new Response(form);
  const answer = await browser.send(`${origin}${home}/media`, {
    method: "POST",
    headers: { origin, "content-type": body.headers.get("content-type")! },
    body: await body.bytes(),
  });
  const location = answer.headers.get("location");
  return location ? await browser.open(location) : answer;
}

async function listed({ t, key }: Pick<At, "t" | "key">): Promise<{ id: string; url: string }[]> {
  return (await t.api("GET", "/media", { key })).body.data;
}

Deno.test("images that are sent are listed with their names escaped, and shown from the origin that the policy allows", async () => {
  using at = await setupSignedIn();
  const seen = await upload(at, [imageOf("<b>kite</b>.jpg"), imageOf("boat.jpg")]);
  assert.match(seen.text, /2 images were uploaded/);
  assert.match(seen.text, /&lt;b&gt;kite/);
  assert.doesNotMatch(seen.text, /<b>kite/);
  const images = await listed(at);
  assert.equal(images.length, 2);
  const policy = seen.headers.get("content-security-policy")!;
  const sources = /img-src ([^;]+)/.exec(policy)![1].split(" ");
  for (const { url } of images) {
    assert.ok(seen.text.includes(`src="${url}"`));
    assert.ok(sources.includes(new URL(url).origin), policy);
    assert.equal((await at.t.app.fetch(new Request(url))).status, 200);
  }
  const pictures = [...seen.text.matchAll(/<img [^>]+>/g)].map(([tag]) => tag);
  assert.equal(pictures.length, 2);
  for (const tag of pictures) assert.match(tag, /width="\d+" height="\d+" loading="lazy"/);
});

Deno.test("of several images those that will not do are named with the reason, and the others are stored", async () => {
  using at = await setupSignedIn();
  const seen = await upload(at, [
    imageOf("good.jpg"),
    imageOf("words.txt", new TextEncoder().encode("x"), "text/plain"),
    imageOf("large.jpg", jpegOfSize(5 * MIB + 1)),
    imageOf("broken.jpg", BAD.find(({ type }) => type === "image/jpeg")!.bytes),
  ]);
  assert.equal(seen.status, 400);
  assert.match(seen.text, /1 image was uploaded/);
  const told = textsOf(seen.text, "li").join("\n");
  assert.match(told, /words\.txt ?: It is none of the kinds/);
  assert.match(told, /large\.jpg ?: The image is too large: at most 5 MB/);
  assert.match(told, /broken\.jpg ?: The image/);
  assert.equal((await listed(at)).length, 1);
});

Deno.test("a form without an image, one that is too large, and one that is no form are refused in words", async () => {
  using at = await setupSignedIn({ env: { POSTLARK_LIMIT_BODY: "2000" } });
  const { origin } = at.t.deps.config;
  const empty = await upload(at, [imageOf("", new Uint8Array(), "application/octet-stream")]);
  assert.equal(empty.status, 400);
  assert.match(empty.text, /Choose an image first/);
  const large = await upload(at, [imageOf("a.jpg", new Uint8Array(8001))]);
  assert.equal(large.status, 413);
  assert.match(large.text, /Together they are too large/);
  const plain = await at.browser.post(`${at.home}/media`, { file: "x" });
  assert.equal(plain.status, 415);
  const broken = await at.browser.send(`${origin}${at.home}/media`, {
    method: "POST",
    headers: { origin, "content-type": "multipart/form-data; boundary=x" },
    body: "--x\r\nno form",
  });
  assert.equal(broken.status, 400);
  assert.deepEqual(await listed(at), []);
});

Deno.test("what is beyond the plan's storage or the uploads of a minute is refused beside the form", async () => {
  using at = await setupSignedIn({ env: { POSTLARK_LIMIT_UPLOADS: "2" } });
  const { kv } = at.t.deps.store;
  await kv.set(["count", at.id, "bytes"], new Deno.KvU64(5n * 1024n ** 3n));
  const full = await upload(at, [imageOf("a.jpg")]);
  assert.equal(full.status, 403);
  assert.match(full.text, /a\.jpg<\/strong>: Storage limit exceeded\. Creator plan/);
  assert.match(full.text, /5 GiB of 5 GiB used/);
  await kv.set(["count", at.id, "bytes"], new Deno.KvU64(0n));
  const many = await upload(at, [imageOf("b.jpg"), imageOf("c.jpg")]);
  assert.equal(many.status, 429);
  assert.match(many.text, /1 image was uploaded[^]*c\.jpg/);
});

Deno.test("a deleted image is gone from the list and gives its room back", async () => {
  using at = await setupSignedIn();
  await upload(at, [imageOf("kite.jpg")]);
  const [{ id }] = await listed(at);
  const seen = await at.browser.post(`${at.home}/media/${id}/delete`);
  assert.match(seen.text, /The image was deleted[^]*0 bytes of 5 GiB used/);
  assert.deepEqual(await listed(at), []);
  for (const gone of [id, "x", "%00", "y".repeat(5000)]) {
    assert.equal((await at.browser.post(`${at.home}/media/${gone}/delete`)).status, 404, gone);
  }
});

Deno.test("nobody deletes an image of another's blog, nor one through the wrong blog", async () => {
  using at = await setupSignedIn();
  const other = await signedIn(at.t);
  await upload(other, [imageOf("kite.jpg")]);
  const [{ id }] = await listed({ t: at.t, key: other.key });
  assert.equal((await at.browser.post(`${at.home}/media/${id}/delete`)).status, 404);
  assert.equal((await at.browser.post(`${other.home}/media/${id}/delete`)).status, 404);
  assert.equal((await listed({ t: at.t, key: other.key })).length, 1);
});

Deno.test("more images than a page holds are led to, and each is on one page only", async () => {
  using at = await setupSignedIn({ env: { POSTLARK_LIMIT_UPLOADS: "100" } });
  for (let n = 0; n < 25; n++) {
    at.t.advance(1000);
    await upload(at, [imageOf(`${n}.jpg`)]);
  }
  const first = await at.browser.open(`${at.home}/media`);
  const [, next] = /rel="next" href="([^"]+)"/.exec(first.text)!;
  const second = await at.browser.open(next.replaceAll("&amp;", "&"));
  const namesIn = (html: string) =>
    [...html.matchAll(/Open (\d+)\.jpg/g)].map(([, n]) => Number(n));
  const names = [...namesIn(first.text), ...namesIn(second.text)];
  assert.deepEqual(names, Array.from({ length: 25 }, (_, i) => 24 - i));
  assert.equal((await at.browser.open(`${at.home}/media?after=nonsense`)).status, 400);
});
