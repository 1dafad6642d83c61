import assert from "node:assert/strict";
import { setup } from "../_setup.ts";
import { startWorld, type World } from "./_cli.ts";

const PNG = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
);

function methods(world: World): string[] {
  return world.takeRequests().map(({ method, path }) => `${method} ${path.split("?")[0]}`);
}

Deno.test("images and domains on the command line", async (test) => {
  const world = await startWorld();
  const { postlark, json } = world;
  const folder = `${world.dir}/site`;
  await Deno.mkdir(`${folder}/i`, { recursive: true });
  try {
    await test.step("upload prints the address of each image, and the Markdown that shows it", async () => {
      await Deno.writeFile(`${world.dir}/photo.png`, PNG);
      const { stdout } = await postlark(["upload", `${world.dir}/photo.png`]);
      const [url, markdown] = stdout.split("\n");
      assert.equal(markdown, `![photo](${url})`);
      const served = await fetch(url);
      assert.equal(served.headers.get("content-type"), "image/png");
      await served.body?.cancel();
      const media = await json(["upload", `${world.dir}/photo.png`]);
      assert.deepEqual([media.content_type, media.width, media.height], ["image/png", 1, 1]);
    });

    await test.step("what is no image is not sent, nor what is named beside it", async () => {
      await Deno.writeTextFile(`${world.dir}/note.png`, "no image");
      world.takeRequests();
      const ran = await postlark(["upload", `${world.dir}/photo.png`, `${world.dir}/note.png`]);
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, /note\.png is no JPEG, PNG, GIF or WebP/);
      assert.deepEqual(methods(world), []);
    });

    await test.step("deploy uploads the images that files refer to, once each, and rewrites the links", async () => {
      await Deno.writeFile(`${folder}/i/a b.png`, PNG);
      await Deno.writeTextFile(`${folder}/one.md`, "![x](<i/a b.png>) `![x](i/a.png)`\n");
      await Deno.writeTextFile(`${folder}/two.md`, "<img src='i/a%20b.png'>\n");
      world.takeRequests();
      const report = await json(["deploy", folder, "--concurrency", "1"]);
      assert.deepEqual([report.created, report.uploaded], [["one", "two"], 1]);
      assert.deepEqual(methods(world), [
        "GET /v1/posts",
        "GET /v1/media",
        "POST /v1/upload",
        "POST /v1/posts",
        "POST /v1/posts",
      ]);
      const { content_md } = await json(["posts", "get", "one"]);
      const [, url] = /^!\[x\]\((http\S+\.png)\) `!\[x\]\(i\/a\.png\)`\n$/.exec(content_md)!;
      assert.equal((await json(["posts", "get", "two"])).content_md, `<img src='${url}'>\n`);
    });

    await test.step("unchanged, it asks for nothing but the posts, images or not", async () => {
      world.takeRequests();
      assert.equal((await json(["deploy", folder])).unchanged, 2);
      assert.deepEqual(methods(world), ["GET /v1/posts"]);
    });

    await test.step("another machine finds the images that are there, and uploads a changed one only", async () => {
      await Deno.remove(`${folder}/.postlark`, { recursive: true });
      assert.deepEqual(
        (await json(["deploy", folder, "--status"])).data.map(
          ({ state }: { state: string }) => state,
        ),
        ["unchanged", "unchanged"],
      );
      const changed = new Uint8Array([...PNG, 0]);
      await Deno.writeFile(`${folder}/i/a b.png`, changed);
      const report = await json(["deploy", folder]);
      assert.deepEqual([report.updated.sort(), report.uploaded], [["one", "two"], 1]);
    });

    await test.step("a domain is registered, shown with what to do, and removed after it is confirmed", async () => {
      assert.match((await postlark(["domains"])).stdout, /No custom domain: postlark domains set/);
      const set = await postlark(["domains", "set", "blog.example.com"]);
      assert.match(set.stdout, /^hostname +blog\.example\.com\nstatus +pending\n/);
      assert.match(set.stdout, /^CNAME +ada\./m);
      assert.equal((await json(["domains", "status"])).status, "pending");
      assert.equal((await postlark(["domains", "remove"])).code, 2);
      assert.equal((await json(["domains", "remove", "--confirm"])).removed, true);
      assert.equal((await postlark(["domains", "set", "localhost"])).code, 1);
    });
  } finally {
    await world.stop();
  }
});

Deno.test("uploads and domains are answered in each form that the reference shows", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant();
  const data = PNG.toBase64();
  const form = new FormData();
  form.set("file", new File([PNG], "photo.png", { type: "image/png" }));
  const forms = [
    { body: { data, content_type: "image/png" } },
    { body: { data, content_type: "image/png", filename: "photo.png" } },
    { raw: form },
  ];
  for (const sent of forms) {
    const { status, body, text } = await t.api("POST", "/upload", { key, ...sent });
    assert.equal(status, 201, text);
    const { origin } = t.deps.config;
    assert.match(body.url, new RegExp(`^${origin}/media/${blog.id}/[0-9a-f-]{36}\\.png$`));
    assert.ok(body.markdown.endsWith(`](${body.url})`), body.markdown);
  }
  const path = `/blogs/${blog.id}/domain`;
  const none = await t.api("GET", path, { key });
  assert.deepEqual([none.status, none.body.status, none.body.hostname], [200, "none", null]);
  const hostname = "blog.yourdomain.com";
  const set = await t.api("POST", path, { key, body: { hostname } });
  assert.equal(set.status, 200, set.text);
  const { status, cname_target, instructions } = set.body;
  assert.deepEqual([set.body.hostname, status], [hostname, "pending"]);
  assert.ok(instructions.includes(cname_target));
  assert.equal((await t.api("GET", path, { key })).body.cname_target, cname_target);
  const { removed, deleted } = (await t.api("DELETE", path, { key })).body;
  assert.deepEqual([removed, deleted], [true, true]);
});
