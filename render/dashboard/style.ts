import { STYLE as COMMON } from "../auth/style.ts";
import { ANALYTICS_STYLE } from "./analytics_style.ts";
import { ACCESS_STYLE } from "./access_style.ts";
import { ACCOUNT_STYLE } from "./account_style.ts";
import { BLOG_STYLE } from "./blog_style.ts";
import { EDITOR_STYLE } from "./editor_style.ts";

/** The style sheet of the dashboard: that of the service's own pages, and what only the dashboard has. */
export const STYLE = `${COMMON}
h3{margin:0;font-size:1rem}
.skip{position:absolute;inset-inline-start:-999rem}
.skip:focus{inset-inline-start:1rem;inset-block-start:.5rem;padding:.5rem 1rem;background:var(--pane);z-index:3}
body>header,body>main,body>nav{max-width:76rem}
header .menus{display:flex;align-items:center;justify-content:flex-end;gap:.5rem;min-width:0}
header .menu{min-width:0}
header .menus .button{max-width:100%;white-space:nowrap}
header .clip{min-width:0}
.tabs{width:100%;margin-inline:auto;padding-inline:clamp(1rem,4vw,2rem)}
.tabs ul{display:flex;flex-wrap:wrap;gap:.15rem;border-block-end:1px solid var(--line)}
.tabs a{display:block;padding:.55rem .85rem;border-block-end:3px solid transparent;color:var(--soft);font-weight:600;text-decoration:none}
.tabs a:hover{color:var(--fg)}
.tabs a[aria-current]{border-block-end-color:var(--accent);color:var(--fg)}
.menu{position:relative}
.menu summary{list-style:none}
.menu summary::-webkit-details-marker{display:none}
.menu summary::after{content:"";flex:none;width:.45rem;height:.45rem;margin-inline-start:.6rem;margin-block-start:-.2rem;border:solid currentColor;border-width:0 2px 2px 0;transform:rotate(45deg)}
.menu>:not(summary){position:absolute;inset-inline-end:0;inset-block-start:calc(100% + .3rem);z-index:2;min-width:14rem;max-width:min(20rem,88vw);max-height:70vh;overflow:auto;padding:.4rem;border:1px solid var(--line);border-radius:var(--radius);background:var(--pane);box-shadow:0 8px 24px light-dark(#1a2a4a2e,#0009)}
.menu li a{display:block;padding:.5rem .7rem;border-radius:6px;color:inherit;text-decoration:none}
.menu li a:hover,.menu li a[aria-current]{background:var(--bg)}
.menu.start>:not(summary){inset-inline:0 auto}
.menu>div,.menu>form{padding:1rem}
.clip{display:block;max-width:11rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.title{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.75rem 1.25rem}
.title>:first-child{min-width:0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,6rem),1fr));gap:.75rem}
.tile{display:flex;flex-direction:column-reverse;padding:.9rem 1rem;border:1px solid var(--line);border-radius:var(--radius);background:var(--pane)}
.tile dt{color:var(--soft)}
.tile dd{margin:0;font-size:1.9rem;font-weight:700;line-height:1.2;font-variant-numeric:tabular-nums}
.copy{position:relative;display:flex;flex-direction:column;gap:.4rem}
.copy pre{margin:0;padding:.8rem 1rem;overflow-x:auto;border:1px solid var(--line);border-radius:8px;background:var(--bg);font:.875rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.copy pre.wrap{white-space:pre-wrap;overflow-wrap:anywhere}
.copy button{align-self:flex-end}
.fields{display:flex;flex-wrap:wrap;align-items:flex-end;gap:.75rem}
.fields>label{max-width:100%}
.fields label,.field{display:flex;flex-direction:column;gap:.3rem;font-weight:600}
.fields input,.fields select,form.stack select{min-height:2.75rem;max-width:100%;padding:.45rem .7rem;border:1px solid light-dark(#7d899c,#6b788c);border-radius:8px;background:var(--bg);color:inherit;font:inherit;font-weight:400}
.short{max-width:42rem}
.field .soft{font-weight:400}
.fields .grow{flex:1 1 12rem}
.fault{color:var(--bad);font-size:.9375rem;font-weight:600}
[aria-invalid=true]{border-color:var(--bad)!important}
.badge{display:inline-block;padding:.05rem .55rem;border:1px solid var(--line);border-radius:99px;color:var(--soft);font-size:.8125rem;font-weight:600;line-height:1.5;white-space:nowrap}
.badge.on{border-color:var(--accent);color:var(--accent)}
table{width:100%;border-collapse:collapse}
th,td{padding:.6rem .6rem;border-block-end:1px solid var(--line);text-align:start;vertical-align:top}
tr:last-child>*{border-block-end:0}
thead th{color:var(--soft);font-size:.875rem;font-weight:600;white-space:nowrap}
tbody th{font-weight:600;overflow-wrap:anywhere}
td.pick,th.pick{width:2.4rem}
form.stack .pick input{width:1.25rem;min-height:1.25rem;height:1.25rem;margin:.15rem 0 0}
input[type=checkbox],input[type=radio]{flex:none;width:1.25rem;height:1.25rem;accent-color:var(--accent)}
.bulk{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem}
.button.bad{color:var(--bad)}
.scopes{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,15rem),1fr));gap:0 1rem}
.pager{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.75rem}
.empty{padding-block:1.5rem;text-align:center;color:var(--soft)}
.after{margin-inline-start:.35em}
.only-small{margin-inline-end:.35em}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
[hidden]{display:none!important}
.only-small{display:none}
@media (max-width:26rem){
body>header{gap:.6rem}
header .brand,header .menus{gap:.4rem}
header .menus .button{padding-inline:.6rem}
}
@media (max-width:44rem){
.only-small{display:inline}
.rows thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.rows tr{display:grid;grid-template-columns:1fr;gap:.2rem .7rem;padding-block:.8rem;border-block-end:1px solid var(--line)}
.rows tr:last-child{border-block-end:0}
.rows tr:has(.pick){grid-template-columns:auto 1fr}
.rows th,.rows td{display:block;padding:0;border:0;grid-column:-2/-1}
.rows td:empty{display:none}
.rows .menu>:not(summary){inset-inline:0 auto}
.rows td.pick{grid-column:1;grid-row:1;width:auto}
}
${ACCOUNT_STYLE}
${ACCESS_STYLE}
${EDITOR_STYLE}
${BLOG_STYLE}
${ANALYTICS_STYLE}`.trim();
