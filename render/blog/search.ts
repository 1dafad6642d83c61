import { html, raw } from "hono/html";
import { documentOf, english, type Markup } from "./document.ts";
import { isEnglish, languageOf, mainLanguage } from "./language.ts";
import { pager, postList } from "./lists.ts";
import { styleOf } from "./style/mod.ts";
import type { Page, Paged, PostSummary, Site } from "./types.ts";
import { searchPath } from "./urls.ts";

/** What a search came to: nothing was asked for, too much was, or the posts of one page, best first. */
export type SearchResults =
  | { kind: "none" }
  | { kind: "too_long"; max: number }
  | Paged<{ kind: "found"; total: number; posts: PostSummary[] }>;

/** The page that searches a blog: a form, and below it what it found; q as it was asked. */
export function searchPage(
  site: Site,
  { q, results }: { q: string; results: SearchResults },
): Page {
  const found = results.kind === "found" ? results : null;
  const langs = (found?.posts ?? []).map((post) => languageOf(post.lang));
  const lang = mainLanguage(langs);
  const page = found && found.page > 1 ? `Page ${found.page}` : "";
  const title = [found && q, page, "Search", site.name].filter(Boolean).join(" · ");
  return documentOf(site, {
    title,
    description: "",
    url: `${site.url}/search`,
    lang,
    noindex: true,
    search: true,
    ad: found !== null && found.posts.length > 0,
    style: styleOf(site.theme.theme, { langs: [lang, ...langs], kind: "search" }),
    head: "",
    main: [
      html`
        <header class="list-header">
          ${form(site, { q, lang, tooLong: results.kind === "too_long" })}
          <p id="Note">${note(site, { q, results, lang })}</p>
        </header>
      `,
      found && [
        postList(site, found.posts, lang),
        pager(found, {
          lang,
          at: (page) => site.base + searchPath(q, page),
          words: ["Previous page", "Next page"],
        }),
      ],
    ],
  });
}

function form(site: Site, { q, lang, tooLong }: { q: string; lang: string; tooLong: boolean }) {
  const own = isEnglish(lang) ? "" : raw(' lang="en"');
  const fault = tooLong ? raw(' aria-invalid="true" aria-describedby="Note"') : "";
  return html`
    <search${own}>
      <h1 class="title"><label for="Query">Search</label></h1>
      <form class="search" action="${site.base}/search">
        <input id="Query" type="search" name="q" value="${q}" dir="auto" required maxlength="100"
          enterkeyhint="search" ${fault}>
        <button type="submit">Search</button>
      </form>
      </search>
  `;
}

function note(
  site: Site,
  { q, results, lang }: { q: string; results: SearchResults; lang: string },
): Markup {
  if (results.kind === "none") {
    return english("Looks in titles, descriptions, headings and tags.", lang);
  }
  if (results.kind === "too_long") {
    return english(`A search has at most ${results.max} characters: leave some out.`, lang);
  }
  const asked = html`<b dir="auto">${q}</b>`;
  if (results.total === 0) {
    return html`
      No post matches ${asked}. Try other words, or <a
        href="${site.base}/archive">look in the archive</a>.
    `;
  }
  const count = results.total === 1 ? "1 post matches" : `${results.total} posts match`;
  return html`${english(count, lang)} ${asked}`;
}
