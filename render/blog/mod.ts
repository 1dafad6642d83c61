import { html, raw } from "hono/html";
import {
  blogDocument,
  document,
  localPath,
  type Markup,
  type Page,
  type Site,
  webUrl,
} from "./layout.ts";
import { STYLE_HASH } from "./style.ts";

export type { Site } from "./layout.ts";

/** html is trusted: renderMarkdown's; url is the post's path or absolute URL; dates are ISO 8601. */
export type PostPage = {
  title: string;
  url: string;
  html: string;
  description: string;
  ogImage: string | null;
  canonical: string | null;
  noindex: boolean;
  tags: string[];
  publishedAt: string | null;
  updatedAt: string;
};

/** url is the post's path or absolute URL; publishedAt is ISO 8601. */
export type PostSummary = {
  title: string;
  url: string;
  description: string;
  tags: string[];
  publishedAt: string;
};

/** The Content-Security-Policy of every page here: no script, no style but the one that they share. */
export const BLOG_CSP = [
  "default-src 'none'",
  `style-src ${STYLE_HASH}`,
  "img-src https: http:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** The page of one post. */
export function postPage(site: Site, post: PostPage): string {
  const url = webUrl(post.url, site.url) ?? site.url;
  const image = webUrl(post.ogImage);
  const published = post.publishedAt;
  return blogDocument(site, {
    title: `${post.title} · ${site.name}`,
    description: post.description,
    noindex: post.noindex,
    head: [
      canonical(webUrl(post.canonical) ?? url),
      property("og:type", "article"),
      openGraph(site, { title: post.title, description: post.description, url }),
      image && property("og:image", image),
      published && property("article:published_time", published),
      property("article:modified_time", post.updatedAt),
      post.tags.map((tag) => property("article:tag", tag)),
    ],
    body: html`
      <article>
        <header>
          <h1 class="title" dir="auto">${post.title}</h1>
          <div class="meta">${dates(post)}${tagList(post.tags)}</div>
        </header>
        <div class="body" dir="auto">${raw(post.html)}</div>
      </article>
    `,
  });
}

/** One page of the list of posts, newest first as given; page counts from 1. */
export function indexPage(
  site: Site,
  list: { posts: PostSummary[]; page: number; totalPages: number },
): string {
  const title = list.page > 1 ? `${site.name} · Page ${list.page}` : site.name;
  const url = site.url + pagePath(list.page);
  const posts = html`<ul class="posts">${list.posts.map((post) => summary(site, post))}</ul>`;
  const page = {
    title,
    description: site.description,
    noindex: false,
    head: [
      canonical(url),
      property("og:type", "website"),
      openGraph(site, { title, description: site.description, url }),
    ],
    body: [list.posts.length > 0 ? posts : html`<p>No posts here yet.</p>`, pager(list)],
  };
  return blogDocument(site, page, { home: true });
}

/** The page for an address that the blog does not have (404). */
export function notFoundPage(site: Site): string {
  return noticePage(site, "Not found", "There is no page at this address.");
}

/** The page of a post that was taken down (410). */
export function gonePage(site: Site): string {
  return noticePage(site, "Gone", "This post was taken down by its author.");
}

/** The page for a host that is no blog (404). */
export const platformNotFound = document({
  ...notice("No blog here"),
  body: html`
    <main>
      <h1 class="title">No blog here</h1>
      <p>There is no blog at this address. It may be misspelled, or gone.</p>
    </main>
  `,
});

function noticePage(site: Site, title: string, sentence: string): string {
  const body = html`
    <h1 class="title">${title}</h1>
    <p>${sentence}</p>
    <p><a href="/">Go to the front page</a></p>
  `;
  return blogDocument(site, { ...notice(title), body });
}

function notice(title: string): Omit<Page, "body"> {
  return { title, description: "", noindex: true, head: "" };
}

function summary(site: Site, post: PostSummary): Markup {
  const description = post.description && html`<p dir="auto">${post.description}</p>`;
  return html`
    <li>
      <article>
        <h2 dir="auto"><a href="${localPath(post.url, site)}">${post.title}</a></h2>
        <div class="meta">${time(post.publishedAt)}${tagList(post.tags)}</div>
        ${description}
      </article>
    </li>
  `;
}

function pager({ page, totalPages }: { page: number; totalPages: number }): Markup {
  if (totalPages <= 1) return "";
  const newer = page > 1 && html`<a rel="prev" href="${pagePath(page - 1)}">Newer posts</a>`;
  const older = page < totalPages &&
    html`<a rel="next" href="${pagePath(page + 1)}">Older posts</a>`;
  return html`
    <nav class="pager" aria-label="Pages">
      <span>${newer}</span><span>Page ${page} of ${totalPages}</span><span>${older}</span>
    </nav>
  `;
}

function pagePath(page: number): string {
  return page > 1 ? `/?page=${page}` : "/";
}

function tagList(tags: string[]): Markup {
  if (tags.length === 0) return "";
  return html`<ul aria-label="Tags">${tags.map(tagItem)}</ul>`;
}

function tagItem(tag: string): Markup {
  const path = `/tag/${encodeURIComponent(tag.toWellFormed())}`;
  return html`<li><a href="${path}" rel="tag" dir="auto">#${tag}</a></li>`;
}

function dates({ publishedAt, updatedAt }: PostPage): Markup {
  if (!publishedAt) return "";
  const changed = day(updatedAt) > day(publishedAt);
  return [time(publishedAt), changed && html`<span>Updated ${time(updatedAt)}</span>`];
}

const DATE = new Intl.DateTimeFormat("en", { dateStyle: "long", timeZone: "UTC" });

function time(instant: string): Markup {
  return html`<time datetime="${instant}">${DATE.format(new Date(instant))}</time>`;
}

function day(instant: string): string {
  return new Date(instant).toISOString().slice(0, 10);
}

function openGraph(
  site: Site,
  page: { title: string; description: string; url: string },
): Markup {
  return [
    property("og:site_name", site.name),
    property("og:title", page.title),
    page.description && property("og:description", page.description),
    property("og:url", page.url),
  ];
}

function property(name: string, content: string): Markup {
  return html`<meta property="${name}" content="${content}">`;
}

function canonical(url: string): Markup {
  return html`<link rel="canonical" href="${url}">`;
}
