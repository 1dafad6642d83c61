import type { Site } from "./types.ts";

const PLACEHOLDER = /\{([^{}]*)\}/g;
const KNOWN = ["title", "blog", "tag"];

/** What a pattern of titles must match, "" among them: `{title}`, and no braces around another name. */
export const TITLE_PATTERN = String
  .raw`^(?:(?=[\s\S]*\{title\})(?![\s\S]*\{(?!(?:title|blog|tag)\})[^{}]*\})[\s\S]*)?$`;

/** What is wrong with a pattern of titles, or null. */
export function titlePatternFault(pattern: string): string | null {
  const names = [...pattern.matchAll(PLACEHOLDER)].map(([, name]) => name);
  const unknown = names.find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) {
    return `{${unknown}} is no placeholder: use {title}, {blog} and {tag}`;
  }
  return names.includes("title") ? null : "must have the placeholder {title}";
}

/** The title of a post's document: by the pattern of its first tag that has one, else by the blog's. */
export function documentTitle(site: Site, post: { title: string; tags: string[] }): string {
  const { name, titlePatterns: { ofBlog, ofTags } } = site;
  const tag = post.tags.find((one) => Object.hasOwn(ofTags, one.toLowerCase()));
  const pattern = tag === undefined ? ofBlog : ofTags[tag.toLowerCase()];
  if (!pattern) return `${post.title} · ${name}`;
  const values: Record<string, string> = {
    title: post.title,
    blog: name,
    tag: tag ?? post.tags[0] ?? "",
  };
  return pattern.replace(PLACEHOLDER, (_, placeholder) => values[placeholder]).trim();
}
