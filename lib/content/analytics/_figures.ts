import { type Store, under } from "../../kit/kv.ts";
import { counted } from "../../kit/page.ts";
import { BLOG, dayPrefix, type DayRow, hitPrefix, postHitPrefix, totalKey } from "./_keys.ts";
import { Tally } from "./_tally.ts";
import { unpackPosts } from "./_top_posts.ts";

const COUNTERS = 5000;
// Of the days that are not rolled up, the newest posts of the newest day first.
const POST_COUNTERS = 1000;

/** What was counted of a blog or a post: of all time, and by date. */
export class Figures {
  total = 0;
  readonly days = new Map<string, Tally>();

  /** Where a day's figures are added. */
  at(date: string): Tally {
    let day = this.days.get(date);
    if (!day) this.days.set(date, day = new Tally());
    return day;
  }

  /** The sum of some days. */
  over(dates: string[]): Tally {
    const sum = new Tally();
    for (const date of dates) {
      const day = this.days.get(date);
      if (day) sum.merge(day);
    }
    return sum;
  }
}

/** Reads the figures of a blog since a date, and the views of each of its posts since another; one round. */
export async function readBlogFigures(
  store: Store,
  blog: string,
  since: { date: string; posts: string },
): Promise<{ figures: Figures; posts: Map<string, number> }> {
  const [{ figures, lists }, hits] = await Promise.all([
    readFigures(store, { blog, of: BLOG, since: since.date }),
    store.list(under(postHitPrefix(blog), true), POST_COUNTERS),
  ]);
  const posts = new Map<string, number>();
  const add = (post: string, n: number) => posts.set(post, (posts.get(post) ?? 0) + n);
  for (const [date, packed] of lists) {
    if (date < since.posts) continue;
    for (const [post, n] of unpackPosts(packed)) add(post, n);
  }
  for (const hit of hits) {
    const [, , date, post] = hit.key as string[];
    // The counters of a day that has its list are only not removed yet.
    if (date >= since.posts && !lists.has(date)) add(post, counted(hit));
  }
  return { figures, posts };
}

/** Reads the figures of a post since a date; one round. */
export async function readPostFigures(
  store: Store,
  at: { blog: string; post: string; since: string },
): Promise<Figures> {
  const { blog, post: of, since } = at;
  const { figures } = await readFigures(store, { blog, of, since });
  for (const day of figures.days.values()) day.visitors = day.views;
  return figures;
}

async function readFigures(store: Store, at: { blog: string; of: string; since: string }) {
  const { blog, of, since } = at;
  const past = dayPrefix(blog, of);
  const [days, hits, total] = await Promise.all([
    store.list<DayRow>({ start: [...past, since], end: under(past).end }, Infinity),
    store.list(under(hitPrefix(blog, of)), COUNTERS),
    store.get(totalKey(blog, of)),
  ]);
  const figures = new Figures();
  figures.total = counted(total);
  const lists = new Map<string, Uint8Array>();
  for (const { key, value } of days) {
    figures.at(key[3] as string).merge(value);
    if (value.posts) lists.set(key[3] as string, value.posts);
  }
  for (const hit of hits) {
    const [, , , date, what, name] = hit.key as string[];
    figures.at(date).add(what, name, counted(hit));
    if (what === "view") figures.total += counted(hit);
  }
  return { figures, lists };
}
