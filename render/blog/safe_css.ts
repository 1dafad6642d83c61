import {
  type CssNode,
  type FunctionNode,
  generate,
  ident,
  type List,
  type ListItem,
  parse,
  type StyleSheet,
  walk,
  type WalkContext,
} from "css-tree";

const AT_RULES = new Set([
  ...["media", "supports", "container", "layer", "scope", "starting-style"],
  ...["font-face", "font-feature-values", "counter-style", "keyframes", "page", "property"],
]);
const STRANGE_PROPERTIES = new Set(["behavior", "-ms-behavior", "-moz-binding"]);
// A `url` that is spelt with escapes is read as a function.
const STRANGE_FUNCTIONS = new Set(["expression", "src", "url"]);
const IMAGE_FUNCTIONS = new Set(["image", "image-set", "-webkit-image-set", "cross-fade"]);
// deno-lint-ignore no-control-regex -- they are what is looked for
const CONTROLS = /[\0-\x08\x0B-\x1F\x7F]/g;

const KEPT = new Map<string, string>();
const MAX_KEPT = 50;

/**
 * Style rules that can neither leave their `<style>` nor fetch from anywhere but https: what is not
 * surely harmless is dropped, declaration by declaration. Its own output comes through unchanged.
 */
export function safeCss(css: string): string {
  // All pages of a blog have the same, and reading it takes longer than the rest of a page.
  const kept = KEPT.get(css);
  if (kept !== undefined) return kept;
  if (KEPT.size >= MAX_KEPT) KEPT.clear();
  const safe = withoutHarm(css);
  KEPT.set(css, safe);
  return safe;
}

function withoutHarm(css: string): string {
  const source = css.toWellFormed().replace(/\r\n?|\f/g, "\n").replace(CONTROLS, "");
  const harmful = new Set<CssNode | null>();
  try {
    const sheet = parse(source, { parseCustomProperty: true }) as StyleSheet;
    walk(sheet, {
      enter(this: WalkContext, node: CssNode) {
        if (!isHarmless(node)) harmful.add(this.declaration ?? node);
      },
      leave(node: CssNode, item: ListItem<CssNode>, list: List<CssNode>) {
        if (list && harmful.has(node)) list.remove(item);
      },
    });
    // Within the `<style>`, only these could be taken for mark-up; elsewhere `<` compares widths.
    return generate(sheet).replace(/<(?=[/!?])/g, "\\3c ");
  } catch (error) {
    // Nested too deep for the parser.
    if (error instanceof RangeError) return "";
    throw error;
  }
}

function isHarmless(node: CssNode): boolean {
  switch (node.type) {
    case "Atrule":
      return AT_RULES.has(nameOf(node.name).replace(/^-(?:webkit|moz)-/, "")) &&
        node.prelude?.type !== "Raw";
    case "Rule":
      return node.prelude.type !== "Raw";
    case "Declaration":
      return !STRANGE_PROPERTIES.has(nameOf(node.property));
    case "Url":
      return isHttps(node.value);
    case "Function":
      return isHarmlessCall(node);
    case "Raw":
    case "Comment":
    case "CDO":
    case "CDC":
      return false;
    default:
      return true;
  }
}

function isHarmlessCall({ name, children }: FunctionNode): boolean {
  if (STRANGE_FUNCTIONS.has(nameOf(name))) return false;
  if (!IMAGE_FUNCTIONS.has(nameOf(name))) return true;
  return children.toArray().every((child) => child.type !== "String" || isHttps(child.value));
}

function isHttps(url: string): boolean {
  return /^https:\/\//i.test(url) && URL.canParse(url);
}

function nameOf(identifier: string): string {
  return ident.decode(identifier).toLowerCase();
}
