import type { Ctx } from "../../ctx.ts";
import { planKey, type PlanRow, PLANS, shownPlan } from "../../metering/plans.ts";
import { blogKey, type BlogRow, blogUrl } from "../blogs.ts";
import { type IndexedPost, langFilter, tagFilter } from "../search/mod.ts";
import { findPosts, present } from "./found.ts";
import type { DiscoverQuery, Discovery } from "./schema.ts";
import type { Paging, Slice } from "./slice.ts";

// How long this instance may show of a blog what another has changed, milliseconds.
const FRESH = 1000;
const CARD_BYTES = 1000;

/** What is shown of a blog beside its posts; null where nothing of it may be shown. */
type Card = (Pick<BlogRow, "name" | "slug" | "domain"> & { hasLlms: boolean }) | null;

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

async function discovered(ctx: Ctx, post: IndexedPost): Promise<Discovery | null> {
  const { deps } = ctx;
  const key = `card:${post.blog}`;
  // Its own writes drop it at once.
  const card = deps.pages.get(key) as Card | undefined ?? await readCard(ctx, { key, post });
  if (!card) return null;
  const found = present(deps, card, post);
  return {
    ...found,
    blog_name: card.name,
    blog_domain: blogUrl(deps, card).replace(/^https?:\/\//, ""),
    llms_txt_url: card.hasLlms ? `${found.url}/llms.txt` : null,
  };
}

async function readCard(
  { deps, reads }: Ctx,
  { key, post }: { key: string; post: IndexedPost },
): Promise<Card> {
  const begun = deps.pages.begin();
  const until = deps.clock() + FRESH;
  const [{ value: blog }, { value: plan }] = await Promise.all([
    reads.get<BlogRow>(blogKey(post.blog)),
    reads.get<PlanRow>(planKey(post.owner)),
  ]);
  // Deleted or taken offline since it was found.
  if (!blog || !plan || plan.suspendedAt !== null) return null;
  const hasLlms = PLANS[shownPlan(plan)].features.includes("post_llms_txt");
  const card = { name: blog.name, slug: blog.slug, domain: blog.domain, hasLlms };
  deps.pages.put(key, card, { group: post.blog, begun, until, size: CARD_BYTES });
  return card;
}
