import { z } from "@hono/zod-openapi";
import { isUuid } from "../../kit/ids.ts";
import type { ActiveBlogRow } from "../../account/active_blog.ts";

const activeBlog = z.object({
  blog: z.string().refine(isUuid, { error: "is not a UUID" }),
  until: z.int().min(0).nullable(),
}) satisfies z.ZodType<ActiveBlogRow>;

/** The nouns of what credentials have chosen. */
export const CHOICE_FAMILIES = {
  active: { parts: ["string" as const, "string" as const], value: activeBlog },
};
