import { getProfile, Profile, ProfileUpdate, updateProfile } from "../../lib/account/accounts.ts";
import {
  CreatedKey,
  createToken,
  listTokens,
  revokeToken,
  TokenInput,
} from "../../lib/account/api_keys.ts";
import { Checkout, CheckoutInput, checkoutPlan } from "../../lib/account/billing/mod.ts";
import { Export, exportAccount, ExportQuery } from "../../lib/account/export.ts";
import { AccountDeleted, deleteAccount } from "../../lib/account/delete_account.ts";
import { getUsage, Usage } from "../../lib/account/usage.ts";
import { CursorQuery, operation, route } from "../_operation.ts";
import { KeyList, Revoked } from "./api_keys.ts";

const acts = { tag: "Account" } as const;

const profile = operation({
  ...acts,
  method: "get",
  path: "/account/profile",
  operationId: "getProfile",
  summary: "Get my profile",
  scope: "account:read",
  reasons: ["account_not_found"],
  answer: { status: 200, schema: Profile, description: "The account of the credential." },
});
const usage = operation({
  ...acts,
  method: "get",
  path: "/account/usage",
  operationId: "getUsage",
  summary: "Get what my account has used of its plan",
  scope: "account:read",
  reasons: ["account_not_found"],
  answer: { status: 200, schema: Usage, description: "Posts, packs, blogs and requests." },
});
const checkout = operation({
  ...acts,
  method: "post",
  path: "/account/checkout",
  operationId: "checkoutPlan",
  summary: "Subscribe to a plan",
  description: "The plan holds once the checkout is paid.",
  scope: "account:write",
  reasons: ["plans_by_operator", "already_subscribed", "upstream_error"],
  body: CheckoutInput,
  answer: { status: 200, schema: Checkout, description: "Where to pay." },
});
const exported = operation({
  ...acts,
  method: "get",
  path: "/account/export",
  operationId: "exportAccount",
  summary: "Export my blogs and posts",
  description:
    "At most 5,000 posts. With `format=zip`, Markdown files with front matter in place of the JSON.",
  scope: "account:read",
  reasons: ["account_not_found"],
  query: ExportQuery,
  answer: {
    status: 200,
    schema: Export,
    description: "All blogs with their posts.",
    file: "application/zip",
  },
});
const remove = operation({
  ...acts,
  method: "post",
  path: "/account/delete",
  operationId: "deleteAccount",
  summary: "Delete my account",
  description: "For good: blogs, posts, keys, tokens, sessions, packs and subscriptions.",
  scope: "account:write",
  reasons: ["account_not_found"],
  answer: { status: 200, schema: AccountDeleted, description: "Nothing of it is left to see." },
});
const update = operation({
  ...acts,
  method: "put",
  path: "/account/profile",
  operationId: "updateProfile",
  summary: "Update my profile",
  scope: "account:write",
  reasons: ["account_not_found"],
  body: ProfileUpdate,
  answer: { status: 200, schema: Profile, description: "The account as it is now." },
});
const create = operation({
  ...acts,
  method: "post",
  path: "/account/tokens",
  operationId: "createToken",
  summary: "Create an access token",
  description:
    "For one blog or, with `blog_id` null, for all. A token never exceeds the credential that makes it.",
  scope: "account:write",
  reasons: ["blog_not_found", "exceeds_credential"],
  mints: true,
  body: TokenInput,
  answer: { status: 201, schema: CreatedKey, description: "The token; its secret only here." },
});
const list = operation({
  ...acts,
  method: "get",
  path: "/account/tokens",
  operationId: "listTokens",
  summary: "List access tokens",
  description: "The active ones, newest first.",
  scope: "account:read",
  reasons: ["cursor_malformed"],
  query: CursorQuery,
  answer: { status: 200, schema: KeyList, description: "The tokens, without their secrets." },
});
const revoke = operation({
  ...acts,
  method: "delete",
  path: "/account/tokens/{id}",
  operationId: "revokeToken",
  summary: "Revoke an access token",
  scope: "account:write",
  reasons: ["token_not_found"],
  answer: { status: 200, schema: Revoked, description: "It works no more." },
});

export const account = [
  route(profile, ({ ctx }) => getProfile(ctx)),
  route(usage, ({ ctx }) => getUsage(ctx)),
  route(checkout, ({ ctx, body }) => checkoutPlan(ctx, body)),
  route(exported, ({ ctx, query }) => exportAccount(ctx, query)),
  route(update, ({ ctx, body }) => updateProfile(ctx, body)),
  route(remove, ({ ctx }) => deleteAccount(ctx)),
  route(create, ({ ctx, body }) => createToken(ctx, body)),
  route(list, ({ ctx, query }) => listTokens(ctx, query)),
  route(revoke, ({ ctx, params }) => revokeToken(ctx, params.id)),
];
