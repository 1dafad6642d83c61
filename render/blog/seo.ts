import { html, raw } from "hono/html";
import type { Markup } from "./document.ts";
import { languageOf } from "./language.ts";
import type { PostPage, Site } from "./types.ts";
import { webUrl } from "./urls.ts";

/** The one address of a page that search engines are to keep. */
export function canonical(url: string): Markup {
  return html`<link rel="canonical" href="${url}">`;
}

/** What links to a page look like elsewhere. */
export function openGraph(
  site: Site,
  page: { type: string; title: string; description: string; url: string },
): Markup {
  return [
    property("og:type", page.type),
    property("og:site_name", site.name),
    property("og:title", page.title),
    page.description && property("og:description", page.description),
    property("og:url", page.url),
  ];
}

/** The Open Graph, Twitter card and structured data of a post that lives at url. */
export function postMetadata(site: Site, post: PostPage, url: string): Markup {
  const image = webUrl(post.ogImage);
  const { title, description, publishedAt, tags } = post;
  return [
    openGraph(site, { type: "article", title, description, url }),
    image && pictureOf(post, image, url),
    publishedAt && property("article:published_time", publishedAt),
    property("article:modified_time", modifiedAt(post)),
    tags.map((tag) => property("article:tag", tag)),
    html`<meta name="twitter:card" content="${image ? "summary_large_image" : "summary"}">`,
    structuredData([posting(site, post, { url, image }), breadcrumbs(site, post, url)]),
  ];
}

/** The structured data of the front page: the blog, and how to search it. */
export function blogMetadata(site: Site): Markup {
  const named = { name: site.name, url: `${site.url}/` };
  const about = site.description && { description: site.description };
  const target = {
    "@type": "EntryPoint",
    urlTemplate: `${site.url}/search?q={search_term_string}`,
  };
  return structuredData([
    { "@type": "Blog", "@id": `${site.url}/#blog`, ...named, ...about },
    {
      "@type": "WebSite",
      "@id": `${site.url}/#website`,
      ...named,
      potentialAction: {
        "@type": "SearchAction",
        target,
        "query-input": "required name=search_term_string",
      },
    },
  ]);
}

function pictureOf(post: PostPage, image: string, url: string): Markup {
  // The size of the drawn picture is known, that of another is not.
  const drawn = image.startsWith(`${url}/og.png`);
  return [
    property("og:image", image),
    drawn && [property("og:image:width", "1200"), property("og:image:height", "630")],
    property("og:image:alt", post.title),
  ];
}

function posting(site: Site, post: PostPage, at: { url: string; image: string | null }): object {
  const who = { "@type": "Organization", name: site.name, url: `${site.url}/` };
  return {
    "@type": "BlogPosting",
    "@id": `${at.url}#post`,
    headline: post.title,
    ...post.description && { description: post.description },
    ...at.image && { image: [at.image] },
    ...post.publishedAt && { datePublished: post.publishedAt },
    dateModified: modifiedAt(post),
    author: who,
    publisher: who,
    mainEntityOfPage: { "@type": "WebPage", "@id": webUrl(post.canonical) ?? at.url },
    url: at.url,
    inLanguage: languageOf(post.lang),
    ...post.tags.length > 0 && { keywords: post.tags },
    wordCount: post.words,
    isPartOf: { "@type": "Blog", "@id": `${site.url}/#blog`, name: site.name },
  };
}

function breadcrumbs(site: Site, post: PostPage, url: string): object {
  return {
    "@type": "BreadcrumbList",
    itemListElement: [
      { "@type": "ListItem", position: 1, name: site.name, item: `${site.url}/` },
      { "@type": "ListItem", position: 2, name: post.title, item: url },
    ],
  };
}

function modifiedAt({ publishedAt, updatedAt }: PostPage): string {
  // A scheduled post was last changed before it was published.
  return publishedAt && Date.parse(publishedAt) > Date.parse(updatedAt) ? publishedAt : updatedAt;
}

function structuredData(graph: object[]): Markup {
  const json = JSON.stringify({ "@context": "https://schema.org", "@graph": graph });
  return html`<script type="application/ld+json">${raw(json.replaceAll("<", "\\u003c"))}</script>`;
}

function property(name: string, content: string): Markup {
  return html`<meta property="${name}" content="${content}">`;
}
