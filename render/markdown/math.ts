import type { Token } from "marked";
import type { Extension } from "./extension.ts";
import type { BoundedLexer } from "./lexer.ts";
import { typeset } from "./typeset.ts";

// The look behind stands behind the $, which then is searched for as a character.
const START = /\$(?<![A-Za-z0-9\\$]\$)\$?(?![\s$])/;
const INLINE = /\$(?![\s$])((?:\\[^]|[^$\\])+)(?<!\s)\$(?![A-Za-z0-9$])/;
const DISPLAY = /\$\$(?!\$)((?:\\[^]|[^$\\])+)\$\$(?!\$)/;
const INLINE_AT_START = new RegExp(`^${INLINE.source}`);
const DISPLAY_AT_START = new RegExp(`^${DISPLAY.source}`);
const MASKED = new RegExp(`(?<![A-Za-z0-9\\\\$])(?:${DISPLAY.source}|${INLINE.source})`, "g");
// A blank line ends it; one that is longer than math_length allows is none.
const BLOCK =
  /\$\$(?!\$)(?=\s*[^\s$])((?:\\[^\n]|[^$\\\n]|\\?\n(?![ \t]*(?:\n|$))){1,4000})\$\$[ \t]*(?:\n|$)/;
const BLOCK_AT_START = new RegExp(`^ {0,3}${BLOCK.source}`);

/** `$…$` within a line, `$$…$$` on lines of its own; a $ before a digit, or after a letter, closes or opens none. */
export const math: Extension = (rendering) => {
  const { source, trusted } = rendering;
  return {
    inlineStart: START,
    blockStart: BLOCK,
    rules: {
      // Emphasis must not end within a formula.
      ...source.includes("$") && { hooks: { emStrongMask: mask } },
      extensions: [
        {
          name: "mathBlock",
          level: "block",
          tokenizer(src) {
            const match = BLOCK_AT_START.exec(src);
            return match ? { type: "mathBlock", raw: match[0], text: match[1].trim() } : undefined;
          },
          renderer: ({ text }) => displayedMath(text, rendering),
        },
        {
          name: "math",
          level: "inline",
          tokenizer(src) {
            if (src[0] !== "$") return undefined;
            if (/[A-Za-z0-9]/.test((this.lexer as BoundedLexer).charBefore(src))) return undefined;
            const display = DISPLAY_AT_START.exec(src);
            const match = display ?? INLINE_AT_START.exec(src);
            if (!match?.[1].trim()) return undefined;
            return { type: "math", raw: match[0], text: match[1].trim(), display: !!display };
          },
          renderer({ text, display }) {
            const html = typeset(text, { display, rendering });
            return trusted.inline(display ? `<span class="math">${html}</span>` : html, text);
          },
        },
      ],
      renderer: {
        image({ tokens }) {
          showSource(tokens);
          return false;
        },
      },
    },
  };
};

/** A formula as a block that scrolls by itself on a narrow screen. */
export function displayedMath(tex: string, rendering: Parameters<Extension>[0]): string {
  const html = typeset(tex, { display: true, rendering });
  return rendering.trusted.block(`<div class="math" tabindex="0">${html}</div>\n`);
}

/** Alt text has no mark-up. */
function showSource(tokens: Token[] = []): void {
  for (const token of tokens) {
    if (token.type === "math") token.type = "text";
    else if ("tokens" in token) showSource(token.tokens);
  }
}

function mask(text: string): string {
  return text.replace(MASKED, (formula) => "a".repeat(formula.length));
}
