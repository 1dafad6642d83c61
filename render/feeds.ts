import { escapeHtml, unescapeHtml } from "./escape.ts";
import type { PostSummary, Site } from "./blog/mod.ts";
import { cleanText, element, emptyElement, parent, xmlDocument } from "./xml.ts";

/** A post with all of its text, or "" for the description only; id is a UUID that stays when its address changes. */
export type FeedPost = PostSummary & { id: string; html: string; updatedAt: string };
/** The newest posts, newest first; updatedAt is of the last change of any, ISO 8601. */
export type Feed = { posts: FeedPost[]; updatedAt: string };

/** RSS 2.0 with the whole texts. */
export function rssFeed(blog: Site, { posts: written, updatedAt }: Feed): string {
  const { site, posts } = readable(blog, written);
  const lang = sharedLanguage(posts);
  const channel = parent("channel", [
    element("title", site.name),
    element("link", `${site.url}/`),
    element("description", site.description || site.name),
    emptyElement("atom:link", {
      rel: "self",
      type: "application/rss+xml",
      href: `${site.url}/rss.xml`,
    }),
    lang ? element("language", lang) : "",
    element("lastBuildDate", new Date(updatedAt).toUTCString()),
    site.brand ? element("generator", "Postlark") : "",
    ...posts.map(rssItem),
  ]);
  return xmlDocument(parent("rss", [channel], {
    version: "2.0",
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
  }));
}

/** Atom 1.0 with the whole texts. */
export function atomFeed(blog: Site, { posts: written, updatedAt }: Feed): string {
  const { site, posts } = readable(blog, written);
  const self = `${site.url}/atom.xml`;
  const feed = [
    element("id", `${site.url}/`),
    element("title", site.name),
    site.description && element("subtitle", site.description),
    element("updated", updatedAt),
    emptyElement("link", { rel: "self", type: "application/atom+xml", href: self }),
    emptyElement("link", { rel: "alternate", type: "text/html", href: `${site.url}/` }),
    parent("author", [element("name", site.name), element("uri", `${site.url}/`)]),
    site.brand ? element("generator", "Postlark") : "",
    ...posts.map(atomEntry),
  ];
  return xmlDocument(parent("feed", feed, { xmlns: "http://www.w3.org/2005/Atom" }));
}

/** JSON Feed 1.1 with the whole texts. */
export function jsonFeed(blog: Site, { posts: written }: Feed): string {
  const { site, posts } = readable(blog, written);
  const lang = sharedLanguage(posts);
  const feed = {
    version: "https://jsonfeed.org/version/1.1",
    title: site.name,
    home_page_url: `${site.url}/`,
    feed_url: `${site.url}/feed.json`,
    ...site.description && { description: site.description },
    ...lang && { language: lang },
    authors: [{ name: site.name, url: `${site.url}/` }],
    items: posts.map((post) => ({
      id: stableId(post),
      url: post.url,
      title: post.title,
      ...post.html
        ? { content_html: cleanText(wholeText(post)) }
        : { content_text: post.description },
      ...post.description && { summary: post.description },
      date_published: post.publishedAt,
      date_modified: modifiedAt(post),
      ...post.tags.length > 0 && { tags: post.tags },
      language: post.lang,
    })),
  };
  return JSON.stringify(feed, null, 1) + "\n";
}

/** Texts without what XML forbids; where nothing is left of a name, the address stands for it. */
function readable(site: Site, posts: FeedPost[]): { site: Site; posts: FeedPost[] } {
  const clean = (text: string) => cleanText(text).trim();
  return {
    site: { ...site, name: clean(site.name) || site.url, description: clean(site.description) },
    posts: posts.map((post) => ({
      ...post,
      title: clean(post.title) || post.url,
      description: clean(post.description),
      tags: post.tags.map(clean).filter((tag) => tag !== ""),
    })),
  };
}

function rssItem(post: FeedPost): string {
  return parent("item", [
    element("title", post.title),
    element("link", post.url),
    element("guid", stableId(post), { isPermaLink: "false" }),
    element("pubDate", new Date(post.publishedAt).toUTCString()),
    ...post.tags.map((tag) => element("category", tag)),
    post.description && element("description", post.description),
    post.html && element("content:encoded", wholeText(post)),
  ]);
}

function atomEntry(post: FeedPost): string {
  const children = [
    element("id", stableId(post)),
    element("title", post.title),
    emptyElement("link", { rel: "alternate", type: "text/html", href: post.url }),
    element("published", post.publishedAt),
    element("updated", modifiedAt(post)),
    ...post.tags.map((tag) => emptyElement("category", { term: tag })),
    post.description && element("summary", post.description),
    post.html && element("content", wholeText(post), { type: "html" }),
  ];
  return parent("entry", children, { "xml:lang": post.lang });
}

function stableId(post: FeedPost): string {
  return `urn:uuid:${post.id}`;
}

function modifiedAt({ publishedAt, updatedAt }: FeedPost): string {
  // A scheduled post was last changed before it was published.
  return Date.parse(publishedAt) > Date.parse(updatedAt) ? publishedAt : updatedAt;
}

/** The text as it can be read away from its page: every address absolute, no links to headings. */
function wholeText(post: FeedPost): string {
  return post.html
    .replace(/ ?<a class="anchor"[^>]*>#<\/a>/g, "")
    .replace(
      /(<(?:a|img|iframe)\s(?:[^>]*?\s)?(?:href|src)=")([^"]*)(?=")/g,
      (_, before, url) => before + absolute(url, post.url),
    );
}

function absolute(url: string, base: string): string {
  return escapeHtml(URL.parse(unescapeHtml(url), base)?.href ?? unescapeHtml(url));
}

function sharedLanguage(posts: FeedPost[]): string | null {
  const langs = new Set(posts.map((post) => post.lang));
  return langs.size === 1 ? posts[0].lang : null;
}
