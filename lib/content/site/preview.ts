import { type Ctx, requireScope } from "../../ctx.ts";
import { AppError } from "../../kit/errors.ts";
import { iso } from "../../kit/input.ts";
import { planKey, type PlanRow, shownPlan } from "../../metering/plans.ts";
import { indexPage, type Page } from "../../../render/blog/mod.ts";
import { blogKey, type BlogRow } from "../blogs.ts";
import { readContent } from "../posts/content.ts";
import { pageOf, type Shell, siteOf } from "../posts/page.ts";
import { requireLayout, shownTheme, type ThemeConfig } from "../theme.ts";
import { readPublished, summaryOf } from "./pages.ts";

const POSTS = 20;
// What a blog without posts is shown with.
const STAND_INS = [
  ["A post of yours", "What it begins with stands here, until you say it better in a description."],
  ["Another one", "With a title, a date and its tags, as each post in the list."],
  ["The first that you wrote", "Older posts come after newer ones."],
];

/**
 * A blog's first page with another theme, or, of `"post"`, its newest post, where it has one: what the plan
 * includes, scripts of the owner's among it. One without posts is shown with some that stand in. Nothing is stored. Throws 400 for a layout that is none.
 */
export async function previewTheme(
  ctx: Ctx,
  id: string,
  { config, page }: { config: ThemeConfig; page: "index" | "post" },
): Promise<Page> {
  requireScope(ctx, "blogs:read");
  requireLayout(config);
  const { deps, reads, actor: { user } } = ctx;
  const [{ value: blog }, { value: plan }] = await Promise.all([
    reads.get<BlogRow>(blogKey(id)),
    reads.get<PlanRow>(planKey(user)),
  ]);
  if (!blog || !plan || blog.owner !== user) throw new AppError("blog_not_found");
  const shell: Shell = { blog, plan };
  const theme = shownTheme(deps, { row: blog, plan: shownPlan(plan), config });
  const site = { ...await siteOf(deps, shell), noindex: true, theme };
  const wanted = { number: 1, size: page === "post" ? 1 : POSTS };
  const rows = await readPublished(deps, id, { page: wanted, total: wanted.size });
  const content = page === "post" && rows.length > 0 &&
    await readContent(deps.store, rows[0], rows[0].version);
  if (content) return pageOf(site, { row: rows[0], html: content.html });
  const posts = rows.length > 0
    ? rows.map((row) => summaryOf(deps, shell, row))
    : STAND_INS.map(([title, description]) => ({
      ...{ title, description, url: site.url, tags: ["example"], lang: "en" },
      publishedAt: iso(ctx.now),
    }));
  return indexPage(site, { posts, page: 1, totalPages: 1 });
}
