import assert from "node:assert/strict";
import { renderMarkdown } from "../../render/markdown/mod.ts";

function html(source: string): string {
  return renderMarkdown(source).html;
}

/** The classes of each line of the first code block. */
function lineClasses(source: string): string[] {
  return Array.from(
    html(source).matchAll(/<span class="line([^"]*)">/g),
    ([, rest]) => rest.trim(),
  );
}

/** What a reader sees of the first code block. */
function shown(source: string): string {
  const code = /<code[^>]*>([\s\S]*?)<\/code>/.exec(html(source))![1];
  return code.replace(/<[^>]*>/g, "").replaceAll("&lt;", "<").replaceAll("&gt;", ">");
}

Deno.test("a fence becomes a figure, with its title as caption", () => {
  assert.equal(
    html('```txt title="a file.ts"\nx\n```'),
    '<figure class="code"><figcaption>a file.ts</figcaption><pre tabindex="0">' +
      '<code class="hljs language-txt">x\n</code></pre></figure>\n',
  );
  assert.match(html("```ts title='b.ts'\n```"), /<figcaption>b.ts</);
  assert.match(html("```ts title=c.ts\n```"), /<figcaption>c.ts</);
  assert.doesNotMatch(html('```ts title=""\n```'), /figcaption/);
  assert.doesNotMatch(html('```ts subtitle="d"\n```'), /figcaption/);
});

Deno.test("a title is escaped, and options inside of it are none", () => {
  const rendered = html('```ts title="<b>&{1} showLineNumbers"\na\n```');
  assert.match(rendered, /<figcaption>&lt;b&gt;&amp;\{1\} showLineNumbers<\/figcaption>/);
  assert.doesNotMatch(rendered, /class="line|numbered/);
});

Deno.test("a title without its closing quote ends at nothing and does no harm", () => {
  const rendered = html('```ts title="abc {1}\na\n```');
  assert.doesNotMatch(rendered, /figcaption/);
  assert.match(rendered, /language-ts/);
});

Deno.test("{1,3-4} marks these lines and no others", () => {
  assert.deepEqual(lineClasses("```txt {1,3-4}\na\nb\nc\nd\ne\n```"), [
    "marked",
    "",
    "marked",
    "marked",
    "",
  ]);
  assert.deepEqual(lineClasses("```txt {2}\na\nb\n```"), ["", "marked"]);
  assert.deepEqual(lineClasses("```txt{ 1 , 9-99999999 }\na\n```"), ["marked"]);
});

Deno.test("braces that hold no lines mark none", () => {
  assert.deepEqual(lineClasses("```txt {a}\nb\n```"), []);
  assert.deepEqual(lineClasses("```txt {}\nb\n```"), []);
  assert.deepEqual(lineClasses("```txt {3-1,-,0}\na\nb\nc\n```"), ["", "", ""]);
});

Deno.test("showLineNumbers puts each line in a span, empty ones and the last too", () => {
  const rendered = html("```txt showLineNumbers\na\n\nb\n```");
  assert.match(rendered, /<code class="hljs language-txt numbered">/);
  assert.match(
    rendered,
    /<span class="line">a\n<\/span><span class="line">\n<\/span><span class="line">b\n<\/span><\/code>/,
  );
  assert.match(html("``` showLineNumbers\na\n```"), /<code class="hljs numbered">/);
});

Deno.test("a span of the highlighter that goes over lines is closed and opened again in each", () => {
  const lines = html("```js showLineNumbers\n/* a\nb */ let c\n```").split('<span class="line">');
  assert.equal(lines[1], '<span class="hljs-comment">/* a</span>\n</span>');
  assert.ok(
    lines[2].startsWith('<span class="hljs-comment">b */</span> <span class="hljs-keyword">'),
  );
});

Deno.test("a diff- fence takes the signs off its lines, colours them and highlights the rest", () => {
  const source = "```diff-js\n let a\n-let b\n+let c\nlet d\n\n```";
  assert.deepEqual(lineClasses(source), ["", "del", "add", "", ""]);
  assert.equal(shown(source), " let a\n-let b\n+let c\n let d\n \n");
  assert.match(html(source), /class="hljs language-js"/);
  assert.equal(html(source).split("hljs-keyword").length, 5);
  assert.match(html(source), /<span class="sign">-<\/span><span class="hljs-keyword">let/);
});

Deno.test("a diff fence is highlighted as a diff", () => {
  assert.match(html("```diff\n-a\n+b\n```"), /hljs-deletion.*\n.*hljs-addition/);
});

Deno.test("// [!code ++] and // [!code --] colour their line and are not shown", () => {
  const source = "```js\nlet a // [!code ++]\nlet b //[!code --]\nlet c\n```";
  assert.deepEqual(lineClasses(source), ["add", "del", ""]);
  assert.equal(shown(source), "+let a\n-let b\n let c\n");
});

Deno.test("[!code ++] works in the comments of other languages, and only in comments", () => {
  for (
    const comment of ["# [!code ++]", "-- [!code ++]", "<!-- [!code ++] -->", "/* [!code ++] */"]
  ) {
    assert.equal(shown(`\`\`\`txt\na ${comment}\n\`\`\``), "+a\n", comment);
  }
  for (const text of ["a [!code ++]", "a // [!code ++] b", "a // [!code +]", "// [!code"]) {
    assert.equal(shown(`\`\`\`txt\n${text}\n\`\`\``), `${text}\n`);
  }
});

Deno.test("code and the name of its language are escaped", () => {
  assert.match(html("```txt {1}\n<script>&\n```"), /&lt;script&gt;&amp;\n/);
  assert.match(html('```"><b> title="x"\na\n```'), /<code class="hljs">/);
});

Deno.test("an unclosed fence goes to the end, in a list to the end of its item", () => {
  assert.match(
    html("- ```txt {1}\n  a\n\nb"),
    /<li><figure[\s\S]*a\n<\/span>[\s\S]*<\/li>\n<\/ul>\n<p>b/,
  );
  assert.match(html("```txt\na\n\n# b"), /a\n\n# b\n<\/code>/);
});

Deno.test("indented code has neither language nor options", () => {
  assert.equal(
    html("    a {1}\n"),
    '<figure class="code"><pre tabindex="0"><code class="hljs">a {1}\n</code></pre></figure>\n',
  );
});

Deno.test("uses.code is true for text with a code block, and not for code within a line", () => {
  assert.equal(renderMarkdown("```\na\n```").uses.code, true);
  assert.equal(renderMarkdown("`a`").uses.code, false);
});

Deno.test("a mermaid fence becomes its escaped source, which uses.mermaid tells", () => {
  const { html, uses, text } = renderMarkdown(
    "```mermaid\na-->|<b>|c\n```\n\n> ```mermaid\n> d\n> ```",
  );
  assert.match(html, /^<pre class="mermaid">a--&gt;\|&lt;b&gt;\|c<\/pre>\n/);
  assert.match(html, /<blockquote>\n<pre class="mermaid">d<\/pre>/);
  assert.deepEqual(uses, { math: false, mermaid: true, code: false, youtube: false });
  assert.equal(text, "");
});
