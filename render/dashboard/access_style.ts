/** What only the pages of keys, tokens, apps and webhooks have. */
export const ACCESS_STYLE = `
.meaning{display:block}
tbody th .soft{font-weight:400}
.badge.bad{border-color:var(--bad);color:var(--bad)}
.act{text-align:end}
.act .menu{display:inline-block;text-align:start}
@media (max-width:44rem){
.act{text-align:start}
}
.address{overflow-wrap:anywhere;font-weight:600}
[data-live=state]:empty{display:none}
.alarm{border-inline-start:4px solid var(--bad)}
.alarm form,.title form{display:flex}
.app{align-items:flex-start}
.points{display:flex;flex-direction:column;gap:.15rem}
.attempts summary{cursor:pointer}
.attempts ol{display:flex;flex-direction:column;gap:.3rem;margin:.5rem 0 0;padding-inline-start:1.6rem}
`.trim();
