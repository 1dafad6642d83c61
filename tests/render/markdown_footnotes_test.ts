import assert from "node:assert/strict";
import { renderMarkdown } from "../../render/markdown/mod.ts";
import { assertSafeHtml } from "./_safe_html.ts";

/** The HTML with references as [n], and links back as ^n. */
function notes(source: string): string {
  const { html } = renderMarkdown(source);
  assertSafeHtml(html);
  return html
    .replace(/<sup><a id="fnref:(\d+)(?::\d+)?" href="#fn:\1"[^>]*>\1<\/a><\/sup>/g, "[$1]")
    .replace(
      /<a href="#fnref:([\d:]+)" role="doc-backlink"[^>]*>↩\uFE0E(?:<sup>\d+<\/sup>)?<\/a>/g,
      "^$1",
    )
    .replace('<section class="footnotes" role="doc-endnotes" aria-label="Footnotes">', "<section>")
    .trim();
}

/** The notes as they stand at the end. */
function list(...items: string[]): string {
  const all = items.map((item, index) => `<li id="fn:${index + 1}">${item}\n</li>\n`).join("");
  return `<section><ol>\n${all}</ol></section>`;
}

Deno.test("a footnote is a numbered link to its text at the end, which links back", () => {
  assert.equal(notes("a[^x].\n\n[^x]: b *c*"), `<p>a[1].</p>\n${list("<p>b <em>c</em> ^1</p>")}`);
});

Deno.test("the links of footnotes name themselves and their roles", () => {
  const { html } = renderMarkdown("a[^x]\n\n[^x]: b");
  assert.match(html, /<a id="fnref:1" href="#fn:1" role="doc-noteref" aria-label="Footnote 1">/);
  assert.match(html, /<a href="#fnref:1" role="doc-backlink" aria-label="Back to reference 1">/);
});

Deno.test("footnotes are numbered by their first use, wherever their text stands", () => {
  assert.equal(
    notes("[^b]: two\n[^a]: one\n\nx[^a] y[^b]"),
    `<p>x[1] y[2]</p>\n${list("<p>one ^1</p>", "<p>two ^2</p>")}`,
  );
});

Deno.test("a footnote that is used more than once links back to each use", () => {
  assert.equal(notes("a[^x] b[^X]\n\n[^x]: c"), `<p>a[1] b[1]</p>\n${list("<p>c ^1 ^1:2</p>")}`);
});

Deno.test("a footnote goes on in lines that are indented by four, and holds blocks", () => {
  assert.equal(
    notes("a[^x]\n\n[^x]: b\n    c\n\n    - d\n\n    e\n\nf"),
    `<p>a[1]</p>\n<p>f</p>\n${list("<p>b\nc</p>\n<ul>\n<li>d</li>\n</ul>\n<p>e ^1</p>")}`,
  );
  assert.match(
    notes("a[^x]\n\n[^x]:\n    ```txt\n    b\n    ```"),
    /<figure[\s\S]*b\n[\s\S]*<\/figure>\n \^1\n?<\/li>/,
  );
});

Deno.test("a footnote takes in the lines right after it, up to the next block", () => {
  assert.equal(
    notes("a[^x]\n\n[^x]: b\nc\n# d"),
    `<p>a[1]</p>\n${'<h1 id="d">d <a class="anchor" href="#d" aria-label="Link to this section">#</a></h1>'}\n${
      list("<p>b\nc ^1</p>")
    }`,
  );
});

Deno.test("a footnote may refer to others and to itself", () => {
  assert.equal(
    notes("a[^x]\n\n[^x]: b[^y] c[^x]\n[^y]: d[^x]"),
    `<p>a[1]</p>\n${list("<p>b[2] c[1] ^1 ^1:2 ^1:3</p>", "<p>d[1] ^2</p>")}`,
  );
});

Deno.test("the first of two texts for one footnote holds", () => {
  assert.equal(notes("a[^x]\n\n[^x]: b\n\n[^x]: c"), `<p>a[1]</p>\n${list("<p>b ^1</p>")}`);
});

Deno.test("a reference without a text, and a text without a reference, are no footnotes", () => {
  assert.equal(notes("a[^x] [^] [^ y]"), "<p>a[^x] [^] [^ y]</p>");
  assert.equal(notes("a\n\n[^x]: b"), "<p>a</p>");
  assert.equal(notes("a[^x\n\n[^x]: b"), "<p>a[^x</p>");
});

Deno.test("references within code and within links are text, and texts within code are code", () => {
  assert.equal(
    notes("`[^x]` [a[^x]](/b)\n\n[^x]: c"),
    '<p><code>[^x]</code> <a href="/b">a[^x]</a></p>',
  );
  assert.match(notes("a[^x]\n\n    [^x]: b"), /<p>a\[\^x\]<\/p>[\s\S]*>\[\^x\]: b\n<\/code>/);
});

Deno.test("footnotes work in lists, quotes, tables, headings and callouts", () => {
  const source =
    "- a[^x]\n\n> b[^x]\n>\n> [^x]: c\n\n|d[^x]|\n|-|\n\n:::note e[^x]\nf[^x]\n:::\n\n# g[^x]";
  assert.match(notes(source), /<p>c \^1 \^1:2 \^1:3 \^1:4 \^1:5 \^1:6<\/p>/);
});

Deno.test("names of footnotes show nowhere, and their texts are sanitised", () => {
  const source = 'a[^<b>"]\n\n[^<b>"]: b <script>x</script> &lt; <i onclick=y>z</i>';
  assert.equal(notes(source), `<p>a[1]</p>\n${list("<p>b  &lt; <i>z</i> ^1</p>")}`);
  notes("a[^x]\n\n[^x]: b</li></ol></section><p id=x>c");
});

Deno.test("footnotes of names like __proto__ are footnotes like others", () => {
  assert.equal(notes("a[^__proto__]\n\n[^__proto__]: b"), `<p>a[1]</p>\n${list("<p>b ^1</p>")}`);
  assert.equal(notes("a[^constructor]"), "<p>a[^constructor]</p>");
});

Deno.test("the texts of footnotes are part of the text, their numbers are not", () => {
  assert.equal(renderMarkdown("a[^x] b\n\n[^x]: c").text, "a b c");
});
