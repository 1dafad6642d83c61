import { z } from "@hono/zod-openapi";
import { characters } from "../../kit/input.ts";
import { EXAMPLE_BLOG } from "../blogs.ts";

/** Characters of a query at most. */
export const MAX_QUERY = 100;

const missing = "q parameter is required";

export const SearchQuery = z.object({
  q: z.string({ error: missing }).trim()
    .refine((q) => q !== "", { error: missing, abort: true })
    .refine((q) => characters(q) <= MAX_QUERY, {
      error: `q must have at most ${MAX_QUERY} characters`,
    }).openapi({
      param: {
        description:
          'Words that must all occur; `OR` between alternatives, `-word` for what must not. "Quoted words" must all occur, in any order.',
      },
      minLength: 1,
      maxLength: MAX_QUERY,
      pattern: "\\S",
      example: "deno",
    }),
});
export type SearchQuery = z.infer<typeof SearchQuery>;

export const DiscoverQuery = SearchQuery.extend({
  tag: z.string().trim().refine((tag) => characters(tag) <= 50, {
    error: "tag must have at most 50 characters",
  }).optional().openapi({
    param: { description: "Only posts with this tag, whatever its case." },
    maxLength: 50,
  }),
  lang: z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/, {
    error: "lang must be a language tag such as en or pt-BR",
  }).optional().openapi({
    param: {
      description: "Only posts in this language, as detected; BCP 47, its first part counts.",
    },
    example: "en",
  }),
});
export type DiscoverQuery = z.infer<typeof DiscoverQuery>;

const time = z.iso.datetime();
export const SearchResult = z.object({
  title: z.string().openapi({ example: "My post" }),
  slug: z.string().openapi({ example: "my-post" }),
  url: z.url().openapi({ example: `${EXAMPLE_BLOG}/my-post` }),
  excerpt: z.string().openapi({
    description: "The first 200 characters or so of the text.",
    example: "Hello. First paragraph.",
  }),
  meta_description: z.string().openapi({ example: "How it began." }),
  tags: z.array(z.string()).openapi({ example: ["deno"] }),
  lang: z.string().openapi({ description: "BCP 47, as detected.", example: "en" }),
  created_at: time,
  published_at: time,
}).openapi("SearchResult");
export type SearchResult = z.infer<typeof SearchResult>;

export const Discovery = SearchResult.extend({
  blog_name: z.string().openapi({ example: "My Tech Blog" }),
  blog_domain: z.string().openapi({ example: new URL(EXAMPLE_BLOG).host }),
  llms_txt_url: z.url().nullable().openapi({
    description: "The post for language models; null where its blog's plan has none.",
    example: `${EXAMPLE_BLOG}/my-post/llms.txt`,
  }),
}).openapi("Discovery");
export type Discovery = z.infer<typeof Discovery>;
