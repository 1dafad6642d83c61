import { z } from "@hono/zod-openapi";
import type { Ctx } from "../ctx.ts";
import { invalid } from "../kit/errors.ts";
import { typed } from "../kit/input.ts";
import type { Tx } from "../kit/kv.ts";
import { requireFeature } from "../metering/plans.ts";
import { TITLE_PATTERN, titlePatternFault, type TitlePatterns } from "../../render/blog/mod.ts";

const MAX_PATTERNS = 200;
// Of all patterns of tags together, tags among them: a blog is one row of the store.
const MAX_PATTERNS_LENGTH = 20_000;

type Patterned = { owner: string; titlePatterns: TitlePatterns };

/** A pattern of titles; "" is none. */
function pattern(name: string) {
  return z.string(typed(name, "a string")).max(200, { error: `${name} is too long: at most 200` })
    .superRefine((text, check) => {
      const fault = text && titlePatternFault(text);
      if (fault) check.addIssue({ code: "custom", message: `${name}: ${fault}` });
    }).openapi({ pattern: TITLE_PATTERN });
}

/** What a blog's settings hold of them. */
export const TitlePatternFields = {
  title_pattern: pattern("title_pattern").nullish().openapi({
    description:
      "How the titles of posts' documents are made, of {title}, {blog} and {tag}; null: ours. Scale and above.",
    example: "{title} – {blog}",
  }),
  tag_title_patterns: z.record(z.string().min(1).max(50), pattern("a pattern").nullable())
    .refine((patterns) => Object.keys(patterns).length <= MAX_PATTERNS, {
      error: `tag_title_patterns must have at most ${MAX_PATTERNS} tags`,
    }).optional().openapi({
      description:
        "The same for posts of a tag, the first of theirs that has one; merged tag by tag, null removes one. At most 20,000 characters together.",
      example: { recipes: "{title}: a recipe of {blog}" },
    }),
};
type TitlePatternInput = {
  title_pattern?: string | null;
  tag_title_patterns?: Record<string, string | null>;
};

/** A blog's patterns with what is given of them; throws 403 where the plan has none. Taking one away is free on any plan. */
export async function mergeTitlePatterns(
  tx: Tx,
  ctx: Ctx,
  { row, input }: { row: Patterned; input: TitlePatternInput },
): Promise<TitlePatterns> {
  const { title_pattern: ofBlog, tag_title_patterns: ofTags = {} } = input;
  const given = [["title_pattern", ofBlog], ["tag_title_patterns", Object.values(ofTags).join("")]];
  for (const [what, value] of given) {
    if (value) {
      await requireFeature(tx, ctx, { user: row.owner, feature: "title_patterns", what: what! });
    }
  }
  const before = row.titlePatterns;
  const lower = Object.entries(ofTags).map(([tag, text]) => [tag.trim().toLowerCase(), text ?? ""]);
  const merged: Record<string, string> = { ...before.ofTags, ...Object.fromEntries(lower) };
  const kept = Object.entries(merged).filter(([, text]) => text);
  const path = "tag_title_patterns";
  if (kept.length > MAX_PATTERNS) {
    throw invalid([{ path, message: `${path} must have at most ${MAX_PATTERNS} tags` }]);
  }
  if (kept.flat().join("").length > MAX_PATTERNS_LENGTH) {
    const most = MAX_PATTERNS_LENGTH.toLocaleString("en");
    throw invalid([{ path, message: `${path} must have at most ${most} characters together` }]);
  }
  return {
    ofBlog: ofBlog === undefined ? before.ofBlog : ofBlog ?? "",
    ofTags: Object.fromEntries(kept),
  };
}
