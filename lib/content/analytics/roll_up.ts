import type { Deps } from "../../ctx.ts";
import { type Key, type Range, type Store, transact, type Tx, under } from "../../kit/kv.ts";
import { counted } from "../../kit/page.ts";
import { blogKey } from "../blogs.ts";
import { postKey } from "../posts/_record.ts";
import { GRACE, MOST_NAMES } from "./_bounds.ts";
import {
  BLOG,
  dayPrefix,
  type DayRow,
  endOfDay,
  hitPrefix,
  type Kind,
  KINDS,
  OPEN_DAYS,
  openDayKey,
  postHitPrefix,
  saltKey,
  totalKey,
  visitorsPrefix,
} from "./_keys.ts";
import { Tally } from "./_tally.ts";
import { packPosts } from "./_top_posts.ts";

// A commit checks the blog and each day, and deletes so many counters of each.
const GROUPS = 8;
const COUNTERS = 45;
const AT_ONCE = 8;
const STEP = 400;

/** A past day of a blog or of one of its posts, as it stands in the counters. */
type Group = { blog: string; of: string; day: string };

/**
 * Closes the days that are over, and packs each one's counters into a row a blog and a row a post. The
 * salt goes first, and the visitors' hashes with it: no flush writes a day without its salt, so that the
 * counters stand still from then on. Each step is a commit that takes away what it adds up.
 */
export async function rollUpViews(deps: Deps): Promise<{ days: number; packed: number }> {
  await deps.views.flush(deps);
  const { store } = deps;
  const open = await store.list<number>(under(OPEN_DAYS), 1000);
  const days = open.map(({ key }) => key[1] as string)
    .filter((day) => endOfDay(day) + GRACE.close <= deps.clock());
  if (!days.length) return { days: 0, packed: 0 };
  await store.writeAll(days.map((day) => ({ key: saltKey(day) })));
  for (const day of days) await removeAll(store, under(visitorsPrefix(day)));
  let packed = 0;
  let together: Promise<number>[] = [];
  for await (const groups of readBlogs(store, new Set(days))) {
    together.push(packBlog(deps, groups));
    if (together.length < AT_ONCE) continue;
    packed += sum(await Promise.all(together));
    together = [];
  }
  packed += sum(await Promise.all(together));
  await store.writeAll(days.map((day) => ({ key: openDayKey(day) })));
  return { days: days.length, packed };
}

async function removeAll(store: Store, range: Range): Promise<void> {
  while (true) {
    const rows = await store.list(range, STEP);
    await store.writeAll(rows.map(({ key }) => ({ key })));
    if (rows.length < STEP) return;
  }
}

/** The groups of each blog that has some on these days, the blog's own before its posts'. */
async function* readBlogs(store: Store, days: Set<string>): AsyncGenerator<Group[]> {
  let groups: Group[] = [];
  for await (const { key } of store.scan(under(["hit"]), 1000)) {
    const [, blog, of, day] = key as string[];
    const last = groups.at(-1);
    if (!days.has(day) || (last?.blog === blog && last.of === of && last.day === day)) continue;
    if (last && last.blog !== blog) {
      yield groups;
      groups = [];
    }
    groups.push({ blog, of, day });
  }
  if (groups.length) yield groups;
}

async function packBlog(deps: Deps, groups: Group[]): Promise<number> {
  for (let i = 0; i < groups.length; i += GROUPS) {
    const some = groups.slice(i, i + GROUPS);
    while (await packGroups(deps, some)) continue;
  }
  return groups.length;
}

/** Packs groups of one blog in one commit; says whether counters are left. */
async function packGroups(deps: Deps, groups: Group[]): Promise<boolean> {
  const { store } = deps;
  return await transact(store, async (tx) => {
    const [{ blog }] = groups;
    const [row, ...before] = await Promise.all([
      tx.get(blogKey(blog)),
      ...groups.map((group) => tx.get<DayRow>(dayKey(group))),
    ]);
    // Read after the days that they go to: what another run has packed since is not there any more.
    const [counters, posts, lists] = await Promise.all([
      Promise.all(
        groups.map(({ of, day }) => store.list(under(hitPrefix(blog, of, day)), COUNTERS)),
      ),
      store.getMany(groups.map(({ of }) => postKey(blog, of))),
      Promise.all(groups.map((group, i) => before[i]?.posts ?? readPosts(store, group))),
    ]);
    groups.forEach((group, i) => {
      const hits = counters[i];
      for (const { key } of hits) tx.delete(key);
      if (group.of !== BLOG) tx.delete([...postHitPrefix(blog, group.day), group.of]);
      const alive = row !== null && (group.of === BLOG || posts[i].value !== null);
      if (!alive || !hits.length) return;
      const added = new Tally();
      for (const hit of hits) added.add(hit.key[4] as string, hit.key[5] as string, counted(hit));
      if (group.of !== BLOG) added.visitors = added.views;
      stageDay(tx, group, { before: before[i], added, posts: lists[i] });
    });
    return counters.some((hits) => hits.length === COUNTERS);
  });
}

function stageDay(
  tx: Tx,
  group: Group,
  { before, added, posts }: { before: DayRow | null; added: Tally; posts: Uint8Array | null },
): void {
  const total = new Tally();
  if (before) total.merge(before);
  total.merge(added);
  const which = group.of === BLOG ? "blog" : "post";
  const names = (kind: Kind) =>
    Object.fromEntries(total.ranked(kind, MOST_NAMES[kind][which])) as Record<string, number>;
  const [referrer, country, browser] = KINDS.map(names);
  const { views, visitors } = total;
  const row: DayRow = { views, visitors, referrer, country, browser, posts };
  tx.set(dayKey(group), row);
  tx.sum(totalKey(group.blog, group.of), added.views);
}

async function readPosts(store: Store, { blog, of, day }: Group): Promise<Uint8Array | null> {
  if (of !== BLOG) return null;
  const views = new Map<string, number>();
  for await (const row of store.scan(under(postHitPrefix(blog, day)), 1000)) {
    views.set(row.key[3] as string, counted(row));
  }
  return packPosts(views);
}

function dayKey({ blog, of, day }: Group): Key {
  return [...dayPrefix(blog, of), day];
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
