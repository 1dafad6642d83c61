import { z } from "@hono/zod-openapi";

export const PERIODS = { "7d": 7, "30d": 30, "90d": 90 } as const;
export type Period = keyof typeof PERIODS;

export const PeriodQuery = z.object({
  period: z.enum(["7d", "30d", "90d"], { error: "period must be 7d, 30d or 90d" }).optional()
    .openapi({
      param: { description: "The last days up to today, UTC; 30d unless given." },
      example: "7d",
    }),
});

const number = z.int().min(0);
const views = number.openapi({ example: 42 });
const figures = {
  period: z.enum(["7d", "30d", "90d"]),
  total_views: number.openapi({ description: "Of all time.", example: 1234 }),
  total_views_7d: views,
  total_views_30d: views,
  total_uv_7d: number.openapi({ description: "Sum of the days' unique visitors.", example: 40 }),
  total_uv_30d: number.openapi({ description: "The same.", example: 40 }),
  views_7d: number.openapi({ description: "total_views_7d.", example: 42 }),
  views_30d: number.openapi({ description: "total_views_30d.", example: 42 }),
  daily_views: z.array(z.object({
    date: z.iso.date().openapi({ example: "2026-03-24" }),
    views,
    uv: number.openapi({ description: "Unique visitors of that day.", example: 40 }),
  })).openapi({ description: "Every day of the period, oldest first, the last is today (UTC)." }),
};
const advanced = "the 20 most frequent and `other`. Creator and above, else absent.";
const sources = {
  referrers: z.array(z.object({ host: z.string().openapi({ example: "news.example" }), views }))
    .optional().openapi({ description: `Hosts that readers came from: ${advanced}` }),
  countries: z.array(z.object({ country: z.string().openapi({ example: "DE" }), views }))
    .optional().openapi({ description: `ISO 3166-1, as the operator's proxy says: ${advanced}` }),
  browsers: z.array(z.object({ browser: z.string().openapi({ example: "Firefox" }), views }))
    .optional().openapi({ description: `Browsers: ${advanced}` }),
};

export const Overview = z.object({
  title: z.string().openapi({ description: "The blog's name.", example: "My Tech Blog" }),
  ...figures,
  top_posts: z.array(z.object({
    slug: z.string().openapi({ example: "hello-world" }),
    title: z.string().openapi({ example: "Hello world" }),
    views,
  })).openapi({ description: "The ten most viewed posts of the period." }),
  ...sources,
}).openapi("AnalyticsOverview");
export type Overview = z.infer<typeof Overview>;

export const PostAnalytics = z.object({
  slug: z.string().openapi({ example: "hello-world" }),
  title: z.string().openapi({ example: "Hello world" }),
  ...figures,
  ...sources,
}).openapi("PostAnalytics");
export type PostAnalytics = z.infer<typeof PostAnalytics>;
