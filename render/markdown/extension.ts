import type { MarkedExtension } from "marked";
import type { Meter } from "./bounds.ts";
import type { TrustedHtml } from "./trusted.ts";

/** What one rendering hands to its extensions. */
export type Rendering = { meter: Meter; trusted: TrustedHtml };

/**
 * One feature of the Markdown. A `start` function of a marked extension must look at a bounded slice
 * and say only real starts, or the parser turns quadratic.
 */
export type Extension = {
  /** Rules and renderers for marked; their HTML is sanitised unless it goes through `trusted`. */
  marked?(rendering: Rendering): MarkedExtension<string, string>;
  /** Changes sanitised HTML, before placeholders are filled: each `<` and `>` in it is of a tag. */
  finish?(html: string, rendering: Rendering): string;
};
