import type { Token } from "marked";
import type { Extension } from "./extension.ts";
import type { BoundedLexer } from "./lexer.ts";
import type { TrustedHtml } from "./trusted.ts";

const REFERENCE = /\[\^([^\]\s[^]{1,100})\]/;
const REFERENCE_AT_START = new RegExp(`^${REFERENCE.source}`);
const DEFINITION = new RegExp(`${REFERENCE.source}:`);
const DEFINITION_AT_START = new RegExp(`^ {0,3}${DEFINITION.source}[ \\t]*`);
const INDENT = /^(?: {4}| {0,3}\t)/;
// What may not go on the paragraph of a definition without being indented.
const BLOCK = new RegExp(
  `^ {0,3}(?:${DEFINITION.source}|#{1,6}\\s|>|\`{3}|~{3}|[-*+]\\s|\\d{1,9}[.)]\\s|:{3}|\\$\\$|<|` +
    `(?:[-_*][ \\t]*){3,}$)`,
);

type Note = { number: number; references: number };

/** `[^id]` as numbers in the order of their first use, and the `[^id]: text` they refer to as a list at the end. */
export const footnotes: Extension = ({ meter, trusted }) => {
  const definitions = new Map<string, Token[]>();
  const used = new Map<string, Note>();
  return {
    inlineStart: REFERENCE,
    blockStart: DEFINITION,
    closing: "footnotes",
    rules: {
      extensions: [
        {
          name: "footnoteDefinition",
          level: "block",
          tokenizer(src) {
            const match = DEFINITION_AT_START.exec(src);
            if (!match) return undefined;
            meter.spend("blocks");
            const { raw, text } = readDefinition(src, match[0].length);
            const id = match[1].toLowerCase();
            if (definitions.has(id)) return { type: "footnoteDefinition", raw, tokens: [] };
            // Named before it is read, as it may refer to itself.
            definitions.set(id, []);
            const tokens = (this.lexer as BoundedLexer).nestedBlocks(text);
            definitions.set(id, tokens);
            return { type: "footnoteDefinition", raw, tokens };
          },
          renderer: () => "",
        },
        {
          name: "footnoteReference",
          level: "inline",
          tokenizer(src) {
            const match = src[0] === "[" ? REFERENCE_AT_START.exec(src) : null;
            const id = match?.[1].toLowerCase();
            if (!id || !definitions.has(id) || this.lexer.state.inLink) return undefined;
            return { type: "footnoteReference", raw: match![0], id };
          },
          renderer({ id }) {
            const note = used.get(id) ?? { number: used.size + 1, references: 0 };
            used.set(id, note);
            note.references++;
            return trusted.inline(
              `<sup><a id="${referenceId(note, note.references)}" href="#fn:${note.number}" ` +
                `role="doc-noteref" aria-label="Footnote ${note.number}">${note.number}</a></sup>`,
            );
          },
        },
        {
          name: "footnotes",
          renderer() {
            // A note may be the first to refer to another, which makes the map grow on the way.
            const contents: [Note, string][] = [];
            for (const [id, note] of used) {
              contents.push([note, this.parser.parse(definitions.get(id)!)]);
            }
            if (contents.length === 0) return "";
            const items = contents.map(([note, html]) => item(note, { html, trusted })).join("");
            const attributes = `class="footnotes" role="doc-endnotes" aria-label="Footnotes"`;
            return trusted.wrap({ tag: "section", attributes }, `<ol>\n${items}</ol>`) + "\n";
          },
        },
      ],
    },
  };
};

function readDefinition(src: string, start: number): { raw: string; text: string } {
  const lines: string[] = [];
  let kept = 0;
  let length = src.length;
  for (let at = start; at < src.length;) {
    const found = src.indexOf("\n", at);
    const end = found < 0 ? src.length : found;
    const line = src.slice(at, end);
    const isFirst = at === start;
    const isBlank = !line.trim();
    const isIndented = INDENT.test(line);
    const goesOn = !isIndented && lines.at(-1)?.trim() && !BLOCK.test(line);
    if (!isFirst && !isBlank && !isIndented && !goesOn) break;
    lines.push(isFirst ? line : line.replace(INDENT, ""));
    at = end + 1;
    if (isFirst || !isBlank) {
      kept = lines.length;
      length = at;
    }
  }
  return { raw: src.slice(0, length), text: lines.slice(0, kept).join("\n") };
}

function item(note: Note, { html, trusted }: { html: string; trusted: TrustedHtml }): string {
  const links = Array.from({ length: note.references }, (_, index) => backLink(note, index + 1));
  const back = trusted.inline(links.join(""));
  const end = html.endsWith("</p>\n") ? html.length - "</p>\n".length : html.length;
  const content = html.slice(0, end) + back + html.slice(end);
  return `${trusted.wrap({ tag: "li", attributes: `id="fn:${note.number}"` }, content)}\n`;
}

function backLink(note: Note, reference: number): string {
  const label = reference > 1 ? `${note.number}-${reference}` : `${note.number}`;
  const sign = reference > 1 ? `<sup>${reference}</sup>` : "";
  return ` <a href="#${referenceId(note, reference)}" role="doc-backlink" ` +
    `aria-label="Back to reference ${label}">↩\uFE0E${sign}</a>`;
}

function referenceId(note: Note, reference: number): string {
  return reference > 1 ? `fnref:${note.number}:${reference}` : `fnref:${note.number}`;
}
