import assert from "node:assert/strict";
import { firstSentences, renderMarkdown } from "../../render/markdown/mod.ts";

function html(source: string): string {
  return renderMarkdown(source).html;
}

Deno.test("renderMarkdown renders the marks of GFM", () => {
  assert.equal(
    html("**a** *b* ~~c~~ `d` <b>e</b>\n"),
    "<p><strong>a</strong> <em>b</em> <del>c</del> <code>d</code> <b>e</b></p>\n",
  );
});

Deno.test("renderMarkdown writes task lists as disabled checkboxes with names", () => {
  assert.equal(
    html("- [x] a\n- [ ] b\n"),
    "<ul>\n" +
      '<li><input type="checkbox" disabled checked aria-label="Done"> a</li>\n' +
      '<li><input type="checkbox" disabled aria-label="To do"> b</li>\n' +
      "</ul>\n",
  );
});

Deno.test("renderMarkdown puts tables, those in HTML too, in a box that scrolls", () => {
  for (const source of ["|a|\n|-|\n|b|\n", "<table><tr><td>a</td></tr></table>"]) {
    assert.match(html(source), /^<div class="table" tabindex="0"><table>[\s\S]*<\/table><\/div>/);
  }
});

Deno.test("renderMarkdown aligns table cells by class", () => {
  assert.match(
    html("|a|b|\n|-:|:-:|\n|c|d|\n"),
    /<td class="align-right">c<\/td>\n<td class="align-center">d/,
  );
});

Deno.test("renderMarkdown highlights code of a known language", () => {
  assert.match(
    html('```ts title="a.ts"\nconst a = 1;\n```'),
    /<pre tabindex="0"><code class="hljs language-ts"><span class="hljs-keyword">const<\/span>/,
  );
});

Deno.test("renderMarkdown leaves code of an unknown language, or of none, plain", () => {
  assert.match(
    html("```nosuch\nconst <a>\n```"),
    /<code class="hljs language-nosuch">const &lt;a&gt;\n<\/code>/,
  );
  assert.match(html("```\nconst a\n```"), /<code class="hljs">const a\n<\/code>/);
});

Deno.test("renderMarkdown leaves code plain that is too long, or has too long a line or word", () => {
  for (const body of ["let a\n".repeat(4_000), "let a ".repeat(200), `let ${"a".repeat(300)}`]) {
    assert.ok(!html(`\`\`\`js\n${body}\n\`\`\``).includes("hljs-keyword"));
  }
});

Deno.test("renderMarkdown stops highlighting when a post has too much code", () => {
  const block = "```js\n" + "let a = 1;\n".repeat(1_500) + "```\n\n";
  const rendered = html(block.repeat(5));
  assert.equal(rendered.split("<pre").length - 1, 5);
  assert.ok(rendered.lastIndexOf("hljs-keyword") < rendered.lastIndexOf("<pre"));
});

Deno.test("renderMarkdown loads images lazily and gives those without alt text an empty one", () => {
  assert.equal(
    html("![a](/b.png)"),
    '<p><img src="/b.png" alt="a" loading="lazy" decoding="async"></p>\n',
  );
  assert.match(html('<img src="/b.png">'), /alt=""/);
});

Deno.test("renderMarkdown marks external links noopener and leaves relative ones alone", () => {
  assert.equal(
    html("[a](https://x.example)"),
    '<p><a href="https://x.example" rel="noopener">a</a></p>\n',
  );
  assert.equal(html("[a](/b#c)"), '<p><a href="/b#c">a</a></p>\n');
});

Deno.test("renderMarkdown keeps headings, h1 too, and lists them in order", () => {
  const { headings, html } = renderMarkdown(
    "# A *b* &amp; c\n\n### D\n\n<h2>E <i>f</i></h2>\n\nG\n--\n",
  );
  assert.match(html, /^<h1 id="a-b--c">A <em>b<\/em> &amp; c <a [^>]*>#<\/a><\/h1>\n<h3 id="d">D/);
  assert.deepEqual(headings, [
    { level: 1, id: "a-b--c", text: "A b & c" },
    { level: 3, id: "d", text: "D" },
    { level: 2, id: "e-f", text: "E f" },
    { level: 2, id: "g", text: "G" },
  ]);
});

Deno.test("text is the prose on one line without mark-up, code blocks and entities", () => {
  const { text } = renderMarkdown(
    "# A\n\nB **c**d &lt;e&gt; &copy; `f`  \ng\n\n- h\n- i\n\n```js\nnot this\n```\n\n    nor this\n\n|j|k|\n|-|-|\n|l|m|\n\n<pre>nor\nthat</pre>\n",
  );
  assert.equal(text, "A B cd <e> © f g h i j k l m");
});

Deno.test("words counts words between spaces, and each character of Chinese and Japanese", () => {
  assert.equal(renderMarkdown("It isn't *so* — 3 words!").words, 5);
  assert.equal(renderMarkdown("한국어 문장 하나").words, 3);
  assert.equal(renderMarkdown("漢字とかな").words, 5);
});

Deno.test("renderMarkdown writes no control characters and no lone surrogates", () => {
  const { html, text } = renderMarkdown(
    "a\0b\x07c\uD800d &#1; <b title='&#8;\uDC00'>e</b> `\x1B`\n\n```\n\x02\uDBFF\n```\n",
  );
  // deno-lint-ignore no-control-regex -- they are what is looked for
  assert.doesNotMatch(html + text, /[\0-\x08\x0B\x0C\x0E-\x1F\x7F]/);
  assert.ok(html.isWellFormed() && text.isWellFormed());
});

Deno.test("renderMarkdown of an empty source is empty", () => {
  assert.deepEqual(renderMarkdown(""), {
    html: "",
    text: "",
    headings: [],
    words: 0,
    uses: { math: false, mermaid: false, code: false, youtube: false },
    links: [],
    images: [],
  });
});

Deno.test("renderMarkdown carries nothing over from one source to the next", () => {
  const source = "```js\nlet a\n```\n\n[a]\n";
  const alone = renderMarkdown(source);
  renderMarkdown("[a]: /b\n\n<pre>\n\n```js\nlet\n```");
  assert.deepEqual(renderMarkdown(source), alone);
});

Deno.test("renderMarkdown reads a paragraph longer than a run of the lexer as one paragraph", () => {
  const source = "A *word* and 😀 more. ".repeat(2_000);
  const rendered = html(source);
  assert.equal(rendered.split("<p>").length, 2);
  assert.equal(rendered.split("<em>word</em>").length, 2_001);
});

Deno.test("firstSentences returns the first two sentences", () => {
  assert.equal(firstSentences("One is 3.14. Two! Three?", 160), "One is 3.14. Two!");
  assert.equal(firstSentences("一つ目。二つ目！三つ目？", 160), "一つ目。二つ目！");
  assert.equal(firstSentences("하나다. 둘이다. 셋이다.", 160), "하나다. 둘이다.");
  assert.equal(firstSentences("", 160), "");
  assert.equal(firstSentences("no end", 160), "no end");
});

Deno.test("firstSentences cuts a long text after a word, within the limit", () => {
  assert.equal(firstSentences("word ".repeat(40), 12), "word word…");
  for (
    const text of ["漢字".repeat(400), "a".repeat(400), "😀".repeat(400), "한국어 문장 ".repeat(90)]
  ) {
    const cut = firstSentences(text, 160);
    assert.ok(cut.length <= 160 && cut.endsWith("…") && cut.length > 100, cut);
    assert.ok(cut.isWellFormed());
  }
});
