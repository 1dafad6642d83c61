import { html, raw } from "hono/html";
import { sourceOf } from "../blog/csp.ts";
import { MERMAID_SETTINGS } from "../blog/scripts.ts";

/** A document for a frame of no origin, with its policy. */
export type FramePage = { html: string; csp: string };
/** What another site shows of a link; `image` is an https URL, or a PNG. */
export type Card = { title: string; description: string; host: string; image: string | Uint8Array };

const ALWAYS = "base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

const MOST_DRAWINGS = 50;

// Shows the page that it is told, in place: what is read goes on where it was, and no script of it runs.
const SCRIPT = `
const dark = matchMedia("(prefers-color-scheme: dark)");
const drawings = new Map();
const sources = new WeakMap();
let drawn = 0;
async function draw() {
  const module = document.body.dataset.diagrams;
  const isDark = dark.matches;
  const keyOf = (element) => isDark + sources.get(element);
  const left = [...document.querySelectorAll("pre.mermaid")].filter((element) => {
    if (!sources.has(element)) sources.set(element, element.textContent);
    const known = drawings.get(keyOf(element));
    if (known) element.innerHTML = known;
    return !known;
  });
  if (!module || left.length === 0) return;
  const { default: mermaid } = await import(module);
  const page = getComputedStyle(document.body);
  mermaid.initialize(${MERMAID_SETTINGS});
  if (drawings.size > ${MOST_DRAWINGS}) drawings.clear();
  for (const element of left) {
    // What is no diagram yet stays as it is written.
    const made = await mermaid.render("diagram-" + drawn++, sources.get(element)).catch(() => null);
    if (!made) continue;
    drawings.set(keyOf(element), made.svg);
    element.innerHTML = made.svg;
  }
}
dark.addEventListener("change", draw);
const sheet = new CSSStyleSheet();
document.adoptedStyleSheets = [sheet];
function show(html) {
  const styles = [];
  const rest = html.replace(/<style>([^]*?)<\\/style>/g, (_, text) => (styles.push(text), ""));
  sheet.replaceSync(styles.join("\\n"));
  const page = new DOMParser().parseFromString(rest, "text/html");
  const links = [...page.querySelectorAll('link[rel="stylesheet"]')];
  const old = [...document.querySelectorAll('link[rel="stylesheet"]')];
  if (links.map((one) => one.href).join() !== old.map((one) => one.href).join()) {
    old.forEach((one) => one.remove());
    document.head.append(...links);
  }
  document.documentElement.lang = page.documentElement.lang;
  document.body.className = page.body.className;
  document.body.replaceChildren(...page.body.childNodes);
  draw();
}
addEventListener("message", ({ source, data }) => {
  if (source !== parent || typeof data !== "object" || data === null) return;
  if (typeof data.html === "string") show(data.html);
  const root = document.documentElement;
  if (typeof data.at === "number") scrollTo(0, data.at * (root.scrollHeight - innerHeight));
});
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link) return;
  event.preventDefault();
  const href = link.getAttribute("href");
  if (href.startsWith("#")) document.getElementById(decodeURIComponent(href.slice(1)))?.scrollIntoView();
});
parent.postMessage("ready", "*");
`.trim();

/** The frame of the live preview: empty until the page around it says what to show. `diagrams` is the URL of Mermaid, where it is to draw. */
export function previewFrame(diagrams: string | null): FramePage {
  const markup = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>Preview</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
      </head>
      <body data-diagrams="${diagrams ?? ""}">
        <script>${raw(SCRIPT)}</script>
      </body>
    </html>
  `;
  const csp = [
    "sandbox allow-scripts",
    "default-src 'none'",
    ["script-src", sourceOf(SCRIPT), diagrams].filter(Boolean).join(" "),
    // Mermaid styles its drawings in place, here as on the blog's own page.
    `style-src https:${diagrams === null ? "" : " 'unsafe-inline'"}`,
    "font-src https:",
    "img-src https: http:",
    "frame-src https://www.youtube-nocookie.com",
    ALWAYS,
  ].join("; ");
  return { html: String(markup), csp };
}

const STYLE = `
:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}
body{margin:0;padding:.75rem}
figure{margin:0;max-width:32rem;overflow:hidden;border:1px solid light-dark(#c9d1de,#3a4558);border-radius:12px}
img{display:block;width:100%;aspect-ratio:1200/630;object-fit:cover}
figcaption{padding:.75rem 1rem;overflow-wrap:anywhere}
p{margin:0}
.soft{color:light-dark(#4f5a6b,#a3aec0);font-size:.875rem}
.name{font-weight:700}
`.trim();

/** What a link to the post looks like on other sites. */
export function cardPage({ title, description, host, image }: Card): FramePage {
  const source = typeof image === "string" ? image : `data:image/png;base64,${image.toBase64()}`;
  return documentOf(
    "Card",
    html`
      <figure>
        <img src="${source}" alt="">
        <figcaption>
          <p class="soft">${host}</p>
          <p class="name" dir="auto">${title}</p>
          <p dir="auto">${description}</p>
        </figcaption>
      </figure>
    `,
  );
}

/** Why there is nothing to see. */
export function noticePage(message: string): FramePage {
  return documentOf("Nothing to show", html`<p>${message}</p>`);
}

function documentOf(title: string, body: ReturnType<typeof html>): FramePage {
  const markup = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>${title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <style>${raw(STYLE)}</style>
      </head>
      <body>${body}</body>
    </html>
  `;
  const csp = [
    "sandbox",
    "default-src 'none'",
    `style-src ${sourceOf(STYLE)}`,
    "img-src https: http: data:",
    ALWAYS,
  ].join("; ");
  return { html: String(markup), csp };
}
