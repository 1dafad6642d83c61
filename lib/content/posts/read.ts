import { type Ctx, requireBlog, requireScope } from "../../ctx.ts";
import { AppError } from "../../kit/errors.ts";
import { isUuid } from "../../kit/ids.ts";
import { type Entry, under } from "../../kit/kv.ts";
import {
  counted,
  decodeCursor,
  type PageRequest,
  type Pagination,
  pagination,
  readAfter,
  readPage,
} from "../../kit/page.ts";
import { blogKey, type BlogRow, postCountKey } from "../blogs.ts";
import { readContent } from "./content.ts";
import { present, summarise } from "./_present.ts";
import {
  filterName,
  indexPrefix,
  postKey,
  type PostRow,
  slugKey,
  type SlugRow,
} from "./_record.ts";
import type { Post, PostQuery, PostSummary } from "./schema.ts";
import { spaceOf } from "./write.ts";

/** Sends the look-up of a slug out with the reads that judge the credential. */
export function prefetchPost(ctx: Ctx, slug: string): void {
  if (ctx.blog && ctx.actor.mode === "live") ctx.reads.get(slugKey(ctx.blog, slug));
}

/** The same for the total of a list. */
export function prefetchPosts(ctx: Ctx, query: PostQuery): void {
  if (ctx.blog && ctx.actor.mode === "live") {
    ctx.reads.get(postCountKey(ctx.blog, filterName(query)));
  }
}

/** One post by slug; throws 404. */
export async function getPost(ctx: Ctx, slug: string): Promise<Post> {
  requireScope(ctx, "posts:read");
  const blog = await readBlog(ctx);
  const space = spaceOf(ctx, blog);
  let held = (await ctx.reads.get<SlugRow>(slugKey(space, slug))).value;
  // The slug may lead to a version that an edit has replaced since: then once more.
  for (let attempt = 0; attempt < 8; attempt++) {
    if (!held || !("post" in held)) break;
    const at = { space, id: held.post };
    const [entry, content] = await Promise.all([
      ctx.reads.get<PostRow>(postKey(space, held.post)),
      readContent(ctx.reads, at, held.version),
    ]);
    const row = entry.value;
    if (row?.slug === slug && row.version.id === held.version.id && content) {
      if ((row.expiresAt ?? Infinity) <= ctx.now) break;
      return present(ctx, blog, { row, content });
    }
    ctx.reads.clear();
    held = (await ctx.reads.get<SlugRow>(slugKey(space, slug))).value;
  }
  throw new AppError("post_not_found");
}

/** One of the caller's posts by id, with the description that was given for it, null where none was; throws 404. */
export async function getSource(
  ctx: Ctx,
  id: string,
): Promise<Post & { description: string | null }> {
  requireScope(ctx, "posts:read");
  const key = postKey(spaceOf(ctx, await readBlog(ctx)), id);
  const seen = isUuid(id) ? (await ctx.reads.get<PostRow>(key)).value : null;
  if (!seen) throw new AppError("post_not_found");
  const post = await getPost(ctx, seen.slug);
  const row = (await ctx.reads.get<PostRow>(key)).value;
  if (row?.id !== post.id) throw new AppError("post_not_found");
  return { ...post, description: row.description };
}

export type PostList = { data: PostSummary[]; pagination: Pagination };

/** A page of the blog's posts, with the exact total. */
export async function listPosts(
  ctx: Ctx,
  query: PostQuery & { page: PageRequest },
): Promise<PostList> {
  requireScope(ctx, "posts:read");
  const blog = await readBlog(ctx);
  const space = spaceOf(ctx, blog);
  const filter = filterName(query);
  const total = counted(await ctx.reads.get(postCountKey(space, filter)));
  const reverse = query.order !== "asc";
  const prefix = (sort: "c" | "u" | "p" | "n") => under(indexPrefix(space, filter, sort), reverse);
  const ranges = query.sort === "published_at"
    ? [prefix("p"), prefix("n")]
    : [prefix(query.sort === "updated_at" ? "u" : "c")];
  const rows = await readPage(ctx.deps.store, ranges, { page: query.page, total });
  const posts = await hydrate(ctx, space, rows.map((row) => row.key.at(-1) as string));
  return {
    data: posts.map((row) => summarise(ctx.deps, blog, row)),
    pagination: pagination(query.page, total),
  };
}

/** Posts by `created_at` after a cursor; nothing is skipped or repeated while posts come and go. */
export async function walkPosts(
  ctx: Ctx,
  query: PostQuery & { limit: number; cursor?: string },
): Promise<{ data: PostSummary[]; next_cursor: string | null }> {
  requireScope(ctx, "posts:read");
  const blog = await readBlog(ctx);
  const space = spaceOf(ctx, blog);
  const { rows, next } = await readAfter(
    ctx.deps.store,
    indexPrefix(space, filterName(query), "c"),
    {
      cursor: query.cursor ? decodeCursor(query.cursor, ["number", "string"]) : null,
      order: query.order ?? "desc",
      limit: query.limit,
      parts: 2,
    },
  );
  const posts = await hydrate(ctx, space, rows.map((row) => row.key.at(-1) as string));
  return { data: posts.map((row) => summarise(ctx.deps, blog, row)), next_cursor: next };
}

/** The resolved blog; throws 404 where it is not the caller's. */
export async function readBlog(ctx: Ctx): Promise<BlogRow> {
  const row = (await ctx.reads.get<BlogRow>(blogKey(requireBlog(ctx)))).value;
  if (!row || row.owner !== ctx.actor.user) throw new AppError("blog_not_found");
  return row;
}

async function hydrate(ctx: Ctx, space: string, ids: string[]): Promise<PostRow[]> {
  const entries: Entry<PostRow>[] = await ctx.deps.store.getMany<PostRow>(
    ids.map((id) => postKey(space, id)),
  );
  return entries.flatMap(({ value }) =>
    value && (value.expiresAt ?? Infinity) > ctx.now ? [value] : []
  );
}
