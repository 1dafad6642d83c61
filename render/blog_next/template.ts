/**
 * What a page template of the owner's own may hold. It is a whole document; these three have to be in it:
 *
 * - `{{head}}`: goes into `<head>`: character set, metadata, feeds, structured data, the owner's styles
 *   and headHtml, and the scripts that the page's content needs
 * - `{{title}}`: the text for `<title>`
 * - `{{content}}`: the page itself: a post, a list, a notice; without `<main>`
 *
 * and these may be:
 *
 * - `{{style}}`: the `<style>` of the theme, for `<head>`; without it the page has only the owner's own
 * - `{{header}}`, `{{footer}}`: our header and footer of the blog, with headerHtml and footerHtml
 * - `{{lang}}`, `{{dir}}`: for the attributes of `<html>`
 * - `{{description}}`, `{{url}}`, `{{site_name}}`, `{{site_url}}`: text, escaped for elements and quoted attributes
 *
 * A name that is none of these stays as it is.
 */
export type Placeholders = Record<typeof REQUIRED[number] | typeof OPTIONAL[number], string>;

const REQUIRED = ["content", "title", "head"] as const;
const OPTIONAL = [
  ...["style", "header", "footer", "lang", "dir"] as const,
  ...["description", "url", "site_name", "site_url"] as const,
];
const PLACEHOLDER = /\{\{[ \t]*([a-z_]+)[ \t]*\}\}/g;

/** The name of a placeholder that a page template lacks though it must be there, or null. */
export function checkLayout(layoutHtml: string): string | null {
  const held = new Set([...layoutHtml.matchAll(PLACEHOLDER)].map(([, name]) => name));
  return REQUIRED.find((name) => !held.has(name)) ?? null;
}

/** The template with its placeholders filled; what is filled in is not searched for more of them. */
export function fillLayout(layoutHtml: string, values: Placeholders): string {
  return layoutHtml.replace(
    PLACEHOLDER,
    (whole, name) => Object.hasOwn(values, name) ? values[name as keyof Placeholders] : whole,
  );
}
