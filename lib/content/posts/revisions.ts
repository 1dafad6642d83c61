import { type Ctx, requireScope } from "../../ctx.ts";
import { AppError } from "../../kit/errors.ts";
import type { Store } from "../../kit/kv.ts";
import { decodeCursor, encodeCursor } from "../../kit/page.ts";
import { readContent, renderContent } from "./content.ts";
import { presentRevision, summariseRevision } from "./_present.ts";
import {
  KEPT_REVISIONS,
  postKey,
  type PostRow,
  revisionKey,
  type RevisionRow,
  slugKey,
  type SlugRow,
} from "./_record.ts";
import { readBlog } from "./read.ts";
import type { Post, Revision, RevisionSummary } from "./schema.ts";
import { rewritePost, spaceOf } from "./write.ts";

/** The kept versions of a post, newest first. */
export async function listRevisions(
  ctx: Ctx,
  slug: string,
  query: { limit?: number; cursor?: string },
): Promise<{ data: RevisionSummary[]; next_cursor: string | null }> {
  requireScope(ctx, "posts:read");
  const row = await findPost(ctx, slug);
  const rows = await readRevisions(ctx.deps.store, row);
  const before = query.cursor
    ? decodeCursor(query.cursor, ["number"]).after[0] as number
    : Infinity;
  const after = rows.filter((revision) => revision.n < before);
  const page = after.slice(0, query.limit ?? KEPT_REVISIONS);
  const next = page.length < after.length
    ? encodeCursor({ order: "desc", after: [page[page.length - 1].n] })
    : null;
  return { data: page.map(summariseRevision), next_cursor: next };
}

/** One kept version, whole; throws 404. */
export async function getRevision(
  ctx: Ctx,
  at: { slug: string; id: string },
): Promise<Revision> {
  requireScope(ctx, "posts:read");
  const row = await findPost(ctx, at.slug);
  const revision = await findRevision(ctx.deps.store, row, at.id);
  const content = await readContent(ctx.deps.store, row, revision);
  if (!content) throw new AppError("revision_not_found");
  return presentRevision(revision, content);
}

/** Makes a kept version's title, content, tags and meta the newest version; slug and status stay. */
export async function restoreRevision(
  ctx: Ctx,
  at: { slug: string; id: string },
): Promise<Post> {
  requireScope(ctx, "posts:write");
  const { store } = ctx.deps;
  return await rewritePost(ctx, at.slug, async (_tx, row) => {
    const revision = await findRevision(store, row, at.id);
    const content = await readContent(store, row, revision);
    if (!content) throw new AppError("revision_not_found");
    const { title, tags, description, ogImage, canonical, noindex } = revision;
    return {
      fields: { title, tags, description, ogImage, canonical, noindex },
      content: await renderContent(content.md),
    };
  });
}

async function findPost(ctx: Ctx, slug: string): Promise<PostRow> {
  const space = spaceOf(ctx, await readBlog(ctx));
  const held = (await ctx.reads.get<SlugRow>(slugKey(space, slug))).value;
  const row = held && "post" in held
    ? (await ctx.reads.get<PostRow>(postKey(space, held.post))).value
    : null;
  if (!row || (row.expiresAt ?? Infinity) <= ctx.now) throw new AppError("post_not_found");
  return row;
}

async function findRevision(store: Store, row: PostRow, id: string): Promise<RevisionRow> {
  const found = (await readRevisions(store, row)).find((revision) => revision.id === id);
  if (!found) throw new AppError("revision_not_found");
  return found;
}

async function readRevisions(store: Store, row: PostRow): Promise<RevisionRow[]> {
  const oldest = Math.max(1, row.version.n - KEPT_REVISIONS + 1);
  const range = {
    start: revisionKey(row.space, row.id, oldest),
    end: revisionKey(row.space, row.id, row.version.n + 1),
    reverse: true,
  };
  const rows = await store.list<RevisionRow>(range, KEPT_REVISIONS);
  return rows.map((entry) => entry.value);
}
