import type { Ctx } from "../../ctx.ts";
import { planKey, type PlanRow, PLANS, shownPlan } from "../../metering/plans.ts";
import { blogKey, type BlogRow, blogUrl } from "../blogs.ts";
import { type IndexedPost, langFilter, tagFilter } from "../search/mod.ts";
import { findPosts, present } from "./found.ts";
import type { DiscoverQuery, Discovery } from "./schema.ts";
import type { Paging, Slice } from "./slice.ts";

/** The published posts of all blogs that match, best first. */
export async function discoverPosts(
  ctx: Ctx,
  { q, tag, lang, ...slice }: DiscoverQuery & Slice,
): Promise<{ data: Discovery[] } & Paging> {
  const filters = [
    ...tag ? [tagFilter(tag)] : [],
    ...lang ? [langFilter(lang.split("-")[0])] : [],
  ];
  const { posts, paging } = await findPosts(ctx, { q, filters, slice });
  const data = await Promise.all(posts.map((post) => discovered(ctx, post)));
  return { data: data.filter((post) => post !== null), ...paging };
}

async function discovered({ deps, reads }: Ctx, post: IndexedPost): Promise<Discovery | null> {
  const [{ value: blog }, { value: plan }] = await Promise.all([
    reads.get<BlogRow>(blogKey(post.blog)),
    reads.get<PlanRow>(planKey(post.owner)),
  ]);
  // Deleted or taken offline since it was found.
  if (!blog || !plan || plan.suspendedAt !== null) return null;
  const found = present(deps, blog, post);
  const hasLlms = PLANS[shownPlan(plan)].features.includes("post_llms_txt");
  return {
    ...found,
    blog_name: blog.name,
    blog_domain: blogUrl(deps, blog).replace(/^https?:\/\//, ""),
    llms_txt_url: hasLlms ? `${found.url}/llms.txt` : null,
  };
}
