import {
  archivePage,
  gonePage,
  indexPage,
  type Month,
  notFoundPage,
  type Page,
  type PostPage,
  postPage,
  type PostSummary,
  searchPage,
  type Site,
  tagPage,
  type Theme,
} from "../../render/blog/mod.ts";
import { renderMarkdown } from "../../render/markdown/mod.ts";

export const THEMES = ["paper", "ink", "terminal"] as const;

/** A theme without anything of the owner's own. */
export const PLAIN: Theme = {
  theme: "paper",
  customCss: "",
  cssUrl: "",
  adCode: "",
  headerHtml: "",
  footerHtml: "",
  headHtml: "",
  layoutHtml: "",
};

export const SITE: Site = {
  name: "Tom & <Jerry>",
  description: 'Notes "on" things',
  url: "https://blog.example",
  base: "",
  noindex: false,
  badge: true,
  brand: true,
  theme: PLAIN,
  postLlms: true,
  titlePatterns: { ofBlog: "", ofTags: {} },
};

/** A text with one of everything that the Markdown has. */
export const EVERYTHING = `
Text with \`code\`, a [link](/there), a <kbd>key</kbd>, $x^2$ and a note.[^1] :rocket:

[TOC]

## A heading

1. one
   - two

- [x] done
- [ ] to do

| a | b |
|:--|--:|
| c | d |

### Code

\`\`\`ts title="main.ts" {2} showLineNumbers
let a = 1; // a comment
const b: string = "two";
\`\`\`

\`\`\`diff-js
-let a = 1;
+const a = 1;
\`\`\`

\`\`\`sh
curl https://example.org/
\`\`\`

> A quote

> [!NOTE]
> Good to know.

> [!TIP] Of its own
> A tip.

> [!IMPORTANT]
> Not to miss.

> [!WARNING]
> Mind it.

> [!CAUTION]
> No way back.

$$
\\sum_{i=1}^n i = \\frac{n(n+1)}{2}
$$

![A picture](/picture.png)

https://www.youtube.com/watch?v=dQw4w9WgXcQ

\`\`\`mermaid
graph LR
  A --> B
\`\`\`

---

<details><summary>More</summary>

Hidden.

</details>

[^1]: The note, with \`code\`.
`;

/** A post's page around a text in Markdown. */
export function postOf(markdown: string, differs: Partial<PostPage> = {}): PostPage {
  const { html, words, uses } = renderMarkdown(markdown);
  return {
    title: '<script>"T"</script>',
    url: "https://blog.example/a-post",
    slug: "a-post",
    html,
    words,
    uses,
    description: "About <it> & more",
    ogImage: "https://blog.example/a-post/og.png",
    canonical: null,
    noindex: false,
    tags: ["deno", "c++ & <b>"],
    publishedAt: "2026-11-02T23:30:00.000Z",
    updatedAt: "2026-11-05T10:00:00.000Z",
    lang: "en",
    newer: { title: "Newer & <i>", url: "https://blog.example/newer" },
    older: { title: "Older", url: "https://blog.example/older" },
    ...differs,
  };
}

export const SUMMARY: PostSummary = {
  title: '<script>"T"</script>',
  url: "https://blog.example/a-post",
  description: "About <it> & more",
  tags: ["deno", "c++ & <b>"],
  publishedAt: "2026-11-02T23:30:00.000Z",
  lang: "en",
};

export const LIST: PostSummary[] = [
  SUMMARY,
  { ...SUMMARY, url: "https://blog.example/b", title: "B", tags: [], description: "" },
  { ...SUMMARY, url: "https://blog.example/ja", title: "日本語", lang: "ja", tags: ["日本"] },
  { ...SUMMARY, url: "https://blog.example/ar", title: "خادم", lang: "ar", tags: [] },
];

const MONTHS: Month[] = [
  { year: 2026, month: 11, posts: LIST.slice(0, 2) },
  { year: 2026, month: 10, posts: LIST.slice(2, 3) },
  { year: 2025, month: 12, posts: LIST.slice(3) },
];

/** Every type of page that a blog has, the lists with pages before and after. */
export function pagesOf(site: Site): Record<string, Page> {
  const paged = { page: 2, totalPages: 3 };
  return {
    "a post": postPage(site, postOf(EVERYTHING)),
    "a post of text only": postPage(site, postOf("Only text.", { newer: null })),
    "a post in Japanese": postPage(site, postOf("日本語の*文章*です。", { lang: "ja" })),
    "a post in Arabic": postPage(site, postOf("نص [رابط](/a).\n\n- [x] تم", { lang: "ar" })),
    "the index": indexPage(site, { posts: LIST, ...paged }),
    "the index of an empty blog": indexPage(site, { posts: [], page: 1, totalPages: 0 }),
    "a tag": tagPage(site, { tag: "c++ & <b>", posts: LIST, ...paged }),
    "the archive": archivePage(site, { months: MONTHS, ...paged }),
    "the search": searchPage(site, { q: "", results: { kind: "none" } }),
    "a search": searchPage(site, {
      q: '"c++" <b>',
      results: { kind: "found", total: 44, posts: LIST, ...paged },
    }),
    "a search without a hit": searchPage(site, {
      q: "x".repeat(100),
      results: { kind: "found", total: 0, posts: [], page: 1, totalPages: 1 },
    }),
    "a search for too much": searchPage(site, {
      q: "x".repeat(101),
      results: { kind: "too_long", max: 100 },
    }),
    "404": notFoundPage(site),
    "410": gonePage(site),
  };
}

/** The site in one of the themes, or with other things of its owner. */
export function siteWith(theme: Partial<Theme>, differs: Partial<Site> = {}): Site {
  return { ...SITE, ...differs, theme: { ...PLAIN, ...theme } };
}
