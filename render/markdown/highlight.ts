import hljs from "highlight.js/lib/common";
import { escapeHtml } from "../escape.ts";

// Some grammars are quadratic in a block and in a line (highlightjs/highlight.js#4529), so the
// squares of the lengths are what adds up.
const LONGEST_BLOCK = 20_000;
const LONG_LINE_OR_WORD = /(?<!\S)\S{300}|^.{1000}/m;
const BUDGET = 500_000_000;

/** Code as HTML: highlighted where the language is known and the bounds allow it, else plain. */
export class Highlighter {
  #spent = 0;

  /** `language` as highlight.js names it. */
  toHtml(code: string, language: string | undefined): string {
    const cost = code.length ** 2;
    const isPlain = !language || !hljs.getLanguage(language) || code.length > LONGEST_BLOCK ||
      this.#spent + cost > BUDGET || LONG_LINE_OR_WORD.test(code);
    if (isPlain) return escapeHtml(code);
    this.#spent += cost;
    return hljs.highlight(code, { language, ignoreIllegals: true }).value;
  }
}
