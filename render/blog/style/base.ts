/** What every page of a blog has, whatever its theme; the themes give the variables and the character. */
export const BASE = `
:root{color-scheme:light dark;--measure:68ch;--gutter:1.25rem;--cjk:var(--generic)}
[data-theme=light]{color-scheme:light}[data-theme=dark]{color-scheme:dark}
*,::before,::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1.5rem}
body{margin:0;min-height:100vh;min-height:100svh;display:flex;flex-direction:column;background:var(--bg);color:var(--fg);font-size:var(--size);line-height:var(--leading);overflow-wrap:break-word;text-autospace:normal}
body,article{font-family:var(--font-body),var(--cjk)}
h1,h2,h3,h4,h5,h6{font-family:var(--font-heading),var(--cjk);line-height:1.25;margin:2.1em 0 .6em;text-wrap:balance}
.site-header,main,.site-footer{width:100%;max-width:calc(var(--measure) + 2*var(--gutter));margin-inline:auto;padding-inline:var(--gutter)}
main{flex:1;padding-block:2.75rem 1rem}
main:focus{outline:0}
a{color:var(--accent);text-underline-offset:.2em;text-decoration-thickness:.06em}
a:hover{text-decoration-thickness:.12em}
:focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:2px}
::selection{background:var(--mark);color:var(--fg)}
.skip{position:absolute;inset-block-start:0;inset-inline-start:0;z-index:9;padding:.6rem 1rem;background:var(--fg);color:var(--bg);transform:translateY(-120%)}
.skip:focus{transform:none}
.site-header{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.25rem 1.5rem;padding-block:1.25rem}
.site-name{margin:0;font-family:var(--font-heading),var(--cjk);font-size:1.25rem;font-weight:700;line-height:1.3}
.site-about{margin:0;color:var(--soft);text-wrap:pretty}
.site-header a{color:inherit;text-decoration:none}
.site-header a:hover,.site-header [aria-current]{text-decoration:underline}
.site-tools{display:flex;align-items:center;gap:clamp(.7rem,3vw,1.25rem);font-family:var(--font-ui),var(--cjk);font-size:.9375rem}
.site-tools nav{display:flex;gap:clamp(.7rem,3vw,1.25rem)}
.site-tools nav a{padding-block:.4rem}
.toggle{display:none;place-items:center;width:2.5rem;height:2.5rem;margin-inline-end:-.7rem;padding:0;border:0;border-radius:50%;background:none;color:inherit;font:inherit;cursor:pointer}
[data-theme] .toggle{display:grid}
.toggle::before{content:"";width:1.1em;height:1.1em;border:2px solid;border-radius:50%;background:linear-gradient(90deg,currentColor 50%,transparent 50%)}
.toggle:hover::before{transform:rotate(180deg)}
.site-footer{margin-block-start:4rem;padding-block:1.25rem 2.25rem;display:flex;flex-wrap:wrap;justify-content:space-between;gap:.25rem 1.5rem;color:var(--soft);font-family:var(--font-ui),var(--cjk)}
.site-footer>*{font-size:.875rem}
.site-footer p{margin:0}
.site-footer nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}
.site-footer a,.meta a,.tags a{color:inherit}
.meta,.tags{color:var(--soft);font-family:var(--font-ui),var(--cjk);font-size:.875rem;line-height:1.5;margin:0;display:flex;flex-wrap:wrap;gap:.15rem 1rem}
.tags{padding:0;list-style:none}
.tags li{margin:0}
.tags a{display:inline-block;padding-block:.2rem;text-decoration:none}
.tags a:hover{text-decoration:underline}
.title{margin:0;font-size:var(--title);line-height:1.12;overflow-wrap:anywhere}
p,ul,ol,dl,pre,blockquote,figure,details{margin:0 0 1.25em}
p{text-wrap:pretty}
.ad{margin-block:2.5rem;overflow:hidden}
.pager{display:flex;gap:1.5rem;align-items:baseline;justify-content:space-between;margin-block-start:3.5rem;font-family:var(--font-ui),var(--cjk);font-size:.9375rem}
.pager span:not(:has(a)){color:var(--soft)}
@media print{:root,[data-theme]{color-scheme:light!important}body{font-size:11pt}.site-header,main,.site-footer{max-width:none;padding-inline:0}.site-tools,.skip,.ad,.pager,.around,.anchor,.copy,.site-footer{display:none!important}pre{white-space:pre-wrap!important}pre,img,svg,table,figure,aside{break-inside:avoid}h1,h2,h3,h4{break-after:avoid}.body p a[href^=http]::after{content:" (" attr(href) ")";font-size:.8em;overflow-wrap:anywhere}}
`;

/** A post's text, without what only some posts have. */
export const TEXT = `
.post-header{margin-block-end:2.25rem;display:flex;flex-direction:column;gap:.75rem}
.body>:first-child,blockquote>:first-child,li>:first-child,dd>:first-child,td>:first-child{margin-block-start:0}
blockquote>:last-child,li>:last-child,dd>:last-child,td>:last-child{margin-block-end:0}
.body h2{font-size:1.5em}.body h3{font-size:1.22em}.body h4,.body h5,.body h6{font-size:1em}
.body h1{font-size:1.8em}
.anchor{color:var(--soft);font-weight:400;text-decoration:none;opacity:0;margin-inline-start:.35em}
:hover>.anchor,.anchor:focus-visible{opacity:1}
@media (hover:none){.anchor{opacity:.6}}
ul,ol{padding-inline-start:1.5em}
li{margin-block:.3em}
li>ul,li>ol{margin-block:.3em 0}
li::marker{color:var(--soft)}
dt{font-weight:700}
dd{margin:0 0 .75em;margin-inline-start:1.5em}
blockquote{margin-inline:0;padding-inline-start:1.25em;border-inline-start:3px solid var(--line);color:var(--soft)}
hr{border:0;border-block-start:1px solid var(--line);margin-block:3em}
img{max-width:100%;height:auto;border-radius:var(--radius)}
p>img:only-child,.body>img{display:block;margin-inline:auto}
.body>img{margin-block-end:1.25em}
figcaption{color:var(--soft);font-size:.875rem}
mark{background:var(--mark);color:inherit}
small{font-size:.875em}
sub,sup{font-size:.72em;line-height:0}
abbr[title]{text-decoration:underline dotted}
code,kbd,samp,pre{font-family:var(--font-mono),monospace;font-size:.875em;text-autospace:no-autospace;hyphens:none;font-variant-ligatures:none}
pre code{font-size:1em}
:not(pre)>code,kbd{background:var(--pane);border:1px solid var(--line);border-radius:4px;padding:.1em .3em;overflow-wrap:anywhere}
kbd{border-block-end-width:2px}
pre{direction:ltr;text-align:left;background:var(--pane);border:1px solid var(--line);border-radius:var(--radius);padding:.9rem 1.1rem;overflow-x:auto;line-height:1.6;tab-size:4;overflow-wrap:normal}
details{border:1px solid var(--line);border-radius:var(--radius);padding:.6rem 1rem}
summary{cursor:pointer;font-weight:700}
details[open]>summary{margin-block-end:.6em}
.align-left{text-align:left}.align-center{text-align:center}.align-right{text-align:right}
.post-footer{margin-block-start:3rem}
.around{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,16rem),1fr));gap:1rem;margin-block-start:2.5rem;padding-block-start:1.5rem;border-block-start:1px solid var(--line)}
.around a{display:block;padding-block:.4rem;color:inherit;text-decoration:none;line-height:1.4}
.around a:hover .what{text-decoration:underline}
.around .way{display:block;color:var(--soft);font-family:var(--font-ui),var(--cjk);font-size:.8125rem;margin-block-end:.1rem}
.around .what{font-family:var(--font-heading),var(--cjk);font-weight:700}
.around [rel=prev]{text-align:end;grid-column:-2}
`;

/** Lists of posts: the front page, a tag, the archive. */
export const LISTS = `
.list-header{margin-block-end:2.5rem}
.list-header p{margin:.5rem 0 0;color:var(--soft)}
.posts,.month{list-style:none;padding:0;margin:0}
.posts h2{margin:0;font-size:1.45em;line-height:1.2}
.posts article{display:flex;flex-direction:column;gap:.35rem}
.posts h2 a,.month a{color:inherit;text-decoration:none}
.posts h2 a:hover,.month a:hover{text-decoration:underline;text-decoration-color:var(--accent);text-decoration-thickness:.08em}
.posts p{margin:0}
.posts>li+li{margin-block-start:2.5rem}
.year{margin:2.5rem 0 0;font-size:1.6em}
.list-header+.year{margin-block-start:0}
.month-name{margin:1.5rem 0 .5rem;font-size:1em;color:var(--soft)}
.month li{display:flex;gap:1.25rem;align-items:baseline;padding-block:.3rem}
.month time{flex:none;min-width:4.5rem;color:var(--soft);font-family:var(--font-ui),var(--cjk);font-size:.875rem;font-variant-numeric:tabular-nums}
`;

/** The form that searches. */
export const SEARCH = `
.list-header label{cursor:inherit}
.search{display:flex;gap:.5rem;margin-block-start:1.25rem;font-family:var(--font-ui),var(--cjk)}
.search>*{padding:.6rem .85rem;border:1px solid var(--soft);border-radius:var(--radius);background:var(--pane);color:inherit;font:inherit;font-size:1em;line-height:1.4}
.search input{flex:1;min-width:0}
.search input[aria-invalid]{border-color:var(--accent)}
.search button{border-color:var(--fg);background:var(--fg);color:var(--bg);font-weight:600;cursor:pointer}
.search button:hover{border-color:var(--accent);background:var(--accent)}
#Note{overflow-wrap:anywhere}
#Note b{color:var(--fg)}
`;

/** The pages that say that there is nothing to read. */
export const NOTICE = `
.notice{padding-block:clamp(1rem,8vh,6rem)}
.notice .code{margin:0 0 .5rem;color:var(--accent);font-family:var(--font-heading),var(--cjk);font-size:clamp(4rem,3rem + 8vw,8rem);font-weight:700;line-height:1}
.notice p{max-width:36em}
.notice .title{margin-block-end:1rem}
`;
