import assert from "node:assert/strict";
import { startWorld } from "./_cli.ts";
import { messages, newBlog, type Report } from "./_import.ts";
import { JEKYLL, PNG, writeSite } from "./_sites.ts";
import { runAdmin } from "../support/server.ts";

Deno.test("import of what is large, late, interrupted, hostile or not allowed", async (test) => {
  const world = await startWorld();
  const { postlark, dir } = world;
  const write = async (name: string, text: string) => {
    await Deno.writeTextFile(`${dir}/${name}`, text);
    return `${dir}/${name}`;
  };
  const site = (name: string, count: number, text = "Text.") =>
    writeSite(
      `${dir}/${name}`,
      Object.fromEntries(
        Array.from({ length: count }, (_, n) => [`p${String(n).padStart(2, "0")}.md`, text]),
      ),
    );
  try {
    await writeSite(`${dir}/jekyll`, JEKYLL);

    await test.step("--dry-run sends nothing, --status is for every post", async () => {
      const blog = await newBlog(world, "trial");
      world.takeRequests();
      const args = ["import", "jekyll", `${dir}/jekyll`, ...blog.on];
      const shown = await postlark([...args, "--dry-run"]);
      assert.equal(shown.code, 0, shown.stderr);
      assert.match(shown.stdout, /^published +hello-world +Hello & welcome +_posts\/2022-03-04/m);
      assert.match(shown.stdout, /^Times: 3 published posts came out earlier/m);
      assert.match(shown.stderr, /warning: .*hello-world\.md: Liquid stands in it as text/);
      assert.ok(world.takeRequests().every(({ method }) => method === "GET"));
      const report = await blog.run("jekyll", `${dir}/jekyll`, "--status", "draft");
      assert.deepEqual([report.created.length, report.redated], [5, 0]);
      assert.equal((await blog.get("oldest")).status, "draft");
    });

    await test.step("--images takes the old site's pictures along, and no other's", async () => {
      const served: string[] = [];
      const old = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
        const { pathname } = new URL(request.url);
        served.push(pathname);
        return pathname.endsWith("/gone.png")
          ? new Response("none", { status: 404 })
          : new Response(PNG);
      });
      try {
        const at = `http://localhost:${old.addr.port}`;
        const html = `<p><img src="__GHOST_URL__/a.png"><img src="__GHOST_URL__/gone.png">` +
          `<img src="http://127.0.0.1:${old.addr.port}/other.png"></p>`;
        const posts = [{ id: "1", title: "P", slug: "p", status: "draft", html }];
        const blog = await newBlog(world, "pictures");
        const file = await write("images.json", JSON.stringify({ data: { posts } }));
        const report = await blog.run("ghost", file, "--url", at, "--images");
        assert.deepEqual(served.sort(), ["/a.png", "/gone.png"]);
        assert.equal(report.uploaded, 1);
        assert.deepEqual(messages(report, "p"), [
          `${at}/gone.png stays a link: the answer was 404`,
        ]);
        const { content_md } = await blog.get("p");
        assert.ok(!content_md.includes(`${at}/a.png`) && content_md.includes("/other.png"));
      } finally {
        await old.shutdown();
      }
    });

    await test.step("posts over the limits are named with what to mend, and the others are made", async () => {
      const blog = await newBlog(world, "limits");
      const posts = [
        { slug: "large", html: `<p>${"x".repeat(1_048_577)}</p>` },
        { slug: "huge", html: "<p>text</p>".repeat(1_000_000) },
        { slug: "long", title: "x".repeat(1001), html: "<p>x</p>" },
        { slug: "deep", html: `${"<div>".repeat(20_000)}x` },
        { slug: "empty", html: "" },
        { slug: "wordy", html: "<p>x</p>", custom_excerpt: "d".repeat(501) },
        { slug: "broken", lexical: "{" },
        { slug: "many", html: "<p>x</p>" },
      ].map((post, n) => ({ id: String(n), title: post.slug, status: "draft", ...post }));
      const tags = Array.from({ length: 12 }, (_, n) => ({ id: `t${n}`, name: `tag ${n}` }));
      const posts_tags = tags.map(({ id }, n) => ({ post_id: "7", tag_id: id, sort_order: n }));
      const file = await write("large.json", JSON.stringify({ data: { posts, tags, posts_tags } }));
      const ran = await postlark(["import", "ghost", file, ...blog.on, "--json"]);
      assert.equal(ran.code, 1, ran.stderr);
      const report: Report = JSON.parse(ran.stdout);
      assert.deepEqual(report.created.sort(), ["many", "wordy"]);
      const failed = Object.fromEntries(report.failed.map(({ slug, message }) => [slug, message]));
      assert.match(failed.large, /1\.0 MiB as Markdown, and 1 MiB is the most: make two/);
      assert.match(failed.huge, /more than 4 MiB of HTML/);
      assert.match(failed["x".repeat(100)] ?? failed.long, /longer than 1000 characters: shorten/);
      assert.match(failed.deep, /nested too deep/);
      assert.match(failed.empty, /no text in it/);
      assert.match(failed.broken, /lexical document is no JSON/);
      assert.deepEqual(messages(report, "wordy"), ["the description is cut to 500 characters"]);
      assert.deepEqual(messages(report, "many"), ["10 tags are the most: left out tag 10, tag 11"]);
      assert.equal((await blog.get("many")).tags.length, 10);
    });

    await test.step("a file that is no export, or hostile, ends with 1 and what is wrong", async () => {
      const bomb = ["<!DOCTYPE rss [", '<!ENTITY a "lol">']
        .concat(
          [..."bcdefghij"].map((c, i) => `<!ENTITY ${c} "${`&${"abcdefghi"[i]};`.repeat(10)}">`),
        )
        .join("\n");
      const nested = `<rss><channel>${"<a>".repeat(5000)}${"</a>".repeat(5000)}</channel></rss>`;
      const wrong: [string, string, RegExp][] = [
        ["ghost", "{", /is not valid JSON .*: export it again/],
        ["ghost", "[1]", /is no export of Ghost/],
        ["ghost", '{"db":[{"data":{"posts":{}}}]}', /is no export of Ghost/],
        ["wordpress", `${bomb}]><rss><channel><title>&j;</title></channel></rss>`, /has a DOCTYPE/],
        ["wordpress", "<rss><channel><item></channel></rss>", /is not valid XML: line 1/],
        ["wordpress", "<rss><channel><item/></channel></rss>", /is no export of WordPress/],
        ["wordpress", nested, /cannot be read: .*nest/i],
        ["wordpress", "not XML", /is not valid XML/],
      ];
      for (const [kind, text, said] of wrong) {
        const ran = await postlark(["import", kind, await write("wrong", text)]);
        assert.equal(ran.code, 1, `${text.slice(0, 60)}: ${ran.stderr}`);
        assert.match(ran.stderr, said);
      }
      for (const kind of ["ghost", "wordpress", "hugo", "jekyll", "markdown"]) {
        assert.equal((await postlark(["import", kind, `${dir}/nowhere`])).code, 2, kind);
      }
    });

    await test.step("openings without an end cost no more than other text", async () => {
      const wp = (content: string) =>
        `<rss><channel><item><title>x</title><wp:post_type>post</wp:post_type>` +
        `<content:encoded><![CDATA[${content}]]></content:encoded></item></channel></rss>`;
      const file = await write("open.xml", wp("[caption][a [code ".repeat(40_000)));
      const folder = await writeSite(`${dir}/open`, {
        "a.md": '{{< highlight go "'.repeat(40_000),
        "_posts/2024-01-01-b.md": '{% raw %}{% highlight a %}{{ "'.repeat(30_000),
      });
      for (const args of [["wordpress", file], ["hugo", folder], ["jekyll", folder]]) {
        const ran = await postlark(["import", ...args, "--dry-run", "--blog", "limits"]);
        assert.equal(ran.code, 0, ran.stderr);
      }
    });

    await test.step("a picture outside of the site is not sent, nor through a link", async () => {
      const blog = await newBlog(world, "closed");
      const closed = await writeSite(`${dir}/closed`, {
        "content/fine.md": "Text.\n",
        "content/up.md": "![x](../../secret.png)\n",
        "content/linked.md": "![x](/link.png)\n",
        "content/preview.md": "---\nimage: ../../secret.png\n---\nText.\n",
        "content/bad.md": "+++\ntitle = \n+++\nText.\n",
      });
      await Deno.writeFile(`${dir}/secret.png`, PNG);
      await Deno.mkdir(`${closed}/static`);
      await Deno.symlink(`${dir}/secret.png`, `${closed}/static/link.png`);
      world.takeRequests();
      const ran = await postlark(["import", "hugo", closed, ...blog.on]);
      assert.equal(ran.code, 1, ran.stderr);
      assert.match(ran.stderr, /content\/up\.md: \.\.\/\.\.\/secret\.png leads out of the folder/);
      assert.match(ran.stderr, /content\/linked\.md: \/link\.png leads out of the folder/);
      assert.match(ran.stderr, /content\/preview\.md: .* leads out of the folder/);
      assert.match(ran.stderr, /content\/bad\.md: the front matter is not valid TOML/);
      assert.match(ran.stdout, /^1 created, 4 failed in /m);
      assert.ok(!world.takeRequests().some(({ path }) => path.endsWith("/upload")));
    });

    await test.step("a key that may only read ends it with 3 at the first refusal", async () => {
      const { key } = await world.json(["tokens", "create", "ro", "--scopes", "posts:read"]);
      const ran = await postlark([
        "import",
        "jekyll",
        `${dir}/jekyll`,
        "--blog",
        world.user.blog.id,
      ], {
        env: { POSTLARK_API_KEY: key },
      });
      assert.equal(ran.code, 3, ran.stderr);
    });

    await test.step("interrupted, it ends with 130 after the post that is under way, and goes on the next time", async () => {
      const many = await site("many", 20);
      const on = ["--blog", world.user.blog.slug, "--json"];
      world.takeRequests();
      const release = world.holdAfter(5);
      const child = new Deno.Command("node", {
        args: [world.bin, "import", "markdown", many, ...on],
        env: world.env(),
        clearEnv: true,
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      let sent = 0;
      while (sent < 6) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        sent += world.takeRequests().filter(({ method }) => method === "POST").length;
      }
      child.kill("SIGINT");
      const reader = child.stderr.getReader();
      const { value } = await reader.read();
      assert.match(new TextDecoder().decode(value), /Stopping after what is under way/);
      reader.releaseLock();
      release();
      const { code, stdout } = await child.output();
      const first: Report = JSON.parse(new TextDecoder().decode(stdout));
      assert.deepEqual([code, first.created.length], [130, 6]);
      const next: Report = JSON.parse((await postlark(["import", "markdown", many, ...on])).stdout);
      assert.deepEqual([next.unchanged, next.created.length], [first.created, 14]);
    });

    await test.step("a plan without scheduling takes the other posts; one that is full ends it", async () => {
      const made = await runAdmin(
        world.serverEnv,
        ...["user", "create", "--email", "eve@example.com", "--plan", "free", "--blog", "eve"],
      );
      const env = { POSTLARK_API_KEY: JSON.parse(made.stdout).key };
      const free = await site("free", 12);
      await Deno.writeTextFile(
        `${free}/a.md`,
        "---\nscheduled_at: 2040-01-01T00:00:00Z\n---\nText.",
      );
      const ran = await postlark(["import", "markdown", free], { env });
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /a\.md: Scheduling posts requires the Creator plan/);
      assert.match(ran.stdout, /^10 created, 1 failed in /m);
      assert.match(ran.stderr, /Upgrade: http/);
    });
  } finally {
    await world.stop();
  }
});
