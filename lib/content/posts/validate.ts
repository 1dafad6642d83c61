import { type Ctx, requireScope } from "../../ctx.ts";
import { Tx } from "../../kit/kv.ts";
import { readingMinutes, type Uses } from "../../../render/blog/mod.ts";
import { type BlogRow, blogUrl } from "../blogs.ts";
import { detectLanguage, excerptOf, renderOrRefuse } from "./content.ts";
import { slugKey, type SlugRow } from "./_record.ts";
import { readBlog } from "./read.ts";
import { isPostSlug, type PostInput, type Validation } from "./schema.ts";
import { freeSlug, slugify } from "./slug.ts";
import { spaceOf } from "./write.ts";

// Each costs a read.
const MAX_LINKS = 200;
const MAX_MESSAGE = 200;

/** What creating the post would make of it, and what its author may want to mend; nothing is stored. */
export async function validatePost(ctx: Ctx, input: PostInput): Promise<Validation> {
  requireScope(ctx, "posts:read");
  const { validation } = await examine(ctx, await readBlog(ctx), input);
  // A replay renders the same text again, in place of a copy.
  if (ctx.answer.claim) ctx.answer.claim.pointer = { fields: ["content_html"], ref: ["rendered"] };
  return validation;
}

/** The same with the language that the text seems to be in and what its HTML needs, for a blog that was read. */
export async function examine(
  ctx: Ctx,
  blog: BlogRow,
  input: Omit<PostInput, "scheduled_at">,
): Promise<{ validation: Validation; lang: string; uses: Uses }> {
  const space = spaceOf(ctx, blog);
  const rendered = await renderOrRefuse(input.content);
  const { internalLinks, lintMarkdown } = await import("../../../render/markdown/lint.ts");
  const description = input.meta?.description || await excerptOf(rendered.text);
  const slug = input.slug || await freeSlug(new Tx(ctx.reads), space, slugify(input.title));
  const warnings: Validation["warnings"] = lintMarkdown(input.content, {
    title: input.title,
    description,
  });
  const linked = internalLinks(rendered, blogUrl(ctx.deps, blog))
    .filter(isPostSlug).slice(0, MAX_LINKS);
  const [own, ...targets] = await Promise.all(
    [slug, ...linked].map((one) => ctx.reads.get<SlugRow>(slugKey(space, one))),
  );
  linked.forEach((target, i) => {
    if (targets[i].value || target === slug) return;
    const message = `The text links to /${target}, which no post of this blog has.`;
    warnings.push({ code: "dead_link", message });
  });
  const taken = own.value !== null && "post" in own.value;
  if (taken) {
    const message = `slug "${slug}" is already taken: creating the post would be refused.`;
    warnings.push({ code: "slug_taken", message });
  }
  const lang = await detectLanguage(rendered.text);
  const validation = {
    valid: !taken,
    slug,
    meta_description: description,
    word_count: rendered.words,
    reading_minutes: readingMinutes(rendered.words, lang),
    content_html: rendered.html,
    warnings: warnings.map((warning) => ({ ...warning, message: cut(warning.message) })),
  };
  return { validation, lang, uses: rendered.uses };
}

// A warning may quote what the author wrote, at any length.
function cut(message: string): string {
  const characters = [...message];
  return characters.length > MAX_MESSAGE
    ? characters.slice(0, MAX_MESSAGE).join("") + "…"
    : message;
}
