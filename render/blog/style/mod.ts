import type { Theme } from "../types.ts";
import { BASE, LISTS, NOTICE, SEARCH, TEXT } from "./base.ts";
import { PARTS } from "./parts.ts";
import { THEMES } from "./themes.ts";
import { writingStyle } from "./writing.ts";

const KINDS = { lists: LISTS, search: LISTS + SEARCH, notice: NOTICE };

/**
 * The style sheet of a page, only as much as it needs: a post's by its HTML, another page's by its kind;
 * langs are those of its texts.
 */
export function styleOf(
  theme: Theme["theme"],
  page: { langs: string[]; post?: string; kind?: keyof typeof KINDS },
): string {
  const { post, kind } = page;
  const needed = post === undefined ? [] : PARTS.filter((part) => part.needed.test(post));
  return [
    BASE,
    post !== undefined && TEXT,
    kind && KINDS[kind],
    ...needed.map((part) => part.css),
    THEMES[theme],
    writingStyle(page.langs, theme === "paper" ? "serif" : "sans"),
  ].filter(Boolean).join("").replace(/\n+/g, "\n").trim();
}
