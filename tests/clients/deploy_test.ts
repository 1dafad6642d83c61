import assert from "node:assert/strict";
import { type Ran, type Request, startWorld, type World } from "./_cli.ts";

const FILES = 1000;
// Of the API's cursors.
const PAGE = 250;

type Report = {
  created: string[];
  updated: string[];
  deleted: string[];
  conflict: string[];
  missing: string[];
  unchanged: number;
  failed: { file: string; error: string }[];
  interrupted: boolean;
};

function tally(requests: Request[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { method, path } of requests) {
    const name = `${method} ${path.split("?")[0].replace(/(\/posts\/).+/, "$1…")}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

async function newFolder(world: World, files: Record<string, string>): Promise<string> {
  const folder = await Deno.makeTempDir({ dir: world.dir });
  await write(folder, files);
  return folder;
}

async function write(folder: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(`${folder}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
}

const post = (n: number, text = "As it was.") =>
  `---\ntitle: Post ${n}\ntags: [bulk]\n---\n\n${text}\n`;
const name = (n: number) => `2026/post-${String(n).padStart(4, "0")}.md`;

function assertEnds(ran: Ran, code: number, said: RegExp) {
  assert.equal(ran.code, code, JSON.stringify(ran));
  assert.match(ran.stderr, said);
}

Deno.test("deploy of 1,000 Markdown files", async (test) => {
  const world = await startWorld();
  const deploy = async (folder: string, ...options: string[]): Promise<Report> => {
    world.takeRequests();
    return await world.json(["deploy", folder, ...options]);
  };
  try {
    const all = Array.from({ length: FILES }, (_, n) => [name(n), post(n)]);
    const folder = await newFolder(world, Object.fromEntries(all));
    const pages = FILES / PAGE;

    await test.step("the first one is interrupted, ends with 130, and loses nothing of what it did", async () => {
      const release = world.holdAfter(50);
      const child = new Deno.Command("node", {
        args: [world.bin, "deploy", folder, "--json"],
        env: world.env(),
        clearEnv: true,
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      let sent = 0;
      while (sent <= 50) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        sent += world.takeRequests().filter(({ method }) => method === "POST").length;
      }
      child.kill("SIGINT");
      const reader = child.stderr.getReader();
      const { value } = await reader.read();
      assert.match(new TextDecoder().decode(value), /Stopping after what is under way/);
      reader.releaseLock();
      release();
      const { code, stdout, stderr } = await child.output();
      assert.equal(code, 130, new TextDecoder().decode(stderr));
      const report: Report = JSON.parse(new TextDecoder().decode(stdout));
      assert.equal(report.interrupted, true);
      assert.ok(report.created.length > 50 && report.created.length < FILES);
      world.takeRequests();
      const { data } = await world.json(["posts", "list", "--all"]);
      assert.equal(data.length, report.created.length);
    });

    await test.step("the next one goes on: every file is sent once in all", async () => {
      const before = (await world.json(["posts", "list", "--all"])).data.length;
      const report = await deploy(folder);
      assert.deepEqual(
        [report.created.length, report.unchanged, report.failed],
        [FILES - before, before, []],
      );
      assert.deepEqual(tally(world.takeRequests()), {
        "GET /v1/posts": Math.max(1, Math.ceil(before / PAGE)),
        "POST /v1/posts": FILES - before,
      });
    });

    await test.step("unchanged, it asks for the list of posts and for nothing else", async () => {
      const report = await deploy(folder);
      assert.deepEqual([report.unchanged, report.created, report.updated], [FILES, [], []]);
      assert.deepEqual(tally(world.takeRequests()), { "GET /v1/posts": pages });
    });

    await test.step("of 1,000 files with 10 changed, it sends the 10", async () => {
      const changed = Array.from({ length: 10 }, (_, n) => [name(n * 100), post(n * 100, "New.")]);
      await write(folder, Object.fromEntries(changed));
      const preview = await world.postlark(["deploy", folder, "--dry-run"]);
      assert.equal(preview.stdout.trim().split("\n").length, 11);
      const report = await deploy(folder);
      assert.deepEqual(report.updated.sort(), changed.map(([file]) => file.slice(5, -3)));
      assert.deepEqual(tally(world.takeRequests()), {
        "GET /v1/posts": pages,
        "PUT /v1/posts/…": 10,
      });
      const { content_md } = await world.json(["posts", "get", "post-0100"]);
      assert.equal(content_md, "New.\n");
    });

    await test.step("on a machine that never deployed it, unchanged posts are read, and none is sent", async () => {
      await Deno.remove(`${folder}/.postlark`, { recursive: true });
      const report = await deploy(folder);
      assert.equal(report.unchanged, FILES);
      assert.deepEqual(tally(world.takeRequests()), {
        "GET /v1/posts": pages,
        "GET /v1/posts/…": FILES,
      });
      await deploy(folder);
      assert.deepEqual(tally(world.takeRequests()), { "GET /v1/posts": pages });
    });
  } finally {
    await world.stop();
  }
});

Deno.test("deploy of a folder", async (test) => {
  const world = await startWorld();
  const { postlark, json } = world;
  const get = (slug: string) => json(["posts", "get", slug]);
  try {
    await test.step("front matter, names and headings make the posts", async () => {
      const folder = await newFolder(world, {
        "2024-01-02-dated.md": "# A *heading*\n\nText.\n",
        "guide/index.md": "Plain text.\n",
        "안녕.md": "---\ntitle: 안녕\nslug:\ndescription: Said.\nnoindex: true\n---\nText.\n",
        "late.md": "---\nscheduled_at: 2040-01-01T00:00:00Z\n---\nText.\n",
        "idea.markdown": "---\ndraft: true\n---\nText.\n",
        "_partial.md": "not a post",
        ".hidden/x.md": "not a post",
        "node_modules/x.md": "not a post",
      });
      const ran = await postlark(["deploy", folder]);
      assert.equal(ran.code, 0, ran.stderr);
      assert.match(ran.stdout, /^5 created, 0 unchanged in /m);
      const dated = await get("dated");
      assert.deepEqual(
        [dated.title, dated.content_md, dated.status],
        ["A heading", "Text.\n", "published"],
      );
      assert.equal((await get("guide")).title, "Guide");
      const hello = await get("annyeong");
      assert.deepEqual([hello.meta_description, hello.noindex], ["Said.", true]);
      assert.equal((await get("late")).scheduled_at, "2040-01-01T00:00:00.000Z");
      assert.equal((await get("idea")).status, "draft");
      assert.match((await postlark(["deploy", folder])).stdout, /^5 unchanged in /);
      for (const { slug } of (await json(["posts"])).data) {
        await json(["posts", "delete", slug, "--confirm"]);
      }
    });

    const folder = await newFolder(world, {
      "a.md": "---\ntags: [x]\ndescription: d\n---\nA.\n",
      "b.md": "B.\n",
    });

    await test.step("--status and --dry-run send nothing but what they ask", async () => {
      await json(["posts", "create", "--title", "Elsewhere", "--content", "x"]);
      world.takeRequests();
      const { data } = await json(["deploy", folder, "--status"]);
      assert.deepEqual(data, [
        { file: "a.md", slug: "a", state: "new" },
        { file: "b.md", slug: "b", state: "new" },
        { file: null, slug: "elsewhere", state: "only on the server" },
      ]);
      const dry = await postlark(["deploy", folder, "--dry-run"]);
      assert.equal(dry.stdout, "STATE  SLUG  FILE\nnew    a     a.md\nnew    b     b.md\n");
      assert.ok(world.takeRequests().every(({ method }) => method === "GET"));
    });

    await test.step("what a file no longer says is taken away, and its status followed", async () => {
      await json(["deploy", folder]);
      await write(folder, { "a.md": "---\nstatus: draft\n---\nA.\n" });
      assert.deepEqual((await json(["deploy", folder])).updated, ["a"]);
      const { status, tags, meta_description } = await get("a");
      assert.deepEqual([status, tags, meta_description], ["draft", [], "A."]);
      await write(folder, { "a.md": "---\nscheduled_at: 2040-01-01T00:00:00Z\n---\nA.\n" });
      await json(["deploy", folder]);
      assert.equal((await get("a")).status, "scheduled");
      await write(folder, { "a.md": "A.\n" });
      await json(["deploy", folder]);
      assert.equal((await get("a")).status, "published");
    });

    await test.step("a post that was changed elsewhere is left alone until --force", async () => {
      await json(["posts", "update", "b", "--content", "Theirs."]);
      const ran = await postlark(["deploy", folder]);
      assertEnds(ran, 1, /1 changed on the server .*\(b\): --force/);
      assert.equal((await get("b")).content_md, "Theirs.");
      assert.match(
        (await postlark(["deploy", folder, "--status"])).stdout,
        /^conflict +b +b\.md$/m,
      );
      assert.deepEqual((await json(["deploy", folder, "--force"])).updated, ["b"]);
      assert.equal((await get("b")).content_md, "B.\n");
    });

    await test.step("a change that another machine deployed from the same files is none", async () => {
      const other = await newFolder(world, { "a.md": "A2.\n", "b.md": "B.\n" });
      assert.deepEqual((await json(["deploy", other])).updated, ["a"]);
      await write(folder, { "a.md": "A2.\n" });
      assert.equal((await json(["deploy", folder])).unchanged, 2);
    });

    await test.step("posts without a file are deleted only when that is asked for and confirmed", async () => {
      assert.deepEqual((await json(["deploy", folder])).missing, ["elsewhere"]);
      const asked = await postlark(["deploy", folder, "--delete-missing"]);
      assertEnds(asked, 2, /deletes 1 posts: elsewhere.*--confirm/s);
      assert.equal((await get("elsewhere")).status, "published");
      const report = await json(["deploy", folder, "--delete-missing", "--confirm"]);
      assert.deepEqual([report.deleted, report.missing], [["elsewhere"], []]);
    });

    await test.step("faulty files are all named, and nothing is sent", async () => {
      const faulty = await newFolder(world, {
        "good.md": "Text.\n",
        "yaml.md": "---\ntitle: [\n---\nText.\n",
        "empty.md": "---\ntitle: x\n---\n",
        "x/twice.md": "Text.\n",
        "y/twice.md": "Text.\n",
        "toml.md": "+++\ntitle = 1\n+++\nText.\n",
      });
      world.takeRequests();
      const ran = await postlark(["deploy", faulty]);
      assertEnds(ran, 2, /yaml\.md: the front matter is not valid YAML/);
      assert.match(ran.stderr, /empty\.md: there is no text/);
      assert.match(ran.stderr, /x\/twice\.md and y\/twice\.md have the same slug "twice"/);
      assert.match(ran.stderr, /toml\.md: TOML/);
      assert.deepEqual(world.takeRequests(), []);
    });

    await test.step("what a file's name or text says cannot steer the terminal", async () => {
      const files = { "\x1b[31mred.md": "---\ntitle: x\n---\n" };
      const faulty = await postlark(["deploy", await newFolder(world, files)]);
      assertEnds(faulty, 2, /^error: {2}\[31mred\.md: there is no text/);
      const warned = await newFolder(world, { "a.md": "![x](no\x1b[31m.png)" });
      const { stderr } = await postlark(["deploy", warned, "--dry-run"]);
      assert.match(stderr, /^warning: a\.md: no \[31m\.png is not there/);
    });

    await test.step("a file that the service refuses keeps no other from being sent", async () => {
      const mixed = await newFolder(world, {
        "fine.md": "Text.\n",
        "long.md": `---\ndescription: ${"x".repeat(501)}\n---\nText.\n`,
      });
      const ran = await postlark(["deploy", mixed, "--json"]);
      const report: Report = JSON.parse(ran.stdout);
      assert.equal(ran.code, 1);
      assert.deepEqual(report.created, ["fine"]);
      assert.deepEqual(report.failed.map(({ file, error }) => [file, error]), [
        ["long.md", "bad_request"],
      ]);
    });

    await test.step("a key that may only read ends it with 3 at the first refusal", async () => {
      const { key } = await json(["tokens", "create", "ro", "--scopes", "posts:read"]);
      const many = Array.from({ length: 40 }, (_, n) => [`n${n}.md`, "Text.\n"]);
      const fresh = await newFolder(world, Object.fromEntries(many));
      world.takeRequests();
      const ran = await postlark(["deploy", fresh], { env: { POSTLARK_API_KEY: key } });
      assertEnds(ran, 3, /posts:write/);
      assert.ok(world.takeRequests().length < 20);
    });

    await test.step("without a folder it takes the one it is in; one without Markdown is called wrongly", async () => {
      const here = await newFolder(world, { "here.md": "Text.\n" });
      assert.deepEqual((await json(["deploy"], { cwd: here })).created, ["here"]);
      assertEnds(await postlark(["deploy", await newFolder(world, {})]), 2, /no Markdown/);
      assertEnds(await postlark(["deploy", "/nowhere"]), 2, /cannot be read/);
    });
  } finally {
    await world.stop();
  }
});
