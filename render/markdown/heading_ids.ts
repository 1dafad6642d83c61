import GithubSlugger from "github-slugger";
import { escapeHtml } from "../escape.ts";
import type { Extension } from "./extension.ts";
import { eachHeading, plainText } from "./text.ts";

const LONGEST_ID = 200;

/**
 * An id and a link to itself for each heading, also for those written as HTML. Such an id holds lower
 * case letters, digits, `-` and `_`: ids of the page itself, and those of footnotes, have a colon or a
 * capital A to Z in them, and so never meet one.
 */
export const headingIds: Extension = ({ trusted, headings, meter }) => ({
  finish(html) {
    const slugger = new GithubSlugger();
    return eachHeading(html, ({ level, attributes, inner }) => {
      const text = plainText(trusted.fillText(inner));
      if (!text) return undefined;
      const id = slugger.slug(slugSource(text));
      headings.push({ level, id, text });
      const anchor = `<a class="anchor" href="#${
        escapeHtml(id)
      }" aria-label="Link to this section">#</a>`;
      meter.spend("output", anchor.length + id.length);
      return `<h${level} id="${escapeHtml(id)}"${attributes}>${inner} ${anchor}</h${level}>`;
    });
  },
});

function slugSource(text: string): string {
  const short = text.slice(0, LONGEST_ID).toWellFormed();
  return /[\p{L}\p{N}]/u.test(short) ? short : "section";
}
