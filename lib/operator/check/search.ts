import { under } from "../../kit/kv.ts";
import { auditLists, confirmFault, type IndexRows } from "../../content/search/audit.ts";
import type { IndexedPost, Posting } from "../../content/search/document.ts";
import { documentKey, logKey, readLogKey } from "../../content/search/keys.ts";
import { documentFault, logFault } from "../../content/search/repair.ts";
import { postKey, type PostRow, postsPrefix } from "../../content/posts/_record.ts";
import type { Blogs } from "./blogs.ts";
import { FAMILIES, type FamilyName, formFault } from "./families.ts";
import type { Row, Walk } from "./walk.ts";

const BATCH = 100;

type Found = { n: number } & Pick<IndexedPost, "post" | "blog">;

/**
 * Compares posts with their documents in the search index, those with the log, and both with the posting
 * lists. All of it may be written meanwhile: what looks wrong is read again, as of one moment. Holds some 50
 * bytes a document.
 */
export async function checkSearch(walk: Walk, blogs: Blogs): Promise<void> {
  for await (const { key } of walk.rows("ftshide")) {
    const blog = key[1] as string;
    if (!blogs.live.has(blog) && !blogs.deleting.has(blog)) walk.report(key, "it has no blog");
  }
  for (const name of ["ftslease", "ftsrebuild"] as const) {
    for await (const _ of walk.rows(name)) continue;
  }
  const named = await checkPosts(walk, blogs);
  const unnamed: Found[] = [];
  const added: number[] = [];
  const rows = onceFrom(walk, ({ key, value }) => {
    const n = key[1] as number;
    if (key[0] === "ftslog" && readLogKey(key).kind === 1) added.push(n);
    if (key[0] !== "ftsdoc" || named.has(n)) return;
    const { post, blog } = value as IndexedPost;
    unnamed.push({ n, post, blog });
  });
  // An engine has what the posting lists had before.
  if (walk.deps.config.meilisearch) {
    for (const noun of ["ftslog", "ftsdoc", "fts"] as const) {
      for await (const _ of rows(noun)) continue;
    }
  } else await checkLists(walk, rows);
  await inBatches(unnamed, (document) => checkUnnamed(walk, blogs, document));
  await inBatches(added, (n) => checkAdded(walk, n));
}

/** Compares each post with its document; gives the numbers that posts name. */
async function checkPosts(walk: Walk, blogs: Blogs): Promise<Set<number>> {
  const { store } = walk.deps;
  const named = new Set<number>();
  for (const { id, owner, sandbox } of blogs.live.values()) {
    for (const space of [id, sandbox]) {
      let posts: PostRow[] = [];
      const compare = async () => {
        await inBatches(posts, (post) => checkPost(walk, post, owner));
        posts = [];
      };
      for await (const row of store.scan<PostRow>(under(postsPrefix(space)))) {
        if (formFault(FAMILIES.post, row) !== null) continue;
        if (row.value.fts !== null) named.add(row.value.fts);
        if (posts.push(row.value) === BATCH) await compare();
      }
      await compare();
    }
  }
  return named;
}

async function checkPost(walk: Walk, post: PostRow, owner: string): Promise<void> {
  const n = post.fts ?? -1;
  const key = postKey(post.space, post.id);
  const keys = [key, documentKey(n), logKey(n, 0)];
  const [{ value, versionstamp }, document, killed] = await walk.deps.store.getMany(keys);
  const row = value as PostRow | null;
  // It was written since: then it is another difference, or none.
  if (row?.rev !== post.rev || row.fts !== post.fts) return;
  const found = { doc: document.value as IndexedPost | null, killed: killed.value };
  const fault = documentFault(row, owner, found);
  if (!fault) return;
  const at = post.fts === null || row.status !== "published" ? key : documentKey(n);
  walk.report(at, fault, versionstamp!);
}

async function checkUnnamed(walk: Walk, blogs: Blogs, { n, ...row }: Found): Promise<void> {
  const keys = [documentKey(n), logKey(n, 0), postKey(row.blog, row.post)];
  const [document, killed, post] = await walk.deps.store.getMany(keys);
  const isKept = (post.value as PostRow | null)?.fts === n;
  if (document.value === null || killed.value !== null || isKept) return;
  if (!blogs.deleting.has(row.blog)) walk.report(documentKey(n), "no post names this document");
}

async function checkAdded(walk: Walk, n: number): Promise<void> {
  const keys = [logKey(n, 1), logKey(n, 0), documentKey(n)];
  const [added, killed, document] = await walk.deps.store.getMany(keys);
  if (added.value === null || killed.value !== null) return;
  const fault = logFault({ key: logKey(n, 1), value: added.value }, document.value);
  if (fault) walk.report(logKey(n, 1), fault, added.versionstamp!);
}

async function checkLists(walk: Walk, rows: IndexRows): Promise<void> {
  const { store } = walk.deps;
  for await (const fault of auditLists(store, rows)) {
    const certain = await confirmFault(store, fault);
    if (certain) walk.report(certain.key, certain.problem);
    if (walk.overflow) return;
  }
}

/** Counts and judges the rows of a noun the first time that they are read, and shows each to `see`. */
function onceFrom(walk: Walk, see: (row: Row<Posting>) => void): IndexRows {
  const read = new Set<FamilyName>();
  return async function* <T>(noun: "fts" | "ftsdoc" | "ftslog"): AsyncGenerator<Row<T>> {
    if (read.has(noun)) {
      for await (const row of walk.deps.store.scan<T>(under([noun]))) {
        if (formFault(FAMILIES[noun], row) === null) yield row;
      }
      return;
    }
    read.add(noun);
    for await (const row of walk.rows<T>(noun)) {
      see(row as Row<unknown> as Row<Posting>);
      yield row;
    }
  };
}

async function inBatches<T>(things: T[], check: (thing: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < things.length; i += BATCH) {
    await Promise.all(things.slice(i, i + BATCH).map(check));
  }
}
