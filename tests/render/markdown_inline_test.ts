import assert from "node:assert/strict";
import { renderMarkdown } from "../../render/markdown/mod.ts";
import { assertSafeHtml } from "./_safe_html.ts";

const ID = "dQw4w9WgXcQ";
const LINK = `<a href="https://youtu.be/${ID}" rel="noopener">https://youtu.be/${ID}</a>`;

function html(source: string): string {
  const { html } = renderMarkdown(source);
  assertSafeHtml(html);
  return html.trim();
}

/** The HTML with each player as the address it plays. */
function players(source: string): string {
  return html(source).replace(
    /<div class="video"><iframe src="https:\/\/www\.youtube-nocookie\.com\/embed\/([^"]*)"[^>]*><\/iframe><\/div>/g,
    "▶$1",
  );
}

Deno.test("names of emoji between colons become emoji", () => {
  assert.equal(html(":rocket: a:tada:b :+1: :e-mail:"), "<p>🚀 a🎉b 👍 📧</p>");
  assert.equal(
    html("**:rocket:** [:rocket:](/a)"),
    '<p><strong>🚀</strong> <a href="/a">🚀</a></p>',
  );
  assert.match(html("![:rocket:](a.png)"), /alt="🚀"/);
  assert.match(html("|:rocket:|\n|-|\n"), /<th>🚀<\/th>/);
});

Deno.test("other words between colons stay as they are", () => {
  for (
    const text of [
      ":nosuch:",
      ":rocket",
      "rocket:",
      "::",
      ":ROCKET:",
      "10:30:45",
      "a: b :c",

      ":constructor:",
    ]
  ) {
    assert.equal(renderMarkdown(text).text, text);
  }
});

Deno.test("a name that is none does not hide the emoji that begins with its last colon", () => {
  assert.equal(html("a:nosuch:tada: b:tada:nosuch:"), "<p>a:nosuch🎉 b🎉nosuch:</p>");
});

Deno.test("names of emoji within code and URLs are none", () => {
  assert.equal(html("`:rocket:`"), "<p><code>:rocket:</code></p>");
  assert.match(html("```\n:rocket:\n```"), /:rocket:/);
  assert.match(html("[a](/:rocket:)"), /href="\/:rocket:"/);
  assert.equal(
    html("see http://a.example/:rocket:/b"),
    '<p>see <a href="http://a.example/:rocket:/b" rel="noopener">http://a.example/:rocket:/b</a></p>',
  );
});

Deno.test("an escaped colon begins no emoji", () => {
  assert.equal(html("\\:rocket:"), "<p>:rocket:</p>");
});

Deno.test("a YouTube URL alone on a line becomes a player that sets no cookies", () => {
  assert.equal(
    html(`https://youtu.be/${ID}`),
    `<div class="video"><iframe src="https://www.youtube-nocookie.com/embed/${ID}" title="YouTube video" ` +
      'loading="lazy" referrerpolicy="strict-origin-when-cross-origin" ' +
      'allow="fullscreen; encrypted-media; picture-in-picture" allowfullscreen></iframe></div>',
  );
});

Deno.test("the three forms of YouTube's URLs are read, with or without www, https and parameters", () => {
  for (
    const url of [
      `https://www.youtube.com/watch?v=${ID}`,
      `https://youtube.com/watch?v=${ID}&list=a`,
      `https://m.youtube.com/watch?app=b&v=${ID}`,
      `http://youtu.be/${ID}?si=abc`,
      `https://www.youtube.com/embed/${ID}`,
      `youtube.com/watch?v=${ID}`,
      `youtu.be/${ID}`,
      `youtube.com/embed/${ID}`,
      `   https://youtu.be/${ID}  `,
    ]
  ) {
    assert.equal(players(url), `▶${ID}`, url);
  }
});

Deno.test("a player begins where the URL says", () => {
  assert.equal(players(`https://youtu.be/${ID}?t=42`), `▶${ID}?start=42`);
  assert.equal(players(`https://www.youtube.com/watch?v=${ID}&t=42s`), `▶${ID}?start=42`);
  assert.equal(players(`https://youtu.be/${ID}?t=1h"onload=x`), `▶${ID}`);
});

Deno.test("a YouTube URL with something beside it on its line is a link", () => {
  assert.equal(players(`see https://youtu.be/${ID}`), `<p>see ${LINK}</p>`);
  assert.equal(players(`- https://youtu.be/${ID}`), `<ul>\n<li>${LINK}</li>\n</ul>`);
  assert.match(
    players(`[a](https://youtu.be/${ID})`),
    /^<p><a href="[^"]*" rel="noopener">a<\/a><\/p>$/,
  );
  assert.match(players(`<https://youtu.be/${ID}>`), /^<p><a /);
});

Deno.test("a YouTube URL on a line of its own within a paragraph, a quote or an item is a player", () => {
  assert.equal(players(`a\nhttps://youtu.be/${ID}\nb`), `<p>a</p>\n▶${ID}\n<p>b</p>`);
  assert.equal(players(`> https://youtu.be/${ID}`), `<blockquote>\n▶${ID}\n</blockquote>`);
  assert.match(players(`- a\n\n  https://youtu.be/${ID}\n`), /<p>a<\/p>\n▶/);
});

Deno.test("a YouTube URL within code is code", () => {
  assert.doesNotMatch(players(`    https://youtu.be/${ID}\n\n\`https://youtu.be/${ID}\``), /▶/);
});

Deno.test("other addresses are no players", () => {
  for (
    const url of [
      "https://youtu.be/short",
      `https://youtu.be/${ID}x`,
      `https://evil.example/youtu.be/${ID}`,
      `https://youtube.com.evil.example/watch?v=${ID}`,
      `https://evilyoutube.com/watch?v=${ID}`,
      `https://www.youtube.com/watch?x=${ID}`,
      "https://youtu.be/<script>al",
      `https://youtu.be/${ID}/../x`,
    ]
  ) {
    assert.doesNotMatch(players(url), /▶/, url);
  }
});

Deno.test("uses.youtube is true only for text with a player, which is no link of the text", () => {
  const { uses, links, text } = renderMarkdown(`https://youtu.be/${ID}`);
  assert.deepEqual([uses.youtube, links, text], [true, [], ""]);
  assert.equal(renderMarkdown(`a https://youtu.be/${ID}`).uses.youtube, false);
});

Deno.test("task lists nest, are read in ordered lists, and stay with their text", () => {
  assert.match(
    html("1. [x] a\n   - [ ] b"),
    /<ol>\n<li><input [^>]* checked [^>]*> a<ul>\n<li><input (?:(?!checked)[^>])*> b<\/li>/,
  );
  assert.match(html("- [x] a\n\n- [ ] b"), /<li><p><input [^>]*> a<\/p>\n<\/li>/);
});

Deno.test("brackets that are no task stay text", () => {
  for (const source of ["- [y] a", "- [x]a", "[x] a", "- \\[x] a", "`- [x] a`", "    - [x] a"]) {
    assert.doesNotMatch(html(source), /<input/, source);
  }
});

Deno.test("links lists the addresses of the text's links, those in HTML too, and of nothing else", () => {
  const source =
    '# a\n\n[b](/b?x=1&y=2 "t") <a title="c" href="#d">e</a> <https://f.example> [g](javascript:h) ' +
    "[i][j][^k]\n\n[j]: ../l 'm'\n\n[^k]: [n](/한글)\n";
  assert.deepEqual(renderMarkdown(source).links, [
    "/b?x=1&y=2",
    "#d",
    "https://f.example",
    "../l",
    "/%ED%95%9C%EA%B8%80",
  ]);
});

Deno.test("images lists the text's images with their alt texts", () => {
  assert.deepEqual(
    renderMarkdown('![a "b" & *c*](/d.png) ![](e.png) <img src="f.png"> <img alt="g" src="h.png">')
      .images,
    [
      { src: "/d.png", alt: 'a "b" & c' },
      { src: "e.png", alt: "" },
      { src: "f.png", alt: "" },
      { src: "h.png", alt: "g" },
    ],
  );
});
