import { escapeHtml } from "../escape.ts";
import type { Extension, Heading } from "./extension.ts";
import { isAloneOnLine } from "./line.ts";

const LINE = /\[toc\][ \t]*(?:\n|$)/;
const AT_START = new RegExp(`^ {0,3}${LINE.source}`, "i");

/** The first `[TOC]` alone on a line, in any case, as a list of the headings of levels 2 to 4. */
export const toc: Extension = ({ meter, trusted, headings }) => {
  let place: string | undefined;
  return {
    blockStart: LINE,
    rules: {
      extensions: [{
        name: "toc",
        level: "block",
        tokenizer(src, tokens) {
          const match = AT_START.exec(src);
          if (!match || !isAloneOnLine(this.lexer, tokens)) return undefined;
          return { type: "toc", raw: match[0] };
        },
        renderer(token) {
          if (place !== undefined) return `<p>${token.raw.trim()}</p>\n`;
          place = trusted.block("");
          return place;
        },
      }],
    },
    finish(html) {
      if (place === undefined) return html;
      const nav = navigation(headings.filter(({ level }) => level >= 2 && level <= 4));
      meter.spend("output", nav.length);
      return html.replace(place, () => nav);
    },
  };
};

function navigation(headings: Heading[]): string {
  if (headings.length === 0) return "";
  const open: number[] = [];
  let list = "";
  for (const { level, id, text } of headings) {
    while (open.length > 1 && level <= open.at(-2)!) {
      list += "</li></ul>";
      open.pop();
    }
    if (open.length > 0 && level <= open.at(-1)!) {
      list += "</li>";
      open[open.length - 1] = level;
    } else {
      list += "<ul>";
      open.push(level);
    }
    list += `<li><a href="#${escapeHtml(id)}">${escapeHtml(text)}</a>`;
  }
  list += "</li></ul>".repeat(open.length);
  return `<nav class="toc" aria-label="Table of contents">${list}</nav>\n`;
}
