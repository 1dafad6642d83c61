import assert from "node:assert/strict";
import { renderMarkdown } from "../../render/markdown/mod.ts";
import { assertSafeHtml } from "./_safe_html.ts";

/** The HTML with each formula as its source between brackets. */
function formulas(source: string): string {
  const { html } = renderMarkdown(source);
  assertSafeHtml(html);
  return html.replace(
    /<math[^>]*>.*?<annotation[^>]*>(.*?)<\/annotation><\/semantics><\/math>/gs,
    "[$1]",
  )
    .trim();
}

Deno.test("$…$ is typeset as MathML on the server, without styles or classes", () => {
  const { html } = renderMarkdown(
    "$\\frac{a}{b}$ $\\boxed{x}$ $\\fcolorbox{red}{blue}{x} \\vcenter{y}$",
  );
  assert.match(
    html,
    /<math xmlns="http:\/\/www.w3.org\/1998\/Math\/MathML"><semantics><mrow><mfrac>/,
  );
  assert.doesNotMatch(html, / style=| class=|katex/);
});

Deno.test("$…$ is math next to Hangul, punctuation and brackets", () => {
  assert.equal(formulas("값 $x$는 ($y$), $z$."), "<p>값 [x]는 ([y]), [z].</p>");
});

Deno.test("amounts of money are no math", () => {
  for (
    const text of ["$5 and $6", "from $5 to $6, or US$7", "$5", "a$b$c", "$ x $", "$x $", "$x$5"]
  ) {
    assert.equal(formulas(text), `<p>${text}</p>`);
  }
});

Deno.test("an escaped dollar opens and closes nothing", () => {
  assert.equal(formulas("\\$x$ and $a\\$b$"), "<p>$x$ and [a\\$b]</p>");
});

Deno.test("a formula may go on in the next line, and not past a blank one", () => {
  assert.equal(formulas("$a +\nb$"), "<p>[a +\nb]</p>");
  assert.equal(formulas("$a\n\nb$"), "<p>$a</p>\n<p>b$</p>");
});

Deno.test("marks of emphasis and links within a formula are the formula's", () => {
  assert.equal(formulas("$a_b$ and $c_d$"), "<p>[a_b] and [c_d]</p>");
  assert.equal(formulas("*see $a*b$ and $x_{1}$*"), "<p><em>see [a*b] and [x_{1}]</em></p>");
  assert.equal(formulas("**$a**b$**"), "<p><strong>[a**b]</strong></p>");
  assert.equal(formulas("$[a](b)$"), "<p>[[a](b)]</p>");
});

Deno.test("dollars within code are code", () => {
  assert.equal(formulas("`$x$` $y$"), "<p><code>$x$</code> [y]</p>");
  assert.match(formulas("```txt\n$x$ $$y$$\n```"), /\$x\$ \$\$y\$\$/);
  assert.match(formulas("    $$\n    x\n    $$"), /\$\$\nx\n\$\$/);
});

Deno.test("$$…$$ on lines of its own is a block that scrolls", () => {
  const block = '<div class="math" tabindex="0">[x + y]</div>';
  assert.equal(formulas("$$\nx + y\n$$"), block);
  assert.equal(formulas("$$x + y$$"), block);
  assert.equal(formulas("text\n$$\nx + y\n$$\nmore"), `<p>text</p>\n${block}\n<p>more</p>`);
  assert.equal(
    formulas("- a\n\n  $$\n  x + y\n  $$"),
    `<ul>\n<li><p>a</p>\n${block}\n</li>\n</ul>`,
  );
  assert.equal(formulas("> $$\n> x + y\n> $$"), `<blockquote>\n${block}\n</blockquote>`);
});

Deno.test("$$…$$ within a line is displayed there", () => {
  assert.equal(formulas("a $$x$$ b"), '<p>a <span class="math">[x]</span> b</p>');
  assert.match(renderMarkdown("a $$x$$ b").html, /<math [^>]*display="block"/);
});

Deno.test("$$ that is not closed, or holds a blank line or nothing, is text", () => {
  assert.equal(formulas("$$\nx"), "<p>$$\nx</p>");
  assert.equal(formulas("$$\nx\n\ny\n$$"), "<p>$$\nx</p>\n<p>y\n$$</p>");
  assert.equal(formulas("$$ $$"), "<p>$$ $$</p>");
});

Deno.test("a math fence is a block of math", () => {
  assert.equal(formulas("```math\nx\n```"), '<div class="math" tabindex="0">[x]</div>');
});

Deno.test("a formula that cannot be read shows as escaped code", () => {
  assert.equal(
    formulas("$\\frac{<b>}$"),
    '<p><code class="math-error">$\\frac{&lt;b&gt;}$</code></p>',
  );
  assert.equal(
    formulas("$$\n}\n$$"),
    '<div class="math" tabindex="0"><code class="math-error">$$}$$</code></div>',
  );
});

Deno.test("a formula has no macros of its own and says nothing on the server's console", () => {
  const said: unknown[] = [];
  const { log, error, warn } = console;
  console.log = console.error = console.warn = (...args: unknown[]) => void said.push(args);
  try {
    for (
      const tex of [
        "\\def\\a{b}\\a",
        "\\message{a}",
        "\\errmessage{a}",
        "\\show\\a",
        "\\newcommand\\a{b}",
      ]
    ) {
      assert.match(renderMarkdown(`$${tex}$`).html, /math-error/, tex);
    }
    assert.match(
      renderMarkdown("$\\text{é 漢字} \\def$ $漢字 \\\\ é \\tag{1}$ $$한글 \\\\ b$$").html,
      /<math/,
    );
  } finally {
    Object.assign(console, { log, error, warn });
  }
  assert.deepEqual(said, []);
});

Deno.test("a formula links to nothing, loads nothing and sets no attributes", () => {
  for (
    const tex of [
      "\\href{javascript:alert(1)}{x}",
      "\\url{javascript:alert(1)}",
      "\\includegraphics{https://x.example/a.png}",
      '\\htmlStyle{color:red}{x} \\htmlClass{a" onclick="b}{x} \\htmlId{a}{x} \\htmlData{a=b}{x}',
      '\\color{red" onload="x}{y}',
      '\\text{<img src=x onerror="alert(1)">}',
      '\\char`< \\char"3C \\unicode{x3C} <script>',
      '\\tag{<b>"} x',
    ]
  ) {
    for (const source of [`$${tex}$`, `$$${tex}$$`, `\`\`\`math\n${tex}\n\`\`\``]) {
      const { html } = renderMarkdown(source);
      assertSafeHtml(html);
      assert.doesNotMatch(html, /<a |<img|\son\w+="|\sid="/);
    }
  }
});

Deno.test("\\char makes neither control characters nor lone surrogates", () => {
  const { html } = renderMarkdown('$\\char0 \\char7 \\char"D800 \\char"7F$');
  // deno-lint-ignore no-control-regex -- they are what is looked for
  assert.doesNotMatch(html, /[\0-\x08\x7F]/);
  assert.ok(html.isWellFormed());
});

Deno.test("the text and the headings of a post show a formula within a line as its source", () => {
  const { text, headings } = renderMarkdown("# On $x^2$\n\nLet $y$ be. $$z$$\n\n$$\nw\n$$");
  assert.equal(text, "On x^2 Let y be. z");
  assert.deepEqual(headings, [{ level: 1, id: "on-x2", text: "On x^2" }]);
});

Deno.test("math in the label of a link is typeset, and in an alt text is its source", () => {
  assert.equal(formulas("[$x$](/a)"), '<p><a href="/a">[x]</a></p>');
  assert.match(formulas("![a *$x$*](b.png)"), /alt="a x"/);
});

Deno.test("math in a table and in a heading is typeset", () => {
  assert.match(formulas("|$a$|\n|-|\n|$b$|"), /<th>\[a\]<\/th>[\s\S]*<td>\[b\]<\/td>/);
  assert.match(formulas("## $a$"), /<h2 id="a">\[a\] /);
});

Deno.test("uses.math is true only where something was typeset", () => {
  assert.equal(renderMarkdown("$x$").uses.math, true);
  assert.equal(renderMarkdown("`$x$` $}$").uses.math, false);
});
