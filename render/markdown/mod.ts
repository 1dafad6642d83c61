import { Marked } from "marked";
import { Meter } from "./bounds.ts";
import { code } from "./code.ts";
import type { Extension, Rendering } from "./extension.ts";
import { BoundedLexer, BoundedTokenizer } from "./lexer.ts";
import { links } from "./links.ts";
import { sanitise } from "./sanitise.ts";
import { tables } from "./tables.ts";
import { countWords, headingsOf, plainText } from "./text.ts";
import { TrustedHtml } from "./trusted.ts";

export { BoundExceeded } from "./bounds.ts";
export { firstSentences } from "./text.ts";

const EXTENSIONS: Extension[] = [links, tables, code];

/** html is sanitised; text is its prose on one line, without code blocks; words counts that text. */
export type RenderedMarkdown = {
  html: string;
  text: string;
  headings: { level: number; text: string }[];
  words: number;
};

/** GFM to sanitised HTML; throws BoundExceeded, and nothing else, the same for the same source. */
export function renderMarkdown(source: string): RenderedMarkdown {
  const meter = new Meter();
  meter.check("source", source.length);
  const wellFormed = source.toWellFormed().replace(CONTROLS, "\uFFFD");
  const rendering: Rendering = { meter, trusted: new TrustedHtml(wellFormed, meter) };
  const raw = parse(wellFormed, rendering);
  meter.spend("output", raw.length);

  // Controls may come back through character references.
  const clean = sanitise(raw, rendering.trusted.mark).replace(CONTROLS, "\uFFFD");
  const prose = rendering.trusted.fillText(clean);
  const text = plainText(prose);
  const finished = EXTENSIONS.reduce(
    (html, { finish }) => finish?.(html, rendering) ?? html,
    clean,
  );
  return {
    html: rendering.trusted.fill(finished),
    text,
    headings: headingsOf(prose),
    words: countWords(text),
  };
}

// deno-lint-ignore no-control-regex -- they are what is looked for
const CONTROLS = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F]/g;

function parse(source: string, rendering: Rendering): string {
  const marked = new Marked<string, string>();
  marked.setOptions({ tokenizer: new BoundedTokenizer(rendering.meter) });
  for (const extension of EXTENSIONS) {
    if (extension.marked) marked.use(extension.marked(rendering));
  }
  // Not marked.parse(): it adds a plea to report the error to the message of BoundExceeded.
  const tokens = new BoundedLexer(marked.defaults, rendering.meter).lex(source);
  return marked.parser(tokens);
}
