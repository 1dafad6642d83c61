import assert from "node:assert/strict";
import { indexPage, postPage } from "../../render/blog/mod.ts";
import { LIST, postOf, SITE } from "./_blog.ts";

const HOSTILE = "</script><script>alert(1)</script><!-- \u2028";
const POST = postOf("Text.");

// deno-lint-ignore no-explicit-any -- read as a crawler would
function dataOf(html: string): any[] {
  const blocks = [...html.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/gs)];
  assert.equal(blocks.length, 1);
  const { "@context": context, "@graph": graph } = JSON.parse(blocks[0][1]);
  assert.equal(context, "https://schema.org");
  return graph;
}

function metaOf(html: string): Record<string, string> {
  const found = html.matchAll(/<meta (?:property|name)="([^"]*)" content="([^"]*)">/g);
  return Object.fromEntries([...found].map(([, name, content]) => [name, content]));
}

Deno.test("a post's structured data has all that a BlogPosting is asked for", () => {
  const [posting, breadcrumbs] = dataOf(postPage(SITE, POST).html);
  const who = { "@type": "Organization", name: "Tom & <Jerry>", url: "https://blog.example/" };
  assert.deepEqual(posting, {
    "@type": "BlogPosting",
    "@id": "https://blog.example/a-post#post",
    headline: '<script>"T"</script>',
    description: "About <it> & more",
    image: ["https://blog.example/a-post/og.png"],
    datePublished: "2026-11-02T23:30:00.000Z",
    dateModified: "2026-11-05T10:00:00.000Z",
    author: who,
    publisher: who,
    mainEntityOfPage: { "@type": "WebPage", "@id": "https://blog.example/a-post" },
    url: "https://blog.example/a-post",
    inLanguage: "en",
    keywords: ["deno", "c++ & <b>"],
    wordCount: 1,
    isPartOf: { "@type": "Blog", "@id": "https://blog.example/#blog", name: "Tom & <Jerry>" },
  });
  assert.equal(breadcrumbs["@type"], "BreadcrumbList");
  assert.deepEqual(
    breadcrumbs.itemListElement.map((item: { name: string; item: string }) => item.item),
    ["https://blog.example/", "https://blog.example/a-post"],
  );
});

Deno.test("structured data cannot leave its script", () => {
  const site = { ...SITE, name: HOSTILE, description: HOSTILE };
  const { html } = postPage(site, {
    ...POST,
    title: HOSTILE,
    description: HOSTILE,
    tags: [HOSTILE],
  });
  const [posting] = dataOf(html);
  assert.equal(posting.headline, HOSTILE);
  assert.deepEqual(posting.keywords, [HOSTILE]);
  assert.equal(html.match(/<script/g)!.length, 2);
});

Deno.test("a post that was scheduled was not changed before it was published", () => {
  const scheduled = { ...POST, updatedAt: "2026-10-01T00:00:00.000Z" };
  const [posting] = dataOf(postPage(SITE, scheduled).html);
  assert.equal(posting.dateModified, posting.datePublished);
});

Deno.test("a post's Open Graph and Twitter card name its picture, with the size of a drawn one", () => {
  const meta = metaOf(postPage(SITE, POST).html);
  assert.equal(meta["og:type"], "article");
  assert.equal(meta["og:title"], "&lt;script&gt;&quot;T&quot;&lt;/script&gt;");
  assert.equal(meta["og:url"], "https://blog.example/a-post");
  assert.equal(meta["og:image"], "https://blog.example/a-post/og.png");
  assert.deepEqual([meta["og:image:width"], meta["og:image:height"]], ["1200", "630"]);
  assert.equal(meta["twitter:card"], "summary_large_image");
  assert.equal(meta["article:published_time"], "2026-11-02T23:30:00.000Z");
  const other = metaOf(postPage(SITE, { ...POST, ogImage: "https://x.example/i.png" }).html);
  assert.equal(other["og:image"], "https://x.example/i.png");
  assert.equal(other["og:image:width"], undefined);
});

Deno.test("a given canonical address is named, the page's own stays that of Open Graph", () => {
  const { html } = postPage(SITE, { ...POST, canonical: "https://other.example/x?a=1&b=2" });
  assert.match(html, /<link rel="canonical" href="https:\/\/other.example\/x\?a=1&amp;b=2">/);
  assert.equal(metaOf(html)["og:url"], "https://blog.example/a-post");
  assert.equal(dataOf(html)[0].mainEntityOfPage["@id"], "https://other.example/x?a=1&b=2");
});

Deno.test("a page names the feeds, and a post its source and its llms.txt where it has one", () => {
  const hrefs = (html: string) =>
    [...html.matchAll(/<link rel="alternate" type="([^"]*)" href="([^"]*)"/g)]
      .map(([, type, href]) => `${href} ${type}`);
  const feeds = [
    "/rss.xml application/rss+xml",
    "/atom.xml application/atom+xml",
    "/feed.json application/feed+json",
    "/llms.txt text/plain",
  ];
  const index = indexPage(SITE, { posts: LIST, page: 1, totalPages: 1 }).html;
  assert.deepEqual(hrefs(index), feeds);
  assert.deepEqual(hrefs(postPage(SITE, POST).html), [
    "/a-post.md text/markdown",
    "/a-post/llms.txt text/plain",
    ...feeds,
  ]);
  assert.deepEqual(hrefs(postPage({ ...SITE, postLlms: false }, POST).html), [
    "/a-post.md text/markdown",
    ...feeds,
  ]);
});

Deno.test("the front page says which blog it is, and how to search it", () => {
  const { html } = indexPage(SITE, { posts: LIST, page: 1, totalPages: 2 });
  const named = { name: "Tom & <Jerry>", url: "https://blog.example/" };
  assert.deepEqual(dataOf(html), [{
    "@type": "Blog",
    "@id": "https://blog.example/#blog",
    ...named,
    description: 'Notes "on" things',
  }, {
    "@type": "WebSite",
    "@id": "https://blog.example/#website",
    ...named,
    potentialAction: {
      "@type": "SearchAction",
      target: {
        "@type": "EntryPoint",
        urlTemplate: "https://blog.example/search?q={search_term_string}",
      },
      "query-input": "required name=search_term_string",
    },
  }]);
  assert.equal(metaOf(html).description, "Notes &quot;on&quot; things");
});
