import type { Extension } from "./extension.ts";

/** Tables that scroll by themselves on a narrow screen, aligned by class, as our CSP forbids styles. */
export const tables: Extension = () => ({
  rules: {
    renderer: {
      tablecell({ tokens, header, align }) {
        const tag = header ? "th" : "td";
        const attribute = align ? ` class="align-${align}"` : "";
        return `<${tag}${attribute}>${this.parser.parseInline(tokens)}</${tag}>\n`;
      },
    },
  },
  finish(html) {
    return html
      .replace(/<table[ >]/g, (tag) => `<div class="table" tabindex="0">${tag}`)
      .replaceAll("</table>", "</table></div>");
  },
});
