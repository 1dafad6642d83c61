import type { Site } from "./types.ts";

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

/** The path of a tag's page below the blog's own. */
export function tagPath(tag: string): string {
  // Alone, one or two dots are a step in a path, encoded too; a space, which no tag ends with, makes them a name.
  const end = /^\.\.?$/.test(tag) ? "%20" : "";
  return `/tag/${encodeURIComponent(tag.toWellFormed())}${end}`;
}

/** The path of one page of a list. */
export function pagePath(path: string, page: number): string {
  return page > 1 ? `${path}?page=${page}` : path;
}

/** The path of a search's page below the blog's own, as a form writes it. */
export function searchPath(q: string, page = 1): string {
  const asked = new URLSearchParams({ q, ...page > 1 && { page: String(page) } });
  return `/search?${asked}`;
}
