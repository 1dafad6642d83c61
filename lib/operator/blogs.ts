import type { Deps } from "../ctx.ts";
import { AppError } from "../kit/errors.ts";
import { subdomainKey, type SubdomainRow } from "../content/blogs.ts";

// A label of a host (RFC 1035, 2.3.4).
const MAX_SLUG = 63;

/** The id of an account's blog by its slug; throws 404 where it has none such. */
export async function findBlog(deps: Deps, user: string, slug: string): Promise<string> {
  const value = slug.length > MAX_SLUG
    ? null
    : (await deps.store.get<SubdomainRow>(subdomainKey(slug))).value;
  if (value?.blog && value.owner === user) return value.blog;
  throw new AppError("blog_not_found", { message: `The account has no blog "${slug}".` });
}
