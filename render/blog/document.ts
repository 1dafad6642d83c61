import { html, raw } from "hono/html";
import { escapeHtml } from "../escape.ts";
import { policyOf } from "./csp.ts";
import { directionOf, isEnglish } from "./language.ts";
import { safeCss } from "./safe_css.ts";
import { COPY_FILE, DIAGRAMS_FILE, TOGGLE } from "./scripts.ts";
import { fillLayout } from "./template.ts";
import type { Page, Site, Uses } from "./types.ts";
import { webUrl } from "./urls.ts";

/** What html`` has made, lists of it, or nothing; a plain string in its place would be escaped. */
export type Markup = ReturnType<typeof html> | Markup[] | "" | false | null | undefined;

/** What differs from one page to another; an empty description is left out, url is where it lives. */
export type Content = {
  title: string;
  description: string;
  url: string;
  lang: string;
  noindex: boolean;
  style: string;
  head: Markup;
  main: Markup;
  home?: boolean;
  archive?: boolean;
  search?: boolean;
  /** A page with something to read has the owner's advertisement at its end. */
  ad?: boolean;
  uses?: Uses;
};

/** A page of a blog as a whole document, with its policy. */
export function documentOf(site: Site, content: Content): Page {
  const { theme } = site;
  const css = theme.customCss && safeCss(theme.customCss);
  const { uses } = content;
  const csp = policyOf(theme, {
    scripts: [TOGGLE],
    styles: css ? [content.style, css] : [content.style],
    files: Boolean(uses?.code || uses?.mermaid),
    mermaid: Boolean(uses?.mermaid),
    youtube: Boolean(uses?.youtube),
  });
  const parts = {
    style: text(html`<style>${raw(content.style)}</style>`),
    head: text(head(site, content, css)),
    header: text([raw(theme.headerHtml), header(site, content)]),
    content: text([content.main, content.ad && advertisement(site)]),
    footer: text([footer(site, content), raw(theme.footerHtml)]),
  };
  if (theme.layoutHtml === "") return { html: shell(content, parts), csp };
  const filled = fillLayout(theme.layoutHtml, {
    ...parts,
    head: CHARSET + parts.head,
    title: escapeHtml(content.title),
    lang: escapeHtml(content.lang),
    dir: directionOf(content.lang),
    description: escapeHtml(content.description),
    url: escapeHtml(content.url),
    site_name: escapeHtml(site.name),
    site_url: escapeHtml(site.url),
  });
  return { html: filled, csp };
}

/** Our own words, marked as the English that they are where the page is in another language. */
export function english(words: string, lang: string): Markup {
  return isEnglish(lang) ? html`${words}` : html`<span lang="en" dir="ltr">${words}</span>`;
}

// Browsers look for it in the first kilobyte only.
const CHARSET = `<meta charset="utf-8">`;

type Parts = { style: string; head: string; header: string; content: string; footer: string };

function shell({ title, lang }: Content, parts: Parts): string {
  const markup = html`
    <!doctype html>
    <html lang="${lang}" dir="${directionOf(lang)}">
      <head>
        ${raw(CHARSET)}
        <title>${title}</title>
        ${raw(parts.style)}${raw(parts.head)}
      </head>
      <body>
        <a class="skip" href="#Content">${english("Skip to content", lang)}</a>
        ${raw(parts.header)}
        <main id="Content" tabindex="-1">${raw(parts.content)}</main>
        ${raw(parts.footer)}
      </body>
    </html>
  `;
  return text(markup).trim() + "\n";
}

function head(site: Site, content: Content, css: string): Markup {
  const { description, uses } = content;
  const { cssUrl, headHtml } = site.theme;
  const sheet = cssUrl && webUrl(cssUrl)?.startsWith("https:") &&
    html`<link rel="stylesheet" href="${cssUrl}">`;
  return [
    html`<meta name="viewport" content="width=device-width, initial-scale=1">`,
    html`<script>${raw(TOGGLE)}</script>`,
    description && html`<meta name="description" content="${description}">`,
    (site.noindex || content.noindex) && html`<meta name="robots" content="noindex">`,
    content.head,
    feeds(site),
    sheet,
    css && html`<style>${raw(css)}</style>`,
    uses?.code && html`<script src="${COPY_FILE.path}" defer></script>`,
    uses?.mermaid && html`<script src="${DIAGRAMS_FILE.path}" type="module"></script>`,
    raw(headHtml),
  ];
}

function feeds({ base, name }: Site): Markup {
  const alternates = [
    ["application/rss+xml", "rss.xml", `${name} (RSS)`],
    ["application/atom+xml", "atom.xml", `${name} (Atom)`],
    ["application/feed+json", "feed.json", `${name} (JSON Feed)`],
    ["text/plain", "llms.txt", "llms.txt"],
  ];
  return alternates.map(([type, file, title]) =>
    html`<link rel="alternate" type="${type}" href="${base}/${file}" title="${title}">`
  );
}

function header(site: Site, { lang, home, archive, search }: Content): Markup {
  const link = html`<a href="${site.base}/" dir="auto">${site.name}</a>`;
  const name = home
    ? html`<h1 class="site-name">${link}</h1>`
    : html`<p class="site-name">${link}</p>`;
  const about = home && site.description &&
    html`<p class="site-about" dir="auto">${site.description}</p>`;
  const current = (is?: boolean) => is ? raw(' aria-current="page"') : "";
  return html`
    <header class="site-header${home ? " home" : ""}">
      ${name}${about}
      <div class="site-tools"${isEnglish(lang) ? "" : raw(' lang="en"')}>
        <nav aria-label="Site">
          <a href="${site.base}/archive"${current(archive)}>Archive</a>
          <a href="${site.base}/search"${current(search)}>Search</a>
          <a href="${site.base}/rss.xml">Feed</a>
        </nav>
        <button class="toggle" type="button" aria-label="Light or dark colours"></button>
      </div>
    </header>
  `;
}

function footer({ base, name, badge, brand }: Site, { lang }: Content): Markup {
  const published = badge && brand && html`<p class="badge">Published with Postlark</p>`;
  return html`
    <footer class="site-footer" ${isEnglish(lang) ? "" : raw(' lang="en"')}>
      <p><a href="${base}/" dir="auto">${name}</a></p>
      <nav aria-label="Feeds">
        <a href="${base}/rss.xml">RSS</a>
        <a href="${base}/atom.xml">Atom</a>
        <a href="${base}/feed.json">JSON Feed</a>
      </nav>
      ${published}
    </footer>
  `;
}

function advertisement({ theme }: Site): Markup {
  if (theme.adCode === "") return "";
  return html`<aside class="ad" aria-label="Advertisement" lang="en">${raw(theme.adCode)}</aside>`;
}

function text(markup: Markup): string {
  return String(html`${markup}`);
}
