import { escapeHtml } from "../escape.ts";
import type { Extension } from "./extension.ts";
import { type Fence, isMarked, readFence } from "./fence.ts";
import { Highlighter } from "./highlight.ts";
import { displayedMath } from "./math.ts";

type Sign = "+" | "-" | " ";
type Line = { text: string; sign: Sign };

const CLASSES: Record<Sign, string> = { "+": " add", "-": " del", " ": "" };
const NOTE = /^\[!code (\+\+|--)\]\s*(?:-->|\*\/)?\s*$/;
const COMMENT = /(?:\/\/|#|--|;|%|<!--|\/\*)$/;

/** Code blocks with title, marked lines, line numbers and diffs; mermaid's are drawn by the browser. */
export const code: Extension = (rendering) => {
  const { trusted, uses } = rendering;
  const highlighter = new Highlighter();

  function figure(text: string, fence: Fence): string {
    const lines = readLines(text, fence.isDiff);
    const isDiff = lines.some(({ sign }) => sign !== " ");
    const { title, numbered, language } = fence;
    const body = text && lines.map((line) => `${line.text}\n`).join("");
    let html = highlighter.toHtml(body, language);
    if (isDiff || numbered || fence.marked.length > 0) {
      html = splitLines(html).map((content, index) => {
        const { sign } = lines[index];
        const mark = isMarked(fence, index + 1) ? " marked" : "";
        const shown = isDiff ? `<span class="sign">${sign}</span>` : "";
        return `<span class="line${mark}${CLASSES[sign]}">${shown}${content}\n</span>`;
      }).join("");
    }
    const caption = title ? `<figcaption>${escapeHtml(title)}</figcaption>` : "";
    const classes = `hljs${language ? ` language-${language}` : ""}${numbered ? " numbered" : ""}`;
    return `<figure class="code">${caption}<pre tabindex="0"><code class="${classes}">${html}</code></pre></figure>\n`;
  }

  return {
    rules: {
      renderer: {
        code({ text, lang }) {
          const fence = readFence(lang);
          if (fence.language === "math") return displayedMath(text, rendering);
          if (fence.language === "mermaid") {
            uses.mermaid = true;
            return trusted.block(`<pre class="mermaid">${escapeHtml(text)}</pre>\n`);
          }
          uses.code = true;
          return trusted.block(figure(text.replace(/\n$/, ""), fence));
        },
      },
    },
  };
};

function readLines(text: string, isDiff: boolean): Line[] {
  return text.split("\n").map((line) => isDiff ? ofDiff(line) : withNote(line));
}

function ofDiff(line: string): Line {
  const [, sign = " ", text] = /^([-+ ])?(.*)$/s.exec(line)!;
  return { text, sign: sign as Sign };
}

/** A line that ends in a comment such as // [!code ++], without it. */
function withNote(line: string): Line {
  const at = line.lastIndexOf("[!code ");
  const note = at < 0 ? null : NOTE.exec(line.slice(at));
  const before = note ? line.slice(0, at).trimEnd() : "";
  if (!note || !COMMENT.test(before)) return { text: line, sign: " " };
  return { text: before.replace(COMMENT, "").trimEnd(), sign: note[1][0] as Sign };
}

/** Highlighted HTML in lines, each with the spans closed that it opens; the last line end is no line. */
function splitLines(html: string): string[] {
  const lines: string[] = [];
  const open: string[] = [];
  let line = "";
  for (const [part] of html.matchAll(/<span[^>]*>|<\/span>|\n|[^<\n]+/g)) {
    if (part === "\n") {
      lines.push(line + "</span>".repeat(open.length));
      line = open.join("");
      continue;
    }
    if (part === "</span>") open.pop();
    else if (part[0] === "<") open.push(part);
    line += part;
  }
  return lines;
}
