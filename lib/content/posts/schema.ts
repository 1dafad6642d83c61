import { z } from "@hono/zod-openapi";
import { characters, parseTime, trimmed, typed, utf8Bytes } from "../../kit/input.ts";
import { EXAMPLE_BLOG } from "../blogs.ts";
import { isHttps } from "../theme.ts";

export const MAX_CONTENT = 1_048_576;
export const STATUSES = ["draft", "published", "scheduled"] as const;
export type Status = typeof STATUSES[number];

const title = trimmed("title", { min: 1, max: 1000 }).openapi({
  example: "My post",
  minLength: 1,
  maxLength: 1000,
});
const content = z.string(typed("content", "a string"))
  .refine((text) => text.trim() !== "", { error: "content is required", abort: true })
  .refine((text) => utf8Bytes(text) <= MAX_CONTENT, {
    error: "content is too large: at most 1,048,576 bytes of UTF-8",
  }).openapi({
    description: "Markdown, at most 1,048,576 bytes of UTF-8.",
    example: "# Hello\n\nFirst paragraph.",
    minLength: 1,
  });
const slug = z.string(typed("slug", "a string"))
  .refine((text) => text === "" || isPostSlug(text), {
    error:
      "slug must have 1 to 100 characters of a-z, 0-9 and hyphens, and not begin or end with a hyphen",
  }).openapi({
    description: "From the title where it is left out or empty.",
    example: "my-post",
    maxLength: 100,
    pattern: "^([a-z0-9]([a-z0-9-]*[a-z0-9])?)?$",
  });
const tags = z.array(
  z.string(typed("tag", "a string")).trim()
    .refine((tag) => tag !== "", { error: "a tag must not be empty" })
    .refine((tag) => characters(tag) <= 50, { error: "a tag must have at most 50 characters" })
    .openapi({ minLength: 1, maxLength: 50 }),
  typed("tags", "an array of strings"),
).max(10, { error: "at most 10 tags" }).openapi({ example: ["deno"] });
const webUrl = (name: string, test: (url: string) => boolean, what: string) =>
  z.string(typed(name, "a string or null"))
    .refine((url) => url === "" || test(url), { error: `${name} must be ${what}` })
    .nullable().openapi({
      description: `Must be ${what}; empty or null takes it away.`,
      maxLength: 2048,
    });
const Meta = z.object({
  description: z.string(typed("meta.description", "a string or null")).trim()
    .refine((text) => characters(text) <= 500, {
      error: "meta.description must have at most 500 characters",
    }).nullable().optional().openapi({
      description: "The first two sentences of the text stand in for one that is not given.",
      maxLength: 500,
    }),
  og_image: webUrl("meta.og_image", isHttps, "an https URL of at most 2,048 characters")
    .optional(),
  canonical_url: webUrl(
    "meta.canonical_url",
    isWebUrl,
    "an http or https URL of at most 2,048 characters",
  ).optional(),
  noindex: z.boolean(typed("meta.noindex", "true or false")).optional().openapi({
    description: "Whether search engines are asked to leave the post out.",
  }),
}, typed("meta", "an object")).openapi("PostMeta");

const timeText = z.string(typed("scheduled_at", "an ISO 8601 string")).openapi({
  format: "date-time",
  example: "2030-01-31T09:00:00.000Z",
});

export const PostInput = z.object({
  title,
  content,
  slug: slug.optional(),
  tags: tags.optional(),
  status: z.enum(["draft", "published"], { error: "status must be draft or published" }).optional()
    .openapi({ description: "`draft` unless given." }),
  scheduled_at: timeText.nullable().optional()
    .transform((text, check) => text == null ? undefined : toTime(text, check)).openapi({
      description: "Publish at this time instead (Creator and above); not with status published.",
    }),
  meta: Meta.optional(),
}).refine((post) => !(post.status === "published" && post.scheduled_at !== undefined), {
  path: ["scheduled_at"],
  error: "scheduled_at cannot go with status published: leave one of them out",
}).openapi("PostInput", {
  example: {
    title: "My post",
    content: "# Hello\n\nFirst paragraph.",
    tags: ["deno"],
    status: "published",
    meta: { description: "How it began." },
  },
});
export type PostInput = z.infer<typeof PostInput>;

export const PostUpdate = z.object({
  title: title.optional(),
  content: content.optional(),
  slug: slug.optional(),
  tags: tags.optional(),
  meta: Meta.optional(),
}).openapi("PostUpdate", { example: { title: "A better title" } });
export type PostUpdate = z.infer<typeof PostUpdate>;

export const ScheduleInput = z.object({ scheduled_at: timeText.transform(toTime) }).openapi(
  "ScheduleInput",
);
export type ScheduleInput = z.infer<typeof ScheduleInput>;

const time = z.iso.datetime();
const shown = {
  title: z.string().openapi({ example: "My post" }),
  slug: z.string().openapi({ example: "my-post" }),
  tags: z.array(z.string()).openapi({ example: ["deno"] }),
  meta_description: z.string().openapi({ example: "How it began." }),
  lang: z.string().openapi({ description: "BCP 47, as detected.", example: "en" }),
  word_count: z.int().openapi({ example: 3 }),
  content_md: z.string().openapi({
    description: "The Markdown source.",
    example: "# Hello\n\nFirst paragraph.",
  }),
  content_html: z.string().openapi({
    description: "The HTML that the site shows.",
    example: "<h1>Hello</h1>\n<p>First paragraph.</p>\n",
  }),
};
export const PostSummary = z.object({
  id: z.uuid(),
  title: shown.title,
  slug: shown.slug,
  url: z.url().openapi({
    description: "Where it is, or will be, read.",
    example: `${EXAMPLE_BLOG}/my-post`,
  }),
  status: z.enum(STATUSES).openapi({ example: "published" }),
  tags: shown.tags,
  meta_description: shown.meta_description,
  published_at: time.nullable().openapi({ example: "2026-03-24T10:00:00.000Z" }),
  scheduled_at: time.nullable(),
  created_at: time,
  updated_at: time,
}).openapi("PostSummary");
export type PostSummary = z.infer<typeof PostSummary>;

export const Post = PostSummary.extend({
  content_md: shown.content_md,
  content_html: shown.content_html,
  og_image_url: z.string().nullable(),
  canonical_url: z.string().nullable(),
  noindex: z.boolean(),
  word_count: shown.word_count,
  lang: shown.lang,
}).openapi("Post");
export type Post = z.infer<typeof Post>;

const WARNINGS = [
  "dead_anchor",
  "image_without_alt",
  "heading_jump",
  "unclosed_fence",
  "unknown_callout",
  "long_title",
  "long_description",
  "dead_link",
  "slug_taken",
] as const;
export const Validation = z.object({
  valid: z.boolean().openapi({ description: "Whether creating it now would be accepted." }),
  slug: shown.slug,
  meta_description: shown.meta_description,
  word_count: shown.word_count,
  reading_minutes: z.int().openapi({ example: 1 }),
  content_html: shown.content_html,
  warnings: z.array(z.object({
    code: z.enum(WARNINGS),
    message: z.string(),
    line: z.int().optional().openapi({ description: "From 1, where it is known." }),
  })).openapi({
    example: [{ code: "image_without_alt", message: "An image has no alt text.", line: 3 }],
  }),
}).openapi("Validation");
export type Validation = z.infer<typeof Validation>;

export const RevisionSummary = z.object({
  id: z.uuid(),
  number: z.int().openapi({ description: "Counts from 1; the highest is the current one." }),
  title: shown.title,
  slug: shown.slug,
  tags: shown.tags,
  meta_description: shown.meta_description,
  word_count: shown.word_count,
  created_at: time,
}).openapi("RevisionSummary");
export type RevisionSummary = z.infer<typeof RevisionSummary>;
export const Revision = RevisionSummary.extend({
  content_md: shown.content_md,
  content_html: shown.content_html,
  og_image_url: z.string().nullable(),
  canonical_url: z.string().nullable(),
  noindex: z.boolean(),
}).openapi("Revision");
export type Revision = z.infer<typeof Revision>;

export const PostQuery = z.object({
  status: z.enum(STATUSES, { error: "status must be draft, published or scheduled" }).optional(),
  tag: z.string().refine((tag) => characters(tag) <= 50, {
    error: "tag must have at most 50 characters",
  }).optional().openapi({
    param: { description: "Only posts with this tag, whatever its case." },
  }),
  sort: z.enum(["created_at", "updated_at", "published_at"], {
    error: "sort must be created_at, updated_at or published_at",
  }).optional(),
  order: z.enum(["desc", "asc"], { error: "order must be desc or asc" }).optional(),
});
export type PostQuery = z.infer<typeof PostQuery>;

/** Whether `slug` is one that a post can have. */
export function isPostSlug(slug: string): boolean {
  return slug.length <= 100 && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(slug);
}

// Milliseconds since the epoch.
function toTime(text: string, check: z.RefinementCtx): number {
  const time = parseTime(text);
  if (time === null) {
    check.addIssue({
      code: "custom",
      message: "scheduled_at must be an ISO 8601 time with an offset, such as 2026-01-31T09:00Z",
    });
    return z.NEVER;
  }
  return time;
}

function isWebUrl(url: string): boolean {
  return url.length <= 2048 && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
