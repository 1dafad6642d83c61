/** What only the pages of the account have. */
export const ACCOUNT_STYLE = `
.columns.wide{grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr))}
.gauges{display:flex;flex-direction:column;gap:1.1rem}
.gauge{display:flex;flex-direction:column;gap:.3rem}
.line{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.1rem 1rem}
.line>:last-child{font-weight:600;font-variant-numeric:tabular-nums}
meter{appearance:none;-webkit-appearance:none;display:block;width:100%;height:.6rem;border:0;border-radius:99px;background:var(--line);overflow:hidden}
meter::-webkit-meter-bar{grid-row:1/-1;height:.6rem;border:0;border-radius:99px;background:var(--line)}
meter::-webkit-meter-optimum-value{border-radius:99px;background:var(--accent)}
meter::-webkit-meter-suboptimum-value{border-radius:99px;background:var(--bad)}
meter::-moz-meter-bar{border-radius:99px;background:var(--accent)}
meter:-moz-meter-sub-optimum::-moz-meter-bar{background:var(--bad)}
.dashed{margin-block-start:.4rem;padding-inline-start:1.2rem;list-style:disc}
.number{text-align:end;font-variant-numeric:tabular-nums;white-space:nowrap}
.units{margin:0 0 0 .35em}
progress{width:100%;height:.6rem;accent-color:var(--accent)}
.danger{border-color:var(--bad)}
.danger summary{cursor:pointer;font-weight:600;color:var(--bad)}
.danger details[open] summary{margin-block-end:1rem}
.danger ul{display:flex;flex-direction:column;gap:.2rem}
[data-exported]:empty{margin-block-start:-1rem}
@media (max-width:44rem){
.ledger.rows tr{grid-template-columns:1fr auto}
.ledger.rows :is(th,td:nth-child(2)){grid-column:1}
.ledger.rows .number{grid-column:2;font-size:.875rem}
.ledger.rows td:nth-child(3){grid-row:1}
}
`.trim();
