/** What of the dashboard's style sheet only the editor needs. */
export const EDITOR_STYLE = `
body>main:has(.editor){max-width:110rem}
.editor textarea{width:100%;padding:.6rem .75rem;border:1px solid light-dark(#7d899c,#6b788c);border-radius:8px;background:var(--bg);color:inherit;font:inherit;font-weight:400}
.editor textarea[name=content],.editor textarea#stored{font:.9375rem/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.editor summary{font-weight:600;cursor:pointer}
.editor details.card{padding-block:.9rem}
.editor details.card>summary{display:flex;align-items:center;gap:.75rem;list-style:none}
.editor label.button{display:inline-flex;flex-direction:row;font-weight:600}
.editor .notices:empty{display:none}
.editor .notices{display:flex;flex-direction:column;gap:.7rem}
.editor .said{display:flex;flex-wrap:wrap;align-items:center;gap:.6rem}
.editor input[name=title]{font-size:1.25rem;font-weight:600}
.panes{display:grid;gap:1.25rem}
.panes>*{min-width:0}
.panes .writing{display:block;height:70vh;min-height:20rem;overflow:hidden;border:1px solid light-dark(#7d899c,#6b788c);border-radius:8px;background:var(--pane)}
.panes .writing.over{border-style:dashed;border-color:var(--accent)}
.panes iframe{display:block;width:100%;height:70vh;min-height:20rem;border:1px solid var(--line);border-radius:8px;background:Canvas}
.linked{display:block;width:100%;max-width:36rem;height:28rem;border:0}
[data-warnings] button{padding:0;border:0;background:none;color:var(--accent);font:inherit;text-decoration:underline;cursor:pointer}
[data-warnings] li,[data-progress] li{padding-block:.2rem}
[data-progress] progress{width:8rem;accent-color:var(--accent)}
label.button:focus-within{outline:3px solid var(--accent);outline-offset:2px}
.diff{overflow:auto;max-height:70vh;border:1px solid var(--line);border-radius:8px;background:var(--bg)}
.diff pre{position:relative;margin:0;padding:.15rem .9rem .15rem 2rem;font:.875rem/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.diff p{padding:.25rem 2rem;border-block:1px dashed var(--line)}
.diff ins,.diff del{text-decoration:none}
.diff .new::before,.diff .gone::before{position:absolute;inset-inline-start:.9rem;font-weight:700}
.diff .new{background:light-dark(#e0f5e6,#12351d)}
.diff .new::before{content:"+"}
.diff .gone{background:light-dark(#fbe3e6,#42191f)}
.diff .gone::before{content:"−"}
kbd{font:.875em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
@media (min-width:62rem){.panes:has([data-preview]:not([hidden])){grid-template-columns:1fr 1fr}}
`;
