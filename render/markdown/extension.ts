import type { MarkedExtension } from "marked";
import type { Meter } from "./bounds.ts";
import type { TrustedHtml } from "./trusted.ts";

/** A heading of the text; links reach it by `#id`. */
export type Heading = { level: number; id: string; text: string };
/** What a page must bring along for this text: styles, and for mermaid a script. */
export type Uses = { math: boolean; mermaid: boolean; code: boolean; youtube: boolean };

/** What one rendering hands to its extensions; they fill in `uses` and `headings`. */
export type Rendering = {
  source: string;
  meter: Meter;
  trusted: TrustedHtml;
  uses: Uses;
  headings: Heading[];
};

/** One feature of the Markdown, made anew for each rendering. */
export type Extension = (rendering: Rendering) => {
  /** Rules and renderers for marked, without `start`; their HTML is sanitised unless `trusted`. */
  rules?: MarkedExtension<string, string>;
  /** How its tokens within a line begin. */
  inlineStart?: RegExp;
  /** How its blocks begin that may follow a paragraph's line; it must match nothing but such blocks. */
  blockStart?: RegExp;
  /** The type of a token of its own that is put after the last one of the text. */
  closing?: string;
  /** Changes sanitised HTML, before placeholders are filled: each `<` and `>` in it is of a tag. */
  finish?(html: string): string;
};
