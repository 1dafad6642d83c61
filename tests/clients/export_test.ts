import assert from "node:assert/strict";
import { startWorld } from "./_cli.ts";
import { PNG } from "./_sites.ts";
import { runAdmin } from "../support/server.ts";

type Post = Record<string, unknown>;

/** What must be the same after a post went to another account. */
function kept(post: Post): Post {
  const names = [
    "title",
    "slug",
    "content_md",
    "tags",
    "meta_description",
    "status",
    "scheduled_at",
  ];
  return Object.fromEntries(
    [...names, "canonical_url", "noindex", "og_image_url"].map((name) => [name, post[name]]),
  );
}

Deno.test("export to a folder", async (test) => {
  const world = await startWorld();
  const { postlark, json, dir } = world;
  const folder = `${dir}/out`;
  const names = async () => {
    const found = [];
    for await (const { name } of Deno.readDir(folder)) found.push(name);
    return found.sort();
  };
  const readAll = async (env?: Record<string, string>): Promise<Post[]> => {
    const { data } = await json(["posts", "list", "--all"], { env });
    const slugs: string[] = data.map(({ slug }: { slug: string }) => slug).sort();
    return await Promise.all(slugs.map((slug) => json(["posts", "get", slug], { env })));
  };
  const other = async (plan: string, name: string) => {
    const made = await runAdmin(
      world.serverEnv,
      ...["user", "create", "--email", `${name}@example.com`, "--plan", plan, "--blog", name],
    );
    return { POSTLARK_API_KEY: JSON.parse(made.stdout).key as string };
  };
  try {
    await Deno.writeFile(`${dir}/photo.png`, PNG);
    const { url } = await json(["upload", `${dir}/photo.png`]);
    const posts: [string, string[]][] = [
      ["---\ntitle: Not front matter\n---\n\n    code\n", ["--title", "Odd: [title] # 'x'"]],
      ["Line one\r\nline two\r\n", ["--title", "2024", "--tags", "a b,No,1"]],
      [`![p](${url})\n\n\`![p](${url})\`\n`, ["--title", "Pictures", "--description", "  d: e "]],
      ["안녕", ["--title", "안녕 👋", "--draft", "--canonical-url", "https://example.com/x?a=1"]],
      ["Later", ["--title", "Later", "--schedule", "2040-01-01T00:00:00Z", "--noindex"]],
      ["x".repeat(3000), ["--title", "t ".repeat(400), "--og-image", "https://example.com/o.png"]],
    ];
    for (const [content, options] of posts) {
      await json(["posts", "create", "--content", content, ...options]);
    }
    const before = await readAll();

    await test.step("writes a file for every post, whatever its status", async () => {
      const ran = await postlark(["export", folder]);
      assert.equal(ran.code, 0, ran.stderr);
      assert.match(ran.stdout, /^6 written to /m);
      assert.deepEqual(await names(), before.map(({ slug }) => `${slug}.md`).sort());
      const later = await Deno.readTextFile(`${folder}/later.md`);
      assert.match(later, /^---\ntitle: Later\nslug: later\nstatus: scheduled\n/);
      assert.match(later, /^scheduled_at: 2040-01-01T00:00:00.000Z\n---\n\nLater$/m);
    });

    await test.step("run again, asks for the list and for what changed", async () => {
      await json(["posts", "update", "later", "--content", "Changed"]);
      world.takeRequests();
      const report = await json(["export", folder]);
      assert.deepEqual([report.written, report.unchanged], [["later.md"], 5]);
      const asked = world.takeRequests().map(({ path }) => path.split("?")[0]);
      assert.deepEqual(asked.filter((path) => path.startsWith("/v1/posts")), [
        "/v1/posts",
        "/v1/posts/later",
      ]);
      await json(["posts", "publish", "later"]);
      assert.deepEqual((await json(["export", folder, "--dry-run"])).data.length, 1);
      await json(["posts", "unpublish", "later"]);
      await json(["posts", "schedule", "later", "2040-01-01T00:00:00Z"]);
      await json(["export", folder]);
    });

    await test.step("deploy finds nothing to change in it", async () => {
      const report = await json(["deploy", folder]);
      assert.deepEqual([report.unchanged, report.updated, report.created], [6, [], []]);
    });

    await test.step("imported into another account, the posts are the same", async () => {
      const env = await other("scale", "bob");
      const report = await json(["import", "markdown", folder], { env });
      assert.deepEqual([report.created.length, report.failed, report.warnings], [6, [], []]);
      assert.deepEqual((await readAll(env)).map(kept), (await readAll()).map(kept));
      const back = `${dir}/back`;
      await json(["export", back], { env });
      const times = /^(created|updated|published)_at: .*\n/gm;
      for (const { slug } of before) {
        const [one, two] = await Promise.all(
          [folder, back].map((at) => Deno.readTextFile(`${at}/${slug}.md`)),
        );
        assert.equal(two.replace(times, ""), one.replace(times, ""));
      }
    });

    await test.step("--images brings the pictures along, and another account gets its own", async () => {
      const report = await json(["export", folder, "--images"]);
      assert.deepEqual([report.written, report.images], [["pictures.md"], 1]);
      const text = await Deno.readTextFile(`${folder}/pictures.md`);
      const [, path] = /^!\[p\]\((images\/[\w-]+\.png)\)$/m.exec(text)!;
      assert.deepEqual(await Deno.readFile(`${folder}/${path}`), PNG);
      // Code is no picture.
      assert.ok(text.includes(`\`![p](${url})\``));
      assert.equal((await json(["export", folder, "--images"])).unchanged, 6);
      const env = await other("scale", "carol");
      const imported = await json(["import", "markdown", folder], { env });
      assert.deepEqual([imported.failed, imported.uploaded], [[], 1]);
      const { content_md } = await json(["posts", "get", "pictures"], { env });
      const [, theirs] = /^!\[p\]\((\S+)\)/.exec(content_md)!;
      assert.notEqual(theirs, url);
      const served = await fetch(theirs);
      assert.deepEqual(new Uint8Array(await served.arrayBuffer()), PNG);
    });

    await test.step("a file that is somebody's own is not overwritten without --force", async () => {
      await Deno.writeTextFile(`${folder}/later.md`, "my notes");
      const ran = await postlark(["export", folder]);
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /later\.md is there, and no export/);
      assert.equal(await Deno.readTextFile(`${folder}/later.md`), "my notes");
      assert.deepEqual((await json(["export", folder, "--force"])).written, ["later.md"]);
    });

    await test.step("without a folder it is the blog's slug", async () => {
      await json(["export"], { cwd: dir });
      assert.ok((await Deno.stat(`${dir}/${world.user.blog.slug}/later.md`)).isFile);
    });
  } finally {
    await world.stop();
  }
});
