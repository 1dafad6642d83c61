import type { Deps } from "../../ctx.ts";
import { compress } from "../../kit/blob.ts";
import { sha256 } from "../../kit/crypto.ts";
import { iso } from "../../kit/input.ts";
import type { Key, Tx } from "../../kit/kv.ts";
import { type PlanRow, PLANS } from "../../metering/plans.ts";
import { type PostPage, postPage, type Site } from "../../../render/blog/mod.ts";
import { type BlogRow, blogUrl } from "../blogs.ts";
import type { PostRow } from "./_record.ts";

const MAX_INLINE = 60_000;

/**
 * The finished page of a published post. `shell` names the blog's and plan's versions that it was built with;
 * `gz` is null for a page too large for one value, which is then built from the post by the view.
 */
export type PageRow = { post: string; shell: string; etag: string; gz: Uint8Array | null };
/** What surrounds a post: the blog and its owner's plan. */
export type Shell = { blog: BlogRow; plan: PlanRow };

export function pageKey(blog: string, slug: string): Key {
  return ["page", blog, slug];
}

/** Changes whenever something that every page of a blog shows does. */
export function shellVersion(shell: Shell): string {
  return `${shell.blog.rev}.${shell.plan.rev}`;
}

/** The blog as its pages show it. */
export function siteOf(deps: Deps, { blog, plan }: Shell): Site {
  const { features } = PLANS[plan.plan];
  return {
    name: blog.name,
    description: blog.description,
    url: blogUrl(deps, blog.slug),
    noindex: !features.includes("indexing"),
    badge: !features.includes("no_badge"),
  };
}

/** Builds the page of a post around its HTML. */
export async function buildPage(
  deps: Deps,
  shell: Shell,
  post: { row: PostRow; html: string },
): Promise<{ row: PageRow; gz: Uint8Array }> {
  const { row } = post;
  const url = `${blogUrl(deps, shell.blog.slug)}/${row.slug}`;
  const html = postPage(
    siteOf(deps, shell),
    {
      title: row.title,
      url,
      html: post.html,
      description: row.description ?? row.excerpt,
      ogImage: row.ogImage,
      canonical: row.canonical,
      noindex: row.noindex || row.preview !== null,
      tags: row.tags,
      publishedAt: row.publishedAt === null ? null : iso(row.publishedAt),
      updatedAt: iso(row.updatedAt),
    } satisfies PostPage,
  );
  const gz = await compress(html);
  const etag = sha256(html).slice(0, 24);
  const inline = gz.length <= MAX_INLINE ? gz : null;
  return { row: { post: row.id, shell: shellVersion(shell), etag, gz: inline }, gz };
}

/** Puts the page of a published post in the caller's commit, and takes away the one that it replaces. */
export async function stagePage(
  tx: Tx,
  deps: Deps,
  change: { shell: Shell; before: PostRow | null; after: PostRow | null; html: string },
): Promise<void> {
  const { shell, before, after, html } = change;
  const isPublic = (row: PostRow | null) =>
    row?.status === "published" && row.space === shell.blog.id;
  if (isPublic(before) && (!isPublic(after) || after!.slug !== before!.slug)) {
    tx.delete(pageKey(shell.blog.id, before!.slug));
  }
  if (isPublic(after)) {
    const { row } = await buildPage(deps, shell, { row: after!, html });
    tx.set(pageKey(shell.blog.id, after!.slug), row);
  }
  if (isPublic(before) || isPublic(after)) {
    tx.afterCommit.push(() => deps.pages.drop(shell.blog.id));
  }
}
