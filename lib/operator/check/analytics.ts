import type { Key } from "../../kit/kv.ts";
import { counted } from "../../kit/page.ts";
import { BLOG, type DayRow } from "../../content/analytics/_keys.ts";
import { postKey } from "../../content/posts/_record.ts";
import type { Blogs } from "./blogs.ts";
import type { Removals } from "./removals.ts";
import type { Row, Walk } from "./walk.ts";

/** Views of one blog as its past days have them. */
type Sums = {
  blog: string;
  /** by post, or `BLOG` */
  totals: Map<string, number>;
  /** by date: the blog's own, and those of its posts together */
  days: Map<string, { own: number; posts: number; key: Key }>;
};

/**
 * Compares the figures of past days with their totals, and each blog's with its posts'; what the counters of
 * open days hold follows from nothing, but each must belong to such a day, or no roll-up would take it up.
 */
export async function checkAnalytics(walk: Walk, blogs: Blogs, removals: Removals): Promise<void> {
  const open = new Set<string>();
  for await (const { key } of walk.rows("viewopen")) open.add(key[1] as string);
  await checkOpenDays(walk, open);
  const totals = walk.stream("views");
  const days = walk.stream<DayRow>("viewday");
  while (true) {
    const next = [await days.peek(), await totals.peek()].flatMap((row) =>
      row?.key[1] as string ?? []
    );
    const [blog] = next.sort();
    if (blog === undefined) return;
    const sums: Sums = { blog, totals: new Map(), days: new Map() };
    for await (const row of days.takeWhile(({ key }) => key[1] === blog)) addDay(walk, sums, row);
    const of = totals.takeWhile(({ key }) => key[1] === blog);
    if (blogs.live.has(blog)) await checkBlog(walk, sums, { totals: of, removals });
    else {
      const stray = !blogs.deleting.has(blog);
      const keys = [...sums.totals.keys()].map((post): Key => ["viewday", blog, post]);
      for await (const { key } of of) keys.push(key);
      for (const key of keys) {
        if (stray && !removals.covers(key)) walk.report(key, "it has no blog");
      }
    }
  }
}

async function checkOpenDays(walk: Walk, open: Set<string>): Promise<void> {
  const families = [["salt", 1], ["visitors", 1], ["hit", 3], ["hitpost", 2]] as const;
  for (const [name, part] of families) {
    for await (const { key } of walk.rows(name)) {
      if (!open.has(key[part] as string)) walk.report(key, "its day is closed");
    }
  }
  for await (const _ of walk.rows("flush")) continue;
}

function addDay(walk: Walk, sums: Sums, { key, value }: Row<DayRow>): void {
  const [, , of, date] = key as string[];
  const { views, visitors } = value;
  sums.totals.set(of, (sums.totals.get(of) ?? 0) + views);
  const day = sums.days.get(date) ?? { own: 0, posts: 0, key };
  sums.days.set(date, day);
  if (of === BLOG) day.own += views;
  else day.posts += views;
  if (visitors > views) walk.report(key, `${visitors} visitors cannot make ${views} views`);
}

async function checkBlog(
  walk: Walk,
  sums: Sums,
  at: { totals: AsyncGenerator<Row<unknown>>; removals: Removals },
): Promise<void> {
  const { blog, totals, days } = sums;
  const missing = new Set(totals.keys());
  for await (const row of at.totals) {
    const of = row.key[2] as string;
    missing.delete(of);
    const wanted = totals.get(of) ?? 0;
    if (counted(row) !== wanted) {
      walk.report(row.key, `is ${counted(row)}, its days have ${wanted}`, row.versionstamp);
    }
  }
  for (const of of missing) walk.report(["views", blog, of], "is missing: it has past days");
  // A deleted post's are gone while the blog still counts them; there are never more.
  for (const [date, { own, posts, key }] of days) {
    if (posts > own) walk.report(key, `on ${date} the posts have ${posts} views, the blog ${own}`);
  }
  const ids = [...totals.keys()].filter((of) => of !== BLOG);
  const posts = await walk.deps.store.getMany(ids.map((id) => postKey(blog, id)));
  for (const [i, id] of ids.entries()) {
    const key = ["viewday", blog, id];
    if (!posts[i].value && !at.removals.covers(key)) walk.report(key, "it has no post");
  }
}
