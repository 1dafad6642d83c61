import katex from "katex";
import { escapeHtml } from "../escape.ts";
import { withoutControls } from "./controls.ts";
import type { Rendering } from "./extension.ts";
import { countOf } from "./text.ts";

// A formula that names its own macros may grow without limit, and some print to the server's console.
const REFUSED =
  /\\(?:[egx]?def|global|long|(?:future)?let|(?:re)?newcommand|providecommand|show(?:the)?|message|errmessage)(?![A-Za-z])/;
// These take in all that follows in their group, so a row of them nests.
const NESTING =
  /\\(?:[a-z]*style|[a-z]*size|tiny|small|normal|large|huge|color|rm|bf|it|sf|tt|cal|frak|bbb|left|begin)(?![a-z])/gi;

const SHORT = 200;

/**
 * A formula in TeX as MathML, without styles, scripts or addresses; one that cannot be read as code.
 * `display` for one on lines of its own.
 */
export function typeset(
  tex: string,
  { display, rendering }: { display: boolean; rendering: Rendering },
): string {
  const { meter, uses } = rendering;
  meter.check("math_length", tex.length);
  meter.spend("math_commands", countOf(tex, "\\"));
  // A level takes a character at least.
  if (tex.length > SHORT) meter.check("math_depth", nesting(tex));
  const html = toMathMl(tex, display);
  if (html === undefined) {
    meter.spend("math_errors");
    const sign = display ? "$$" : "$";
    return `<code class="math-error">${escapeHtml(sign + tex + sign)}</code>`;
  }
  uses.math = true;
  return html;
}

function toMathMl(tex: string, displayMode: boolean): string | undefined {
  if (REFUSED.test(tex)) return undefined;
  try {
    const html = katex.renderToString(tex, {
      displayMode,
      output: "mathml",
      throwOnError: true,
      strict: "ignore",
      trust: false,
      maxExpand: 500,
      maxSize: 20,
    });
    const math = html.slice(html.indexOf("<math"), html.lastIndexOf("</math>") + "</math>".length);
    // Quotes in text are entities; so these are attributes.
    return withoutControls(math.replace(/ (?:style|class) ?="[^"]*"/g, ""));
  } catch (error) {
    if (error instanceof katex.ParseError) return undefined;
    throw error;
  }
}

/** An upper bound of how deep KaTeX will nest, well below what overflows its stack. */
function nesting(tex: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [brace] of tex.matchAll(/\\.|[{}]/gs)) {
    if (brace === "{") deepest = Math.max(deepest, ++depth);
    if (brace === "}") depth--;
  }
  return deepest + Array.from(tex.matchAll(NESTING)).length;
}
