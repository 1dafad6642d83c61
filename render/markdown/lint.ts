import type { Token, Tokens } from "marked";
import { isCalloutKind } from "./callouts.ts";
import { locate } from "./locate.ts";
import { readMarkdown, type RenderedMarkdown, renderMarkdown } from "./mod.ts";

// Search engines show about this much.
const LONGEST_TITLE = 60;
const LONGEST_DESCRIPTION = 160;
const MOST_WARNINGS = 100;

/** What the author may want to mend; line counts from 1 and is left out where it is not known. */
export type Warning = { code: WarningCode; message: string; line?: number };
/** What a warning is about. */
export type WarningCode =
  | "dead_anchor"
  | "image_without_alt"
  | "heading_jump"
  | "unclosed_fence"
  | "unknown_callout"
  | "long_title"
  | "long_description";

const CALLOUT = /^\s*(?:\[!([\w-]{1,40})\]|:{3,}[ \t]*([a-z][\w-]{0,40}))/i;

type Found = { token: Token; line: number };

/** Faults of a post that is valid all the same, the first 100 by line; throws BoundExceeded. */
export function lintMarkdown(
  source: string,
  options: { title?: string; description?: string } = {},
): Warning[] {
  const rendered = renderMarkdown(source);
  const found = locate(readMarkdown(source));
  const warnings = [
    ...deadAnchors(rendered, found),
    ...imagesWithoutAlt(rendered, found),
    ...headingJumps(rendered, found),
    ...found.flatMap(({ token, line }) => [...unclosed(token, line), ...unknown(token, line)]),
  ];
  warnings.sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || 0);
  return [...lengths(options), ...warnings].slice(0, MOST_WARNINGS);
}

/** Slugs of the blog's own posts that the text links to, each once; blogUrl as in the blog's links. */
export function internalLinks({ links }: RenderedMarkdown, blogUrl: string): string[] {
  const home = new URL(blogUrl.endsWith("/") ? blogUrl : `${blogUrl}/`);
  const slugs = links.flatMap((href) => slugOf(href, home) ?? []);
  return [...new Set(slugs)];
}

function slugOf(href: string, home: URL): string | undefined {
  if (href.startsWith("#")) return undefined;
  // As a browser reads it on the page of a post.
  const url = URL.parse(href, new URL("post", home));
  if (url?.origin !== home.origin || !url.pathname.startsWith(home.pathname)) return undefined;
  const path = url.pathname.slice(home.pathname.length).replace(/\/$/, "");
  const slug = /^([a-z0-9-]+)(?:\.md)?$/.exec(path)?.[1];
  return slug === "archive" || slug === "search" ? undefined : slug;
}

function deadAnchors({ html, links }: RenderedMarkdown, found: Found[]): Warning[] {
  const ids = new Set(Array.from(html.matchAll(/ id="([^"]*)"/g), ([, id]) => id));
  const lines = linesBy(found, (token) => token.type === "link" ? decoded(token.href) : undefined);
  return links.flatMap((href) => {
    const anchor = decoded(href);
    if (!anchor.startsWith("#")) return [];
    const line = lines.get(anchor)?.shift();
    if (anchor === "#" || anchor === "#top" || ids.has(anchor.slice(1))) return [];
    return warning("dead_anchor", {
      message: `No heading has the id of the link ${anchor}.`,
      line,
    });
  });
}

function imagesWithoutAlt({ images }: RenderedMarkdown, found: Found[]): Warning[] {
  const lines = linesBy(found, (token) => {
    return token.type === "image" && !token.text.trim() ? decoded(token.href) : undefined;
  });
  return images.flatMap(({ src, alt }) => {
    if (alt.trim()) return [];
    const line = lines.get(decoded(src))?.shift();
    const message = `The image ${src} has no alt text; say in it what the image shows.`;
    return warning("image_without_alt", { message, line });
  });
}

/** The page's title is its h1. */
function headingJumps({ headings }: RenderedMarkdown, found: Found[]): Warning[] {
  const written = found.filter(({ token }) => token.type === "heading");
  return headings.flatMap(({ level, text }, index) => {
    const before = headings[index - 1]?.level ?? 1;
    if (level <= before + 1) return [];
    // Headings written as HTML are no tokens.
    const line = written.length === headings.length ? written[index].line : undefined;
    const message = `“${text}” is an h${level} after an h${before}; make it an h${before + 1}.`;
    return warning("heading_jump", { message, line });
  });
}

function unclosed(token: Token, line: number): Warning[] {
  if (token.type === "callout" && token.closed === false) {
    const message = "A ::: callout is never closed; end it with a line of :::.";
    return warning("unclosed_fence", { message, line });
  }
  const fence = token.type === "code" ? /^ {0,3}(`{3,}|~{3,})/.exec(token.raw)?.[1] : undefined;
  if (!fence || (token as Tokens.Code).codeBlockStyle === "indented") return [];
  const [, ...rest] = token.raw.trimEnd().split("\n");
  const last = rest.at(-1)?.trim() ?? "";
  const isClosed = last.startsWith(fence) && !last.replaceAll(fence[0], "");
  const message = `A code block is never closed; end it with a line of ${fence}.`;
  return isClosed ? [] : warning("unclosed_fence", { message, line });
}

function unknown(token: Token, line: number): Warning[] {
  const lines = calloutLines(token);
  return lines.flatMap((text, index) => {
    const kind = CALLOUT.exec(text)?.slice(1).find((word) => word);
    if (!kind || isCalloutKind(kind)) return [];
    const message =
      `There is no callout ${kind}; the kinds are note, tip, important, warning and caution.`;
    return warning("unknown_callout", { message, line: line + index });
  });
}

function calloutLines(token: Token): string[] {
  if (token.type === "blockquote") return token.text.split("\n", 1);
  const isProse = token.type === "paragraph" || token.type === "text" && "tokens" in token;
  return isProse && token.text.includes(":::") ? token.text.split("\n") : [];
}

function lengths({ title = "", description = "" }: { title?: string; description?: string }) {
  const warnings: Warning[] = [];
  if ([...title].length > LONGEST_TITLE) {
    const message = `Search results cut titles after about ${LONGEST_TITLE} characters.`;
    warnings.push({ code: "long_title", message });
  }
  if ([...description].length > LONGEST_DESCRIPTION) {
    const message =
      `Search results cut descriptions after about ${LONGEST_DESCRIPTION} characters.`;
    warnings.push({ code: "long_description", message });
  }
  return warnings;
}

function warning(code: WarningCode, { message, line }: { message: string; line?: number }) {
  return [{ code, message, ...line !== undefined && { line } }];
}

function linesBy(
  found: Found[],
  keyOf: (token: Token) => string | undefined,
): Map<string, number[]> {
  const lines = new Map<string, number[]>();
  for (const { token, line } of found) {
    const key = keyOf(token);
    if (key === undefined) continue;
    const known = lines.get(key);
    if (known) known.push(line);
    else lines.set(key, [line]);
  }
  return lines;
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
