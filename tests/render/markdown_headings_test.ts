import assert from "node:assert/strict";
import { renderMarkdown } from "../../render/markdown/mod.ts";

function ids(source: string): string[] {
  return renderMarkdown(source).headings.map(({ id }) => id);
}

/** The table of contents as indented lines; "" where there is none. */
function contents(source: string): string {
  const nav = /<nav class="toc" aria-label="Table of contents">(.*)<\/nav>/.exec(
    renderMarkdown(source).html,
  );
  let depth = -1;
  const lines = Array.from(
    (nav?.[1] ?? "").matchAll(/<ul>|<\/ul>|<a href="(#[^"]*)">([^<]*)<\/a>/g),
  );
  return lines.flatMap(([tag, href, text]) => {
    if (tag === "<ul>") depth++;
    else if (tag === "</ul>") depth--;
    else return [`${"  ".repeat(depth)}${href} ${text}`];
    return [];
  }).join("\n");
}

Deno.test("a heading has its text as id, and a link to itself that names itself", () => {
  assert.equal(
    renderMarkdown("## What *is* it?").html,
    '<h2 id="what-is-it">What <em>is</em> it? <a class="anchor" href="#what-is-it" ' +
      'aria-label="Link to this section">#</a></h2>\n',
  );
});

Deno.test("ids keep the letters of every script, in lower case, with - for spaces", () => {
  assert.deepEqual(ids("# Ünï Çode\n# 한글 제목\n# 日本語 の 見出し\n# Ελληνικά\n# a_b c-d 1.2"), [
    "ünï-çode",
    "한글-제목",
    "日本語-の-見出し",
    "ελληνικά",
    "a_b-c-d-12",
  ]);
});

Deno.test("an id that is taken gets -1, -2, also where another heading is called so", () => {
  assert.deepEqual(ids("# a\n# a\n# a\n# a-1\n# a"), ["a", "a-1", "a-2", "a-1-1", "a-3"]);
});

Deno.test("a heading without letters or digits is called section, an empty one nothing", () => {
  assert.deepEqual(ids("# !?\n# 🚀\n#\n# <br>"), ["section", "section-1"]);
  assert.doesNotMatch(renderMarkdown("#").html, /id=|anchor/);
});

Deno.test("headings written as HTML, in quotes and in lists have ids too", () => {
  assert.deepEqual(ids("<h2 title='x'>A</h2>\n\n> # B\n\n- # C\n"), ["a", "b", "c"]);
});

Deno.test("headings within code have none", () => {
  assert.deepEqual(ids("```\n# a\n```\n\n`# b`\n\n    # c"), []);
});

Deno.test("an id never holds what an attribute or a selector could break at", () => {
  const [id] = ids('# "><script>alert(1)</script> & \' <img> `"x"`');
  assert.match(id, /^[a-z0-9-]+$/);
  assert.ok(ids(`# ${"word ".repeat(100)}`)[0].length <= 200);
});

Deno.test("no heading has the id of a footnote, or one that an author gives in HTML", () => {
  const { html } = renderMarkdown("# fn:1\n# fnref:1\n\n<p id='fn:1'>a</p>\n\n[^x]\n\n[^x]: y");
  const all = Array.from(html.matchAll(/ id="([^"]*)"/g), ([, id]) => id);
  assert.deepEqual(all, ["fn1", "fnref1", "fnref:1", "fn:1"]);
});

Deno.test("headings of names like __proto__ are headings like others", () => {
  assert.deepEqual(ids("# __proto__\n# constructor\n# constructor"), [
    "proto",
    "constructor",
    "constructor-1",
  ]);
});

Deno.test("[TOC] becomes a nested list of the headings of levels 2 to 4", () => {
  assert.equal(
    contents("[TOC]\n\n# a\n## b\n### c\n#### d\n##### e\n## f"),
    "#b b\n  #c c\n    #d d\n#f f",
  );
});

Deno.test("a table of contents may begin at any level and jump over levels", () => {
  assert.equal(
    contents("[TOC]\n\n#### a\n## b\n#### c\n### d\n## e"),
    "#a a\n#b b\n  #c c\n  #d d\n#e e",
  );
});

Deno.test("[toc] may be in any case, indented, in a quote, and between lines of a paragraph", () => {
  for (const toc of ["[toc]", "[Toc]", "   [TOC]  ", "> [TOC]", "a\n[TOC]\nb"]) {
    assert.equal(contents(`${toc}\n\n## x`), "#x x", toc);
  }
  assert.match(renderMarkdown("a\n[TOC]\nb\n\n## x").html, /^<p>a<\/p>\n<nav.*<\/nav>\n<p>b<\/p>/);
});

Deno.test("[TOC] within text, code, a list item's first line or a link is text", () => {
  for (
    const source of [
      "a [TOC]",
      "[TOC] a",
      "`[TOC]`",
      "    [TOC]",
      "- [TOC]",
      "[TOC](/x)",
      "[TOC",
      "\\[TOC]",
    ]
  ) {
    assert.equal(contents(`${source}\n\n## x`), "", source);
  }
});

Deno.test("only the first [TOC] is a table of contents, later ones stay text", () => {
  const { html } = renderMarkdown("[TOC]\n\n## x\n\n[toc]\n");
  assert.equal(html.split("<nav").length, 2);
  assert.match(html, /<p>\[toc\]<\/p>\n$/);
});

Deno.test("a table of contents without headings is nothing", () => {
  assert.equal(renderMarkdown("[TOC]\n\n# a").html.split("<h1")[0], "");
});

Deno.test("a table of contents shows the escaped text of headings, without links and notes", () => {
  assert.equal(
    contents("[TOC]\n\n## <b>a</b> `<i>` & [l](/m)[^n] :rocket: $x$\n\n[^n]: o"),
    "#a-i--l--x a &lt;i&gt; &amp; l 🚀 x",
  );
});

Deno.test("a table of contents is no part of the text", () => {
  assert.equal(renderMarkdown("[TOC]\n\n## a").text, "a");
});
