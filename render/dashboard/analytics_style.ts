/** What of the dashboard's style sheet only figures and charts need. */
export const ANALYTICS_STYLE = `
.periods{display:flex;flex-wrap:wrap;gap:.4rem}
.periods a[aria-current]{border-color:var(--accent);background:var(--accent);color:var(--on-accent)}
.tiles{grid-template-columns:repeat(auto-fit,minmax(min(100%,8.5rem),1fr))}
.tile{justify-content:flex-end}
.tile dd{font-size:clamp(1.5rem,1.2rem + 1vw,1.9rem)}
.tile .change{display:block;margin-block-start:.15rem;color:var(--soft);font-size:.875rem;font-weight:400;line-height:1.4}
.chart{margin:0;display:flex;flex-direction:column;gap:.75rem}
.legend{display:flex;gap:1.25rem;color:var(--soft)}
.legend li::before{content:"";display:inline-block;width:.75rem;height:.75rem;margin-inline-end:.45rem;border-radius:2px;background:var(--views)}
.legend .visitors::before{background:var(--accent)}
.chart,.bars,.tile{--views:light-dark(#6296d6,#4a74a6)}
.plot{display:grid;grid-template-columns:auto 1fr;grid-template-rows:clamp(9rem,28vw,15rem) auto;gap:.3rem .6rem;color:var(--soft)}
.plot svg{display:block;width:100%;height:100%;overflow:visible}
.scale{display:flex;flex-direction:column;justify-content:space-between;margin-block:-.65em;text-align:end;font-variant-numeric:tabular-nums}
.dates{grid-column:2;display:flex;justify-content:space-between;padding-block-start:.2rem}
.plot path{fill:none;stroke:var(--line);vector-effect:non-scaling-stroke}
.plot .base{stroke:light-dark(#7d899c,#6b788c)}
.plot .views{fill:var(--views)}
.plot .visitors{fill:var(--accent)}
.plot .space{fill:transparent}
.plot .day:hover .space{fill:var(--line)}
.chart summary{width:fit-content;cursor:pointer;color:var(--accent)}
.scrolled{max-height:24rem;margin-block-start:.6rem;overflow:auto}
.number{text-align:end;font-variant-numeric:tabular-nums;white-space:nowrap}
.fields+p{margin-block-start:.45rem}
.ranked{columns:21rem;column-gap:1.25rem}
.ranked>*{break-inside:avoid}
.ranked>*+*{margin-block-start:1.25rem}
.bars table{table-layout:fixed}
.bars th,.bars td{padding-inline:0}
.bars thead .number,.bars td.number{width:4.5rem}
.bars tbody th{font-weight:400}
.bars svg{display:block;width:100%;height:.4rem;margin-block-start:.35rem;border-radius:3px;background:light-dark(#edf0f5,#222b38)}
.bars rect{fill:var(--accent)}
.spark{display:block;width:100%;height:2.2rem;margin-block-start:.3rem}
.spark .area{fill:var(--views);opacity:.35}
.spark .line{fill:none;stroke:var(--accent);stroke-width:2;stroke-linejoin:round;vector-effect:non-scaling-stroke}
`.trim();
