import hljs from "highlight.js/lib/common";
import { escapeHtml } from "../escape.ts";
import type { Extension } from "./extension.ts";

// Some grammars are quadratic in a block and in a line (highlightjs/highlight.js#4529), so the
// squares of the lengths are what adds up.
const LONGEST_BLOCK = 20_000;
const LONGEST_LINE = 1_000;
const LONGEST_WORD = 300;
const BUDGET = 500_000_000;

/** Code blocks, highlighted as long as the bounds allow and plain after that. */
export const code: Extension = {
  marked({ trusted }) {
    let spent = 0;
    return {
      renderer: {
        code({ text, lang }) {
          const language = /^[\w+#.-]{1,40}/.exec(lang ?? "")?.[0].toLowerCase();
          const body = `${text.replace(/\n$/, "")}\n`;
          const cost = body.length ** 2;
          const highlighted = language && spent + cost <= BUDGET && highlight(body, language);
          if (highlighted) spent += cost;
          const classes = language ? `hljs language-${language}` : "hljs";
          return trusted.block(
            `<pre tabindex="0"><code class="${classes}">${
              highlighted || escapeHtml(body)
            }</code></pre>`,
          );
        },
      },
    };
  },
};

function highlight(body: string, language: string): string | undefined {
  if (!hljs.getLanguage(language) || body.length > LONGEST_BLOCK) return undefined;
  const long = new RegExp(`\\S{${LONGEST_WORD}}|.{${LONGEST_LINE}}`);
  if (long.test(body)) return undefined;
  return hljs.highlight(body, { language, ignoreIllegals: true }).value;
}
