/** What of the dashboard's style sheet only the pages of media, theme, settings and domain need. */
export const BLOG_STYLE = `
.storage{display:flex;flex-wrap:wrap;align-items:center;gap:.3rem .8rem}
.storage label{font-weight:600}
.storage meter{flex:0 1 14rem;height:1.1rem}
.drop.over{outline:2px dashed var(--accent);outline-offset:.6rem}
form.stack input[type=file]{padding:.4rem}
input[type=file]::file-selector-button{min-height:1.9rem;margin-inline-end:.8rem;padding:.2rem .8rem;border:1px solid var(--line);border-radius:6px;background:var(--pane);color:var(--fg);font:inherit;cursor:pointer}
[data-progress]:empty{display:none}
.images{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,15rem),1fr));gap:1.25rem}
.image{display:flex;flex-direction:column;gap:.6rem;min-width:0}
.thumb{display:block;aspect-ratio:4/3;border:1px solid var(--line);border-radius:8px;overflow:hidden;background:repeating-conic-gradient(light-dark(#fff,#1c2330) 0 25%,light-dark(#eef1f6,#232c3b) 0 50%) 0 0/1.25rem 1.25rem}
.thumb img{display:block;width:100%;height:100%;object-fit:contain}
.name{overflow:hidden;font-weight:600;text-overflow:ellipsis;white-space:nowrap}
.take{display:grid;grid-template-columns:5rem minmax(0,1fr);align-items:center;gap:.5rem;width:100%}
.take:has(button:not([hidden])){display:block;width:auto}
.take:has(button:not([hidden]))>:not(button){display:none}
.take code{overflow:hidden;padding:.35rem .5rem;border:1px solid var(--line);border-radius:6px;background:var(--bg);text-overflow:ellipsis;white-space:nowrap;user-select:all}
textarea{width:100%;padding:.6rem .75rem;border:1px solid light-dark(#7d899c,#6b788c);border-radius:8px;background:var(--bg);color:inherit;font:inherit;font-weight:400;resize:vertical}
textarea.code-text{font:.875rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre;overflow-x:auto}
form.stack :is(input,textarea):disabled{border-style:dashed;cursor:not-allowed}
main>details.card>summary,.theming details.card>summary{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem .75rem;cursor:pointer;list-style:none}
details.card>summary::-webkit-details-marker{display:none}
details.card>summary::before{content:"";width:.45rem;height:.45rem;border:solid currentColor;border-width:0 2px 2px 0;transform:rotate(-45deg)}
details.card[open]>summary::before{transform:rotate(45deg)}
details.card{gap:0}
details.card[open]>summary{margin-block-end:1rem}
details.card>*+*{margin-block-end:1rem}
details.card>:last-child{margin-block-end:0}
.capital{text-transform:capitalize}
.after-summary{margin-block-start:1rem}
.theming{display:grid;gap:1.25rem}
.theming>*{min-width:0}
.theming fieldset.card{margin:0;padding:clamp(1.1rem,4vw,1.75rem);border:1px solid var(--line)}
.shown iframe{display:block;width:100%;height:75vh;min-height:24rem;border:1px solid var(--line);border-radius:8px;background:Canvas}
.shown iframe.coming{position:absolute;width:1px;height:1px;min-height:0;visibility:hidden}
@media (min-width:62rem){
body>main:has(.theming){max-width:110rem}
.theming{grid-template-columns:minmax(22rem,2fr) 3fr}
.shown{position:sticky;inset-block-start:1rem;align-self:start}
}
.host{overflow-wrap:anywhere}
.record{display:flex;flex-direction:column;gap:.6rem;padding-block-start:1rem;border-block-start:1px solid var(--line)}
.record h3 .soft{font-weight:400}
.badge.bad{border-color:var(--bad);color:var(--bad)}
.record-parts{display:grid;grid-template-columns:auto minmax(0,1fr);align-items:center;gap:.6rem 1rem}
.record-parts dt{color:var(--soft)}
.record-parts dd{margin:0}
.record-parts .copy{flex-direction:row;align-items:center}
.record-parts .copy pre{flex:1;min-width:0;padding:.5rem .75rem}
.record-parts .copy button{align-self:center}
@media (max-width:44rem){.record-parts{grid-template-columns:minmax(0,1fr);gap:.3rem}}
`;
