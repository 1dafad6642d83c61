import { STYLE as COMMON } from "../auth/style.ts";

/** The style sheet of the landing page: that of the service's own pages, and what only it has. */
export const STYLE = `${COMMON}
header,main,footer{max-width:72rem}
header nav{display:flex;flex-wrap:wrap;align-items:center;justify-content:flex-end;gap:.25rem .5rem}
header nav a:not(.button){padding:.5rem .6rem;color:inherit;font-weight:600;text-decoration:none}
header nav a:not(.button):hover{text-decoration:underline}
main{gap:clamp(2.75rem,7vw,4.5rem);padding-block:clamp(1.25rem,5vw,3.5rem) 4rem}
h1{font-size:clamp(2rem,1.4rem + 3vw,3.25rem);line-height:1.1;letter-spacing:-.03em}
h2{font-size:clamp(1.3rem,1.15rem + .7vw,1.6rem);letter-spacing:-.015em}
h3{margin:0;font-size:1.0625rem}
section{display:flex;flex-direction:column;gap:1.25rem;min-width:0}
.hero{gap:1.5rem}
.lead{max-width:44rem;font-size:clamp(1.0625rem,1rem + .35vw,1.2rem);color:var(--soft)}
.actions{display:flex;flex-wrap:wrap;gap:.75rem}
.demo{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:1.25rem;margin:.75rem 0 0;align-items:stretch}
.screen{display:flex;flex-direction:column;min-width:0;border:1px solid var(--line);border-radius:var(--radius);overflow:hidden;box-shadow:0 12px 32px light-dark(#1a2a4a1f,#0006)}
.bar{display:flex;align-items:center;gap:.6rem;margin:0;padding:.55rem .9rem;border-block-end:1px solid var(--line);color:var(--soft);font:.8125rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.bar::before{content:"";flex:none;width:2.4rem;height:.55rem;background:radial-gradient(circle closest-side,currentColor 96%,#0000) 0 0/.8rem 100%;opacity:.55}
.terminal{--bg:#10151e;--pane:#10151e;--fg:#e6eaf2;--soft:#a3aec0;--line:#2b3444;--accent:#8ab8f8;background:var(--bg);color:var(--fg);color-scheme:dark}
pre{margin:0;font:.875rem/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere;tab-size:2}
.terminal pre{flex:1;padding:1rem 1.1rem 1.25rem}
pre code{font:inherit}
.prompt{color:#86d6a0;user-select:none}
.json{color:#f2c98a}
.out{color:#8ab8f8}
.page{background:var(--pane)}
.page .sheet{flex:1;display:flex;flex-direction:column;gap:.7rem;padding:clamp(1.25rem,4vw,2.25rem)}
.page .headline{font-size:1.75rem;font-weight:700;line-height:1.2;letter-spacing:-.02em}
.page .blog{font-weight:600}
.under{color:var(--soft);font-size:.9375rem}
.ways{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1.25rem}
.ways .card{gap:.75rem}
.ways pre{padding:.75rem .9rem;border:1px solid var(--line);border-radius:8px;background:var(--bg);font-size:.8125rem}
.ways .more{margin-block-start:auto}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:1.5rem 2rem}
.facts dt{font-weight:700}
.facts dd{margin:.2rem 0 0;color:var(--soft)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:2.75rem 2.5rem}
.pair section{gap:.75rem}
footer{width:100%;margin-inline:auto;padding:0 clamp(1rem,4vw,2rem) 2.5rem}
footer nav{padding-block-start:1.25rem;border-block-start:1px solid var(--line)}
footer ul{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem}
footer a{display:inline-block;padding-block:.35rem}
@media (max-width:30rem){
.wide-only{display:none}
.terminal pre{font-size:.78rem}
}
@media (prefers-reduced-motion:no-preference){
.out{animation:written .3s steps(20) .5s both}
.page .sheet{animation:unrolled .45s ease-out .85s both}
@keyframes written{from{clip-path:inset(0 100% 0 0)}to{clip-path:inset(0)}}
@keyframes unrolled{from{clip-path:inset(0 0 100% 0)}to{clip-path:inset(0)}}
}`.trim();
