import assert from "node:assert/strict";
import { startWorld } from "./_cli.ts";
import { messages, newBlog, type Report } from "./_import.ts";
import { GHOST, HUGO, JEKYLL, writeSite, WXR } from "./_sites.ts";

Deno.test("import from each system", async (test) => {
  const world = await startWorld();
  const { postlark, dir } = world;
  const write = async (name: string, text: string) => {
    await Deno.writeTextFile(`${dir}/${name}`, text);
    return `${dir}/${name}`;
  };
  try {
    await test.step("from Ghost takes over posts in HTML, Lexical and Mobiledoc, oldest first", async () => {
      const blog = await newBlog(world, "ghost");
      const file = await write("ghost.json", JSON.stringify(GHOST));
      const asked = await postlark(["import", "ghost", file, ...blog.on]);
      assert.equal(asked.code, 2, asked.stderr);
      assert.match(asked.stderr, /__GHOST_URL__: say where that is, with --url/);
      const report = await blog.run("ghost", file, "--url", "https://old.example.com/");
      const order = ["in-lexical", "in-mobiledoc", "in-html", "post-4", "post-6", "post-5"];
      assert.deepEqual(report.created, order);
      assert.deepEqual(await blog.list(), order);
      assert.deepEqual([report.failed, report.left_out, report.redated], [[], { pages: 1 }, 3]);

      const html = await blog.get("in-html");
      assert.equal(html.title, "Written as <HTML>");
      assert.deepEqual(html.tags, ["How to", "News"]);
      assert.equal(html.meta_description, "What it is about.");
      assert.equal(html.og_image_url, "https://old.example.com/content/images/f.png");
      assert.equal(html.status, "published");
      assert.equal(
        html.content_md,
        "Costs \\$5 & more than \\$4.\n\n" +
          "![B](https://old.example.com/content/images/2024/b.png)\n\n" +
          "https://www.youtube.com/watch?v=dQw4w9WgXcQ\n\n" +
          "> Careful with *this*\n\n" +
          "```ts\nconst a: string[] = [];\n```\n",
      );
      assert.match(html.content_html, /Costs \$5 &amp; more than \$4\./);
      assert.match(html.content_html, /<iframe src="https:\/\/www\.youtube-nocookie\.com/);
      assert.deepEqual(messages(report, "in-html"), ["a script is left out"]);

      const lexical = await blog.get("in-lexical");
      assert.equal(
        lexical.content_md,
        "Plain, **bold** and `x = 1`\\\n[another post](https://old.example.com/other/)\n\n" +
          "## List\n\n1. one\n2. two\n\n```js\nlet a = 1 < 2;\n```\n\n" +
          "![A](https://old.example.com/content/images/a.png)\n\n*Seen*\n\n" +
          "| a | b |\n| - | - |\n| 1 | **2** |\n\n[Elsewhere](https://example.org/)\n",
      );
      assert.equal(lexical.meta_description, "For engines.");
      assert.deepEqual(messages(report, "in-lexical"), ['a card "email-cta" is left out']);
      assert.equal(
        (await blog.get("in-mobiledoc")).content_md,
        "See [this **site**](https://example.com/)\\\nbelow\n\n---\n\n- one\n- two\n\n```sh\nls\n```\n",
      );
      assert.equal((await blog.get("post-4")).status, "draft");
      assert.equal((await blog.get("post-5")).scheduled_at, "2040-01-01T00:00:00.000Z");
      assert.equal((await blog.get("post-6")).status, "draft");
      assert.match(messages(report, "post-6")[0], /for paid only, and is a draft here/);
    });

    await test.step("run again, makes only what is missing", async () => {
      const file = `${dir}/ghost.json`;
      await world.json(["posts", "delete", "in-html", "--blog", "ghost", "--confirm"]);
      world.takeRequests();
      const args = ["import", "ghost", file, "--url", "https://old.example.com", "--blog", "ghost"];
      const report: Report = await world.json(args);
      assert.deepEqual([report.created, report.unchanged.length], [["in-html"], 5]);
      const posted = world.takeRequests().filter(({ method }) => method === "POST");
      assert.equal(posted.length, 1);
    });

    await test.step("from WordPress takes over texts of both editors with categories, tags and pictures", async () => {
      const blog = await newBlog(world, "wordpress");
      const report = await blog.run("wordpress", await write("wp.xml", WXR));
      assert.deepEqual(report.failed, []);
      assert.deepEqual(report.left_out, {
        "posts in the trash": 1,
        pages: 1,
        "media files": 1,
      });
      assert.deepEqual(await blog.list(), [
        "item-1",
        "annyeong",
        "a-draft",
        "item-5",
        "item-8",
        "item-4",
      ]);
      const post = await blog.get("item-1");
      assert.equal(post.title, "Fish & Chips – 1");
      assert.deepEqual(post.tags, ["Food & Drink", "fish"]);
      assert.equal(post.meta_description, "An excerpt.");
      assert.equal(post.og_image_url, "https://old.example.com/wp-content/p.png");
      assert.equal(
        post.content_md,
        "Gutenberg & **CDATA** ]]> end.\n\n## A heading\n\n```php\necho [1];\n```\n\n" +
          'https://youtu.be/dQw4w9WgXcQ\n\n\\[gallery ids="1,2"]\n',
      );
      assert.deepEqual(messages(report, "item-1"), ["shortcodes stand in it as text: gallery"]);
      assert.equal(
        (await blog.get("annyeong")).content_md,
        "First line\\\nsecond line.\n\n![P](https://old.example.com/wp-content/p.png)\n\n" +
          "*The _caption_*\n\n- one\n\n```\nkept\n\n  as it is\n```\n",
      );
      const statuses = await Promise.all(
        ["a-draft", "item-4", "item-5", "item-8"].map(async (slug) =>
          (await blog.get(slug)).status
        ),
      );
      assert.deepEqual(statuses, ["draft", "scheduled", "draft", "draft"]);
      assert.match(messages(report, "item-5")[0], /private, and is a draft/);
      assert.match(messages(report, "item-8")[0], /password, and is a draft/);
    });

    await test.step("from Hugo reads every front matter, and takes the pictures of bundles along", async () => {
      const blog = await newBlog(world, "hugo");
      const site = await writeSite(`${dir}/hugo`, HUGO);
      const report = await blog.run("hugo", site);
      assert.deepEqual([report.failed, report.uploaded], [[], 1]);
      assert.deepEqual(report.left_out, { "pages of sections (_index)": 1 });
      assert.deepEqual(await blog.list(), ["json", "toml", "bundled", "toml-2", "late"]);
      const toml = await blog.get("toml");
      assert.deepEqual([toml.title, toml.tags, toml.meta_description], [
        "In TOML",
        ["Notes", "Go", "web"],
        "Said in TOML.",
      ]);
      const url = /!\[s\]\((http\S+\.png)\)/.exec(toml.content_md)![1];
      assert.equal(
        toml.content_md,
        `Above.\n\n\n![s](${url})\n\n\`\`\`go\na := 1\n\`\`\`\n\n![An S](${url})\n\n*Seen*\n\n` +
          "https://www.youtube.com/watch?v=dQw4w9WgXcQ\n\n" +
          'See [it](/bundle). {{< tweet user="x" id="1" >}}\n',
      );
      assert.deepEqual(messages(report, "toml"), [
        "its former addresses (aliases) are left out",
        "shortcodes stand in it as text: tweet",
      ]);
      assert.equal((await blog.get("bundled")).content_md, `![c](${url}) ![again](${url})\n`);
      assert.deepEqual(
        [(await blog.get("json")).status, (await blog.get("late")).scheduled_at],
        ["draft", "2040-01-01T00:00:00.000Z"],
      );
      assert.equal((await blog.get("late")).meta_description, "Soon.");
    });

    await test.step("from Jekyll takes over _posts and _drafts, with Liquid made Markdown", async () => {
      const blog = await newBlog(world, "jekyll");
      const report = await blog.run("jekyll", await writeSite(`${dir}/jekyll`, JEKYLL));
      assert.deepEqual([report.failed, report.uploaded], [[], 1]);
      assert.deepEqual(await blog.list(), ["idea", "oldest", "hello-world", "hidden", "page"]);
      const post = await blog.get("hello-world");
      assert.equal(post.title, "Hello & welcome");
      assert.deepEqual(post.tags, ["notes", "meta", "one", "two"]);
      assert.equal(post.meta_description, "The beginning.");
      assert.match(
        post.content_md,
        /^The \*beginning\*\.\n\n\n!\[a\]\(http\S+\.png\)\n\n```ruby\nputs 'hi'\n```\n\n\{\{ kept \}\} and \[before\]\(\/older\)\.\n\{% include note\.html %\}\n$/,
      );
      assert.deepEqual(messages(report, "hello-world"), ["Liquid stands in it as text: include"]);
      const oldest = await blog.get("oldest");
      assert.deepEqual([oldest.title, oldest.content_md], ["Its own title", "Text.\n"]);
      assert.equal((await blog.get("hidden")).status, "draft");
      assert.equal((await blog.get("idea")).status, "draft");
      assert.equal((await blog.get("page")).content_md, "Some **HTML**\n");
    });
  } finally {
    await world.stop();
  }
});
