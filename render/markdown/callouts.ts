import type { Token } from "marked";
import type { Extension } from "./extension.ts";
import type { BoundedLexer } from "./lexer.ts";

const LABELS: Record<string, string> = {
  note: "Note",
  tip: "Tip",
  important: "Important",
  warning: "Warning",
  caution: "Caution",
};
const KIND = Object.keys(LABELS).join("|");

const FENCE = new RegExp(`:{3,}[ \\t]*(${KIND})(?![^\\s])([^\\n]*)(?:\\n|$)`);
const FENCE_AT_START = new RegExp(`^ {0,3}${FENCE.source}`, "i");
const QUOTE_AT_START = new RegExp(
  `^ {0,3}>[ \\t]?\\[!(${KIND})\\](?![^\\s])([^\\n]*)(?:\\n|$)`,
  "i",
);
const CONTAINER_LINE = /^ {0,3}(?:(`{3,}(?!.*`)|~{3,})|:{3,}[ \t]*(\S?))/;

/** Whether a word names a kind of callout. */
export function isCalloutKind(word: string): boolean {
  return Object.hasOwn(LABELS, word.toLowerCase());
}

/** `> [!NOTE] Title` and `:::note Title` to `:::`; the latter may hold others, and ends with the text if not before. */
export const callouts: Extension = ({ meter, trusted }) => ({
  blockStart: FENCE,
  rules: {
    extensions: [
      {
        name: "quotedCallout",
        level: "block",
        tokenizer(src) {
          const match = QUOTE_AT_START.exec(src);
          if (!match) return undefined;
          const rest = src.slice(match[0].length);
          const quote = this.lexer.options.tokenizer!.blockquote.call(
            this.lexer.options.tokenizer!,
            rest,
          );
          return {
            ...headOf(match, this.lexer),
            raw: match[0] + (quote?.raw ?? ""),
            tokens: quote?.tokens ?? [],
          };
        },
      },
      {
        name: "callout",
        level: "block",
        tokenizer(src) {
          const match = FENCE_AT_START.exec(src);
          if (!match) return undefined;
          const { content, raw, closed } = readContainer(src, match[0].length);
          meter.spend("block_work", raw.length);
          const tokens = (this.lexer as BoundedLexer).nestedBlocks(content);
          return { ...headOf(match, this.lexer), raw, tokens, closed };
        },
        renderer({ kind, title, tokens }) {
          const label = title ? this.parser.parseInline(title) : trusted.inline(LABELS[kind]);
          const heading = trusted.wrap({ tag: "div", attributes: `class="callout-title"` }, label);
          const attributes = `class="callout callout-${kind}" role="note"`;
          const content = `${heading}\n${this.parser.parse(tokens ?? [])}`;
          return `${trusted.wrap({ tag: "div", attributes }, content)}\n`;
        },
      },
    ],
  },
});

function headOf(match: RegExpExecArray, lexer: { inline(src: string, tokens?: Token[]): Token[] }) {
  const title = match[2].trim();
  const kind = match[1].toLowerCase();
  return { type: "callout", kind, title: title ? lexer.inline(title, []) : null };
}

/** Reads to the `:::` that closes the container whose first line ends at `start`. */
function readContainer(src: string, start: number) {
  let depth = 1;
  let codeFence = "";
  for (let at = start; at < src.length;) {
    const found = src.indexOf("\n", at);
    const end = found < 0 ? src.length : found;
    const line = src.slice(at, end);
    const [, fence, name] = CONTAINER_LINE.exec(line) ?? [];
    if (codeFence) {
      if (fence?.startsWith(codeFence) && !line.trim().slice(fence.length)) codeFence = "";
    } else if (fence) {
      codeFence = fence;
    } else if (name !== undefined) {
      depth += name ? 1 : -1;
      if (depth === 0) {
        return { content: src.slice(start, at), raw: src.slice(0, end + 1), closed: true };
      }
    }
    at = end + 1;
  }
  return { content: src.slice(start), raw: src, closed: false };
}
