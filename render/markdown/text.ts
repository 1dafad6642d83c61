import { unescapeHtml } from "../escape.ts";

const BLOCK_TAG =
  /<\/?(?:h[1-6]|p|div|section|aside|[hb]r|blockquote|pre|[uod]l|li|d[td]|fig[a-z]+|table|caption|t[a-z]+|details|summary)(?![\w-])[^>]*>/g;
const CODE_BLOCK = /<pre[ >][\s\S]*?<\/pre>/g;
const HEADING = /<h([1-6])( [^>]*)?>([\s\S]*?)<\/h\1>/g;
// Each character of a script written without spaces counts as a word.
const WORD =
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]|[[\p{L}\p{N}\p{M}]--[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]]+(?:['’][\p{L}]+)*/gv;

/** The prose of sanitised HTML on one line: no mark-up, no code blocks, entities turned back. */
export function plainText(html: string): string {
  const words = html.replace(CODE_BLOCK, " ").replace(BLOCK_TAG, " ").replace(/<[^>]*>/g, "");
  return unescapeHtml(words).replace(/\s+/g, " ").trim();
}

type HeadingHtml = { level: number; attributes: string; inner: string };

/** Sanitised HTML with each heading, those written as HTML too, replaced where `change` gives something. */
export function eachHeading(
  html: string,
  change: (heading: HeadingHtml) => string | undefined,
): string {
  return html.replace(HEADING, (whole, level, attributes = "", inner) => {
    return change({ level: Number(level), attributes, inner }) ?? whole;
  });
}

/** The addresses of the links of sanitised HTML, in document order. */
export function linksOf(html: string): string[] {
  return Array.from(html.matchAll(/<a [^>]*?\bhref="([^"]*)"/g), ([, href]) => unescapeHtml(href));
}

/** The images of sanitised HTML, in document order; alt is "" where the author gave none. */
export function imagesOf(html: string): { src: string; alt: string }[] {
  return Array.from(html.matchAll(/<img [^>]*>/g), ([tag]) => ({
    src: attributeOf(tag, "src"),
    alt: attributeOf(tag, "alt"),
  }));
}

function attributeOf(tag: string, name: string): string {
  return unescapeHtml(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? "");
}

/** How often any of these characters stands in a text. */
export function countOf(text: string, ...chars: string[]): number {
  let count = 0;
  for (const char of chars) {
    for (let at = text.indexOf(char); at >= 0; at = text.indexOf(char, at + 1)) count++;
  }
  return count;
}

/** Words of plain text; each Han, Hiragana or Katakana character counts as one. */
export function countWords(text: string): number {
  return text.match(WORD)?.length ?? 0;
}

/** The first two sentences of plain text, at most max UTF-16 units; cut after a word, with "…", if longer. */
export function firstSentences(text: string, max: number): string {
  // Sentences longer than what can be shown need not be found.
  const head = text.trim().slice(0, 4 * max + 200);
  const sentences = [...new Intl.Segmenter("en", { granularity: "sentence" }).segment(head)];
  const two = sentences.slice(0, 2).map(({ segment }) => segment).join("").trim();
  return two.length <= max ? two : `${wordsWithin(two, max - 1)}…`;
}

/** As many words of plain text as fit in max UTF-16 units; with "…" where that is not all. */
export function firstWords(text: string, max: number): string {
  return text.length <= max ? text : `${wordsWithin(text.slice(0, 2 * max), max - 1)}…`;
}

function wordsWithin(text: string, max: number): string {
  let end = 0;
  for (
    const { segment, index } of new Intl.Segmenter("en", { granularity: "word" }).segment(text)
  ) {
    if (index + segment.length > max) break;
    end = index + segment.length;
  }
  const kept = text.slice(0, end).replace(/[\s,;:–—-]+$/u, "");
  return kept || text.slice(0, max).toWellFormed();
}
