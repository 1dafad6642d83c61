import { isDeepStrictEqual } from "node:util";
import { decompress } from "../../kit/blob.ts";
import { sha256 } from "../../kit/crypto.ts";
import { iso } from "../../kit/input.ts";
import { type Key, keyText } from "../../kit/kv.ts";
import { type BlogRow, postCountKey } from "../../content/blogs.ts";
import { readContent } from "../../content/posts/content.ts";
import { pageKey, type PageRow } from "../../content/posts/page.ts";
import {
  type PostRow,
  project,
  type RevisionRow,
  type SlugRow,
} from "../../content/posts/_record.ts";
import { compareCounter } from "./accounts.ts";
import type { Blogs } from "./blogs.ts";
import type { FamilyName } from "./families.ts";
import type { Removals } from "./removals.ts";
import { checkVersions } from "./versions.ts";
import type { Row, RowStream, Walk } from "./walk.ts";

/** Where a blog's posts are, or its sandbox's; `blog` is null while a deletion takes it away. */
type Space = { id: string; blog: BlogRow | null };
type Wanted = { key: Key; value: unknown; post: PostRow };
type Streams = {
  post: RowStream<PostRow>;
  ix: RowStream<unknown>;
  slug: RowStream<SlugRow>;
  n: RowStream<unknown>;
  page: RowStream<PageRow>;
  revision: RowStream<RevisionRow>;
  rev: RowStream<Uint8Array>;
};
/** The posts of one space, and every row that follows from them. */
type Expected = {
  posts: Map<string, PostRow>;
  rows: Map<string, Wanted>;
  /** slug's key → the posts that once had it */
  former: Map<string, Set<string>>;
  /** filter → how many posts match */
  counts: Map<string, number>;
};

/**
 * Compares what is kept for posts with the posts themselves, one space at a time; gives the number of
 * live posts of each account.
 */
export async function checkPosts(
  walk: Walk,
  blogs: Blogs,
  removals: Removals,
): Promise<Map<string, number>> {
  const due = await readDue(walk);
  const spaces = listSpaces(blogs);
  const known = new Set(spaces.map((space) => space.id));
  const streams: Streams = {
    post: walk.stream("post"),
    ix: walk.stream("ix"),
    slug: walk.stream("slug"),
    n: walk.stream("n"),
    page: walk.stream("page"),
    revision: walk.stream("revision"),
    rev: walk.stream("rev"),
  };
  const perUser = new Map<string, number>();
  for (const space of spaces) {
    for (const stream of Object.values(streams)) {
      await reportStrays(walk, stream, { known, removals });
    }
    const rows = due.get(space.id) ?? [];
    due.delete(space.id);
    const { blog } = space;
    if (!blog) {
      // All of it goes with the deletion that is under way.
      for (const stream of Object.values(streams)) {
        for await (const _ of of(stream, space)) continue;
      }
      continue;
    }
    const expected = await readExpected(walk, space, streams.post);
    await checkFollowing(walk, expected, { space, streams, due: rows, removals });
    await checkCounters(walk, expected, { space, stream: streams.n });
    await checkPages(walk, expected, { space, stream: streams.page });
    await checkVersions(walk, expected.posts, { space: space.id, removals, ...streams });
    if (space.id === blog.id) {
      perUser.set(blog.owner, (perUser.get(blog.owner) ?? 0) + expected.posts.size);
    }
  }
  for (const stream of Object.values(streams)) {
    await reportStrays(walk, stream, { known, removals });
  }
  for (const rows of due.values()) for (const { key } of rows) walk.report(key, "it has no blog");
  return perUser;
}

// In the order of the store, so that one reading of each family serves them all.
function listSpaces(blogs: Blogs): Space[] {
  const spaces: Space[] = [];
  for (const { blog, sandbox } of blogs.deleting.values()) {
    spaces.push({ id: blog, blog: null }, { id: sandbox, blog: null });
  }
  for (const blog of blogs.live.values()) {
    if (blogs.deleting.has(blog.id)) continue;
    spaces.push({ id: blog.id, blog }, { id: blog.sandbox, blog });
  }
  return spaces.sort((a, b) => a.id < b.id ? -1 : 1);
}

async function readDue(walk: Walk): Promise<Map<string, Row<unknown>[]>> {
  const bySpace = new Map<string, Row<unknown>[]>();
  const add = (space: string, row: Row<unknown>) => {
    const rows = bySpace.get(space) ?? [];
    rows.push(row);
    bySpace.set(space, rows);
  };
  for (const name of ["sched", "expiry"] as const satisfies FamilyName[]) {
    for await (const row of walk.rows(name)) add(row.key[2] as string, row);
  }
  for await (const row of walk.rows<{ space: string }>("preview")) add(row.value.space, row);
  return bySpace;
}

function of<T>(stream: RowStream<T>, space: { id: string }): AsyncGenerator<Row<T>> {
  return stream.takeWhile(({ key }) => key[1] === space.id);
}

async function reportStrays(
  walk: Walk,
  stream: RowStream<unknown>,
  options: { known: Set<string>; removals: Removals },
): Promise<void> {
  const { known, removals } = options;
  for await (const { key } of stream.takeWhile(({ key }) => !known.has(key[1] as string))) {
    if (!removals.covers(key)) walk.report(key, "no blog has this space");
  }
}

async function readExpected(
  walk: Walk,
  space: Space,
  stream: RowStream<PostRow>,
): Promise<Expected> {
  const expected: Expected = {
    posts: new Map(),
    rows: new Map(),
    former: new Map(),
    counts: new Map(),
  };
  for await (const { key, value: row } of of(stream, space)) {
    if (row.id !== key[2] || row.space !== space.id || row.blog !== space.blog!.id) {
      walk.report(key, "it names another post, space or blog");
      continue;
    }
    const fault = postFault(space, row);
    if (fault) walk.report(key, fault);
    expected.posts.set(row.id, row);
    const { rows, filters } = project(row);
    for (const [text, { key: follows, value }] of rows) {
      if ("redirect" in Object(value)) {
        expected.former.set(text, (expected.former.get(text) ?? new Set()).add(row.id));
        continue;
      }
      const other = expected.rows.get(text)?.post.id;
      if (other) walk.report(key, `${follows.join("/")} belongs to the post ${other} too`);
      expected.rows.set(text, { key: follows, value, post: row });
    }
    for (const filter of filters) {
      expected.counts.set(filter, (expected.counts.get(filter) ?? 0) + 1);
    }
  }
  return expected;
}

function postFault(space: Space, row: PostRow): string | null {
  const sandboxed = space.id !== space.blog!.id;
  if (row.status === "published" && row.publishedAt === null) return "published, but never was";
  if ((row.status === "scheduled") !== (row.scheduledAt !== null)) {
    return "its status and its schedule contradict each other";
  }
  if (sandboxed !== (row.preview !== null) || sandboxed !== (row.expiresAt !== null)) {
    return "only a sandbox's post has a preview and an end, and each has both";
  }
  if (row.former.includes(row.slug)) return "it redirects to itself";
  return null;
}

async function checkFollowing(
  walk: Walk,
  expected: Expected,
  at: { space: Space; streams: Streams; due: Row<unknown>[]; removals: Removals },
): Promise<void> {
  const { space, streams, due, removals } = at;
  const judge = ({ key, value, versionstamp }: Row<unknown>) => {
    const text = keyText(key);
    const wanted = expected.rows.get(text);
    expected.rows.delete(text);
    if (wanted) {
      if (isDeepStrictEqual(value, wanted.value)) return;
      walk.report(key, `it is not as the post ${wanted.post.id} makes it`, versionstamp);
    } else if ("redirect" in Object(value)) {
      const { redirect } = value as { redirect: string };
      if (expected.former.get(text)?.has(redirect)) return;
      if (removals.coversRow(key, "redirect", redirect)) return;
      walk.report(key, `the post ${redirect} never had this slug, or is gone`, versionstamp);
    } else {
      walk.report(key, "no post makes it", versionstamp);
    }
  };
  for await (const row of of(streams.ix, space)) judge(row);
  for await (const row of of(streams.slug, space)) judge(row);
  due.forEach(judge);
  for (const { key, post } of expected.rows.values()) {
    walk.report(key, `is missing: the post ${post.id} makes it`, post.rev);
  }
}

async function checkCounters(
  walk: Walk,
  expected: Expected,
  { space, stream }: { space: Space; stream: RowStream<unknown> },
): Promise<void> {
  for await (const row of of(stream, space)) {
    const filter = row.key[2] as string;
    compareCounter(walk, row, expected.counts.get(filter) ?? 0);
    expected.counts.delete(filter);
  }
  for (const [filter, n] of expected.counts) {
    walk.report(postCountKey(space.id, filter), `is missing: it would be ${n}`);
  }
}

async function checkPages(
  walk: Walk,
  expected: Expected,
  { space, stream }: { space: Space; stream: RowStream<PageRow> },
): Promise<void> {
  const wanted = new Map<string, PostRow>();
  for (const row of expected.posts.values()) {
    if (row.status === "published" && space.id === space.blog!.id) wanted.set(row.slug, row);
  }
  for await (const { key, value, versionstamp } of of(stream, space)) {
    const slug = key[2] as string;
    const post = wanted.get(slug);
    wanted.delete(slug);
    const fault = post ? await pageFault(walk, post, value) : "no published post has this slug";
    if (fault) walk.report(key, fault, versionstamp);
  }
  for (const [slug, post] of wanted) {
    walk.report(pageKey(space.id, slug), `is missing: the post ${post.id} is published`, post.rev);
  }
}

async function pageFault(walk: Walk, post: PostRow, page: PageRow): Promise<string | null> {
  if (page.post !== post.id) return `it is of the post ${page.post}, the slug of ${post.id}`;
  if (!page.gz) return null;
  const html = await decompress(page.gz).catch(() => null);
  if (html === null) return "it cannot be unpacked";
  if (sha256(html).slice(0, 24) !== page.etag) return "its ETag is not of what it holds";
  // A content that cannot be read is reported at its own key.
  const content = await readContent(walk.deps.store, post, post.version).catch(() => null);
  const current = !content || (html.includes(content.html) && html.includes(iso(post.updatedAt)));
  return current ? null : "it does not show the post as it is now";
}
