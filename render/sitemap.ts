import type { Site } from "./blog_next/mod.ts";
import { element, parent, xmlDocument } from "./xml.ts";

/** An absolute address and when what is there last changed, ISO 8601; null where that is not known. */
export type SitemapEntry = { url: string; lastmod: string | null };

const NAMESPACE = { xmlns: "http://www.sitemaps.org/schemas/sitemap/0.9" };

/** A sitemap, or one part of it: at most 50,000 addresses. */
export function sitemap(urls: SitemapEntry[]): string {
  return xmlDocument(parent("urlset", urls.map((url) => entry("url", url)), NAMESPACE));
}

/** The list of the parts of a sitemap. */
export function sitemapIndex(parts: SitemapEntry[]): string {
  return xmlDocument(
    parent("sitemapindex", parts.map((part) => entry("sitemap", part)), NAMESPACE),
  );
}

/** What robots may read: everything, or nothing of a blog that is not to be indexed. */
export function robotsTxt(site: Site): string {
  if (site.noindex) return "User-agent: *\nDisallow: /\n";
  return `User-agent: *\nAllow: /\n\nSitemap: ${site.url}/sitemap.xml\n`;
}

function entry(name: string, { url, lastmod }: SitemapEntry): string {
  return parent(name, [element("loc", url), lastmod ? element("lastmod", lastmod) : ""]);
}
