import { html, raw } from "hono/html";
import { type Content, documentOf, english, type Markup } from "./document.ts";
import {
  directionOf,
  formatDayOfMonth,
  formatMonth,
  languageOf,
  mainLanguage,
} from "./language.ts";
import { dayOf, tagList } from "./post.ts";
import { blogMetadata, canonical, openGraph } from "./seo.ts";
import { styleOf } from "./style/mod.ts";
import type { Month, Page, Paged, PostSummary, Site } from "./types.ts";
import { localPath, pagePath, tagPath } from "./urls.ts";

/** One page of the front page's list of posts, newest first as given. */
export function indexPage(site: Site, list: Paged<{ posts: PostSummary[] }>): Page {
  const { posts, page } = list;
  const lang = mainLanguage(langsOf(posts));
  return listPage(site, {
    title: page > 1 ? `${site.name} · Page ${page}` : site.name,
    description: site.description,
    path: "/",
    langs: langsOf(posts),
    list,
    home: true,
    head: page === 1 && blogMetadata(site),
    main: posts.length > 0
      ? postList(site, posts, lang)
      : html`<p>${english("No posts here yet.", lang)}</p>`,
  });
}

/** One page of the posts that have a tag. */
export function tagPage(site: Site, list: Paged<{ tag: string; posts: PostSummary[] }>): Page {
  const { tag, posts, page } = list;
  const lang = mainLanguage(langsOf(posts));
  return listPage(site, {
    title: `${page > 1 ? `${tag} · Page ${page}` : tag} · ${site.name}`,
    description: `Posts on ${site.name} with the tag ${tag}`,
    path: tagPath(tag),
    langs: langsOf(posts),
    list,
    head: "",
    main: html`
      <header class="list-header">
        <h1 class="title" dir="auto">${tag}</h1>
        <p>${english("Posts with this tag", lang)}</p>
      </header>
      ${postList(site, posts, lang)}
    `,
  });
}

/** One page of all posts by month, newest first as given. */
export function archivePage(site: Site, list: Paged<{ months: Month[] }>): Page {
  const { months, page } = list;
  const langs = langsOf(months.flatMap((month) => month.posts));
  const lang = mainLanguage(langs);
  const years = [...Map.groupBy(months, (month) => month.year)];
  return listPage(site, {
    title: `Archive${page > 1 ? ` · Page ${page}` : ""} · ${site.name}`,
    description: `All posts on ${site.name} by month`,
    path: "/archive",
    langs,
    list,
    archive: true,
    head: "",
    main: html`
      <header class="list-header">
        <h1 class="title">${english("Archive", lang)}</h1>
      </header>
      ${years.map(([year, months]) => [
        html`<h2 class="year">${year}</h2>`,
        months.map((month) => monthList(site, month, lang)),
      ])}
    `,
  });
}

type ListContent =
  & Pick<Content, "title" | "description" | "head" | "main" | "home" | "archive">
  & { path: string; langs: string[]; list: { page: number; totalPages: number } };

function listPage(site: Site, content: ListContent): Page {
  const { title, description, path, langs, list } = content;
  const url = site.url + pagePath(path, list.page);
  const lang = mainLanguage(langs);
  return documentOf(site, {
    ...content,
    url,
    lang,
    noindex: false,
    ad: true,
    style: styleOf(site.theme.theme, { langs: [lang, ...langs], kind: "lists" }),
    head: [
      canonical(url),
      openGraph(site, { type: "website", title, description, url }),
      html`<meta name="twitter:card" content="summary">`,
      content.head,
    ],
    main: [
      content.main,
      pager(list, {
        lang,
        at: (page) => site.base + pagePath(path, page),
        words: ["Newer posts", "Older posts"],
      }),
    ],
  });
}

/** Posts with their dates, descriptions and tags, in the order given. */
export function postList(site: Site, posts: PostSummary[], lang: string): Markup {
  return html`<ul class="posts">${posts.map((post) => summary(site, post, lang))}</ul>`;
}

function summary(site: Site, post: PostSummary, pageLang: string): Markup {
  const lang = languageOf(post.lang);
  const description = post.description && html`<p class="description">${post.description}</p>`;
  return html`
    <li>
      <article${marks(lang, pageLang)}>
        <h2 dir="auto"><a href="${localPath(post.url, site)}">${post.title}</a></h2>
        <p class="meta">${dayOf(post.publishedAt, lang)}</p>
        ${description}${tagList(site, post.tags)}
      </article>
    </li>
  `;
}

function monthList(site: Site, month: Month, lang: string): Markup {
  const items = month.posts.map((post) => {
    const own = languageOf(post.lang);
    const day = formatDayOfMonth(post.publishedAt, lang);
    return html`
      <li>
        <time datetime="${post.publishedAt}">${day}</time>
        <a href="${localPath(post.url, site)}" ${marks(own, lang)}>${post.title}</a>
      </li>
    `;
  });
  return html`
    <h3 class="month-name">${formatMonth(month, lang)}</h3>
    <ul class="month">${items}</ul>
  `;
}

/** The language and direction of a text where they are not those of the page. */
function marks(lang: string, pageLang: string) {
  return lang === pageLang ? "" : raw(` lang="${lang}" dir="${directionOf(lang)}"`);
}

/** Ways to the pages before and after one of several; `words` name them in this order. */
export function pager(
  { page, totalPages }: Paged<object>,
  { lang, at, words }: { lang: string; at: (page: number) => string; words: [string, string] },
): Markup {
  if (totalPages <= 1) return "";
  const [before, after] = words.map((word) => english(word, lang));
  const previous = page > 1 && html`<a rel="prev" href="${at(page - 1)}">${before}</a>`;
  const next = page < totalPages && html`<a rel="next" href="${at(page + 1)}">${after}</a>`;
  return html`
    <nav class="pager" aria-label="Pages">
      <span>${previous}</span><span>${english(
        `Page ${page} of ${totalPages}`,
        lang,
      )}</span><span>${next}</span>
    </nav>
  `;
}

function langsOf(posts: PostSummary[]): string[] {
  return posts.map((post) => languageOf(post.lang));
}
