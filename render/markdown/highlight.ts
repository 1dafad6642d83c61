import hljs from "highlight.js/lib/common";
import { escapeHtml } from "../escape.ts";

// Some grammars are quadratic in a block and in a line (highlightjs/highlight.js#4529), so the
// squares of the lengths are what adds up; what a short block costs is more than its square.
const LONGEST_BLOCK = 20_000;
const SHORT_BLOCK = 4_000;
const LONG_LINE_OR_WORD = /(?<!\S)\S{300}|^.{1000}/m;
const BUDGET = 500_000_000;

/** Code as HTML: highlighted where the language is known and the bounds allow it, else plain. */
export class Highlighter {
  #spent = 0;

  /** `language` as highlight.js names it. */
  toHtml(code: string, language: string | undefined): string {
    const cost = code.length * Math.max(code.length, SHORT_BLOCK);
    const isPlain = !language || !highlighter().getLanguage(language) ||
      code.length > LONGEST_BLOCK || this.#spent + cost > BUDGET || LONG_LINE_OR_WORD.test(code);
    if (isPlain) return escapeHtml(code);
    this.#spent += cost;
    return highlighter().highlight(code, { language, ignoreIllegals: true }).value;
  }
}

type Mode = { className?: string; begin?: unknown; contains?: Mode[] };

let isTamed = false;

/** highlight.js, with the one grammar bounded that takes minutes for 20 kB of `a<b>`. */
function highlighter(): typeof hljs {
  if (isTamed) return hljs;
  const csharp = hljs.getLanguage("csharp")!.rawDefinition!;
  hljs.registerLanguage("csharp", () => {
    const language = csharp();
    boundTypes(language.contains as Mode[]);
    return language;
  });
  isTamed = true;
  return hljs;
}

/** As many types before the name of a method, and after it, as stand there in code that people write. */
function boundTypes(modes: Mode[]): void {
  for (const mode of modes) {
    // Modes that several grammars share are frozen.
    if (typeof mode.begin === "string" && mode.begin.includes("<[^=]+>")) {
      mode.begin = mode.begin.replace("<[^=]+>", "<[^=()]{1,100}>").replace(")+[", "){1,8}[");
    }
    if (mode.className === "function") boundTypes(mode.contains ?? []);
  }
}
