import type { Deps } from "../../ctx.ts";
import { compress } from "../../kit/blob.ts";
import { sha256 } from "../../kit/crypto.ts";
import { iso } from "../../kit/input.ts";
import type { Key, Tx } from "../../kit/kv.ts";
import { span } from "../../kit/observe.ts";
import { stagePurge } from "../../events/purge.ts";
import { type PlanRow, PLANS, shownPlan } from "../../metering/plans.ts";
import { DESIGN_VERSION, type Page, postPage, type Site } from "../../../render/blog/mod.ts";
import { type BlogRow, blogUrl } from "../blogs.ts";
import { readShownTheme } from "../theme.ts";
import type { PostRow } from "./_record.ts";

const MAX_INLINE = 60_000;
const NO_PATTERNS = { ofBlog: "", ofTags: {} };

/**
 * The finished page of a published post. `shell` names the versions of blog, plan and design that it was
 * built with; `gz` is null for a page too large for one value, which the view then builds from the post.
 */
export type PageRow = {
  post: string;
  shell: string;
  etag: string;
  csp: string;
  gz: Uint8Array | null;
};
/** What surrounds a post: the blog and its owner's plan. */
export type Shell = { blog: BlogRow; plan: PlanRow };

export function pageKey(blog: string, slug: string): Key {
  return ["page", blog, slug];
}
/** Where the number of changes to a blog's public posts is: what is made of many posts is as old as this. */
export function publicVersionKey(blog: string): Key {
  return ["pubver", blog];
}

/** Changes whenever something that every page of a blog shows does: the blog, its plan, its address, our design. */
export function shellVersion(deps: Deps, { blog, plan }: Shell): string {
  return `${blog.rev}.${plan.rev}.${DESIGN_VERSION}.${blogUrl(deps, blog)}`;
}

/** The blog as its pages show it: only what the plan includes. */
export async function siteOf(deps: Deps, { blog, plan }: Shell): Promise<Site> {
  const { features } = PLANS[shownPlan(plan)];
  return {
    name: blog.name,
    description: blog.description,
    url: blogUrl(deps, blog),
    base: deps.config.blogAddress === "path" && !blog.domain?.active ? `/@${blog.slug}` : "",
    noindex: !features.includes("indexing"),
    badge: !features.includes("no_badge"),
    brand: !features.includes("white_label"),
    theme: await readShownTheme(deps, blog, shownPlan(plan)),
    postLlms: features.includes("post_llms_txt"),
    titlePatterns: features.includes("title_patterns") ? blog.titlePatterns : NO_PATTERNS,
  };
}

/** Builds the page of a post around its HTML. */
export async function buildPage(
  deps: Deps,
  shell: Shell,
  post: { row: PostRow; html: string },
): Promise<{ row: PageRow; gz: Uint8Array }> {
  const site = await siteOf(deps, shell);
  const { html, csp } = await span("render post", () => pageOf(site, post));
  const etag = sha256(html).slice(0, 24);
  const gz = await compress(html);
  const inline = gz.length <= MAX_INLINE ? gz : null;
  const version = shellVersion(deps, shell);
  return { row: { post: post.row.id, shell: version, etag, csp, gz: inline }, gz };
}

/** The page of a post around its HTML, as a site shows it. */
export function pageOf(site: Site, { row, html }: { row: PostRow; html: string }): Page {
  const url = `${site.url}/${row.slug}`;
  return postPage(site, {
    title: row.title,
    url,
    slug: row.slug,
    html,
    description: row.description ?? row.excerpt,
    ogImage: row.ogImage ?? `${url}/og.png`,
    canonical: row.canonical,
    noindex: row.noindex || row.preview !== null,
    tags: row.tags,
    publishedAt: row.publishedAt === null ? null : iso(row.publishedAt),
    updatedAt: iso(row.updatedAt),
    lang: row.lang,
    words: row.words,
    uses: row.uses,
    // A neighbour that comes later would make this page stale; the index and the archive lead on.
    newer: null,
    older: null,
  });
}

/** Puts the page of a published post in the caller's commit, and takes away the one that it replaces. */
export async function stagePage(
  tx: Tx,
  deps: Deps,
  change: { shell: Shell; before: PostRow | null; after: PostRow | null; html: string },
): Promise<void> {
  const { shell, before, after, html } = change;
  const { id } = shell.blog;
  const isPublic = (row: PostRow | null) => row?.status === "published" && row.space === id;
  if (!isPublic(before) && !isPublic(after)) return;
  if (isPublic(before) && (!isPublic(after) || after!.slug !== before!.slug)) {
    tx.delete(pageKey(id, before!.slug));
  }
  if (isPublic(after)) {
    const { row } = await buildPage(deps, shell, { row: after!, html });
    tx.set(pageKey(id, after!.slug), row);
  }
  tx.sum(publicVersionKey(id), 1);
  stagePurge(tx, deps, id);
}
