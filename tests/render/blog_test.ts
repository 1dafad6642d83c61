import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { HtmlValidate } from "html-validate";
import {
  BLOG_CSP,
  gonePage,
  indexPage,
  notFoundPage,
  platformNotFound,
  type PostPage,
  postPage,
  type PostSummary,
  type Site,
} from "../../render/blog/mod.ts";
import { renderMarkdown } from "../../render/markdown/mod.ts";

const SITE: Site = {
  name: "Tom & <Jerry>",
  description: 'Notes "on" things',
  url: "https://blog.example",
  noindex: false,
  badge: true,
};
const BODY =
  "Text with `code`.\n\n# A heading\n\n- [x] a\n- [ ] b\n\n|a|b|\n|:-|-:|\n|c|d|\n\n```ts\nlet a = 1;\n```\n\n> A quote\n\n![alt](/i.png)\n";
const POST: PostPage = {
  title: '<script>"T"</script>',
  url: "/a-post",
  html: renderMarkdown(BODY).html,
  description: "About <it> & more",
  ogImage: null,
  canonical: null,
  noindex: false,
  tags: ["deno", "c++ & <b>"],
  publishedAt: "2026-11-02T23:30:00.000Z",
  updatedAt: "2026-11-05T10:00:00.000Z",
};
const SUMMARY: PostSummary = { ...POST, publishedAt: "2026-11-02T23:30:00.000Z" };
const LIST = {
  posts: [SUMMARY, { ...SUMMARY, url: "/b", title: "B", tags: [] }],
  page: 2,
  totalPages: 3,
};

const PAGES: Record<string, string> = {
  postPage: postPage(SITE, POST),
  indexPage: indexPage(SITE, LIST),
  "indexPage of an empty blog": indexPage(SITE, { posts: [], page: 1, totalPages: 0 }),
  notFoundPage: notFoundPage(SITE),
  gonePage: gonePage(SITE),
  platformNotFound,
};

const VALIDATOR = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: {
    // A post may be named at any length, and white space at a line's end is no fault of the page.
    "long-title": "off",
    "no-trailing-whitespace": "off",
    // deno fmt writes it so in templates.
    "doctype-style": ["error", { style: "lowercase" }],
  },
});

for (const [name, page] of Object.entries(PAGES)) {
  Deno.test(`${name} is valid HTML`, async () => {
    const report = await VALIDATOR.validateString(page);
    const faults = report.results.flatMap((result) => result.messages);
    assert.deepEqual(
      faults.map(({ ruleId, message, line }) => `${line} ${ruleId}: ${message}`),
      [],
    );
  });

  Deno.test(`${name} has no script and only the style that BLOG_CSP allows`, () => {
    assert.doesNotMatch(page, /<script|\son\w+=|style="|javascript:/i);
    const styles = [...page.matchAll(/<style>([\s\S]*?)<\/style>/g)];
    assert.equal(styles.length, 1);
    const hash = createHash("sha256").update(styles[0][1]).digest("base64");
    assert.ok(BLOG_CSP.includes(`style-src 'sha256-${hash}'`));
  });

  Deno.test(`${name} makes no request of its own`, () => {
    assert.doesNotMatch(
      page.replace(/<img src="\/i.png"/, ""),
      /<link rel="(?!canonical)|\ssrc=|@import|url\(/,
    );
  });
}

Deno.test("BLOG_CSP forbids everything that it does not name, and inline styles and scripts", () => {
  assert.match(BLOG_CSP, /^default-src 'none'; /);
  assert.doesNotMatch(BLOG_CSP, /unsafe|data:|script-src|\*/);
  assert.match(
    BLOG_CSP,
    /img-src https: http:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
  );
});

Deno.test("postPage escapes what the author named", () => {
  assert.match(
    PAGES.postPage,
    /<h1 class="title" dir="auto">&lt;script&gt;&quot;T&quot;&lt;\/script&gt;<\/h1>/,
  );
  assert.match(PAGES.postPage, /Tom &amp; &lt;Jerry&gt;/);
  assert.match(
    PAGES.postPage,
    /<a href="\/tag\/c%2B%2B%20%26%20%3Cb%3E" rel="tag" dir="auto">#c\+\+ &amp; &lt;b&gt;<\/a>/,
  );
});

Deno.test("postPage holds the post's HTML as it is", () => {
  assert.ok(PAGES.postPage.includes(POST.html));
});

Deno.test("postPage says when the post was published and, if on a later day, changed", () => {
  assert.match(
    PAGES.postPage,
    /<time datetime="2026-11-02T23:30:00.000Z">November 2, 2026<\/time>/,
  );
  assert.match(PAGES.postPage, /Updated <time datetime="2026-11-05/);
  const same = postPage(SITE, { ...POST, updatedAt: "2026-11-02T23:59:00.000Z" });
  assert.doesNotMatch(same, /Updated/);
  assert.doesNotMatch(postPage(SITE, { ...POST, publishedAt: null }), /<time/);
});

Deno.test("postPage names the given canonical URL, else its own", () => {
  assert.match(PAGES.postPage, /<link rel="canonical" href="https:\/\/blog.example\/a-post">/);
  const moved = postPage(SITE, { ...POST, canonical: "https://other.example/x?a=1&b=2" });
  assert.match(moved, /<link rel="canonical" href="https:\/\/other.example\/x\?a=1&amp;b=2">/);
  assert.match(moved, /<meta property="og:url" content="https:\/\/blog.example\/a-post">/);
});

Deno.test("postPage leaves out URLs that are neither http nor https", () => {
  const page = postPage(SITE, {
    ...POST,
    canonical: "javascript:alert(1)",
    ogImage: "data:image/png,x",
  });
  assert.match(page, /<link rel="canonical" href="https:\/\/blog.example\/a-post">/);
  assert.doesNotMatch(page, /og:image|javascript|data:/);
  const given = postPage(SITE, { ...POST, ogImage: "https://x.example/i.png" });
  assert.match(given, /<meta property="og:image" content="https:\/\/x.example\/i.png">/);
});

Deno.test("a page is noindex when the blog or the post is, and when it is an error", () => {
  const robots = /<meta name="robots" content="noindex">/;
  assert.doesNotMatch(PAGES.postPage, robots);
  assert.doesNotMatch(PAGES.indexPage, robots);
  assert.match(postPage(SITE, { ...POST, noindex: true }), robots);
  assert.match(postPage({ ...SITE, noindex: true }, POST), robots);
  assert.match(indexPage({ ...SITE, noindex: true }, LIST), robots);
  for (const page of [PAGES.notFoundPage, PAGES.gonePage, platformNotFound]) {
    assert.match(page, robots);
  }
});

Deno.test("the badge shows only when the blog has it", () => {
  assert.match(PAGES.postPage, /Published with Postlark/);
  assert.doesNotMatch(postPage({ ...SITE, badge: false }, POST), /Published with/);
});

Deno.test("indexPage links to the posts and to the pages around it", () => {
  assert.match(PAGES.indexPage, /<a href="\/a-post">/);
  assert.match(PAGES.indexPage, /<a rel="prev" href="\/">/);
  assert.match(PAGES.indexPage, /<a rel="next" href="\/\?page=3">/);
  assert.match(PAGES.indexPage, /<link rel="canonical" href="https:\/\/blog.example\/\?page=2">/);
  assert.doesNotMatch(indexPage(SITE, { ...LIST, page: 3 }), /rel="next"/);
  assert.doesNotMatch(indexPage(SITE, { ...LIST, page: 1, totalPages: 1 }), /rel="(prev|next)"/);
});

Deno.test("indexPage keeps links to posts on the host that the reader is on", () => {
  for (const url of ["https://blog.example/b", "https://other.example//b", "javascript:alert(1)"]) {
    const page = indexPage(SITE, { posts: [{ ...SUMMARY, url }], page: 1, totalPages: 1 });
    assert.match(page, url.startsWith("https") ? /<a href="\/b">/ : /<h2 dir="auto"><a href="\/">/);
  }
});
