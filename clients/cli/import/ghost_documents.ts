import { asMarkdownElement, escapeHtml } from "./html.ts";

// Of Lexical's `format`.
const FORMATS: [bit: number, tag: string][] = [
  [1, "strong"],
  [2, "em"],
  [4, "s"],
  [8, "u"],
  [16, "code"],
  [32, "sub"],
  [64, "sup"],
  [128, "mark"],
];
const DEEPEST = 100;

type Fields = Record<string, unknown>;
type Warnings = string[];

/** A document of Ghost's editor since version 5.5, as HTML. */
export function lexicalToHtml(document: unknown, warnings: Warnings): string {
  return lexical(fields(fields(document).root), warnings);
}

function lexical(node: Fields, warnings: Warnings, depth = 0): string {
  if (depth > DEEPEST) throw new RangeError("nested too deep");
  const inner = () => list(node.children).map((one) => lexical(one, warnings, depth + 1)).join("");
  const type = text(node.type).replace(/^extended-/, "");
  switch (type) {
    case "root":
      return inner();
    case "text":
      return formatted(node);
    case "linebreak":
      return "<br>";
    case "tab":
      return " ";
    case "paragraph":
      return `<p>${inner()}</p>`;
    case "heading": {
      const tag = /^h[1-6]$/.test(text(node.tag)) ? text(node.tag) : "h2";
      return `<${tag}>${inner()}</${tag}>`;
    }
    case "quote":
    case "aside":
      return `<blockquote><p>${inner()}</p></blockquote>`;
    case "list": {
      const tag = node.listType === "number" ? "ol" : "ul";
      const start = tag === "ol" && Number.isInteger(node.start) ? ` start="${node.start}"` : "";
      return `<${tag}${start}>${inner()}</${tag}>`;
    }
    case "listitem":
      return `<li>${inner()}</li>`;
    case "link":
    case "autolink":
    case "at-link":
      return `<a href="${escapeHtml(text(node.url))}">${inner()}</a>`;
    default:
      return card(type, node, warnings) || inner();
  }
}

function formatted({ text: value, format }: Fields): string {
  let html = escapeHtml(text(value));
  for (const [bit, tag] of FORMATS) {
    if (Number(format) & bit) html = `<${tag}>${html}</${tag}>`;
  }
  return html;
}

/** A document of Ghost's editor before, in the Mobiledoc format 0.3, as HTML. */
export function mobiledocToHtml(document: unknown, warnings: Warnings): string {
  const { markups, atoms, cards, sections } = fields(document);
  const inline = (markers: unknown) => markersToHtml(array(markers), array(markups), array(atoms));
  return array(sections).map((section) => {
    const [type, first, second] = array(section);
    switch (type) {
      case 1: {
        const tag = /^(p|h[1-6]|blockquote|aside|pull-quote)$/.test(text(first))
          ? text(first)
          : "p";
        const name = /^(aside|pull-quote)$/.test(tag) ? "blockquote" : tag;
        return `<${name}>${inline(second)}</${name}>`;
      }
      case 2:
        return `<img src="${escapeHtml(text(first))}">`;
      case 3: {
        const tag = first === "ol" ? "ol" : "ul";
        const items = array(second).map((markers) => `<li>${inline(markers)}</li>`);
        return `<${tag}>${items.join("")}</${tag}>`;
      }
      case 10: {
        const [name, payload] = array(array(cards)[Number(first)]);
        return card(text(name), fields(payload), warnings);
      }
      default:
        return "";
    }
  }).join("\n");
}

function markersToHtml(markers: unknown[], markups: unknown[], atoms: unknown[]): string {
  let html = "";
  const open: string[] = [];
  for (const marker of markers) {
    const [type, opened, closed, value] = array(marker);
    for (const index of array(opened)) {
      const [name, attributes] = array(markups[Number(index)]);
      const tag = /^(a|b|strong|i|em|code|s|u|sub|sup|mark)$/.test(text(name))
        ? text(name)
        : "span";
      const list = array(attributes);
      const href = list[list.indexOf("href") + 1];
      html += tag === "a" ? `<a href="${escapeHtml(text(href))}">` : `<${tag}>`;
      open.push(tag);
    }
    if (type === 1) {
      const [name, value2] = array(atoms[Number(value)]);
      html += name === "soft-return" ? "<br>" : escapeHtml(text(value2));
    } else html += escapeHtml(text(value));
    for (let left = Number(closed) || 0; left > 0 && open.length; left--) {
      html += `</${open.pop()}>`;
    }
  }
  return html + open.reverse().map((tag) => `</${tag}>`).join("");
}

// The cards of both editors, by the names of both; text fields that Ghost keeps as HTML stay that.
function card(name: string, node: Fields, warnings: Warnings): string {
  const of = (key: string) => text(node[key]);
  const attribute = (key: string) => escapeHtml(of(key));
  const caption = of("caption") ? `<figcaption>${of("caption")}</figcaption>` : "";
  const link = (url: string, label: string) =>
    url ? `<p><a href="${escapeHtml(url)}">${escapeHtml(label || url)}</a></p>` : "";
  switch (name) {
    case "image":
      return `<figure><img src="${attribute("src")}" alt="${attribute("alt")}">${caption}</figure>`;
    case "gallery": {
      const images = list(node.images).map((image) =>
        `<p><img src="${escapeHtml(text(image.src))}" alt="${escapeHtml(text(image.alt))}"></p>`
      );
      return `<figure>${images.join("")}${caption}</figure>`;
    }
    case "markdown":
    case "card-markdown":
      return asMarkdownElement(of("markdown"));
    case "html":
    case "embed":
      return `${of("html") || link(of("url"), "")}${caption}`;
    case "codeblock":
    case "code": {
      const language = of("language").replace(/[^\w+#-]/g, "");
      return `<pre><code class="language-${language}">${
        attribute("code")
      }\n</code></pre>${caption}`;
    }
    case "horizontalrule":
    case "hr":
      return "<hr>";
    case "bookmark": {
      const title = text(fields(node.metadata).title) || of("title");
      return link(of("url"), title) + caption;
    }
    case "callout":
      return `<blockquote><p>${attribute("calloutEmoji")} ${of("calloutText")}</p></blockquote>`;
    case "toggle":
      return `<details><summary>${of("heading")}</summary>${of("content")}</details>`;
    case "button":
      return link(of("buttonUrl"), of("buttonText"));
    case "header":
    case "signup":
      return [of("header"), of("subheader")].filter(Boolean).map((one) => `<p>${one}</p>`).join("");
    case "product":
      return `<p>${of("productTitle")}</p>${of("productDescription")}`;
    case "video":
    case "audio":
    case "file":
      return link(of("src"), of("title") || of("fileTitle") || of("fileName"));
    case "paywall":
      return "";
    default: {
      const warning = `a card "${name.slice(0, 40)}" is left out`;
      if (name && !node.children && !warnings.includes(warning)) warnings.push(warning);
      return "";
    }
  }
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? value as Fields : {};
}

function array(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function list(value: unknown): Fields[] {
  return array(value).map(fields);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
