import type { Ctx, Deps } from "../../ctx.ts";
import { iso } from "../../kit/input.ts";
import { type BlogRow, blogUrl } from "../blogs.ts";
import type { Content } from "./content.ts";
import type { PostRow, RevisionRow } from "./_record.ts";
import type { Post, PostSummary, Revision, RevisionSummary } from "./schema.ts";

/** Where a post is, or will be, read: a sandbox's behind its secret token. */
export function postUrl(deps: Deps, blog: BlogRow, row: PostRow): string {
  const origin = blogUrl(deps, blog);
  return row.preview ? `${origin}/_/preview/${row.preview}` : `${origin}/${row.slug}`;
}

/** A row of a list of posts. */
export function summarise(deps: Deps, blog: BlogRow, row: PostRow): PostSummary {
  return {
    id: row.id,
    title: row.title,
    slug: row.slug,
    url: postUrl(deps, blog, row),
    status: row.status,
    tags: row.tags,
    meta_description: row.description ?? row.excerpt,
    published_at: row.publishedAt === null ? null : iso(row.publishedAt),
    scheduled_at: row.scheduledAt === null ? null : iso(row.scheduledAt),
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
  };
}

/** The full post, as every operation on one answers, under its ETag. */
export function present(
  ctx: Ctx,
  blog: BlogRow,
  post: { row: PostRow; content: Pick<Content, "md" | "html"> },
): Post {
  const { row, content } = post;
  ctx.answer.rev = row.rev;
  pointToContent(ctx, row);
  return {
    ...summarise(ctx.deps, blog, row),
    content_md: content.md,
    content_html: content.html,
    og_image_url: row.ogImage,
    canonical_url: row.canonical,
    noindex: row.noindex,
    word_count: row.words,
    lang: row.lang,
  };
}

/** A row of a list of revisions. */
export function summariseRevision(row: RevisionRow): RevisionSummary {
  return {
    id: row.id,
    number: row.n,
    title: row.title,
    slug: row.slug,
    tags: row.tags,
    meta_description: row.description ?? row.excerpt,
    word_count: row.words,
    created_at: iso(row.createdAt),
  };
}

/** One revision, whole. */
export function presentRevision(
  row: RevisionRow,
  content: Pick<Content, "md" | "html">,
): Revision {
  return {
    ...summariseRevision(row),
    content_md: content.md,
    content_html: content.html,
    og_image_url: row.ogImage,
    canonical_url: row.canonical,
    noindex: row.noindex,
  };
}

// Tells a replay of this answer where the content is, in place of a copy.
function pointToContent(ctx: Ctx, row: PostRow): void {
  if (!ctx.answer.claim) return;
  const { n, id, md, html } = row.version;
  ctx.answer.claim.pointer = {
    fields: ["content_md", "content_html"],
    ref: ["post", row.space, row.id, n, id, md, html],
  };
}
