import { isDeepStrictEqual } from "node:util";
import type { Key } from "../../kit/kv.ts";
import {
  KEPT_REVISIONS,
  type PostRow,
  revisionKey,
  type RevisionRow,
  versionPrefix,
} from "../../content/posts/_record.ts";
import { checkChunks } from "./blogs.ts";
import type { Removals } from "./removals.ts";
import type { RowStream, Walk } from "./walk.ts";

type Source = {
  space: string;
  removals: Removals;
  revision: RowStream<RevisionRow>;
  rev: RowStream<Uint8Array>;
};
type Chunks = { md: Map<number, Uint8Array>; html: Map<number, Uint8Array> };

/** Compares the kept versions of a space's posts with the posts, and unpacks each. */
export async function checkVersions(
  walk: Walk,
  posts: Map<string, PostRow>,
  source: Source,
): Promise<void> {
  for (const post of posts.values()) {
    await reportStrays(walk, posts, source);
    const revisions = await readRevisions(walk, post, source);
    await checkContents(walk, { post, revisions }, source);
  }
  await reportStrays(walk, posts, source);
}

async function reportStrays(
  walk: Walk,
  posts: Map<string, PostRow>,
  { space, removals, revision, rev }: Source,
): Promise<void> {
  for (const stream of [revision, rev]) {
    const stray = ({ key }: { key: Key }) => key[1] === space && !posts.has(key[2] as string);
    for await (const { key } of stream.takeWhile(stray)) requireRemoval(walk, removals, key);
  }
}

function requireRemoval(walk: Walk, removals: Removals, key: Key): void {
  if (!removals.covers(key)) {
    walk.report(key, "no post needs it, and no removal is queued for it");
  }
}

async function readRevisions(
  walk: Walk,
  post: PostRow,
  { space, removals, revision: stream }: Source,
): Promise<Map<number, RevisionRow>> {
  const kept = new Map<number, RevisionRow>();
  const oldest = Math.max(1, post.version.n - KEPT_REVISIONS + 1);
  const own = stream.takeWhile(({ key }) => key[1] === space && key[2] === post.id);
  for await (const { key, value } of own) {
    const n = key[3] as number;
    if (n < oldest || n > post.version.n) {
      requireRemoval(walk, removals, key);
      continue;
    }
    if (value.n !== n) walk.report(key, `it names another version, ${value.n}`);
    for (const threat of removals.threats(key)) {
      walk.report(threat, `it would remove the version ${n} of the post ${post.id}`);
    }
    kept.set(n, value);
  }
  for (let n = oldest; n <= post.version.n; n++) {
    if (!kept.has(n)) {
      walk.report(revisionKey(space, post.id, n), `is missing: there are ${post.version.n}`);
    }
  }
  const newest = kept.get(post.version.n);
  if (newest && !isCurrent(newest, post)) {
    walk.report(revisionKey(space, post.id, post.version.n), "it is not what the post is now");
  }
  return kept;
}

function isCurrent(revision: RevisionRow, post: PostRow): boolean {
  const { createdAt: _, ...fields } = revision;
  return isDeepStrictEqual({ ...post, ...post.version, ...fields }, { ...post, ...post.version });
}

async function checkContents(
  walk: Walk,
  { post, revisions }: { post: PostRow; revisions: Map<number, RevisionRow> },
  { space, removals, rev }: Source,
): Promise<void> {
  const missing = new Set(revisions.values());
  const isOwn = (key: Key) => key[1] === space && key[2] === post.id;
  for (let row = await rev.peek(); row && isOwn(row.key); row = await rev.peek()) {
    const prefix = row.key.slice(0, 5);
    const [, , , n, id] = prefix as [string, string, string, number, string];
    const revision = revisions.get(n)?.id === id ? revisions.get(n) : undefined;
    const guard = { key: revisionKey(space, post.id, n), equals: id };
    const chunks: Chunks = { md: new Map(), html: new Map() };
    const version = rev.takeWhile(({ key }) => isOwn(key) && key[3] === n && key[4] === id);
    for await (const { key, value } of version) {
      const [part, i] = key.slice(5) as [string, number];
      if (!revision) requireRemoval(walk, removals, key);
      else if (part === "md" || part === "html") chunks[part].set(i, value);
      else walk.report(key, "a version has only md and html");
      for (const threat of revision ? removals.threats(key, guard) : []) {
        walk.report(threat, `it would remove the version ${n} of the post ${post.id}`);
      }
    }
    if (revision) {
      missing.delete(revision);
      await checkParts(walk, prefix, { revision, chunks });
    }
  }
  for (const revision of missing) {
    const chunks: Chunks = { md: new Map(), html: new Map() };
    await checkParts(walk, versionPrefix(post, revision), { revision, chunks });
  }
}

async function checkParts(
  walk: Walk,
  prefix: Key,
  { revision, chunks }: { revision: RevisionRow; chunks: Chunks },
): Promise<void> {
  for (const part of ["md", "html"] as const) {
    await checkChunks(walk, [...prefix, part], { count: revision[part], chunks: chunks[part] });
  }
}
