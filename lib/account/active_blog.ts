import { z } from "@hono/zod-openapi";
import { type Actor, type Ctx, requireScope, transact } from "../ctx.ts";
import { AppError } from "../kit/errors.ts";
import { isUuid } from "../kit/ids.ts";
import { typed } from "../kit/input.ts";
import type { Key } from "../kit/kv.ts";
import { blogUrl, ownBlog } from "../content/blogs.ts";

const LIFE = 90 * 86_400_000;

/** The blog that a credential acts on where a call names none; `until` is null for a key that has no end. */
export type ActiveBlogRow = { blog: string; until: number | null };

/** Under which the choices of an account's credentials are. */
export function activeBlogsPrefix(user: string): Key {
  return ["active", user];
}
/** Where the choice of one credential is; those that nothing of ours names share one. */
export function activeBlogKey({ user, id }: Pick<Actor, "user" | "id">): Key {
  return [...activeBlogsPrefix(user), id];
}

export const ActiveBlogInput = z.object({
  blog_id: z.string(typed("blog_id", "a blog's id")).meta({
    description: "Id of the blog, as list_blogs gives it.",
  }),
});
export type ActiveBlogInput = z.infer<typeof ActiveBlogInput>;
export const ActiveBlog = z.object({
  blog_id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  url: z.url(),
});
export type ActiveBlog = z.infer<typeof ActiveBlog>;

/** Chooses the blog that the caller's credential acts on from now on; one that is bound has no choice. */
export async function setActiveBlog(ctx: Ctx, input: ActiveBlogInput): Promise<ActiveBlog> {
  requireScope(ctx, "blogs:read");
  const { actor, now } = ctx;
  const blog = input.blog_id.trim().toLowerCase();
  if (!isUuid(blog)) throw new AppError("blog_not_found");
  if (actor.boundTo !== null && actor.boundTo !== blog) throw new AppError("blog_bound");
  return await transact(ctx, async (tx) => {
    const row = await ownBlog(tx, ctx, blog, { frozen: true });
    if (actor.boundTo === null) {
      const lasting = actor.kind === "key" && actor.expiresAt === null;
      const until = lasting ? null : now + LIFE;
      const options = lasting ? undefined : { expireIn: LIFE };
      tx.set(activeBlogKey(actor), { blog, until } satisfies ActiveBlogRow, options);
    }
    return { blog_id: blog, slug: row.slug, name: row.name, url: blogUrl(ctx.deps, row) };
  });
}

/** The blog that the caller's credential has chosen, which may be gone since; null where it has chosen none. */
export async function readActiveBlog({ actor, reads, now }: Ctx): Promise<string | null> {
  if (actor.boundTo !== null || actor.user === "") return actor.boundTo;
  const { value } = await reads.get<ActiveBlogRow>(activeBlogKey(actor));
  return value && (value.until ?? Infinity) > now ? value.blog : null;
}
