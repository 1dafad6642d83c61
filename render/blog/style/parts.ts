const CODE = `
:root{--hl-keyword:light-dark(#a8192e,#ff938a);--hl-string:light-dark(#1c5a7d,#a5d6ff);--hl-number:light-dark(#0a4fb3,#7cc0ff);--hl-title:light-dark(#6a34b0,#d5abff);--hl-type:light-dark(#843a00,#ffb374);--hl-comment:var(--soft);--add:light-dark(#0f6127,#7ee2a0);--add-bg:light-dark(#dcf4e0,#12331e);--del:light-dark(#9c1c28,#ff9c94);--del-bg:light-dark(#fde4e2,#43191c);--line-bg:light-dark(#fff0bf,#2f2913)}
figure.code{margin-inline:0;position:relative}
figure.code pre{margin:0}
figure.code figcaption{direction:ltr;padding:.5rem 1.1rem;border:1px solid var(--line);border-block-end:0;border-radius:var(--radius) var(--radius) 0 0;background:var(--pane);color:var(--soft);font-family:var(--font-mono),monospace;font-size:.8125rem;overflow-wrap:anywhere}
figure.code figcaption+pre{border-start-start-radius:0;border-start-end-radius:0}
pre:has(.line){padding-inline:0}
pre:has(.line) code{display:grid;min-width:max-content}
.line{min-height:1.6em;padding-inline:1.1rem}
.line.marked{background:var(--line-bg);box-shadow:inset 3px 0 var(--accent)}
.line.add{background:var(--add-bg)}
.line.del{background:var(--del-bg)}
.sign{display:inline-block;width:1.6ch;margin-inline-start:-.4ch;color:var(--soft);user-select:none}
.add>.sign{color:var(--add)}
.del>.sign{color:var(--del)}
.numbered{counter-reset:line}
.numbered>.line{counter-increment:line}
.numbered>.line::before{content:counter(line);content:counter(line)/"";display:inline-block;min-width:2ch;margin-inline-end:1.5em;color:var(--soft);text-align:right}
.copy{position:absolute;inset-block-start:.4rem;inset-inline-end:.4rem;min-height:1.9rem;padding:.2rem .65rem;border:1px solid var(--line);border-radius:var(--radius);background:var(--bg);color:var(--soft);font:600 .75rem/1.4 var(--font-ui),sans-serif;cursor:pointer;opacity:0}
figure:hover>.copy,.copy:focus-visible{opacity:1}
.copy:hover{color:var(--fg);border-color:currentColor}
@media (hover:none){.copy{opacity:1}}
.hljs-keyword,.hljs-selector-tag,.hljs-name{color:var(--hl-keyword)}
.hljs-string,.hljs-regexp,.hljs-link{color:var(--hl-string)}
.hljs-number,.hljs-literal,.hljs-attr,.hljs-attribute,.hljs-variable,.hljs-property,.hljs-symbol,.hljs-bullet,.hljs-meta,.hljs-selector-class,.hljs-selector-id,.hljs-selector-attr,.hljs-selector-pseudo{color:var(--hl-number)}
.hljs-title,.hljs-section{color:var(--hl-title)}
.hljs-built_in,.hljs-type,.hljs-template-variable{color:var(--hl-type)}
.hljs-comment,.hljs-quote,.hljs-doctag{color:var(--hl-comment);font-style:italic}
.hljs-strong{font-weight:700}.hljs-emphasis{font-style:italic}
.hljs-addition{color:var(--add);background:var(--add-bg)}.hljs-deletion{color:var(--del);background:var(--del-bg)}
@media (max-width:40rem){.body>figure.code pre,.body>figure.code figcaption,.body>pre{margin-inline:calc(-1*var(--gutter));border-inline:0;border-radius:0}.body>figure.code>.copy{inset-inline-end:-.6rem}}
@media print{.line{white-space:pre-wrap}pre:has(.line) code{min-width:0}}
`;

const CALLOUT = `
:root{--note:light-dark(#0b57b0,#86b9fa);--tip:light-dark(#0f6b34,#71d797);--important:light-dark(#6a34b0,#cda5ff);--warning:light-dark(#855000,#eeb65c);--caution:light-dark(#b01c2a,#ff9189)}
.callout{--c:var(--note);margin:0 0 1.5em;padding:.9rem 1.15rem;border-inline-start:4px solid var(--c);border-radius:var(--radius);background:color-mix(in srgb,var(--c) 8%,var(--bg))}
.callout>:last-child{margin-block-end:0}
.callout-tip{--c:var(--tip)}.callout-important{--c:var(--important)}.callout-warning{--c:var(--warning)}.callout-caution{--c:var(--caution)}
.callout-title{display:flex;align-items:center;gap:.55em;margin:0 0 .4em;color:var(--c);font-family:var(--font-ui),var(--cjk);font-weight:700;font-style:normal;line-height:1.4}
.callout-title::before{flex:none;display:grid;place-items:center;width:1.5em;height:1.5em;border-radius:50%;background:var(--c);color:var(--bg);font:700 .85em/1.5 ui-sans-serif,system-ui,sans-serif;content:"i";content:"i"/""}
.callout-tip>.callout-title::before{border-radius:30%;content:"\\2713";content:"\\2713"/""}
.callout-important>.callout-title::before{border-radius:50% 50% 50% 10%;content:"!";content:"!"/""}
.callout-warning>.callout-title::before{border-radius:0;clip-path:polygon(50% 0,100% 100%,0 100%);padding-block-start:.35em;content:"!";content:"!"/""}
.callout-caution>.callout-title::before{border-radius:0;clip-path:polygon(30% 0,70% 0,100% 30%,100% 70%,70% 100%,30% 100%,0 70%,0 30%);content:"\\00d7";content:"\\00d7"/""}
`;

const TOC = `
.toc{margin:0 0 2em;padding:1rem 1.25rem;border:1px solid var(--line);border-radius:var(--radius);font-size:.9375em;line-height:1.5}
.toc::before{content:attr(aria-label);content:attr(aria-label)/"";display:block;margin-block-end:.35rem;color:var(--soft);font-family:var(--font-ui),var(--cjk);font-size:.875rem}
.toc ul,.toc ol{list-style:none;margin:0;padding:0}
.toc ul ul,.toc ol ol{padding-inline-start:1.25em}
.toc li{margin-block:0}
.toc li::marker{content:none}
.toc a{display:inline-block;padding-block:.15rem;color:inherit;text-decoration:none}
.toc a:hover{text-decoration:underline}
`;

const FOOTNOTES = `
.footnotes{margin-block-start:3.5em;padding-block-start:1.25em;border-block-start:1px solid var(--line);font-size:.9em}
.footnotes h2{margin-block-start:0;font-size:1.1em}
.footnotes li:target,sup:has(>:target){background:var(--mark)}
sup>a{padding-inline:.15em;text-decoration:none}
`;

const TABLE = `
.table{margin:0 0 1.5em;overflow-x:auto}
table{border-collapse:collapse;font-size:.9375em;line-height:1.5;font-variant-numeric:tabular-nums lining-nums;overflow-wrap:normal;min-width:min(100%,24rem)}
th,td{padding:.5rem .85rem;border-block-end:1px solid var(--line);text-align:start;vertical-align:top}
th{border-block-end:2px solid var(--soft);font-weight:700}
th:first-child,td:first-child{padding-inline-start:.1rem}
caption{padding-block-end:.5rem;color:var(--soft);text-align:start}
`;

const TASKS = `
li:has(>input),li:has(>p:first-child>input){list-style:none}
li:has(>input)::marker,li:has(>p:first-child>input)::marker{content:none}
li>input,li>p>input{appearance:none;width:1.05em;height:1.05em;margin:0;margin-inline:-1.5em .45em;vertical-align:-.14em;border:2px solid var(--soft);border-radius:min(.2em,var(--radius));background:none}
li>input:checked,li>p>input:checked{border-color:var(--accent);background:var(--accent)}
li>input:checked::before,li>p>input:checked::before{content:"";display:block;width:.34em;height:.62em;margin:-.06em auto;border:solid var(--bg);border-width:0 .15em .15em 0;transform:rotate(42deg)}
`;

const MATH = `
math{font-family:"Latin Modern Math","STIX Two Math","Cambria Math","Noto Sans Math","DejaVu Math TeX Gyre",math;font-size:1.08em;direction:ltr}
.math{display:block;margin:0 0 1.25em;padding-block:.35em;overflow:auto hidden}
`;

const MERMAID = `
.mermaid{white-space:pre-wrap;text-align:center}
.mermaid:has(svg){padding:1rem .5rem;border:0;background:none}
.mermaid svg{max-width:100%;height:auto}
`;

const VIDEO = `
.video{margin:0 0 1.5em}
.video iframe{display:block;width:100%;height:auto;aspect-ratio:16/9;border:0;border-radius:var(--radius);background:var(--pane)}
`;

/** Each part of the style sheet with what shows in a post's HTML that it is needed. */
export const PARTS: { needed: RegExp; css: string }[] = [
  { needed: /<pre/, css: CODE },
  { needed: /class="callout/, css: CALLOUT },
  { needed: /class="toc/, css: TOC },
  { needed: /class="footnote/, css: FOOTNOTES },
  { needed: /<table/, css: TABLE },
  { needed: /<input/, css: TASKS },
  { needed: /<math/, css: MATH },
  { needed: /class="mermaid/, css: MERMAID },
  { needed: /<iframe/, css: VIDEO },
];
