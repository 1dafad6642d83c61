import { describePost, type IndexedPost } from "../search/mod.ts";
import type { PostRow } from "./_record.ts";

/** Whether a post is one that search finds: published, and not in a sandbox. */
export function isIndexed(row: PostRow): boolean {
  return row.status === "published" && row.space === row.blog;
}

/** A published post's document in the search index; `owner` is the blog's. */
export function indexedPost(row: PostRow, owner: string): IndexedPost {
  const { title, headings, tags, blog, lang } = row;
  const description = row.description ?? row.excerpt;
  return {
    ...describePost({ title, description, headings, tags, blog, lang }),
    post: row.id,
    blog,
    owner,
    slug: row.slug,
    title,
    excerpt: row.lead,
    description,
    tags,
    lang,
    createdAt: row.createdAt,
    publishedAt: row.publishedAt!,
  };
}
