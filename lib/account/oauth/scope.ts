import type { Scope } from "../../ctx.ts";
import { GRANTABLE } from "./_rows.ts";

/** What each grantable scope lets an app do, as the consent page says it. */
export const SCOPE_WORDS: Record<Exclude<Scope, "account:write">, string> = {
  "posts:read": "Read your posts, drafts too",
  "posts:write": "Write, publish, schedule and delete posts",
  "blogs:read": "See your blogs and their settings",
  "blogs:write": "Make, change and delete blogs and their webhooks, and end their keys",
  "analytics:read": "See how often your posts are viewed",
  "search:read": "Search your posts",
  "account:read": "See your name, e-mail address, plan and tokens, and export your data",
  "packs:read": "See your post packs",
  "packs:write": "Buy post packs",
  "domains:read": "See your own domains",
  "domains:write": "Add and remove domains of your own",
  "media:read": "See the images that you uploaded",
  "media:write": "Upload and delete images",
};

/** The grantable scopes that a `scope` parameter names, wildcards spelt out; what cannot be granted is left out. */
export function parseScope(text: string): Scope[] {
  const named = new Set(text.split(/\s+/));
  return GRANTABLE.filter((scope) =>
    named.has("*") || named.has(scope) || named.has(`${scope.split(":")[0]}:*`)
  );
}
