import { fromHtml } from "hast-util-from-html";
import { defaultHandlers, type Handle, type State, toMdast } from "hast-util-to-mdast";
import { gfmToMarkdown } from "mdast-util-gfm";
import { toMarkdown } from "mdast-util-to-markdown";
import { Failure } from "../_errors.ts";

// A page of text has some thousands of characters; what is far above the API's limit is not worth reading.
const MOST = 4 * 1024 ** 2;
const YOUTUBE =
  /^(?:https?:)?\/\/(?:www\.)?(?:youtube(?:-nocookie)?\.com\/embed\/|youtu\.be\/)([\w-]{11})/i;
const PLAYED =
  /^https?:\/\/(?:www\.|m\.)?(?:youtube\.com\/(?:watch\?|embed\/)|youtu\.be\/)[\w&=?%.;-]+$/i;
// What marks a <pre> whose text is Markdown already: anywhere else, its white space would go.
const MARKDOWN = "markdown-as-it-is";

type Element = Parameters<Handle>[1];
type Child = Element["children"][number];
type Nodes = Exclude<ReturnType<Handle>, void | undefined>;
type Node = Exclude<Nodes, unknown[] | void>;

/** HTML as Markdown that the service renders alike; what has no place in it is left out and named in `warnings`. */
export function toPostMarkdown(html: string, warnings: string[]): string {
  if (html.length > MOST) {
    throw new Failure(
      "the text has more than 4 MiB of HTML, and 1 MiB is the most: make two of it.",
    );
  }
  try {
    const tree = toMdast(fromHtml(html, { fragment: true }), {
      handlers: handlers(warnings),
      nodeHandlers: { comment: () => undefined },
    });
    const text = toMarkdown(tree as Parameters<typeof toMarkdown>[0], {
      extensions: [gfmToMarkdown()],
      bullet: "-",
      emphasis: "*",
      rule: "-",
      listItemIndent: "one",
      // Between two of the first there is a formula; three of the second open a box.
      unsafe: [
        { character: "$", after: "[^\\s$]", inConstruct: "phrasing" },
        { atBreak: true, character: ":", after: "::" },
      ],
    });
    return text.replace(/\n{3,}/g, "\n\n");
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Failure("its HTML is nested too deep: simplify it where it was written.");
  }
}

/** Markdown that stands within HTML. */
export function asMarkdownElement(markdown: string): string {
  // The parser takes away a line end that a <pre> begins with.
  return `<pre class="${MARKDOWN}">\n${escapeHtml(markdown)}</pre>`;
}

/** Text for HTML, and for the value of an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"]/g,
    (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]!,
  );
}

/** The text of HTML, in one line. */
export function plainText(html: string): string {
  try {
    return textOf({ children: fromHtml(html, { fragment: true }).children as Child[] }).replace(
      /\s+/g,
      " ",
    ).trim();
  } catch (error) {
    if (error instanceof RangeError) return "";
    throw error;
  }
}

function handlers(warnings: string[]): Record<string, Handle> {
  const dropped = (what: string): Handle => () => {
    const text = `${what} is left out`;
    if (!warnings.includes(text)) warnings.push(text);
    return undefined;
  };
  return {
    iframe: (state, node) => frame(state, node),
    script: dropped("a script"),
    form: dropped("a form"),
    object: dropped("an embedded object"),
    p: (state, node) =>
      isBlank(node) ? undefined : lonely(state, node) ?? defaultHandlers.p(state, node),
    code: (state, node) => isBlank(node) ? undefined : defaultHandlers.code(state, node),
    ...Object.fromEntries(["strong", "b"].map((name) => [name, spaced("strong")])),
    ...Object.fromEntries(["em", "i", "cite"].map((name) => [name, spaced("emphasis")])),
    figure,
    figcaption: caption,
    div: box,
    details,
    pre,
    video: (state, node) => file(state, node, "Video"),
    audio: (state, node) => file(state, node, "Audio"),
    ...Object.fromEntries(["sub", "sup", "mark", "u", "ins", "kbd"].map((name) => [name, inline])),
  };
}

const raw = (value: string): Node => ({ type: "html", value });

// A player where the service makes one of an address that is alone on its line, else a link.
function frame(state: State, node: Element): Nodes | undefined {
  const src = property(node, "src");
  if (!/^(https?:)?\/\//i.test(src)) return undefined;
  const video = YOUTUBE.exec(src)?.[1];
  if (video) return raw(`https://www.youtube.com/watch?v=${video}`);
  const url = src.startsWith("//") ? `https:${src}` : src;
  return linked(state, url, property(node, "title") || url);
}

// WordPress makes a player of an address that stands alone, as the service does with some.
function lonely(state: State, node: Element): Node | undefined {
  const url = node.children.some((child) => child.type === "element") ? "" : textOf(node).trim();
  if (!/^https?:\/\/[^\s<>]+$/.test(url)) return undefined;
  return PLAYED.test(url) ? raw(url) : linked(state, url, url);
}

function figure(state: State, node: Element): Nodes {
  const kinds = classes(node);
  if (!kinds.includes("kg-bookmark-card") && !kinds.includes("wp-block-bookmark")) {
    return state.toFlow(state.all(node));
  }
  const anchor = find(node, (one) => one.tagName === "a");
  const title = find(node, (one) => classes(one).includes("kg-bookmark-title"));
  const url = anchor ? property(anchor, "href") : "";
  if (!url) return state.toFlow(state.all(node));
  const below = find(node, (one) => one.tagName === "figcaption");
  const link = linked(state, url, title ? textOf(title).trim() : url);
  return below ? [link, caption(state, below)].flat() : link;
}

function caption(state: State, node: Element): Node[] {
  const children = state.all(node) as never[];
  if (!children.length) return [];
  return [{ type: "paragraph", children: [{ type: "emphasis", children }] }];
}

// What Ghost and WordPress make of their cards.
function box(state: State, node: Element): Nodes {
  const kinds = classes(node);
  if (kinds.includes("wp-block-embed__wrapper")) {
    const player = lonely(state, node);
    if (player) return player;
  }
  if (kinds.includes("kg-callout-card")) {
    return { type: "blockquote", children: state.toFlow(state.all(node)) as never[] };
  }
  if (kinds.includes("kg-toggle-card")) {
    const heading = find(node, (one) => classes(one).includes("kg-toggle-heading-text"));
    const body = find(node, (one) => classes(one).includes("kg-toggle-content"));
    return folded(state, heading ? textOf(heading).trim() : "", body ?? node);
  }
  return state.toFlow(state.all(node));
}

function details(state: State, node: Element): Nodes {
  const summary = find(node, (one) => one.tagName === "summary");
  const children = node.children.filter((child) => child !== summary);
  return folded(state, summary ? textOf(summary).trim() : "", { ...node, children });
}

function folded(state: State, summary: string, body: Element): Node[] {
  return [
    raw(`<details>\n<summary>${escapeHtml(summary)}</summary>`),
    ...state.toFlow(state.all(body)) as Node[],
    raw("</details>"),
  ];
}

// The language is on the <code>, on the <pre>, or nowhere.
function pre(_: State, node: Element): Nodes {
  if (classes(node).includes(MARKDOWN)) return raw(textOf(node).trim());
  const code = find(node, (one) => one.tagName === "code");
  const names = [...code ? classes(code) : [], ...classes(node)].join(" ");
  const lang = /(?:lang(?:uage)?-|brush:\s*)([\w+#-]+)/.exec(names)?.[1] ?? null;
  return { type: "code", lang, meta: null, value: textOf(node).replace(/\n$/, "") };
}

function file(state: State, node: Element, what: string): Nodes | undefined {
  const source = find(node, (one) => one.tagName === "source");
  const src = property(node, "src") || (source ? property(source, "src") : "");
  return src ? linked(state, src, what) : undefined;
}

function inline(state: State, node: Element): Nodes {
  return [raw(`<${node.tagName}>`), ...state.all(node) as Node[], raw(`</${node.tagName}>`)];
}

// Editors mark the space beside a word with it, where Markdown has no marking end.
function spaced(type: "strong" | "emphasis"): Handle {
  return (state, node) => {
    const children = state.all(node) as Node[];
    const [first, last] = [children[0], children.at(-1)];
    let before = "";
    let after = "";
    if (first?.type === "text") {
      before = /^\s*/.exec(first.value)![0];
      first.value = first.value.trimStart();
    }
    if (last?.type === "text") {
      after = /\s*$/.exec(last.value)![0];
      last.value = last.value.trimEnd();
    }
    const kept = children.filter((child) => child.type !== "text" || child.value !== "");
    const text = (value: string): Node[] => value ? [{ type: "text", value }] : [];
    const marked = kept.length ? [{ type, children: kept } as Node] : [];
    return [...text(before), ...marked, ...text(after)];
  };
}

// Empty lines of an editor, and what only looks like one.
function isBlank(node: Element): boolean {
  return textOf(node).trim() === "" &&
    !find(node, (one) => ["img", "iframe", "video", "audio", "input"].includes(one.tagName));
}

function linked(state: State, url: string, text: string): Node {
  const link = { type: "link", url: state.resolve(url), children: [{ type: "text", value: text }] };
  return { type: "paragraph", children: [link] } as Node;
}

function property({ properties }: Element, name: string): string {
  return String(properties[name] ?? "");
}

function classes({ properties }: Element): string[] {
  return Array.isArray(properties.className) ? properties.className.map(String) : [];
}

function find(node: Element, test: (one: Element) => boolean): Element | undefined {
  for (const child of node.children) {
    if (child.type !== "element") continue;
    const found = test(child) ? child : find(child, test);
    if (found) return found;
  }
}

function textOf(node: { children?: Child[] } | Child): string {
  if ("type" in node && node.type === "text") return node.value;
  if ("tagName" in node && node.tagName === "br") return "\n";
  return "children" in node && node.children ? node.children.map(textOf).join("") : "";
}
