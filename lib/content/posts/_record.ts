import { type Key, keyText, type Tx } from "../../kit/kv.ts";
import { stageRemoval } from "../../kit/blob.ts";
import type { Uses } from "../../../render/blog/mod.ts";
import { postCountKey } from "../blogs.ts";
import { ANALYTICS_NOUNS, postFigures } from "../analytics/_keys.ts";
import type { Status } from "./schema.ts";

/** How many versions of a post are kept. */
export const KEPT_REVISIONS = 50;
const MAX_FORMER_SLUGS = 50;
// As long as a replayed answer may point to a version.
const KEPT_VERSION = 25 * 3_600_000;

/** One stored version of the content: its number, id, and how many chunks Markdown and HTML have. */
export type Version = { n: number; id: string; md: number; html: number };

/** A post without its content. `space` is the blog's id, or its sandbox's; times in milliseconds. */
export type PostRow = {
  id: string;
  space: string;
  blog: string;
  title: string;
  slug: string;
  status: Status;
  tags: string[];
  /** as given; null: `excerpt` stands in */
  description: string | null;
  excerpt: string;
  /** the beginning of the text, at most 200 characters */
  lead: string;
  /** texts of its h2 and h3, together at most 8,000 characters */
  headings: string[];
  ogImage: string | null;
  canonical: string | null;
  noindex: boolean;
  words: number;
  /** BCP 47, as the text seems to be written in */
  lang: string;
  uses: Uses;
  version: Version;
  /** number of its document in the search index; null unless it is published in the blog's own space */
  fts: number | null;
  /** changes with every write: the ETag */
  rev: string;
  /** slugs it had since it was first published, oldest first */
  former: string[];
  createdAt: number;
  updatedAt: number;
  publishedAt: number | null;
  scheduledAt: number | null;
  /** of a sandbox's post: 128 random bits, and when it vanishes */
  preview: string | null;
  expiresAt: number | null;
};

/** What a slug leads to: a post and its current version, or a post that once had it. */
export type SlugRow = { post: string; version: Version } | { redirect: string };
/** A version's own title, tags and meta. */
export type RevisionRow =
  & Pick<
    PostRow,
    "title" | "slug" | "tags" | "description" | "excerpt" | "ogImage" | "canonical" | "noindex"
  >
  & Pick<PostRow, "words">
  & Version
  & { createdAt: number };
export type DueRow = { blog: string };
export type PreviewRow = { blog: string; space: string; post: string };

export function postsPrefix(space: string): Key {
  return ["post", space];
}
export function postKey(space: string, id: string): Key {
  return [...postsPrefix(space), id];
}
export function slugKey(space: string, slug: string): Key {
  return ["slug", space, slug];
}
export function revisionKey(space: string, post: string, n: number): Key {
  return ["revision", space, post, n];
}
/** Where the chunks of one version are; `part` is `md` or `html`. */
export function versionPrefix(row: { space: string; id: string }, version: Version): Key {
  return ["rev", row.space, row.id, version.n, version.id];
}
export function previewKey(token: string): Key {
  return ["preview", token];
}
/** Rows of posts that wait for a time, in its order; `kind` is `sched` or `expiry`. */
export function dueKey(kind: "sched" | "expiry", at: number, row: PostRow): Key {
  return [kind, at, row.space, row.id];
}
/** An index of a space: ids in the order of a time. Sort `n` is that of never published posts. */
export function indexPrefix(space: string, filter: string, sort: "c" | "u" | "p" | "n"): Key {
  return ["ix", space, filter, sort];
}

/** The name of a filter; tags are matched without regard to case. */
export function filterName(filter: { status?: string; tag?: string }): string {
  const status = filter.status && `s:${filter.status}`;
  const tag = filter.tag && `t:${filter.tag.toLowerCase()}`;
  return [status, tag].filter(Boolean).join("/") || "*";
}

/** Every prefix under which a space keeps rows; deletion removes them in this order, `post` last. */
export function spacePrefixes(space: string): Key[] {
  const nouns = ["ix", "n", "slug", "page", "pubver", "doc", "docchunk", "og", "ogchunk"];
  const media = ["mediachunk", "mediabytes", "media"];
  return [...nouns, ...media, ...ANALYTICS_NOUNS, "revision", "rev", "post"].map((
    noun,
  ) => [noun, space]);
}

type Projection = { rows: Map<string, { key: Key; value: unknown }>; filters: string[] };

/** Every row that follows from a post's own, and the filters whose counters count it. */
export function project(row: PostRow): Projection {
  const rows = new Map<string, { key: Key; value: unknown }>();
  const add = (key: Key, value: unknown) => rows.set(keyText(key), { key, value });
  const tags = [...new Set(row.tags.map((tag) => tag.toLowerCase()))];
  const { status } = row;
  const filters = [
    "*",
    filterName({ status }),
    ...tags.flatMap((tag) => [filterName({ tag }), filterName({ status, tag })]),
  ];
  for (const filter of filters) {
    add([...indexPrefix(row.space, filter, "c"), row.createdAt, row.id], 1);
    add([...indexPrefix(row.space, filter, "u"), row.updatedAt, row.id], 1);
    const sort = row.publishedAt === null ? "n" : "p";
    const time = row.publishedAt ?? row.createdAt;
    add([...indexPrefix(row.space, filter, sort), time, row.id], 1);
  }
  for (const slug of row.former) add(slugKey(row.space, slug), { redirect: row.id });
  add(slugKey(row.space, row.slug), { post: row.id, version: row.version });
  if (row.scheduledAt !== null) {
    add(dueKey("sched", row.scheduledAt, row), { blog: row.blog } satisfies DueRow);
  }
  if (row.expiresAt !== null) {
    add(dueKey("expiry", row.expiresAt, row), { blog: row.blog } satisfies DueRow);
  }
  if (row.preview) {
    const value: PreviewRow = { blog: row.blog, space: row.space, post: row.id };
    add(previewKey(row.preview), value);
  }
  return { rows, filters };
}

/** Writes a post's row and the difference of what follows from it; `after` null takes the post away. */
export function stagePost(
  tx: Tx,
  change: { before: PostRow | null; after: PostRow | null; now: number },
): void {
  const { before, after, now } = change;
  const old = before ? project(before) : { rows: new Map(), filters: [] };
  const next = after ? project(after) : { rows: new Map(), filters: [] };
  const row = (after ?? before)!;
  for (const [text, { key, value }] of next.rows) {
    if (JSON.stringify(old.rows.get(text)?.value) !== JSON.stringify(value)) tx.set(key, value);
  }
  for (const [text, { key, value }] of old.rows) {
    // A redirect may be another post's by now: it goes only by way of a check.
    if (!next.rows.has(text) && !("redirect" in Object(value))) tx.delete(key);
  }
  for (const filter of old.filters) tx.sum(postCountKey(row.space, filter), -1);
  for (const filter of next.filters) tx.sum(postCountKey(row.space, filter), 1);
  if (after) {
    tx.set(postKey(row.space, row.id), after);
    if (before && before.version.n !== after.version.n) stageOldRevision(tx, after, now);
  } else {
    tx.delete(postKey(row.space, row.id));
    stageLeftovers(tx, row, now);
  }
}

function stageOldRevision(tx: Tx, row: PostRow, now: number): void {
  const n = row.version.n - KEPT_REVISIONS;
  if (n < 1) return;
  const prefixes = [["rev", row.space, row.id, n], revisionKey(row.space, row.id, n)];
  stageRemoval(tx, { prefixes }, { due: now + KEPT_VERSION, id: `${row.id}/${n}` });
}

function stageLeftovers(tx: Tx, row: PostRow, now: number): void {
  const prefixes = [
    ["rev", row.space, row.id],
    ["revision", row.space, row.id],
    ...postFigures(row.space, row.id),
  ];
  const rows = row.former.map((slug) => (
    { key: slugKey(row.space, slug), field: "redirect", equals: row.id }
  ));
  stageRemoval(tx, { prefixes, rows }, { due: now + KEPT_VERSION, id: row.id });
}

/** The slugs to redirect from once a post is renamed; the oldest beyond fifty is given up. */
export async function formerSlugs(tx: Tx, row: PostRow, slug: string): Promise<string[]> {
  if (slug === row.slug) return row.former;
  const kept = row.former.filter((s) => s !== slug);
  if (row.publishedAt !== null) kept.push(row.slug);
  if (kept.length > MAX_FORMER_SLUGS) {
    const oldest = slugKey(row.space, kept.shift()!);
    const held = await tx.get<SlugRow>(oldest);
    if (held && "redirect" in held && held.redirect === row.id) tx.delete(oldest);
  }
  return kept;
}
