import { createHash } from "node:crypto";

/** The one style sheet of all blog pages, inlined; its text is what STYLE_HASH allows. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fdfdfc;--fg:#22252a;--soft:#5c636d;--line:#e2e4e8;--pane:#f4f5f7;--link:#0b57b0;--mark:#fff1b8;
--kw:#b3202c;--str:#0a4a7a;--num:#0550ae;--fn:#6b35b5;--type:#8a3d00;--com:#5c636d;--add:#116329;--addbg:#dafbe1;--delbg:#ffebe9}
@media (prefers-color-scheme:dark){:root{--bg:#15171a;--fg:#dcdfe4;--soft:#9aa2ad;--line:#2e333a;--pane:#1d2025;--link:#7cb3f5;--mark:#5a4a0c;
--kw:#ff8a82;--str:#a5d6ff;--num:#79c0ff;--fn:#d2a8ff;--type:#ffb070;--com:#9aa2ad;--add:#7ee2a0;--addbg:#12351f;--delbg:#48191c}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--fg);font:1.0625rem/1.7 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:break-word}
.page{max-width:calc(68ch + 3rem);margin:0 auto;padding:0 1.5rem;min-height:100vh;display:flex;flex-direction:column}
main{flex:1}
a{color:var(--link);text-underline-offset:.18em;text-decoration-thickness:.07em}
:focus-visible{outline:2px solid var(--link);outline-offset:3px;border-radius:3px}
.site{padding:1.75rem 0 1.5rem;margin-bottom:2.5rem;border-bottom:1px solid var(--line)}
.site .name{margin:0;font-size:1.125rem;font-weight:700;line-height:1.3}
.home .name{font-size:1.75rem;letter-spacing:-.015em}
.site a{color:inherit;text-decoration:none}
.site a:hover{text-decoration:underline}
.site .about{margin:.35rem 0 0;color:var(--soft)}
.foot{margin-top:4rem;padding:1.25rem 0 2rem;border-top:1px solid var(--line);color:var(--soft);font-size:.875rem}
.foot p{margin:0}
.foot a,.meta a{color:inherit}
h1,h2,h3,h4,h5,h6{line-height:1.25;margin:2.2em 0 .6em;font-weight:700;text-wrap:balance}
h1{font-size:2rem;letter-spacing:-.02em}h2{font-size:1.45rem;letter-spacing:-.01em}h3{font-size:1.2rem}h4,h5,h6{font-size:1rem}
.title{margin:0 0 .5rem;font-size:clamp(1.9rem,1.5rem + 2vw,2.5rem);line-height:1.15}
.meta{color:var(--soft);font-size:.9rem;margin:0;display:flex;flex-wrap:wrap;gap:.1rem .9rem}
.meta ul{display:flex;flex-wrap:wrap;gap:inherit;margin:0;padding:0;list-style:none}.meta li{margin:0}
.body{margin-top:2rem}
.body>:first-child,blockquote>:first-child,li>:first-child{margin-top:0}
blockquote>:last-child,li>:last-child{margin-bottom:0}
p,ul,ol,dl,pre,blockquote,figure,details,.table{margin:0 0 1.25em}
ul,ol{padding-inline-start:1.6em}
li{margin:.25em 0}li>ul,li>ol{margin:.25em 0 0}
li:has(>input){list-style:none;margin-inline-start:-1.5em}
input{width:1em;height:1em;margin:0 .35em 0 0;vertical-align:-.1em}
dt{font-weight:600}dd{margin:0 0 .75em 1.5em}
blockquote{margin-inline:0;padding:.1em 0 .1em 1.1em;border-inline-start:3px solid var(--line);color:var(--soft)}
hr{border:0;border-top:1px solid var(--line);margin:2.75em 0}
img{max-width:100%;height:auto;border-radius:4px}
figcaption{color:var(--soft);font-size:.9rem}
mark{background:var(--mark);color:inherit}
code,kbd,samp{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.875em}
:not(pre)>code,kbd{background:var(--pane);border:1px solid var(--line);border-radius:4px;padding:.08em .32em}
pre{background:var(--pane);border:1px solid var(--line);border-radius:8px;padding:.9rem 1.1rem;overflow-x:auto;line-height:1.55;tab-size:4;overflow-wrap:normal}
.table{overflow-x:auto}
table{border-collapse:collapse;font-size:.95rem;line-height:1.5;font-variant-numeric:tabular-nums;overflow-wrap:normal}
th,td{padding:.5rem .8rem;border-bottom:1px solid var(--line);text-align:start;vertical-align:top}
th{border-bottom-width:2px}
.align-left{text-align:left}.align-center{text-align:center}.align-right{text-align:right}
.posts{list-style:none;padding:0;margin:0}
.posts>li{margin:0 0 2.25rem}
.posts h2{margin:0 0 .15rem;font-size:1.3rem}
.posts h2 a{color:inherit;text-decoration:none}.posts h2 a:hover{text-decoration:underline}
.posts p{margin:.4rem 0 0}
.pager{display:flex;gap:1.5rem;align-items:baseline;justify-content:space-between;margin-top:3rem}
.pager span:not(:has(a)){color:var(--soft);font-size:.9rem}
.hljs-keyword,.hljs-selector-tag,.hljs-name{color:var(--kw)}
.hljs-string,.hljs-regexp,.hljs-link{color:var(--str)}
.hljs-number,.hljs-literal,.hljs-attr,.hljs-attribute,.hljs-variable,.hljs-property,.hljs-symbol,.hljs-bullet,.hljs-meta,.hljs-selector-class,.hljs-selector-id{color:var(--num)}
.hljs-title,.hljs-section{color:var(--fn)}
.hljs-built_in,.hljs-type,.hljs-template-variable{color:var(--type)}
.hljs-comment,.hljs-quote,.hljs-doctag{color:var(--com);font-style:italic}
.hljs-addition{color:var(--add);background:var(--addbg)}.hljs-deletion{color:var(--kw);background:var(--delbg)}
@media (max-width:40rem){.page{padding:0 1.1rem}.site{margin-bottom:1.75rem}pre{margin-inline:-1.1rem;border-inline:0;border-radius:0}li pre,blockquote pre{margin-inline:0}}
@media print{:root{--bg:#fff;--fg:#000;--soft:#444;--pane:#fff;--line:#bbb}body{font-size:11pt}.page{max-width:none}.pager,.foot{display:none}pre{white-space:pre-wrap}pre,img,table{break-inside:avoid}h1,h2,h3{break-after:avoid}}
`.trim();

/** The source expression for style-src that allows STYLE and nothing else. */
export const STYLE_HASH = `'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`;
