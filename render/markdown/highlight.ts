import hljs from "highlight.js/lib/common";
import { escapeHtml } from "../escape.ts";

// Some grammars are quadratic in a block and in a word (highlightjs/highlight.js#4529), so the
// squares of their lengths are what adds up, in about the time that a square of a block stands for.
const LONGEST_BLOCK = 20_000;
const SHORT_BLOCK = 5_000;
const LONG_WORDS = /\S{30,}/g;
const WORD_SHARE = 30;
const TOO_LONG = /(?<!\S)\S{300}|^.{1000}/m;
const BUDGET = 500_000_000;

/** Code as HTML: highlighted where the language is known and the bounds allow it, else plain. */
export class Highlighter {
  #spent = 0;

  /** `language` as highlight.js names it. */
  toHtml(code: string, language: string | undefined): string {
    if (!language || !highlighter().getLanguage(language) || !this.#affords(code)) {
      return escapeHtml(code);
    }
    return highlighter().highlight(code, { language, ignoreIllegals: true }).value;
  }

  #affords(code: string): boolean {
    if (code.length > LONGEST_BLOCK || TOO_LONG.test(code)) return false;
    let cost = code.length * Math.max(code.length, SHORT_BLOCK);
    for (const [word] of code.matchAll(LONG_WORDS)) cost += WORD_SHARE * word.length ** 2;
    if (this.#spent + cost > BUDGET) return false;
    this.#spent += cost;
    return true;
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
