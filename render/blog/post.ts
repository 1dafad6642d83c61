import { html, raw } from "hono/html";
import { documentOf, english, type Markup } from "./document.ts";
import {
  directionOf,
  formatDay,
  formatMinutes,
  isEnglish,
  languageOf,
  readingMinutes,
} from "./language.ts";
import { canonical, postMetadata } from "./seo.ts";
import { styleOf } from "./style/mod.ts";
import { documentTitle } from "./title.ts";
import type { Neighbour, Page, PostPage, Site } from "./types.ts";
import { localPath, tagPath, webUrl } from "./urls.ts";

/** The page of one post. */
export function postPage(site: Site, post: PostPage): Page {
  const url = webUrl(post.url, site.url) ?? site.url;
  const lang = languageOf(post.lang);
  return documentOf(site, {
    title: documentTitle(site, post),
    description: post.description,
    url,
    lang,
    noindex: post.noindex,
    style: styleOf(site.theme.theme, { langs: [lang], post: post.html }),
    uses: post.uses,
    ad: true,
    head: [
      canonical(webUrl(post.canonical) ?? url),
      html`<link rel="alternate" type="text/markdown" href="${localPath(url, site)}.md">`,
      site.postLlms &&
      html`<link rel="alternate" type="text/plain" href="${localPath(url, site)}/llms.txt">`,
      postMetadata(site, post, url),
    ],
    main: html`
      <article>
        <header class="post-header">
          <h1 class="title" dir="auto">${post.title}</h1>
          <p class="meta">${dates(post, lang)}<span>${reading(post, lang)}</span></p>
        </header>
        <div class="body" dir="${directionOf(lang)}">${raw(post.html)}</div>
        ${post.tags.length > 0 &&
          html`<footer class="post-footer">${tagList(site, post.tags)}</footer>`}
      </article>
      ${neighbours(site, post, lang)}
    `,
  });
}

/** Links to the pages of tags. */
export function tagList({ base }: Site, tags: string[]): Markup {
  if (tags.length === 0) return "";
  const items = tags.map((tag) =>
    html`<li><a href="${base}${tagPath(tag)}" rel="tag" dir="auto">${tag}</a></li>`
  );
  return html`<ul class="tags" aria-label="Tags">${items}</ul>`;
}

/** A day for people and machines. */
export function dayOf(instant: string, lang: string): Markup {
  return html`<time datetime="${instant}">${formatDay(instant, lang)}</time>`;
}

function dates({ publishedAt, updatedAt }: PostPage, lang: string): Markup {
  if (!publishedAt) return "";
  const changed = updatedAt.slice(0, 10) > publishedAt.slice(0, 10);
  const updated = changed &&
    html`<span>${english("Updated", lang)} ${dayOf(updatedAt, lang)}</span>`;
  return [dayOf(publishedAt, lang), updated];
}

function reading(post: PostPage, lang: string): string {
  const minutes = readingMinutes(post.words, lang);
  return isEnglish(lang) ? `${minutes} min read` : formatMinutes(minutes, lang);
}

function neighbours(site: Site, { newer, older }: PostPage, lang: string): Markup {
  if (!newer && !older) return "";
  return html`
    <nav class="around" aria-label="More posts">
      ${older && neighbour(site, older, { rel: "next", way: english("Older", lang) })}
      ${newer && neighbour(site, newer, { rel: "prev", way: english("Newer", lang) })}
    </nav>
  `;
}

function neighbour(site: Site, to: Neighbour, as: { rel: string; way: Markup }): Markup {
  return html`
    <a rel="${as.rel}" href="${localPath(to.url, site)}">
      <span class="way">${as.way}</span>
      <span class="what" dir="auto">${to.title}</span>
    </a>
  `;
}
