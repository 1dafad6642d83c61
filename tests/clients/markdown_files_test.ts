import assert from "node:assert/strict";
import { parseFile, timeOf } from "../../clients/cli/_front_matter.ts";
import { splitHeading } from "../../clients/cli/_post_input.ts";
import { readFolder } from "../../clients/cli/deploy/files.ts";
import { rewrite } from "../../clients/cli/deploy/images.ts";
import { Journal } from "../../clients/cli/deploy/journal.ts";

const PNG = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
);
const front = async (yaml: string) => (await parseFile(`---\n${yaml}\n---\nText`, "f.md")).front;

Deno.test("front matter gives a post's fields, as a file, an export or another generator writes them", async () => {
  const all = await front(
    'title: 2024\nslug: s\ntags: [a, 1]\ndescription: "d: e"\nog_image: o\ncanonical_url: c\nnoindex: true',
  );
  assert.deepEqual(all, {
    title: "2024",
    slug: "s",
    tags: ["a", "1"],
    status: undefined,
    scheduledAt: undefined,
    description: "d: e",
    ogImage: "o",
    canonicalUrl: "c",
    noindex: true,
  });
  assert.deepEqual((await front("tags: a, b c")).tags, ["a", "b c"]);
  assert.equal((await front("draft: true")).status, "draft");
  assert.equal((await front("published: false")).status, "draft");
  const later = await front("status: scheduled\nscheduled_at: 2030-01-31T00:00:00Z");
  assert.equal(later.status, undefined);
  assert.equal((await front("meta:\n  description: in meta")).description, "in meta");
  assert.equal((await front("image: i")).ogImage, "i");
  assert.equal((await front("scheduled_at: 2030-01-31")).scheduledAt, "2030-01-31T00:00:00.000Z");
});

Deno.test("the text below the front matter is kept as it is, whatever the line ends", async () => {
  for (const end of ["\n", "\r\n"]) {
    const text = ["\ufeff---", "title: a", "---", "", "One", "", "---", "Two", ""].join(end);
    const { front, content } = await parseFile(text, "f.md");
    assert.equal(front.title, "a");
    assert.equal(content, ["One", "", "---", "Two", ""].join(end));
  }
  assert.equal((await parseFile("No front\n---\nmatter", "f.md")).content, "No front\n---\nmatter");
  assert.equal((await parseFile("---\n---\nText", "f.md")).content, "Text");
});

Deno.test("front matter that is none, or too much, is refused with the file's name", async () => {
  const bomb = [
    "a: &a [x, x]",
    ...[..."bcdefghij"].map((c, i) => `${c}: &${c} [*${"abcdefghi"[i]}]`),
  ];
  const wrong: [string, RegExp][] = [
    ["title: [", /f\.md: the front matter is not valid YAML/],
    ["- a list", /f\.md: the front matter must be a list of names/],
    ["just text", /f\.md: the front matter must be/],
    ["status: hidden", /f\.md: status must be draft, published or scheduled/],
    ["status: scheduled", /f\.md: a scheduled post needs scheduled_at/],
    ["tags:\n  a: b", /f\.md: tags must be a list/],
    ["title:\n  a: b", /f\.md: title must be a text/],
    ["scheduled_at: soon", /f\.md: "soon" is no time/],
    [`title: ${"x".repeat(20_000)}`, /f\.md: the front matter is longer/],
    [bomb.join("\n"), /f\.md: the front matter is not valid YAML/],
  ];
  for (const [yaml, said] of wrong) await assert.rejects(front(yaml), said);
});

Deno.test("a time needs a date, and is given in UTC", () => {
  assert.equal(timeOf("2030-01-31T09:00+02:00", "x"), "2030-01-31T07:00:00.000Z");
  for (const text of ["12", "2030", "tomorrow", "2030-13-01"]) {
    assert.throws(() => timeOf(text, "x"), /no time/, text);
  }
});

Deno.test("a first heading is the title only where the text begins with it", () => {
  assert.deepEqual(splitHeading("\n# A `b` *c* [d](e) #\n\nText"), {
    title: "A b c d",
    rest: "Text",
  });
  assert.deepEqual(splitHeading("# Alone"), { title: "Alone", rest: "" });
  for (const text of ["Text\n\n# Later", "## Second", "#tag"]) {
    assert.deepEqual(splitHeading(text), { rest: text });
  }
});

/** What the links of a text become where `a.png`, `i/b c.png` and `static/s.png` are in the folder. */
async function rewritten(text: string): Promise<{ content: string; warnings: string[] }> {
  const dir = await Deno.makeTempDir();
  try {
    for (const path of ["i", "static", "sub"]) await Deno.mkdir(`${dir}/${path}`);
    for (const path of ["a.png", "i/b c.png", "static/s.png"]) {
      await Deno.writeFile(`${dir}/${path}`, PNG);
    }
    await Deno.writeTextFile(`${dir}/fake.png`, "no image");
    await Deno.writeTextFile(`${dir}/sub/post.md`, `---\ntitle: t\n---\n${text}`);
    const { posts: [post], warnings } = await readFolder(dir, { drafts: false, now: 0 });
    const refs = post.images.map((ref) => ({ ...ref, url: "URL" }));
    return { content: rewrite(post.content, refs), warnings };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("links to local images are found in every form, and replaced in place", async () => {
  const cases: [string, string][] = [
    ["![](../a.png)", "![](URL)"],
    ['![a [b] c](../a.png "t")!', '![a [b] c](URL "t")!'],
    ["![x](<../i/b c.png>)", "![x](URL)"],
    ["![x](../i/b%20c.png?v=1)", "![x](URL)"],
    ["[![x](../a.png)](https://example.com)", "[![x](URL)](https://example.com)"],
    ["![x][r]\n\n[r]: ../a.png 'T'", "![x][r]\n\n[r]: URL 'T'"],
    ["<img alt='x' src=\"../a.png\" width=1>", "<img alt='x' src=\"URL\" width=1>"],
    ["<img src=/s.png>", "<img src=URL>"],
    ["![x](/a.png) ![y](/s.png)", "![x](URL) ![y](URL)"],
  ];
  for (const [text, expected] of cases) {
    assert.deepEqual(await rewritten(text), { content: expected, warnings: [] }, text);
  }
});

Deno.test("code, other addresses and files that are no image stay as they are", async () => {
  const kept = [
    "`![x](../a.png)`",
    "``a ` ![x](../a.png)``",
    "```\n![x](../a.png)\n```",
    "~~~md\n![x](../a.png)\n~~~",
    "![x](https://example.com/a.png)",
    "![x](//example.com/a.png)",
    "![x](data:image/png;base64,AAAA)",
    "[a link](../a.png.md)",
    "![x](../post.md)",
  ];
  for (const text of kept) {
    assert.deepEqual(await rewritten(text), { content: text, warnings: [] }, text);
  }
  const gone = await rewritten("![x](nope.png) ![y](../fake.png)");
  assert.equal(gone.content, "![x](nope.png) ![y](../fake.png)");
  assert.deepEqual(gone.warnings, [
    "sub/post.md: nope.png is not there, or no image",
    "sub/post.md: ../fake.png is not there, or no image",
  ]);
});

Deno.test("nothing outside the folder is read, by no path and no link", async () => {
  const dir = await Deno.makeTempDir();
  const read = () => readFolder(`${dir}/site`, { drafts: false, now: 0 });
  try {
    await Deno.mkdir(`${dir}/site`);
    await Deno.writeFile(`${dir}/a.png`, PNG);
    await Deno.writeTextFile(`${dir}/secret.txt`, "secret");
    await Deno.symlink(`${dir}/a.png`, `${dir}/site/link.png`);
    const text = "![x](../a.png) ![x](/../a.png) ![x](link.png)";
    await Deno.writeTextFile(`${dir}/site/post.md`, text);
    await Deno.symlink("post.md", `${dir}/site/same.md`);
    const { posts, warnings } = await read();
    assert.deepEqual(posts.map(({ content, images }) => [content, images]), [
      [text, []],
      [text, []],
    ]);
    assert.deepEqual(warnings.slice(0, 3), [
      "post.md: ../a.png is outside the folder",
      "post.md: /../a.png is outside the folder",
      "post.md: link.png is outside the folder",
    ]);
    await Deno.symlink("../secret.txt", `${dir}/site/leak.md`);
    await assert.rejects(read(), /leak\.md: it is a link that leads out of the folder/);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("the journal writes to no file that a link in the folder leads to", async () => {
  const dir = await Deno.makeTempDir();
  const entry = { id: "a", digest: "d", updated_at: "t" };
  const line = `${JSON.stringify(entry)}\n`;
  const links = [".postlark", ".postlark/deploy.jsonl", ".postlark/deploy.jsonl.new"];
  try {
    for (const [n, link] of links.entries()) {
      const [site, away] = [`${dir}/${n}`, `${dir}/${n}-away`];
      const other = `${away}/deploy.jsonl`;
      for (const path of [site, away]) await Deno.mkdir(path);
      await Deno.writeTextFile(other, "mine\n");
      if (link.includes("/")) await Deno.mkdir(`${site}/.postlark`);
      await Deno.symlink(link.includes("/") ? other : away, `${site}/${link}`);
      if (link.endsWith(".new")) {
        await Deno.writeTextFile(`${site}/.postlark/deploy.jsonl`, line.repeat(9));
      }
      const journal = new Journal(site);
      journal.note(entry);
      journal.compact();
      assert.deepEqual(journal.get("a"), entry);
      assert.equal(await Deno.readTextFile(other), "mine\n", link);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
