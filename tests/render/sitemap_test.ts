import assert from "node:assert/strict";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { robotsTxt, sitemap, sitemapIndex } from "../../render/sitemap.ts";
import { SITE } from "./_blog.ts";

const ENTRIES = [
  { url: "https://blog.example/tag/a&b'<", lastmod: null },
  { url: "https://blog.example/a", lastmod: "2026-11-02T23:30:00.000Z" },
];

// deno-lint-ignore no-explicit-any -- as the document has it
function read(xml: string): any {
  assert.equal(XMLValidator.validate(xml), true);
  return new XMLParser({ ignoreAttributes: false, htmlEntities: true }).parse(xml);
}

Deno.test("a sitemap lists addresses, escaped, with the time of their last change where it is known", () => {
  const { urlset } = read(sitemap(ENTRIES));
  assert.equal(urlset["@_xmlns"], "http://www.sitemaps.org/schemas/sitemap/0.9");
  assert.deepEqual(urlset.url, [
    { loc: "https://blog.example/tag/a&b'<" },
    { loc: "https://blog.example/a", lastmod: "2026-11-02T23:30:00.000Z" },
  ]);
});

Deno.test("an index of sitemaps lists its parts", () => {
  const { sitemapindex } = read(
    sitemapIndex([{ ...ENTRIES[1], url: "https://blog.example/s1.xml" }]),
  );
  assert.deepEqual(sitemapindex.sitemap, {
    loc: "https://blog.example/s1.xml",
    lastmod: "2026-11-02T23:30:00.000Z",
  });
});

Deno.test("a sitemap of nothing is well-formed", () => {
  assert.match(sitemap([]), /<urlset[^>]*>\s*<\/urlset>/);
  read(sitemap([]));
});

Deno.test("robots.txt lets robots in and names the sitemap, or keeps them out of a blog that is noindex", () => {
  assert.equal(
    robotsTxt(SITE),
    "User-agent: *\nAllow: /\n\nSitemap: https://blog.example/sitemap.xml\n",
  );
  assert.equal(robotsTxt({ ...SITE, noindex: true }), "User-agent: *\nDisallow: /\n");
});
