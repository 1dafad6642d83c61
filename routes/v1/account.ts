import { getProfile, Profile } from "../../lib/account/accounts.ts";
import {
  CreatedKey,
  createToken,
  listTokens,
  revokeToken,
  TokenInput,
} from "../../lib/account/api_keys.ts";
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
  route(create, ({ ctx, body }) => createToken(ctx, body)),
  route(list, ({ ctx, query }) => listTokens(ctx, query)),
  route(revoke, ({ ctx, params }) => revokeToken(ctx, params.id)),
];
