import assert from "node:assert/strict";
import { renderMarkdown } from "../../render/markdown/mod.ts";
import { assertSafeHtml } from "./_safe_html.ts";

function html(source: string): string {
  const { html } = renderMarkdown(source);
  assertSafeHtml(html);
  return html.trim();
}

function callout(kind: string, title: string, content: string): string {
  return `<div class="callout callout-${kind}" role="note"><div class="callout-title">${title}</div>\n` +
    `${content}</div>`;
}

for (const kind of ["Note", "Tip", "Important", "Warning", "Caution"]) {
  Deno.test(`> [!${kind.toUpperCase()}] and :::${kind.toLowerCase()} are callouts called ${kind}`, () => {
    const expected = callout(kind.toLowerCase(), kind, "<p>a</p>\n");
    assert.equal(html(`> [!${kind.toUpperCase()}]\n> a`), expected);
    assert.equal(html(`> [!${kind.toLowerCase()}]\n> a`), expected);
    assert.equal(html(`:::${kind.toLowerCase()}\na\n:::`), expected);
    assert.equal(html(`::: ${kind}\na\n:::`), expected);
  });
}

Deno.test("a title of its own stands in place of the kind's name, with its marks", () => {
  const expected = callout("tip", "Be <em>kind</em>", "<p>a</p>\n");
  assert.equal(html("> [!TIP] Be *kind*\n> a"), expected);
  assert.equal(html(":::tip Be *kind*\na\n:::"), expected);
});

Deno.test("a callout holds blocks, in quotes and between colons alike", () => {
  const inner =
    '<p>a</p>\n<ul>\n<li>b</li>\n</ul>\n<figure class="code"><pre tabindex="0"><code class="hljs">:::\n</code></pre></figure>\n<p>c</p>\n';
  assert.equal(
    html("> [!NOTE]\n> a\n>\n> - b\n>\n> ```\n> :::\n> ```\n>\n> c"),
    callout("note", "Note", inner),
  );
  assert.equal(
    html(":::note\na\n\n- b\n\n```\n:::\n```\n\nc\n:::"),
    callout("note", "Note", inner),
  );
});

Deno.test("callouts nest, with more colons or as many", () => {
  const expected = callout("note", "Note", `${callout("tip", "T", "<p>a</p>\n")}\n<p>b</p>\n`);
  assert.equal(html(":::note\n:::tip T\na\n:::\nb\n:::"), expected);
  assert.equal(html("::::note\n:::tip T\na\n:::\nb\n::::"), expected);
  assert.equal(html("> [!NOTE]\n> > [!TIP] T\n> > a\n>\n> b"), expected);
  assert.equal(html("> [!NOTE]\n> :::tip T\n> a\n> :::\n> b"), expected);
});

Deno.test("what follows a callout is not in it", () => {
  assert.equal(html(":::note\na\n:::\nb"), `${callout("note", "Note", "<p>a</p>\n")}\n<p>b</p>`);
  assert.equal(html("> [!NOTE]\n> a\n\nb"), `${callout("note", "Note", "<p>a</p>\n")}\n<p>b</p>`);
  assert.equal(html("> [!NOTE]\n> a\nlazy"), callout("note", "Note", "<p>a\nlazy</p>\n"));
});

Deno.test("a callout may follow a line of text", () => {
  assert.equal(html("a\n:::note\nb\n:::"), `<p>a</p>\n${callout("note", "Note", "<p>b</p>\n")}`);
});

Deno.test("a ::: callout that is not closed goes to the end of what it is in", () => {
  assert.equal(html(":::note\na\n\nb"), callout("note", "Note", "<p>a</p>\n<p>b</p>\n"));
  assert.equal(
    html("- :::note\n  a\n\nb"),
    `<ul>\n<li>${callout("note", "Note", "<p>a</p>\n")}\n</li>\n</ul>\n<p>b</p>`,
  );
});

Deno.test("an empty callout has its title", () => {
  assert.equal(html("> [!NOTE] a"), callout("note", "a", ""));
  assert.equal(html(":::note\n:::"), callout("note", "Note", ""));
});

Deno.test("unknown kinds, text behind the bracket and single marks are no callouts", () => {
  assert.equal(html("> [!FOO]\n> a"), "<blockquote>\n<p>[!FOO]\na</p>\n</blockquote>");
  assert.equal(html("> a [!NOTE]"), "<blockquote>\n<p>a [!NOTE]</p>\n</blockquote>");
  assert.equal(html("> [!NOTE]a"), "<blockquote>\n<p>[!NOTE]a</p>\n</blockquote>");
  assert.equal(html("[!NOTE]"), "<p>[!NOTE]</p>");
  assert.equal(html(":::foo\na\n:::"), "<p>:::foo\na\n:::</p>");
  assert.equal(html("::note\na"), "<p>::note\na</p>");
  assert.equal(html(":::notes\na"), "<p>:::notes\na</p>");
  assert.equal(html("a\n:::"), "<p>a\n:::</p>");
});

Deno.test("callouts within code are code", () => {
  assert.doesNotMatch(html("```\n:::note\n> [!NOTE]\n:::\n```\n\n    :::note"), /callout/);
});

Deno.test("titles and contents of callouts are escaped and sanitised", () => {
  assert.equal(
    html(':::note <b onclick=x>t</b> <script>y</script> & "\n<img src=x onerror=y>\n:::'),
    callout("note", '<b>t</b>  &amp; "', '<img src="x" alt="" loading="lazy" decoding="async">\n'),
  );
  html("> [!NOTE] </div></div>\n> </div></div><div>");
});

Deno.test("the names of kinds are not part of the text, titles are", () => {
  assert.equal(renderMarkdown(":::note\na\n:::\n\n:::tip b\nc\n:::").text, "a b c");
});
