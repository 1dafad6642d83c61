import { type Ctx, requireBlog, requireScope } from "../../ctx.ts";
import { AppError } from "../../kit/errors.ts";
import { iso } from "../../kit/input.ts";
import { planKey, type PlanRow, PLANS, shownPlan } from "../../metering/plans.ts";
import { postPage } from "../../../render/blog/mod.ts";
import { drawOgImage } from "../../../render/og_image/mod.ts";
import { type Shell, siteOf } from "./page.ts";
import { readBlog } from "./read.ts";
import type { PostInput, Validation } from "./schema.ts";
import { examine } from "./validate.ts";

const UNTITLED = "Untitled";
const NO_HTML = { adCode: "", headerHtml: "", footerHtml: "", headHtml: "", layoutHtml: "" };
const MAX_TITLE = 300;
const MAX_TAGS = 3;

/** What is being written: title and content may still be empty; `own` is the slug that the post has already. */
export type Draft = Pick<PostInput, "title" | "content" | "slug" | "tags" | "meta"> & {
  own: string | null;
};
/** The page that would be published (without the owner's own HTML), and what validate says of it. */
export type DraftPreview = Omit<Validation, "content_html"> & { html: string; csp: string };
/** What other sites show of a link; `image` is the https URL given, or a PNG that was drawn. */
export type DraftCard = {
  title: string;
  description: string;
  host: string;
  image: string | Uint8Array;
};

/** The page of a post as it would be with this text; nothing is stored. */
export async function previewDraft(ctx: Ctx, draft: Draft): Promise<DraftPreview> {
  const { shell, input, examined } = await examineDraft(ctx, draft);
  const { validation, lang, uses } = examined;
  const { content_html, ...rest } = validation;
  const site = await siteOf(ctx.deps, shell);
  const url = `${site.url}/${validation.slug}`;
  const { html, csp } = postPage({ ...site, theme: { ...site.theme, ...NO_HTML } }, {
    title: input.title,
    url,
    slug: validation.slug,
    html: content_html,
    description: validation.meta_description,
    ogImage: input.meta?.og_image || `${url}/og.png`,
    canonical: input.meta?.canonical_url || null,
    noindex: true,
    tags: input.tags ?? [],
    publishedAt: iso(ctx.now),
    updatedAt: iso(ctx.now),
    lang,
    words: validation.word_count,
    uses,
    newer: null,
    older: null,
  });
  return { ...rest, html, csp };
}

/** What a link to the post would show elsewhere. */
export async function previewCard(ctx: Ctx, draft: Draft): Promise<DraftCard> {
  const { shell, input, examined } = await examineDraft(ctx, draft);
  const site = await siteOf(ctx.deps, shell);
  const drawn = () =>
    drawOgImage({
      title: [...input.title].slice(0, MAX_TITLE).join(""),
      tags: (input.tags ?? []).slice(0, MAX_TAGS),
      blog: shell.blog.name,
      brand: !PLANS[shownPlan(shell.plan)].features.includes("white_label"),
    });
  return {
    title: input.title,
    description: examined.validation.meta_description,
    host: new URL(site.url).host,
    image: input.meta?.og_image || await drawn(),
  };
}

async function examineDraft(ctx: Ctx, { own, ...draft }: Draft) {
  requireScope(ctx, "posts:read");
  requireBlog(ctx);
  const [blog, plan] = await Promise.all([
    readBlog(ctx),
    ctx.reads.get<PlanRow>(planKey(ctx.actor.user)),
  ]);
  // The account went while the request was under way.
  if (!plan.value) throw new AppError("credential_invalid");
  const shell: Shell = { blog, plan: plan.value };
  const input = { ...draft, title: draft.title.trim() || UNTITLED, slug: draft.slug || own || "" };
  const examined = await examine(ctx, blog, input);
  if (own !== null && input.slug === own) {
    const { validation } = examined;
    validation.valid = true;
    validation.warnings = validation.warnings.filter(({ code }) => code !== "slug_taken");
  }
  return { shell, input, examined };
}
