/**
 * What the blog's owner has made of its looks, "" where nothing. `customCss` goes through safeCss here;
 * the HTML parts come out as they are, under a policy of their own.
 */
export type Theme = {
  theme: "paper" | "ink" | "terminal";
  customCss: string;
  cssUrl: string;
  adCode: string;
  headerHtml: string;
  footerHtml: string;
  headHtml: string;
  layoutHtml: string;
};

/**
 * `url` is absolute, without a slash at its end; `base` is "" or the path of the blog, such as `/@slug`,
 * for links within it; without `brand` our name appears nowhere; `postLlms`: posts have an llms.txt.
 */
export type Site = {
  name: string;
  description: string;
  url: string;
  base: string;
  noindex: boolean;
  badge: boolean;
  brand: boolean;
  theme: Theme;
  postLlms: boolean;
  titlePatterns: TitlePatterns;
};

/** Patterns of the titles of posts' documents, "" for ours; those of tags by the tag in lower case. */
export type TitlePatterns = { ofBlog: string; ofTags: Record<string, string> };

/** What a post's HTML holds that needs more than the text does. */
export type Uses = { math: boolean; mermaid: boolean; code: boolean; youtube: boolean };

/** html is trusted: renderMarkdown's. url and ogImage are absolute, dates ISO 8601, lang is BCP 47. */
export type PostPage = {
  title: string;
  url: string;
  slug: string;
  html: string;
  description: string;
  ogImage: string;
  canonical: string | null;
  noindex: boolean;
  tags: string[];
  publishedAt: string | null;
  updatedAt: string;
  lang: string;
  words: number;
  uses: Uses;
  newer: Neighbour | null;
  older: Neighbour | null;
};

/** The post before or after another one; url is absolute. */
export type Neighbour = { title: string; url: string };

/** url is absolute, publishedAt ISO 8601, lang BCP 47. */
export type PostSummary = {
  title: string;
  url: string;
  description: string;
  tags: string[];
  publishedAt: string;
  lang: string;
};

/** One of several pages of a list; page counts from 1. */
export type Paged<T> = T & { page: number; totalPages: number };

/** The published posts of one month; month is 1 to 12. */
export type Month = { year: number; month: number; posts: PostSummary[] };

/** A document and the Content-Security-Policy that it is to be sent with. */
export type Page = { html: string; csp: string };
