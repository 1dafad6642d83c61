import { Marked, type TokensList } from "marked";
import { Meter } from "./bounds.ts";
import { callouts } from "./callouts.ts";
import { code } from "./code.ts";
import { withoutControls } from "./controls.ts";
import { emoji } from "./emoji.ts";
import type { Extension, Heading, Rendering, Uses } from "./extension.ts";
import { footnotes } from "./footnotes.ts";
import { headingIds } from "./heading_ids.ts";
import { BoundedLexer, BoundedTokenizer } from "./lexer.ts";
import { links } from "./links.ts";
import { math } from "./math.ts";
import { rawHtml } from "./raw_html.ts";
import { sanitise } from "./sanitise.ts";
import { tables } from "./tables.ts";
import { countOf, countWords, imagesOf, linksOf, plainText } from "./text.ts";
import { toc } from "./toc.ts";
import { TrustedHtml } from "./trusted.ts";
import { youtube } from "./youtube.ts";

export { BoundExceeded } from "./bounds.ts";
export { firstSentences, firstWords } from "./text.ts";

/** In the order in which they change the finished HTML: the table of contents comes after the ids. */
const EXTENSIONS: Extension[] = [
  links,
  rawHtml,
  tables,
  code,
  math,
  emoji,
  footnotes,
  callouts,
  youtube,
  headingIds,
  toc,
];

/**
 * html is sanitised; text is its prose on one line, without code blocks; words counts that text; links
 * and images are the text's own, their addresses as in the HTML.
 */
export type RenderedMarkdown = {
  html: string;
  text: string;
  headings: Heading[];
  words: number;
  uses: Uses;
  links: string[];
  images: { src: string; alt: string }[];
};

/** GFM and our extensions to sanitised HTML; throws BoundExceeded, and nothing else, the same for the same source. */
export function renderMarkdown(source: string): RenderedMarkdown {
  const { tokens, marked, parts, rendering } = read(source);
  const { meter, trusted, headings, uses } = rendering;
  for (const { closing } of parts) if (closing) tokens.push({ type: closing, raw: "" });
  const raw = marked.parser(tokens);
  meter.spend("output", raw.length);
  meter.spend("output_tags", countOf(raw, "<"));

  // Controls may come back through character references.
  const clean = withoutControls(sanitise(raw, trusted.mark));
  const text = plainText(trusted.fillText(clean));
  const finished = parts.reduce((html, { finish }) => finish?.(html) ?? html, clean);
  return {
    html: trusted.fill(finished),
    text,
    headings,
    words: countWords(text),
    uses,
    links: linksOf(clean),
    images: imagesOf(clean),
  };
}

/** The tokens of marked for a source, those of our extensions among them; throws BoundExceeded. */
export function readMarkdown(source: string): TokensList {
  return read(source).tokens;
}

function read(source: string) {
  const meter = new Meter();
  meter.check("source", source.length);
  const wellFormed = withoutControls(source);
  const rendering: Rendering = {
    source: wellFormed,
    meter,
    trusted: new TrustedHtml(wellFormed, meter),
    uses: { math: false, mermaid: false, code: false, youtube: false },
    headings: [],
  };
  const marked = new Marked<string, string>();
  marked.setOptions({ tokenizer: new BoundedTokenizer(meter) });
  const parts = EXTENSIONS.map((extension) => extension(rendering));
  for (const { rules } of parts) if (rules) marked.use(rules);

  // Not marked.parse(): it adds a plea to report the error to the message of BoundExceeded.
  const lexer = new BoundedLexer(marked.defaults, { meter, starts: startsOf(parts) });
  return { tokens: lexer.lex(wellFormed), marked, parts, rendering };
}

function startsOf(parts: ReturnType<Extension>[]) {
  const sources = (name: "inlineStart" | "blockStart") =>
    parts.flatMap((part) => part[name]?.source ?? []).join("|");
  return {
    inline: new RegExp(sources("inlineStart"), "g"),
    block: new RegExp(sources("blockStart")),
  };
}
