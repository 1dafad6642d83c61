import { escapeHtml } from "./escape.ts";

// deno-lint-ignore no-control-regex -- they are what is looked for
const FORBIDDEN = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F\uFFFE\uFFFF]/g;

/** Text that XML and JSON readers take: without control characters and lone surrogates. */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(FORBIDDEN, "");
}

/** An element with its text escaped; attributes are escaped too. */
export function element(
  name: string,
  text: string,
  attributes: Record<string, string> = {},
): string {
  return `<${name}${attributesOf(attributes)}>${escapeXml(text)}</${name}>`;
}

/** An element without content. */
export function emptyElement(name: string, attributes: Record<string, string>): string {
  return `<${name}${attributesOf(attributes)}/>`;
}

/** An element around others, which may be "" where there is none. */
export function parent(
  name: string,
  children: string[],
  attributes: Record<string, string> = {},
): string {
  const body = children.filter((child) => child !== "").join("\n");
  return `<${name}${attributesOf(attributes)}>\n${body}\n</${name}>`;
}

/** A whole document, from its root element. */
export function xmlDocument(root: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n${root}\n`;
}

function attributesOf(attributes: Record<string, string>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeXml(value)}"`)
    .join("");
}

function escapeXml(text: string): string {
  return escapeHtml(cleanText(text));
}
