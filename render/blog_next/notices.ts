import { html } from "hono/html";
import { documentOf } from "./document.ts";
import { styleOf } from "./style/mod.ts";
import type { Page, Site } from "./types.ts";

/** The page for an address that the blog does not have (404). */
export function notFoundPage(site: Site): Page {
  return noticePage(site, {
    code: "404",
    title: "Page not found",
    sentence: "There is no page at this address. It may have moved, or the link may be misspelled.",
  });
}

/** The page of a post that was taken down (410). */
export function gonePage(site: Site): Page {
  return noticePage(site, {
    code: "410",
    title: "This post is gone",
    sentence: "Its author has taken it down.",
  });
}

function noticePage(
  site: Site,
  notice: { code: string; title: string; sentence: string },
): Page {
  return documentOf(site, {
    title: `${notice.title} · ${site.name}`,
    description: "",
    url: site.url,
    lang: "en",
    noindex: true,
    style: styleOf(site.theme.theme, { langs: ["en"], kind: "notice" }),
    head: "",
    main: html`
      <div class="notice">
        <p class="code">${notice.code}</p>
        <h1 class="title">${notice.title}</h1>
        <p>${notice.sentence}</p>
        <p><a href="${site.base}/">Go to the front page</a> or <a href="${site
          .base}/archive">look in the archive</a>.</p>
      </div>
    `,
  });
}
