import { createHash } from "node:crypto";

/** A file at a path of the blog's origin; type is its Content-Type. */
export type Asset = { path: string; body: string; type: string };

/** Where the starter of diagrams imports Mermaid from, once one is near: a module with `initialize` and `render`. */
export const MERMAID_PATH = "/_/mermaid-12.3.0.js";

/** Sets the theme that the reader chose before the page is painted, and lets `.toggle` choose it. */
export const TOGGLE =
  `{let d=document.documentElement.dataset,s={};try{s=localStorage}catch{}d.theme=s.theme||"";addEventListener("click",e=>{if(e.target.closest(".toggle"))d.theme=s.theme=(d.theme||(matchMedia("(prefers-color-scheme:dark)").matches?"dark":""))=="dark"?"light":"dark"})}`;

// What a diff takes away is not copied, nor are its signs.
const COPY = `
function textOf(code) {
  const lines = [...code.querySelectorAll(".line:not(.del)")];
  if (lines.length === 0) return code.textContent;
  return lines.map((line) => {
    const sign = line.querySelector(".sign");
    return line.textContent.slice(sign ? sign.textContent.length : 0);
  }).join("");
}
for (const figure of navigator.clipboard ? document.querySelectorAll("figure.code") : []) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.ariaLive = "polite";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(textOf(figure.querySelector("code")).replace(/\\n$/, ""));
    button.textContent = "Copied";
    setTimeout(() => button.textContent = "Copy", 2000);
  });
  figure.append(button);
}
`.trimStart();

/** How Mermaid draws, as text of a script in which `isDark` is the page's theme and `page` its body's style. */
export const MERMAID_SETTINGS = `{
    startOnLoad: false,
    securityLevel: "strict",
    suppressErrorRendering: true,
    secure: ["secure", "securityLevel", "startOnLoad", "suppressErrorRendering", "maxTextSize", "maxEdges", "themeCSS"],
    theme: isDark ? "dark" : "neutral",
    themeVariables: { edgeLabelBackground: page.backgroundColor },
    fontFamily: page.fontFamily,
  }`;

// Mermaid is large: it is loaded once a diagram is about to be seen.
const DIAGRAMS = `
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const diagrams = [...document.querySelectorAll("pre.mermaid")]
  .map((element) => ({ element, source: element.textContent }));

async function draw() {
  const { default: mermaid } = await import("${MERMAID_PATH}");
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
  const page = getComputedStyle(document.body);
  mermaid.initialize(${MERMAID_SETTINGS});
  for (const [index, { element, source }] of diagrams.entries()) {
    try {
      const { svg } = await mermaid.render("diagram-" + index, source);
      element.innerHTML = svg;
      const drawing = element.querySelector("svg");
      if (!drawing.hasAttribute("aria-labelledby")) drawing.setAttribute("aria-label", "Diagram");
    } catch {
      element.textContent = source;
    }
  }
}

let drawing;
const again = () => drawing = drawing?.then(draw);
const observer = new IntersectionObserver((entries) => {
  if (!entries.some((entry) => entry.isIntersecting)) return;
  observer.disconnect();
  drawing = draw();
}, { rootMargin: "100%" });
diagrams.forEach(({ element }) => observer.observe(element));
dark.addEventListener("change", again);
new MutationObserver(again).observe(root, { attributeFilter: ["data-theme"] });
`.trimStart();

/** The script that puts a copy button on each block of code. */
export const COPY_FILE = script("copy", COPY);

/** The module that draws the diagrams of a page. */
export const DIAGRAMS_FILE = script("diagrams", DIAGRAMS);

/** The files of our own that pages refer to; a path holds the hash of its body, which never changes. */
export const ASSETS: Asset[] = [COPY_FILE, DIAGRAMS_FILE];

function script(name: string, body: string): Asset {
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 12);
  return { path: `/_/${name}.${hash}.js`, body, type: "text/javascript; charset=utf-8" };
}
