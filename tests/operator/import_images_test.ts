import assert from "node:assert/strict";
import { strFromU8, unzipSync, zipSync } from "fflate";
import { parse } from "yaml";
import { importArchive } from "../../lib/operator/import.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { type Service, setup } from "../_setup.ts";
import { jpegOfSize, readFixture } from "../support/images.ts";
import { startS3 } from "../support/s3.ts";

async function exportZip(t: Service, key: string): Promise<Uint8Array> {
  const url = `${t.deps.config.origin}/v1/account/export?format=zip`;
  const headers = { authorization: `Bearer ${key}` };
  return await (await t.app.fetch(new Request(url, { headers }))).bytes();
}

async function readImage(t: Service, url: string): Promise<Uint8Array> {
  const response = await t.app.fetch(new Request(url));
  assert.equal(response.status, 200, url);
  return await response.bytes();
}

/** A blog with two images, one of which a post and the theme show. */
async function write(t: Service) {
  const tenant = await t.tenant("scale", "mine");
  const { key, token, blog } = tenant;
  const images = [];
  for (const name of ["jpeg-orientation-6.jpg", "apng-animated.png"]) {
    t.advance(1000);
    const { type, bytes } = readFixture(name);
    const body = { data: bytes.toBase64(), content_type: type, filename: name };
    images.push((await t.api("POST", "/upload", { key, body })).body);
  }
  const [{ url, markdown }] = images;
  const elsewhere = url.replace(/[0-9a-f-]{36}\.jpg$/, "00000000-0000-7000-8000-000000000000.jpg");
  const content = `${markdown}\n\n![another](${elsewhere})\n`;
  await t.api("POST", "/posts", { key, body: { title: "One", content } });
  const customCss = `body { background: url(${url}) }`;
  await t.api("PUT", `/blogs/${blog.id}`, { key: token, body: { theme_config: { customCss } } });
  return { ...tenant, images, content, elsewhere };
}

Deno.test("an export holds the images, and imports back to another server with the links led there", async () => {
  using from = await setup({ env: { POSTLARK_ORIGIN: "https://old.example" } });
  const source = await write(from);
  const archive = await exportZip(from, source.token);
  const files = unzipSync(archive);
  const [image] = source.images;
  const stored = await readImage(from, image.url);
  assert.deepEqual(files[`mine/media/${image.id}.jpg`], new Uint8Array(stored));
  const list = parse(strFromU8(files["mine/media.yaml"]));
  assert.equal(list.base_url, `https://media.old.example/${source.blog.id}/`);
  assert.equal(list.images.length, 2);
  await using s3 = startS3();
  using to = await setup({ env: s3.env });
  to.deps.fetch = fetch;
  to.advance(86_400_000);
  const target = await to.tenant("free", "elsewhere");
  await assert.rejects(() => importArchive(to.deps, target.id, archive), /the Free plan has 1/);
  const rich = await to.tenant("scale", "rich");
  const done = await importArchive(to.deps, rich.id, archive);
  assert.deepEqual(done, { blogs: ["mine"], created: 1, present: 0, images: 2, failed: [] });
  assert.equal(s3.state.objects.size, 2);
  const blogs = (await to.api("GET", "/blogs", { key: rich.token })).body.data;
  const { id } = blogs.find(({ slug }: { slug: string }) => slug === "mine");
  const headers = { "x-blog-id": id };
  const post = (await to.api("GET", "/posts/one", { key: rich.token, headers })).body;
  const moved = `http://localhost:8000/media/${id}/${image.id}.jpg`;
  assert.equal(post.content_md, source.content.replaceAll(image.url, moved));
  assert.ok(post.content_md.includes(source.elsewhere), "what the export does not hold stays");
  assert.deepEqual(await readImage(to, moved), stored);
  const blog = (await to.api("GET", `/blogs/${id}`, { key: rich.token })).body;
  assert.equal(blog.theme_config.customCss, `body { background: url(${moved}) }`);
  const listed = (await to.api("GET", "/media", { key: rich.token, headers })).body.data;
  assert.deepEqual(
    listed.map(({ url: _, markdown: __, ...rest }: Record<string, unknown>) => rest),
    source.images.toReversed().map(({ url: _, markdown: __, ...rest }) => rest),
  );
  const { storage } = (await to.api("GET", "/account/usage", { key: rich.token })).body;
  assert.equal(storage.used_bytes, source.images[0].size + source.images[1].size);
  const again = await importArchive(to.deps, rich.id, archive);
  assert.deepEqual(again, { blogs: ["mine"], created: 0, present: 1, images: 2, failed: [] });
  assert.equal(s3.state.objects.size, 2);
  assert.deepEqual((await checkStore(to.deps, 0)).differences, []);
});

Deno.test("an image that cannot be taken over is named, and leaves the others", async () => {
  using t = await setup();
  const source = await write(t);
  const files = unzipSync(await exportZip(t, source.token));
  const bytes = readFixture("jpeg-truncated.jpg").bytes;
  files["mine/media/00000000-0000-7000-8000-000000000001.jpg"] = bytes;
  files["mine/media/photo.jpg"] = bytes;
  files["mine/media/00000000-0000-7000-8000-000000000002.jpg"] = jpegOfSize(5 * 1024 ** 2 + 1);
  const report = await importArchive(t.deps, source.id, zipSync(files));
  assert.equal(report.images, 2);
  assert.deepEqual(report.failed.map(({ file }) => file).sort(), [
    "mine/media/00000000-0000-7000-8000-000000000001.jpg",
    "mine/media/00000000-0000-7000-8000-000000000002.jpg",
    "mine/media/photo.jpg",
  ]);
});
