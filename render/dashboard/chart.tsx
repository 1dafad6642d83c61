import type { Child } from "hono/jsx";

/** The figures of a day, UTC. */
export type DayFigures = { date: string; views: number; uv: number };

const HEIGHT = 100;
const GAP = 0.2;
// A day with a view is seen, however many others had.
const LEAST = 1.2;
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** A number with the commas of thousands. */
export function sayNumber(n: number): string {
  return n.toLocaleString("en");
}

/** A date (YYYY-MM-DD) as "24 Mar". */
export function sayDay(date: string): string {
  return DAY.format(new Date(date));
}

/** The height of a chart whose highest bar is `most`: a round number, and half of it is whole. */
function topOf(most: number): number {
  if (most <= 2) return 2;
  const power = 10 ** Math.floor(Math.log10(most));
  return [2, 3, 4, 5, 6, 8, 10].map((n) => n * power).find((n) => n >= most && n % 2 === 0)!;
}

/** Views and, where there are `visitors` to tell from them, visitors by day: bars, with the same figures as a table. */
export function DaysChart(
  { days, visitors, name }: { days: DayFigures[]; visitors: boolean; name: string },
) {
  const top = topOf(Math.max(...days.map(({ views }) => views)));
  const middle = days[Math.floor(days.length / 2)];
  return (
    <figure class="chart">
      {visitors && (
        <ul class="legend small" aria-hidden="true">
          <li class="views">Views</li>
          <li class="visitors">Visitors</li>
        </ul>
      )}
      <div class="plot">
        <div class="scale small" aria-hidden="true">
          {[top, top / 2, 0].map((n) => <span>{sayNumber(n)}</span>)}
        </div>
        <svg
          viewBox={`0 0 ${days.length} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-labelledby="chart-title chart-desc"
        >
          <title id="chart-title">{name}</title>
          <desc id="chart-desc">{describe(days, visitors)}</desc>
          <path class="grid" d={`M0 0H${days.length}M0 ${HEIGHT / 2}H${days.length}`} />
          {days.map((day, i) => <Bar day={day} i={i} top={top} visitors={visitors} />)}
          <path class="base" d={`M0 ${HEIGHT}H${days.length}`} />
        </svg>
        <div class="dates small" aria-hidden="true">
          {[days[0], middle, days[days.length - 1]].map(({ date }) => <span>{sayDay(date)}</span>)}
        </div>
      </div>
      <details>
        <summary>The same as a table</summary>
        <DaysTable days={days} visitors={visitors} name={name} />
      </details>
    </figure>
  );
}

function Bar(
  { day, i, top, visitors }: { day: DayFigures; i: number; top: number; visitors: boolean },
) {
  const bar = (n: number, kind: string): Child => {
    const height = n && Math.max(LEAST, (n / top) * HEIGHT);
    return height > 0 && (
      <rect
        class={kind}
        x={(i + GAP / 2).toFixed(2)}
        y={(HEIGHT - height).toFixed(2)}
        width={1 - GAP}
        height={height.toFixed(2)}
      />
    );
  };
  return (
    <g class="day">
      <title>{sayFigures(day, visitors)}</title>
      <rect class="space" x={i} y="0" width="1" height={HEIGHT} />
      {bar(day.views, visitors ? "views" : "visitors")}
      {visitors && bar(day.uv, "visitors")}
    </g>
  );
}

function sayFigures({ date, views, uv }: DayFigures, visitors: boolean): string {
  const of = (n: number, one: string) => `${sayNumber(n)} ${one}${n === 1 ? "" : "s"}`;
  return `${sayDay(date)}: ${of(views, "view")}${visitors ? `, ${of(uv, "visitor")}` : ""}`;
}

function describe(days: DayFigures[], visitors: boolean): string {
  const total = days.reduce((sum, { views }) => sum + views, 0);
  if (total === 0) return "No views.";
  const most = days.reduce((best, day) => day.views > best.views ? day : best);
  const last = days[days.length - 1];
  return `${sayNumber(total)} views in all. The most on ${sayFigures(most, visitors)}. ` +
    `Today, ${sayFigures(last, visitors)}.`;
}

function DaysTable(
  { days, visitors, name }: { days: DayFigures[]; visitors: boolean; name: string },
) {
  return (
    <div class="scrolled" tabindex={0} role="group" aria-label="Figures by day">
      <table>
        <caption class="hidden">{name}</caption>
        <thead>
          <tr>
            <th scope="col">Day (UTC)</th>
            <th scope="col" class="number">Views</th>
            {visitors && <th scope="col" class="number">Visitors</th>}
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map(({ date, views, uv }) => (
            <tr>
              <th scope="row">
                {date}
              </th>
              <td class="number">{sayNumber(views)}</td>
              {visitors && <td class="number">{sayNumber(uv)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The days' views as a line without words: what it says stands beside it. */
export function Sparkline({ days }: { days: DayFigures[] }) {
  const top = Math.max(1, ...days.map(({ views }) => views));
  const points = days.map(({ views }, i) => `${i} ${(28 - (views / top) * 26).toFixed(1)}`);
  const last = days.length - 1;
  return (
    <svg class="spark" viewBox={`0 0 ${last} 30`} preserveAspectRatio="none" aria-hidden="true">
      <path class="area" d={`M0 30L${points.join("L")}L${last} 30Z`} />
      <path class="line" d={`M${points.join("L")}`} />
    </svg>
  );
}
