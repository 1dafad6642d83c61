import { html, raw } from "hono/html";
import { STYLE } from "./style.ts";

/** url is the absolute origin of the blog, without a slash at its end. */
export type Site = {
  name: string;
  description: string;
  url: string;
  noindex: boolean;
  badge: boolean;
};

/** What html`` has made, lists of it, or nothing; a plain string in its place would be escaped. */
export type Markup = ReturnType<typeof html> | Markup[] | "" | false | null;

/** What differs from one page to another; an empty description is left out. */
export type Page = {
  title: string;
  description: string;
  noindex: boolean;
  head: Markup;
  body: Markup;
};

/** A page of a blog as a whole document; home pages show the blog's name as their heading. */
export function blogDocument(site: Site, page: Page, options: { home?: boolean } = {}): string {
  const badge = site.badge && html`
    <footer class="foot">
      <p>Published with Postlark</p>
    </footer>
  `;
  return document({
    ...page,
    noindex: site.noindex || page.noindex,
    body: html`${options.home ? homeHeader(site) : header(site)}<main>${page.body}</main>${badge}`,
  });
}

/** A whole document with the style sheet, and nothing around its body. */
export function document(page: Page): string {
  const description = page.description &&
    html`<meta name="description" content="${page.description}">`;
  const robots = page.noindex && html`<meta name="robots" content="noindex">`;
  const markup = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>${page.title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        ${description}${robots}${page.head}<style>${raw(STYLE)}</style>
      </head>
      <body>
        <div class="page">${page.body}</div>
      </body>
    </html>
  `;
  return String(markup).trim() + "\n";
}

function header(site: Site): Markup {
  return html`
    <header class="site">
      <p class="name">${homeLink(site)}</p>
    </header>
  `;
}

function homeHeader(site: Site): Markup {
  const about = site.description && html`<p class="about" dir="auto">${site.description}</p>`;
  return html`<header class="site home"><h1 class="name">${homeLink(site)}</h1>${about}</header>`;
}

function homeLink(site: Site): Markup {
  return html`<a href="/" dir="auto">${site.name}</a>`;
}

/** The absolute form of a URL if it is http or https, else null; templates do not judge URLs. */
export function webUrl(url: string | null, base?: string): string | null {
  const parsed = url === null ? null : URL.parse(url, base);
  return parsed && /^https?:$/.test(parsed.protocol) ? parsed.href : null;
}

/** The path, query and fragment of a URL, so that links stay on the host that the reader is on. */
export function localPath(url: string, site: Site): string {
  const { pathname, search, hash } = new URL(webUrl(url, site.url) ?? site.url);
  return pathname.replace(/^\/+/, "/") + search + hash;
}
