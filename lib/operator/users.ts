import type { Deps } from "../ctx.ts";
import type { PlanName } from "../kit/config.ts";
import { transact } from "../kit/kv.ts";
import { onBehalfOf, stageAccount } from "../account/accounts.ts";
import { stageKey } from "../account/api_keys.ts";
import { blogUrl, checkBlogSlug, stageBlog } from "../content/blogs.ts";

type NewUser = { email: string; name?: string; plan?: PlanName; blog?: string };

/** Makes an account, its blog where a slug is given, and a key: all or nothing. */
export async function createUser(deps: Deps, input: NewUser) {
  if (input.blog !== undefined) checkBlogSlug(input.blog);
  return await transact(deps.store, async (tx) => {
    const { email, name = "", plan = "free" } = input;
    const user = await stageAccount(tx, { email, verified: true, name, plan, now: deps.clock() });
    const ctx = onBehalfOf(deps, user.id);
    const blog = input.blog === undefined ? null : await stageBlog(tx, ctx, {
      slug: input.blog,
      name: input.name || input.blog,
    });
    const { key } = stageKey(tx, ctx, {
      name: "Default",
      boundTo: blog?.id ?? null,
      blog: blog?.id ?? null,
    });
    return {
      user: { id: user.id, email: user.email, plan },
      blog: blog && { id: blog.id, slug: blog.slug, url: blogUrl(deps, blog) },
      key,
    };
  });
}
