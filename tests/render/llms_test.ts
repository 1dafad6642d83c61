import assert from "node:assert/strict";
import { llmsFullTxt, llmsTxt, postLlmsTxt, type SourcePost } from "../../render/llms.ts";
import { SITE, SUMMARY } from "./_blog.ts";

const POST: SourcePost = {
  ...SUMMARY,
  title: "A [title]\nin two lines",
  markdown: "## Part\n\nText.\n",
  updatedAt: "2026-11-05T10:00:00.000Z",
};

Deno.test("llms.txt has the name, the description and a link to the source of each post", () => {
  assert.equal(
    llmsTxt(SITE, [POST, { ...POST, title: "B", description: "", url: "https://blog.example/b" }]),
    `# Tom & <Jerry>

> Notes "on" things

## Posts

- [A \\[title\\] in two lines](https://blog.example/a-post.md): About <it> & more
- [B](https://blog.example/b.md)

## Optional

- [Full texts](https://blog.example/llms-full.txt): the newest posts in one file
- [Archive](https://blog.example/archive): all posts by month
- [RSS feed](https://blog.example/rss.xml)
`,
  );
});

Deno.test("llms.txt of a blog without posts or description has neither", () => {
  const text = llmsTxt({ ...SITE, description: "" }, []);
  assert.doesNotMatch(text, /## Posts|^>/m);
  assert.match(text, /^# Tom & <Jerry>\n\n## Optional\n/);
});

Deno.test("a post's llms.txt says what is known about it before its source", () => {
  assert.equal(
    postLlmsTxt(SITE, POST),
    `# A [title] in two lines

> About <it> & more

- URL: https://blog.example/a-post
- Blog: Tom & <Jerry> (https://blog.example/)
- Published: 2026-11-02T23:30:00.000Z
- Updated: 2026-11-05T10:00:00.000Z
- Language: en
- Tags: deno, c++ & <b>

## Part

Text.
`,
  );
});

Deno.test("llms-full.txt holds the newest 100 posts", () => {
  const posts = Array.from({ length: 120 }, (_, i) => ({ ...POST, markdown: `Text ${i}.` }));
  const text = llmsFullTxt(SITE, posts);
  assert.match(text, /Text 0\./);
  assert.match(text, /Text 99\.\n$/);
  assert.equal(text.match(/^---$/gm)!.length, 100);
});

Deno.test("llms-full.txt stops before the post that takes it over 2,000,000 bytes", () => {
  const posts = Array.from(
    { length: 4 },
    (_, i) => ({ ...POST, markdown: `${i}: ${"語".repeat(200_000)}` }),
  );
  const text = llmsFullTxt(SITE, posts);
  assert.equal(text.match(/^---$/gm)!.length, 3);
  assert.ok(new TextEncoder().encode(text).length <= 2_000_000);
  const over = llmsFullTxt(SITE, [{ ...POST, markdown: "x".repeat(2_000_000) }]);
  assert.doesNotMatch(over, /^---$/m);
});

Deno.test("no text for language models has our name or control characters of the author's", () => {
  const posts = [{ ...POST, title: "A\0B", markdown: "C\x08D" }];
  const texts = llmsTxt(SITE, posts) + llmsFullTxt(SITE, posts) + postLlmsTxt(SITE, posts[0]);
  assert.doesNotMatch(texts, /postlark/i);
  assert.match(texts, /\[AB\]/);
  assert.match(texts, /CD/);
});
