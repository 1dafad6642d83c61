import assert from "node:assert/strict";
import { internalLinks, lintMarkdown } from "../../render/markdown/lint.ts";
import { renderMarkdown } from "../../render/markdown/mod.ts";

/** The warnings as line:code. */
function lint(source: string): string[] {
  return lintMarkdown(source).map(({ line, code }) => `${line ?? "?"}:${code}`);
}

Deno.test("a post without faults has no warnings", () => {
  const source =
    "# a\n\n## b\n\n[c](#b) [d](#fn:1) [e](#) ![f](g.png)[^h]\n\n```\ni\n```\n\n> [!NOTE]\n> j\n\n" +
    ":::tip\nk\n:::\n\n[^h]: l\n";
  assert.deepEqual(lintMarkdown(source, { title: "m", description: "n" }), []);
});

Deno.test("a link to the id of no heading is a dead anchor", () => {
  assert.deepEqual(lintMarkdown("# Á b\n\n[a](#á-b) [b](#%C3%A1-b)\n[c](#c)"), [
    { code: "dead_anchor", message: "No heading has the id of the link #c.", line: 4 },
  ]);
  assert.deepEqual(lint("[a](/b#c) [d](https://e.example/#f)"), []);
  assert.deepEqual(lint("[a](#%)"), ["1:dead_anchor"]);
  assert.deepEqual(lint("<a href='#x'>y</a>"), ["?:dead_anchor"]);
});

Deno.test("an image without alt text is named with its line", () => {
  assert.deepEqual(lint("![a](b)\n![](c)\n\n![ ](d)"), [
    "2:image_without_alt",
    "4:image_without_alt",
  ]);
  assert.deepEqual(lint("<img src=a>"), ["?:image_without_alt"]);
});

Deno.test("a heading more than one level below the one before it is a jump, the title being level 1", () => {
  assert.deepEqual(lint("## a\n\n#### b\n\n## c\n### d\n#### e\n## f"), ["3:heading_jump"]);
  assert.deepEqual(lint("### a"), ["1:heading_jump"]);
  assert.deepEqual(lint("# a\n\n<h3>b</h3>"), ["?:heading_jump"]);
});

Deno.test("a fence and a ::: callout that are not closed are named with the line they begin in", () => {
  assert.deepEqual(lint("a\n\n```js\nb"), ["3:unclosed_fence"]);
  assert.deepEqual(lint("a\n\n~~~~\nb\n~~~\n"), ["3:unclosed_fence"]);
  assert.deepEqual(lint("- a\n- ```\n  b\n\nc"), ["2:unclosed_fence"]);
  assert.deepEqual(lint("a\n:::note\nb"), ["2:unclosed_fence"]);
  assert.deepEqual(lint("```\n```\n\n~~~\na\n~~~~~\n\n    b"), []);
});

Deno.test("a callout of an unknown kind is named", () => {
  assert.match(lintMarkdown("> [!FOO]\n> a")[0].message, /^There is no callout FOO; /);
  assert.deepEqual(lint("> [!FOO]\n> a\n\nb\n:::bar c\nd\n:::"), [
    "1:unknown_callout",
    "5:unknown_callout",
  ]);
  assert.deepEqual(lint("`:::foo` > [!BAR]\n\n```\n:::foo\n> [!BAR]\n```"), []);
});

Deno.test("lines are right within lists, quotes, tables, callouts and footnotes", () => {
  const source = "- a\n  - [b](#x)\n\n> c\n> [d](#x)\n>\n> > [e](#x)\n\n|f|\n|-|\n|[g](#x)|\n\n" +
    ":::note\nh\n[i](#x)\n:::\n\n[^j]: k\n    [l](#x)\n";
  assert.deepEqual(lint(source).map((warning) => warning.split(":")[0]), [
    "2",
    "5",
    "7",
    "11",
    "15",
  ]);
  assert.deepEqual(lint(`m[^j]\n\n${source}`).at(-1), "21:dead_anchor");
});

Deno.test("a title over 60 and a description over 160 characters are cut by search engines", () => {
  assert.deepEqual(
    lintMarkdown("a", { title: "😀".repeat(61), description: "b".repeat(161) }).map(({ code }) =>
      code
    ),
    ["long_title", "long_description"],
  );
  assert.deepEqual(lintMarkdown("a", { title: "😀".repeat(60), description: "b".repeat(160) }), []);
});

Deno.test("lintMarkdown stops after a hundred warnings", () => {
  assert.equal(lintMarkdown("[a](#b)\n".repeat(200)).length, 100);
});

Deno.test("internalLinks names the posts that a text links to, each once", () => {
  const rendered = renderMarkdown(
    "[a](/one) [b](two#x) [c](https://b.example/three?y) [d](/one/) [e](./four.md) <a href='/five'>f</a>",
  );
  assert.deepEqual(internalLinks(rendered, "https://b.example"), [
    "one",
    "two",
    "three",
    "four",
    "five",
  ]);
});

Deno.test("internalLinks leaves out other sites and what is no post", () => {
  const rendered = renderMarkdown(
    "[a](https://c.example/one) [b](/) [c](#d) [e](/tag/f) [g](/rss.xml) [h](/_/i) [j](mailto:k@l.m) " +
      "[n](/archive) [o](/search?q=p) [q](/One) [r](http://b.example/s) [t](https://b.example:9/u)",
  );
  assert.deepEqual(internalLinks(rendered, "https://b.example"), []);
});

Deno.test("internalLinks of a blog under a path names only what is under it", () => {
  const rendered = renderMarkdown("[a](/one) [b](two) [c](/@blog/three) [d](/@other/four)");
  assert.deepEqual(internalLinks(rendered, "https://p.example/@blog"), ["two", "three"]);
});
