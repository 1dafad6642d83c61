import type { Route } from "../_operation.ts";
import { account } from "./account.ts";
import { analytics } from "./analytics.ts";
import { apiKeys } from "./api_keys.ts";
import { blogs } from "./blogs.ts";
import { packs } from "./packs.ts";
import { posts } from "./posts.ts";
import { searches } from "./search.ts";

/** Every operation of the API. */
export const ROUTES: Route[] = [
  ...posts,
  ...analytics,
  ...searches,
  ...blogs,
  ...apiKeys,
  ...account,
  ...packs,
];
