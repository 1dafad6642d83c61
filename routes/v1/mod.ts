import type { Route } from "../_operation.ts";
import { account } from "./account.ts";
import { analytics } from "./analytics.ts";
import { apiKeys } from "./api_keys.ts";
import { blogs } from "./blogs.ts";
import { media } from "./media.ts";
import { domains } from "./domains.ts";
import { packs } from "./packs.ts";
import { posts } from "./posts.ts";
import { searches } from "./search.ts";
import { webhooks } from "./webhooks.ts";

/** Every operation of the API. */
export const ROUTES: Route[] = [
  ...posts,
  ...analytics,
  ...searches,
  ...media,
  ...blogs,
  ...domains,
  ...apiKeys,
  ...webhooks,
  ...account,
  ...packs,
];
