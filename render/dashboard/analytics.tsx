import { blogPath, type FramedBlog } from "./document.tsx";
import { type DayFigures, DaysChart, sayNumber } from "./chart.tsx";
import { Title } from "./parts.tsx";

/** How many days up to today are looked at. */
export type Period = keyof typeof PERIODS;
/** Of some days: `before` is of as many days before them, null where that is not known. */
type Sum = { now: number; before: number | null };
/** How often something was the case, the most frequent first; "other" sums the rest. */
type Ranking = { name: string; views: number }[];
/** How much a blog or a post was read; where the plan has no `sources`, `plan` is the lowest that has. */
export type AnalyticsFigures = {
  period: Period;
  total: number;
  views: Sum;
  visitors: Sum;
  days: DayFigures[];
  sources: { referrers: Ranking; countries: Ranking; browsers: Ranking } | { plan: string };
};
type TopPost = { slug: string; title: string; views: number };
type Post = { slug: string; title: string };

/** The periods and what they are called. */
export const PERIODS = { "7d": "7 days", "30d": "30 days", "90d": "90 days" } as const;
const COUNTRIES = new Intl.DisplayNames("en", { type: "region", fallback: "code" });

/** The path of a blog's figures, or of one of its posts'. */
export function analyticsPath(blog: { slug: string }, post?: string): string {
  return blogPath(blog, `/analytics${post === undefined ? "" : `/posts/${post}`}`);
}

/** The figures of a blog. */
export function analyticsMain(
  { blog, figures, posts }: { blog: FramedBlog; figures: AnalyticsFigures; posts: TopPost[] },
) {
  const { period } = figures;
  return (
    <>
      <Title title="Analytics">
        <Periods path={analyticsPath(blog)} period={period} />
      </Title>
      <dl class="tiles">
        <Tile name="Views" sum={figures.views} period={period} />
        <Tile name="Visitors" sum={figures.visitors} period={period} />
        <div class="tile">
          <dt>Views of all time</dt>
          <dd>{sayNumber(figures.total)}</dd>
        </div>
      </dl>
      <Days figures={figures} visitors />
      <div class="ranked">
        <Ranked
          id="Posts"
          title="Most read"
          what="Post"
          empty="No post was read in these days."
          rows={posts.map(({ slug, title, views }) => ({
            name: title,
            views,
            href: `${analyticsPath(blog, slug)}?period=${period}`,
          }))}
        />
        <Sources figures={figures} />
      </div>
      <HowCounted note="A visitor counts once on each day: one who comes on three days is three of the visitors above." />
    </>
  );
}

/** The figures of one post. */
export function postAnalyticsMain(
  { blog, post, figures }: { blog: FramedBlog; post: Post; figures: AnalyticsFigures },
) {
  const { period } = figures;
  return (
    <>
      <Title title={post.title}>
        <Periods path={analyticsPath(blog, post.slug)} period={period} />
      </Title>
      <p class="soft">
        The views of this post. <a href={blogPath(blog, `/posts/${post.slug}/edit`)}>Edit it</a>, or
        {" "}
        <a href={`${analyticsPath(blog)}?period=${period}`}>look at the whole blog</a>.
      </p>
      <dl class="tiles">
        <Tile name="Views" sum={figures.views} period={period} />
        <div class="tile">
          <dt>Views of all time</dt>
          <dd>{sayNumber(figures.total)}</dd>
        </div>
      </dl>
      <Days figures={figures} visitors={false} />
      <div class="ranked">
        <Sources figures={figures} />
      </div>
      <HowCounted note="The figures stay with the post when its address changes." />
    </>
  );
}

/** In place of the figures: why the plan has none. */
export function noAnalyticsMain({ why }: { why: string }) {
  return (
    <>
      <Title title="Analytics" />
      <section class="card" aria-labelledby="Gate">
        <h2 id="Gate">Your plan has no analytics</h2>
        <p>
          {why}{" "}
          Views are counted on every plan, for all that is published: with a plan that has analytics
          you see those of the last 90 days too.
        </p>
        <p>
          <a class="button main" href="/upgrade">Compare the plans</a>
        </p>
      </section>
    </>
  );
}

function Periods({ path, period }: { path: string; period: Period }) {
  return (
    <nav class="periods" aria-label="Period">
      {Object.entries(PERIODS).map(([value, words]) => (
        <a
          class="button slim"
          href={`${path}?period=${value}`}
          aria-current={value === period ? "true" : undefined}
        >
          {words}
        </a>
      ))}
    </nav>
  );
}

function Tile({ name, sum, period }: { name: string; sum: Sum; period: Period }) {
  return (
    <div class="tile">
      <dt>
        {name}
        {sum.before !== null && (
          <span class="change">
            {sayChange(sum.now, sum.before)} the {PERIODS[period]} before
          </span>
        )}
      </dt>
      <dd>{sayNumber(sum.now)}</dd>
    </div>
  );
}

/** How a figure compares with the one before, to be followed by a name of that. */
function sayChange(now: number, before: number): string {
  if (now === before) return now === 0 ? "None, as in" : "As many as in";
  if (before === 0) return "None in";
  const percent = Math.round(Math.abs(now / before - 1) * 100);
  const words = percent === 0 ? "Less than 1 %" : `${sayNumber(percent)} %`;
  return `${words} ${now > before ? "more" : "fewer"} than in`;
}

function Days({ figures, visitors }: { figures: AnalyticsFigures; visitors: boolean }) {
  const name = `Views by day, the last ${PERIODS[figures.period]}`;
  return (
    <section class="card" aria-labelledby="Days">
      <h2 id="Days">Views by day</h2>
      <DaysChart days={figures.days} visitors={visitors} name={name} />
    </section>
  );
}

function Sources({ figures: { sources } }: { figures: AnalyticsFigures }) {
  if ("plan" in sources) {
    return (
      <section class="card" aria-labelledby="Sources">
        <h2 id="Sources">Referrers, countries and browsers</h2>
        <p>
          They come with the {sources.plan} plan and above. <a href="/upgrade">Compare the plans</a>
        </p>
      </section>
    );
  }
  const { referrers, countries, browsers } = sources;
  return (
    <>
      <Ranked
        id="Referrers"
        title="Referrers"
        what="Site"
        empty="Nobody came by a link that their browser told of."
        rows={referrers.map(named)}
      />
      <Ranked
        id="Countries"
        title="Countries"
        what="Country"
        empty="No country is known: this server's proxy has to tell it."
        rows={countries.map((row) =>
          row.name === "other" ? named(row) : ({
            ...row,
            name: sayCountry(row.name),
          })
        )}
      />
      <Ranked
        id="Browsers"
        title="Browsers"
        what="Browser"
        empty="None yet."
        rows={browsers.map(named)}
      />
    </>
  );
}

function named({ name, views }: Ranking[number]): Row {
  return { name: name === "other" ? "All others" : name, views };
}

function sayCountry(code: string): string {
  return COUNTRIES.of(code) ?? code;
}

type Row = { name: string; views: number; href?: string };

function Ranked(
  { id, title, what, empty, rows }: {
    id: string;
    title: string;
    what: string;
    empty: string;
    rows: Row[];
  },
) {
  const most = Math.max(1, ...rows.map(({ views }) => views));
  return (
    <section class="card bars" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {rows.length === 0 && <p class="soft">{empty}</p>}
      {rows.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">{what}</th>
              <th scope="col" class="number">Views</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, views, href }) => (
              <tr>
                <th scope="row">
                  {href ? <a href={href}>{name}</a> : name}
                  <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
                    <rect width={((views / most) * 100).toFixed(1)} height="1" />
                  </svg>
                </th>
                <td class="number">{sayNumber(views)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function HowCounted({ note }: { note: string }) {
  return (
    <p class="soft small">
      A view is one visitor, post and day (UTC); bots, prefetches and previews are left out. No
      cookie is set, and no reader's address is kept. {note}
    </p>
  );
}
