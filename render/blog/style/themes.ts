const PAPER = `
:root{--bg:light-dark(#fbf8f1,#1b1815);--fg:light-dark(#2b2520,#e7dfd3);--soft:light-dark(#6a5f54,#ada091);--line:light-dark(#e0d7c6,#3d362f);--pane:light-dark(#f4eee1,#25201b);--accent:light-dark(#96310f,#efa27a);--mark:light-dark(#f6e3a1,#5e4a16);
--font-body:"Iowan Old Style","Palatino Linotype",Palatino,"URW Palladio L",P052,Georgia,"Noto Serif","DejaVu Serif";--font-heading:var(--font-body);--font-ui:var(--font-body);--font-mono:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono";--generic:serif;--size:1.1875rem;--leading:1.68;--radius:3px;--title:clamp(2.1rem,1.4rem + 3.4vw,3.25rem)}
h1,h2,h3,h4,h5,h6{font-weight:600;letter-spacing:-.008em}
.title{font-weight:500;letter-spacing:-.02em}
.site-header{flex-direction:column;justify-content:center;gap:.15rem;padding-block:1.75rem 1rem;text-align:center;position:relative}
.site-header::after{content:"";align-self:stretch;margin-block-start:.9rem;height:5px;border-block:1px solid var(--line);border-block-start-width:2px}
.site-name{font-size:1.5rem;font-weight:600;font-style:italic}
.home .site-name{font-size:var(--title);letter-spacing:-.02em;font-weight:500}
.home .site-about{max-width:34em;font-style:italic;margin-block-end:.25rem}
.site-tools{gap:.75rem}
.toggle{margin-inline:0 -.75rem}
.meta,.tags,.around .way,.month time{font-size:.9375rem;font-style:italic}
.post-header{align-items:center;text-align:center}
.post-header .meta{justify-content:center}
.body{hyphens:auto}
.body a,h1,h2,h3,h4{hyphens:manual}
.body h2{font-weight:500;font-size:1.6em}
blockquote{border-inline-start:0;padding-inline:1.75em;font-style:italic;color:var(--fg);position:relative}
blockquote::before{content:"\\201C";content:"\\201C"/"";position:absolute;inset-inline-start:0;inset-block-start:-.12em;color:var(--accent);font-size:2.6em;line-height:1}
hr{border:0;height:auto;text-align:center;color:var(--soft)}
hr::before{content:"\\2042";font-size:1.4em;line-height:1}
.posts>li+li{padding-block-start:2.25rem;margin-block-start:2.25rem;border-block-start:1px solid var(--line)}
.posts .meta{order:-1}
.posts h2{font-weight:500;font-size:1.65em}
.list-header{text-align:center}
.search{max-width:32rem;margin-inline:auto}
.notice{text-align:center}
.notice p{margin-inline:auto}
.notice .code{font-weight:500;font-style:italic}
.site-footer>*{font-size:.9375rem}
.site-footer::before{content:"";flex:1 0 100%;height:1px;margin-block-end:1rem;background:var(--line)}
`;

const INK = `
:root{--bg:light-dark(#fff,#000);--fg:light-dark(#0a0a0a,#f4f4f4);--soft:light-dark(#565656,#a6a6a6);--line:light-dark(#d8d8d8,#363636);--pane:light-dark(#f5f5f5,#131313);--accent:light-dark(#0036ff,#8fb3ff);--mark:light-dark(#ffe94a,#6b5a00);
--font-body:"Helvetica Neue",Helvetica,Inter,Roboto,"Noto Sans",Arial;--font-heading:var(--font-body);--font-ui:var(--font-body);--font-mono:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono";--generic:sans-serif;--size:1.0625rem;--leading:1.65;--radius:0px;--measure:44rem;--title:clamp(2.35rem,1.4rem + 4.6vw,4.25rem)}
h1,h2,h3,h4,h5,h6{font-weight:800;letter-spacing:-.022em}
.title{letter-spacing:-.042em;line-height:1.02}
body{border-block-start:6px solid var(--fg)}
.site-header,.site-footer,main{--measure:52rem}
.site-name{font-weight:800;letter-spacing:-.02em}
.site-tools{font-weight:600}
.home .site-name{font-size:var(--title);letter-spacing:-.042em;line-height:1.02}
.home{padding-block:2rem 0;align-items:flex-end}
.home .site-about{flex:1 0 100%;font-size:1.2em;line-height:1.45;margin-block-start:.5rem;order:1}
.post-header{padding-block-end:2rem;border-block-end:3px solid var(--fg);gap:1.25rem}
.body>:not(figure,pre,img,.table,.video,.math,p:has(>img)),.post-footer,.around{max-width:68ch}
.meta{font-weight:600}
.body h2{font-size:1.75em;line-height:1.12}
.body h3{font-size:1.3em}
.body a{text-decoration-thickness:.1em}
a:hover{text-decoration-thickness:.18em}
blockquote{border-inline-start:8px solid var(--fg);color:var(--fg);font-size:1.15em;font-weight:600;line-height:1.45;padding-inline-start:1.1em}
hr{border-block-start:3px solid var(--fg);width:4rem;margin-inline-start:0}
.tags{gap:.5rem}
.tags a{padding:.2rem .6rem;border:1px solid var(--line);font-weight:600}
.tags a:hover{background:var(--fg);border-color:var(--fg);color:var(--bg);text-decoration:none}
.posts>li{padding-block-start:1.25rem;border-block-start:3px solid var(--fg)}
.posts>li+li{margin-block-start:2.75rem}
.posts h2{font-size:1.75em;line-height:1.1;letter-spacing:-.03em}
.posts article{gap:.6rem}
@media (min-width:48rem){.posts article{display:grid;grid-template-columns:10.5rem 1fr;gap:.6rem 1.5rem}.posts .meta{order:-1;padding-block-start:.45em}.posts article>*{grid-column:2}.posts article>.meta{grid-column:1;grid-row:1/span 3}}
.year{padding-block-start:.75rem;border-block-start:3px solid var(--fg);font-size:2.2em;letter-spacing:-.04em}
.month li{border-block-end:1px solid var(--line);padding-block:.55rem}
.month a{font-weight:600}
.around{border-block-start:3px solid var(--fg)}
.site-footer{border-block-start:0}
.search>*{border-width:3px;border-color:var(--fg);background:none}
.notice .code{color:var(--fg);font-weight:800;letter-spacing:-.06em;font-size:clamp(6rem,3rem + 16vw,14rem)}
`;

const TERMINAL = `
:root{--bg:light-dark(#f4f6f0,#0b0f0d);--fg:light-dark(#1c2921,#c9d7cd);--soft:light-dark(#53625a,#8b9d92);--line:light-dark(#c2cdc3,#2b3831);--pane:light-dark(#e9eee5,#121916);--accent:light-dark(#08672f,#5ce28b);--mark:light-dark(#cdeb9f,#3d5016);
--font-body:ui-monospace,"SF Mono",Menlo,"Cascadia Mono",Consolas,"DejaVu Sans Mono";--font-heading:var(--font-body);--font-ui:var(--font-body);--font-mono:var(--font-body);--generic:monospace;--size:.9688rem;--leading:1.7;--radius:0px;--measure:72ch;--title:clamp(1.35rem,1.1rem + 1.2vw,1.75rem)}
h1,h2,h3,h4,h5,h6{font-weight:700}
.title{line-height:1.3}
.title::before,.body h2::before{color:var(--accent);content:"# ";content:"# "/""}
.body h2::before{content:"## ";content:"## "/""}
.body h3::before{color:var(--accent);content:"### ";content:"### "/""}
.body h1{font-size:1.3em}.body h2{font-size:1.2em}.body h3{font-size:1.08em}
.site-header{border-block-end:1px dashed var(--line)}
.site-name{font-size:1rem}
.site-name a::before{color:var(--accent);content:"~/";content:"~/"/""}
.site-name a::after{color:var(--accent);content:"\\2588";content:"\\2588"/"";margin-inline-start:.35em}
@media (prefers-reduced-motion:no-preference){.site-name a::after{animation:caret 1.2s steps(1) 6}@keyframes caret{50%{opacity:0}}}
.site-name a:hover{text-decoration:none}
.home .site-about{flex:1 0 100%;order:1}
.site-tools,.site-tools nav{gap:.75rem}
.site-tools nav a::before,.tags a::before{content:"[";content:"["/""}
.site-tools nav a::after,.tags a::after{content:"]";content:"]"/""}
.meta,.tags,.site-tools,.around .way,.month time{font-size:.875rem}
.tags{gap:.15rem .75rem}
a{text-decoration-style:dotted;text-decoration-thickness:1px}
a:hover{text-decoration-style:solid;text-decoration-thickness:1px}
.body a:not(.anchor):hover,.posts h2 a:hover,.month a:hover,.tags a:hover,.site-tools a:hover{background:var(--accent);color:var(--bg);text-decoration:none}
:where(.body ul)>li::marker{content:"- ";color:var(--accent)}
blockquote{border-inline-start:1px dashed var(--accent)}
hr{border-block-start:1px dashed var(--line)}
pre,details{border-style:dashed}
.posts>li+li{margin-block-start:1.9rem}
.posts h2{font-size:1.05em;padding-inline-start:2ch;text-indent:-2ch}
.posts h2 a::before{color:var(--accent);content:"> ";content:"> "/""}
.posts article{gap:.2rem}
.posts article>:not(h2){padding-inline-start:1.16rem}
.posts .description{color:var(--soft)}
.posts .tags a{color:var(--accent)}
.year{font-size:1.2em}
.year::before{color:var(--accent);content:"$ ls ";content:"$ ls "/""}
.month li{padding-block:.12rem}
.around,.site-footer{border-block-start:1px dashed var(--line)}
.search>*{border-style:dashed}
.search button{border-style:solid}
.notice .code{font-size:clamp(1.5rem,1.2rem + 1.5vw,2rem)}
.notice .code::before{content:"exit ";content:"exit "/""}
`;

/** What each theme adds to the base: its variables first, then its character. */
export const THEMES = { paper: PAPER, ink: INK, terminal: TERMINAL };
