import sanitizeHtml from "sanitize-html";

const BLOCKS =
  /^<\/?(?:address|article|aside|blockquote|body|br|center|col|colgroup|dd|del|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|html|iframe|ins|legend|li|link|main|nav|ol|optgroup|option|p|pre|script|section|style|summary|table|tbody|td|textarea|tfoot|th|thead|title|tr|ul)\b/i;

/**
 * HTML as a browser reads it, to compare with: white space next to blocks and its amount elsewhere, the
 * slash of void elements, the order of attributes, and how characters are escaped make no difference.
 */
export function normalise(html: string): string {
  const parts = html.match(/<!--[\s\S]*?-->|<[A-Za-z/][^>]*>|[^<]+|</g) ?? [];
  let pre = 0;
  return parts.map((part, index) => {
    if (/^<pre[ >]/i.test(part)) pre++;
    if (/^<\/pre>/i.test(part)) pre--;
    if (/^<[A-Za-z/]/.test(part)) return normaliseTag(part);
    if (part.startsWith("<")) return part;
    const text = read(part);
    if (pre > 0) return text;
    const words = text.replace(/\s+/g, " ");
    const before = BLOCKS.test(parts[index - 1] ?? "<p>");
    const after = BLOCKS.test(parts[index + 1] ?? "<p>");
    return (after ? words.trimEnd() : words).slice(before && words.startsWith(" ") ? 1 : 0);
  }).join("");
}

function normaliseTag(tag: string): string {
  const [, name, rest] = /^<(\/?[A-Za-z][\w-]*)([\s\S]*?)\s*\/?>$/.exec(tag) ?? [];
  if (name === undefined) return tag;
  const attributes = rest.match(/[^\s=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"']+))?/g) ?? [];
  return `<${[name, ...attributes.map(quoted).sort()].join(" ")}>`;
}

function quoted(attribute: string): string {
  const [name, ...rest] = attribute.split("=");
  const value = read(rest.join("=").replace(/^(["'])(.*)\1$/s, "$2"));
  return value ? `${name}="${name === "href" || name === "src" ? readUrl(value) : value}"` : name;
}

/** Text as an HTML parser reads it, written in one way. */
function read(text: string): string {
  return text.includes("&")
    ? sanitizeHtml(text, { allowedTags: [] })
    : text.replaceAll(">", "&gt;");
}

function readUrl(url: string): string {
  try {
    return decodeURI(url);
  } catch {
    return url;
  }
}
