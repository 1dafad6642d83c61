import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { HtmlValidate } from "html-validate";
import {
  archivePage,
  ASSETS,
  indexPage,
  MERMAID_PATH,
  platformNotFound,
  postPage,
  readingMinutes,
  searchPage,
  tagPage,
} from "../../render/blog/mod.ts";
import { EVERYTHING, LIST, pagesOf, postOf, SITE, siteWith, SUMMARY, THEMES } from "./_blog.ts";

const VALIDATOR = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: {
    // A post may be named at any length, and white space at a line's end is no fault of the page.
    "long-title": "off",
    "no-trailing-whitespace": "off",
    // deno fmt writes it so in templates.
    "doctype-style": ["error", { style: "lowercase" }],
    // Those of footnotes have a colon, so that no heading can have the same.
    "valid-id": ["error", { relaxed: true }],
  },
});
const POST = postOf(EVERYTHING);
const PLAIN_PAGE = postPage(SITE, postOf("Only text.")).html;

async function faultsOf(html: string): Promise<string[]> {
  const report = await VALIDATOR.validateString(html);
  return report.results
    .flatMap((result) => result.messages)
    .map(({ ruleId, message, line }) => `${line} ${ruleId}: ${message}`);
}

for (const theme of THEMES) {
  Deno.test(`every page in ${theme} is valid HTML`, async () => {
    for (const [name, { html }] of Object.entries(pagesOf(siteWith({ theme })))) {
      assert.deepEqual(await faultsOf(html), [], name);
    }
  });

  Deno.test(`a post of 1,000 words in ${theme} is at most 15 kB compressed, with one of everything`, () => {
    const seed = [...EVERYTHING.matchAll(/[a-z]+/gi)].map(([word]) => word.toLowerCase());
    const words = Array.from({ length: 1000 }, (_, i) => seed[(i * 7919) % seed.length] + i % 97);
    const page = postPage(siteWith({ theme }), postOf(`${EVERYTHING}\n\n${words.join(" ")}`));
    const bytes = gzipSync(page.html).length;
    assert.ok(bytes <= 15_000, `${bytes} bytes`);
  });
}

Deno.test("the page of no blog is valid HTML without a script", async () => {
  assert.deepEqual(await faultsOf(platformNotFound), []);
  assert.doesNotMatch(platformNotFound, /<script|postlark/i);
});

Deno.test("a page asks nothing of another origin, and of its own only what its text needs", () => {
  const requests = /<link rel="(?:stylesheet|preload|preconnect|icon)|\ssrc="|@import|url\(/;
  for (const [name, { html }] of Object.entries(pagesOf(SITE))) {
    if (name !== "a post") assert.doesNotMatch(html, requests, name);
  }
  const sources = [...postPage(SITE, POST).html.matchAll(/\ssrc="([^"]*)"/g)].map(([, src]) => src);
  assert.deepEqual(sources, [
    ...ASSETS.map((asset) => asset.path),
    "/picture.png",
    "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
  ]);
});

Deno.test("the only script of a text is the toggle, of at most 300 bytes", () => {
  const scripts = [...PLAIN_PAGE.matchAll(/<script>(.*?)<\/script>/gs)];
  assert.equal(scripts.length, 1);
  assert.match(scripts[0][1], /localStorage/);
  assert.ok(new TextEncoder().encode(scripts[0][1]).length <= 300);
  assert.equal(PLAIN_PAGE.match(/<script/g)!.length, 2, "and the structured data");
});

Deno.test("a page brings the styles of its own theme and of what its text holds, and no others", () => {
  const callout = postPage(SITE, postOf("> [!NOTE]\n> x")).html;
  assert.match(callout, /\.callout-title\{/);
  assert.doesNotMatch(callout, /\.hljs-keyword|\.toc\{|\.footnotes\{/);
  assert.doesNotMatch(PLAIN_PAGE, /\.callout|\.hljs|\.posts\{|:lang\(ja\)/);
  const sheets = THEMES.map((theme) =>
    /<style>(.*?)<\/style>/s.exec(postPage(siteWith({ theme }), POST).html)![1]
  );
  assert.equal(new Set(sheets).size, 3);
});

Deno.test("the scripts that pages refer to have the hash of their text in their name", () => {
  for (const { path, body, type } of ASSETS) {
    assert.match(path, /^\/_\/[a-z]+\./);
    assert.match(type, /^text\/javascript/);
    const hash = createHash("sha256").update(body).digest("hex");
    assert.ok(path.endsWith(`.${hash.slice(0, 12)}.js`));
  }
  assert.ok(ASSETS.some(({ body }) => body.includes(`import("${MERMAID_PATH}")`)));
});

Deno.test("what is written by the owner or a reader's link is escaped wherever it shows", () => {
  const hostile = `"'><img src=x onerror=alert(1)></script><!--{{content}}&`;
  const site = { ...SITE, name: hostile, description: hostile };
  const summary = {
    ...SUMMARY,
    title: hostile,
    description: hostile,
    tags: [hostile],
    lang: hostile,
  };
  const neighbour = { title: hostile, url: `https://blog.example/${hostile}` };
  const pages = [
    postPage(
      site,
      postOf("x", {
        ...{ title: hostile, description: hostile, tags: [hostile], lang: hostile },
        ...{ slug: hostile, url: `https://blog.example/${hostile}`, ogImage: hostile },
        ...{ canonical: `https://blog.example/${hostile}`, newer: neighbour, older: neighbour },
      }),
    ),
    indexPage(site, { posts: [summary], page: 2, totalPages: 3 }),
    tagPage(site, { tag: hostile, posts: [summary], page: 2, totalPages: 3 }),
    archivePage(site, {
      months: [{ year: 2026, month: 1, posts: [summary] }],
      page: 2,
      totalPages: 3,
    }),
    searchPage(site, {
      q: hostile,
      results: { kind: "found", total: 60, posts: [summary], page: 2, totalPages: 3 },
    }),
    searchPage(site, { q: hostile, results: { kind: "too_long", max: 10 } }),
  ];
  for (const { html } of pages) {
    // In structured data, only what ends it has to be escaped.
    const markup = html.replace(/<script type="application\/ld\+json">[^<]*<\/script>/, "");
    assert.doesNotMatch(markup, /<img|<!--|'>|onerror=alert\(1\)>/);
    assert.equal(html.match(/<\/script>/g)!.length, html.match(/<script/g)!.length);
    assert.match(html, /&lt;img src=x onerror=alert\(1\)&gt;/);
  }
});

Deno.test("addresses that are neither http nor https are left out", () => {
  const { html } = postPage(SITE, {
    ...POST,
    canonical: "javascript:alert(1)",
    ogImage: "data:image/png,x",
    newer: { title: "N", url: "javascript:alert(1)" },
  });
  assert.match(html, /<link rel="canonical" href="https:\/\/blog.example\/a-post">/);
  assert.doesNotMatch(html, /og:image|javascript:|data:/);
});

Deno.test("a post says when it was published and, if on a later day, changed", () => {
  assert.match(PLAIN_PAGE, /<time datetime="2026-11-02T23:30:00.000Z">November 2, 2026<\/time>/);
  assert.match(PLAIN_PAGE, /Updated <time datetime="2026-11-05/);
  const same = postPage(SITE, { ...POST, updatedAt: "2026-11-02T23:59:00.000Z" }).html;
  assert.doesNotMatch(same, /Updated/);
  assert.doesNotMatch(postPage(SITE, { ...POST, publishedAt: null }).html, /<time/);
});

Deno.test("reading takes as long as the script allows, and a minute at least", () => {
  assert.equal(readingMinutes(3, "en"), 1);
  assert.equal(readingMinutes(1100, "en"), 5);
  assert.equal(readingMinutes(1350, "ja"), 3);
  assert.match(postPage(SITE, { ...POST, words: 1100 }).html, /<span>5 min read<\/span>/);
  assert.match(postPage(SITE, { ...POST, words: 1350, lang: "ja" }).html, /<span>3 分<\/span>/);
});

Deno.test("a page is in the language of its text, and our own words in English", () => {
  const { html } = postPage(SITE, { ...POST, lang: "ar" });
  assert.match(html, /<html lang="ar" dir="rtl">/);
  assert.match(html, /<div class="body" dir="rtl">/);
  assert.match(html, /<span lang="en" dir="ltr">Skip to content<\/span>/);
  assert.match(html, /<time datetime="2026-11-02T23:30:00.000Z">2 نوفمبر 2026<\/time>/);
  assert.match(PLAIN_PAGE, /<html lang="en" dir="ltr">/);
  assert.doesNotMatch(PLAIN_PAGE, /lang="en" dir="ltr">Skip/);
  assert.match(postPage(SITE, { ...POST, lang: "no language" }).html, /<html lang="en" dir="ltr">/);
});

Deno.test("a list is in the language of most of its posts, the others are marked", () => {
  const { html } = indexPage(SITE, { posts: LIST, page: 1, totalPages: 1 });
  assert.match(html, /<html lang="en" dir="ltr">/);
  assert.match(html, /<article lang="ja" dir="ltr">\s*<h2 dir="auto"><a href="\/ja">日本語/);
  assert.match(html, /<article lang="ar" dir="rtl">/);
  assert.match(html, /:lang\(ja\)\{--cjk:/);
});

Deno.test("Chinese is set in the fonts of its own script", () => {
  const traditional = postPage(SITE, { ...POST, lang: "zh-TW" }).html;
  assert.match(traditional, /:lang\(zh-Hant,zh-TW,zh-HK,zh-MO\)\{--cjk:"Songti TC"/);
  assert.match(postPage(SITE, { ...POST, lang: "zh" }).html, /:lang\(zh\)\{--cjk:"Songti SC"/);
});

Deno.test("links within the blog stay on the reader's host and below its base", () => {
  const site = { ...SITE, url: "https://postlark.example/@tom", base: "/@tom" };
  const url = "https://postlark.example/@tom/a-post";
  const { html } = postPage(
    site,
    postOf("x", { url, newer: { title: "N", url: `${url}-2?a=1#b` } }),
  );
  const links = [...html.matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, href]) => href);
  assert.deepEqual(links, [
    ...["#Content", "/@tom/", "/@tom/archive", "/@tom/search", "/@tom/rss.xml"],
    ...["/@tom/tag/deno", "/@tom/tag/c%2B%2B%20%26%20%3Cb%3E"],
    ...["/older", "/@tom/a-post-2?a=1#b"],
    ...["/@tom/", "/@tom/rss.xml", "/@tom/atom.xml", "/@tom/feed.json"],
  ]);
  assert.match(html, /<link rel="canonical" href="https:\/\/postlark.example\/@tom\/a-post">/);
});

Deno.test("a list links to the pages around it, and names itself in its canonical address", () => {
  const paged = { posts: LIST, page: 2, totalPages: 3 };
  const index = indexPage(SITE, paged).html;
  assert.match(index, /<a rel="prev" href="\/">Newer posts<\/a>/);
  assert.match(index, /<a rel="next" href="\/\?page=3">Older posts<\/a>/);
  assert.match(index, /<link rel="canonical" href="https:\/\/blog.example\/\?page=2">/);
  const tag = tagPage(SITE, { tag: "a/b ?", ...paged }).html;
  assert.match(tag, /<a rel="next" href="\/tag\/a%2Fb%20%3F\?page=3">/);
  assert.match(
    tag,
    /<link rel="canonical" href="https:\/\/blog.example\/tag\/a%2Fb%20%3F\?page=2">/,
  );
  const alone = indexPage(SITE, { posts: LIST, page: 1, totalPages: 1 }).html;
  assert.doesNotMatch(alone, /Older posts|Page 1/);
});

Deno.test("the archive groups posts by year and month", () => {
  const { html } = pagesOf(SITE)["the archive"];
  const headings = [...html.matchAll(/<h[123][^>]*>([^<]*)</g)].map(([, text]) => text);
  assert.deepEqual(headings, ["Archive", "2026", "November", "October", "2025", "December"]);
  assert.match(html, /<a href="\/archive" aria-current="page">/);
});

Deno.test("a search works without a script, is labelled, and keeps what was asked for", () => {
  const site = { ...SITE, base: "/@tom" };
  const { html } = searchPage(site, { q: 'a "b" & c', results: { kind: "none" } });
  assert.match(html, /<form class="search" action="\/@tom\/search">/);
  assert.match(html, /<label for="Query">Search<\/label>/);
  assert.match(html, /<input id="Query" type="search" name="q" value="a &quot;b&quot; &amp; c"/);
  assert.match(html, /<a href="\/@tom\/search" aria-current="page">/);
});

Deno.test("a search says how many posts it found, and leads to the pages around it", () => {
  const found = (total: number, page: number) =>
    searchPage(SITE, {
      q: "c++ & d",
      results: { kind: "found", total, posts: LIST, page, totalPages: Math.ceil(total / 20) },
    }).html;
  assert.match(found(1, 1), /1 post matches <b dir="auto">c\+\+ &amp; d<\/b>/);
  assert.match(found(41, 2), /41 posts match /);
  assert.match(found(41, 2), /<a rel="prev" href="\/search\?q=c%2B%2B\+%26\+d">Previous page<\/a>/);
  assert.match(found(41, 2), /<a rel="next" href="\/search\?q=c%2B%2B\+%26\+d&amp;page=3">/);
  assert.match(pagesOf(SITE)["a search without a hit"].html, /No post matches <b/);
});

Deno.test("a search for too much says so at its field", () => {
  const { html } = pagesOf(SITE)["a search for too much"];
  assert.match(html, /aria-invalid="true" aria-describedby="Note"/);
  assert.match(html, /<p id="Note">A search has at most 100 characters/);
});

Deno.test("a page is noindex when the blog or the post is, and when it is an error", () => {
  const robots = /<meta name="robots" content="noindex">/;
  assert.doesNotMatch(PLAIN_PAGE, robots);
  assert.match(postPage(SITE, { ...POST, noindex: true }).html, robots);
  for (const { html } of Object.values(pagesOf({ ...SITE, noindex: true }))) {
    assert.match(html, robots);
  }
  for (const name of ["404", "410", "the search", "a search"]) {
    assert.match(pagesOf(SITE)[name].html, robots);
  }
  assert.match(platformNotFound, robots);
});

Deno.test("the badge shows where the blog has it, and our name nowhere on a blog without it", () => {
  assert.match(PLAIN_PAGE, /Published with Postlark/);
  assert.doesNotMatch(postPage({ ...SITE, badge: false }, POST).html, /Published with/);
  for (const { html } of Object.values(pagesOf({ ...SITE, brand: false }))) {
    assert.doesNotMatch(html, /postlark/i);
  }
});
