/** The style sheet of the service's own pages. */
export const STYLE = `
:root{color-scheme:light dark;--bg:light-dark(#f4f6fa,#0f131a);--fg:light-dark(#161b24,#e6eaf2);--soft:light-dark(#4f5a6b,#a3aec0);--line:light-dark(#d5dbe6,#2b3444);--pane:light-dark(#fff,#171d27);--accent:light-dark(#0b57b0,#8ab8f8);--on-accent:light-dark(#fff,#0b1a30);--bad:light-dark(#a3172a,#ff9d97);--radius:10px}
*,::before,::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100svh;display:flex;flex-direction:column;background:var(--bg);color:var(--fg);font:1rem/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:break-word}
header,main{width:100%;max-width:64rem;margin-inline:auto;padding-inline:clamp(1rem,4vw,2rem)}
header{display:flex;align-items:center;justify-content:space-between;gap:1rem;padding-block:1rem}
header form{display:flex}
.brand{display:inline-flex;align-items:center;gap:.6rem;color:inherit;font-weight:700;font-size:1.125rem;letter-spacing:-.01em;text-decoration:none}
.brand svg{width:2rem;height:2rem}
main{flex:1;padding-block:1rem 4rem;display:flex;flex-direction:column;gap:1.25rem}
main.narrow{max-width:29rem;justify-content:center;padding-block-end:14vh}
h1{margin:0;font-size:clamp(1.55rem,1.25rem + 1.5vw,2.1rem);line-height:1.2;letter-spacing:-.02em;text-wrap:balance}
h2{margin:0;font-size:1.125rem;line-height:1.3}
p,ul,dl{margin:0}
p{text-wrap:pretty}
ul{padding:0;list-style:none}
a{color:var(--accent);text-underline-offset:.2em}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.soft{color:var(--soft)}
.small{font-size:.875rem}
.card{display:flex;flex-direction:column;gap:1rem;padding:clamp(1.1rem,4vw,1.75rem);border:1px solid var(--line);border-radius:var(--radius);background:var(--pane);box-shadow:0 1px 2px light-dark(#1a2a4a14,#0000)}
.row{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.6rem 1rem}
.row>div{min-width:0;flex:1 1 12rem}
.list>li+li{margin-block-start:.9rem;padding-block-start:.9rem;border-block-start:1px solid var(--line)}
.stack{display:flex;flex-direction:column;gap:.7rem}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:1.25rem;align-items:start}
.button{display:inline-flex;align-items:center;justify-content:center;min-height:2.75rem;padding:.5rem 1.15rem;border:1px solid var(--line);border-radius:8px;background:var(--pane);color:var(--fg);font:inherit;font-weight:600;line-height:1.3;text-align:center;text-decoration:none;cursor:pointer}
.button:hover{border-color:var(--accent);color:var(--accent)}
.button.main{border-color:var(--accent);background:var(--accent);color:var(--on-accent)}
.button.main:hover{filter:brightness(1.12)}
.button.wide{width:100%}
.button.slim{min-height:2.25rem;padding:.3rem .8rem;font-size:.9375rem}
form.stack label{display:flex;flex-direction:column;gap:.3rem;font-weight:600}
form.stack input{min-height:2.75rem;width:100%;padding:.5rem .75rem;border:1px solid light-dark(#7d899c,#6b788c);border-radius:8px;background:var(--bg);color:inherit;font:inherit;font-weight:400}
textarea.kept{width:100%;padding:.6rem .75rem;border:1px solid light-dark(#7d899c,#6b788c);border-radius:8px;background:var(--bg);color:inherit;font:.9375rem/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
form.stack input[aria-invalid]{border-color:var(--bad)}
form .hint{color:var(--soft);font-size:.875rem;font-weight:400}
.said{padding:.8rem 1rem;border:1px solid var(--line);border-inline-start:4px solid var(--accent);border-radius:8px;background:var(--pane)}
.said.bad{border-inline-start-color:var(--bad)}
.code{color:var(--accent);font-size:.9375rem;font-weight:700;letter-spacing:.04em}
.figures{display:grid;grid-template-columns:auto 1fr;gap:.35rem 1.25rem}
.figures dt{color:var(--soft)}
.figures dd{margin:0;font-variant-numeric:tabular-nums}
.plans{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr));gap:1.25rem}
.plans .card{justify-content:flex-start}
.plans .card>:last-child:is(form,.current){margin-block-start:auto}
.plans ul{display:flex;flex-direction:column;gap:.3rem}
.plans li{padding-inline-start:1.4rem;position:relative}
.plans li::before{content:"";position:absolute;inset-inline-start:.15rem;inset-block-start:.5em;width:.7rem;height:.35rem;border:solid var(--accent);border-width:0 0 2px 2px;transform:rotate(-45deg)}
.tag{display:inline-block;padding:.05rem .5rem;border:1px solid var(--bad);border-radius:99px;color:var(--bad);font-size:.8125rem;font-weight:600;line-height:1.5}
.ticks{display:flex;flex-direction:column;gap:.1rem;margin:0;padding:0;border:0;min-inline-size:0}
.ticks legend{padding:0;margin-block-end:.3rem;font-weight:600}
form.stack .ticks label{flex-direction:row;align-items:flex-start;gap:.65rem;padding-block:.35rem;font-weight:400}
form.stack .ticks input{flex:none;width:1.25rem;min-height:1.25rem;height:1.25rem;margin:.15rem 0 0;accent-color:var(--accent)}
code{font:.875em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.usercode{font:700 clamp(1.6rem,1.1rem + 3vw,2.25rem) ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;letter-spacing:.08em;text-align:center;padding:.5rem;border:1px dashed var(--line);border-radius:8px}
.current{color:var(--accent);font-weight:700}
`.trim();
