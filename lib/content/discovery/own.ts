import { type Ctx, requireScope } from "../../ctx.ts";
import { readBlog } from "../posts/read.ts";
import { blogFilter } from "../search/mod.ts";
import { findPosts, present } from "./found.ts";
import { searchSandbox } from "./sandbox.ts";
import type { SearchQuery, SearchResult } from "./schema.ts";
import type { Paging, Slice } from "./slice.ts";

/** The published posts of the blog that match, best first; a test key's are the sandbox's. */
export async function searchPosts(
  ctx: Ctx,
  { q, ...slice }: SearchQuery & Slice,
): Promise<{ data: SearchResult[] } & Paging> {
  requireScope(ctx, "search:read");
  const blog = await readBlog(ctx);
  if (ctx.actor.mode === "test") return await searchSandbox(ctx, { blog, q, slice });
  const { posts, paging } = await findPosts(ctx, { q, filters: [blogFilter(blog.id)], slice });
  // An engine that has fallen behind must not show another's.
  const own = posts.filter((post) => post.blog === blog.id);
  return { data: own.map((post) => present(ctx.deps, blog, post)), ...paging };
}
