import {
  getOverview,
  getPostAnalytics,
  Overview,
  PeriodQuery,
  PostAnalytics,
} from "../../lib/content/analytics/mod.ts";
import { prefetchPost } from "../../lib/content/posts/mod.ts";
import { operation, route } from "../_operation.ts";

const acts = { tag: "Analytics", blog: "resolved", method: "get" } as const;
const counted =
  "One view a visitor, post and day (UTC); bots, prefetches and previews are left out. Starter and above.";

const overview = operation({
  ...acts,
  path: "/analytics/overview",
  operationId: "getAnalytics",
  summary: "Get a blog's analytics",
  description: counted,
  scope: "analytics:read",
  reasons: ["plan_required", "blog_not_found"],
  query: PeriodQuery,
  answer: { status: 200, schema: Overview, description: "The figures, some seconds old at most." },
});
const post = operation({
  ...acts,
  path: "/analytics/posts/{slug}",
  operationId: "getPostAnalytics",
  summary: "Get a post's analytics",
  description: `${counted} A post keeps its figures when it is renamed.`,
  scope: "analytics:read",
  reasons: ["plan_required", "post_not_found", "blog_not_found"],
  query: PeriodQuery,
  answer: {
    status: 200,
    schema: PostAnalytics,
    description: "The figures, some seconds old at most.",
  },
});

export const analytics = [
  route(overview, ({ ctx, query }) => getOverview(ctx, query.period)),
  route(
    post,
    ({ ctx, params, query }) => getPostAnalytics(ctx, params.slug, query.period),
    ({ ctx, params }) => prefetchPost(ctx, params.slug),
  ),
];
