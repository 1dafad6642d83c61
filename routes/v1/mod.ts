import type { Route } from "../_operation.ts";
import { account } from "./account.ts";
import { apiKeys } from "./api_keys.ts";
import { blogs } from "./blogs.ts";
import { posts } from "./posts.ts";

/** Every operation of the API. */
export const ROUTES: Route[] = [...posts, ...blogs, ...apiKeys, ...account];
