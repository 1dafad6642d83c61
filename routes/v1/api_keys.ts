import { z } from "@hono/zod-openapi";
import {
  ApiKey,
  ApiKeyInput,
  createApiKey,
  CreatedKey,
  listApiKeys,
  revokeApiKey,
} from "../../lib/account/api_keys.ts";
import { CursorQuery, listOf, operation, route } from "../_operation.ts";

const acts = { tag: "API keys", blog: "param" } as const;
export const Revoked = z.object({ deleted: z.literal(true), revoked: z.literal(true) })
  .openapi("Revoked");
export const KeyList = listOf(ApiKey, "ApiKeyList");

const create = operation({
  ...acts,
  method: "post",
  path: "/blogs/{id}/api-keys",
  operationId: "createApiKey",
  summary: "Create an API key",
  description: "Bound to the blog. A key never exceeds the credential that makes it.",
  scope: "blogs:write",
  reasons: ["blog_not_found", "blog_bound", "exceeds_credential"],
  mints: true,
  body: ApiKeyInput,
  answer: { status: 201, schema: CreatedKey, description: "The key; its secret only here." },
});
const list = operation({
  ...acts,
  method: "get",
  path: "/blogs/{id}/api-keys",
  operationId: "listApiKeys",
  summary: "List API keys",
  description: "The active ones, newest first.",
  scope: "blogs:read",
  reasons: ["blog_not_found", "blog_bound", "cursor_malformed"],
  query: CursorQuery,
  answer: { status: 200, schema: KeyList, description: "The keys, without their secrets." },
});
const revoke = operation({
  ...acts,
  method: "delete",
  path: "/blogs/{id}/api-keys/{keyId}",
  operationId: "revokeApiKey",
  summary: "Revoke an API key",
  scope: "blogs:write",
  reasons: ["blog_not_found", "blog_bound", "key_not_found"],
  answer: { status: 200, schema: Revoked, description: "It works no more." },
});

export const apiKeys = [
  route(create, ({ ctx, params, body }) => createApiKey(ctx, params.id, body)),
  route(list, ({ ctx, params, query }) => listApiKeys(ctx, params.id, query)),
  route(revoke, ({ ctx, params }) => revokeApiKey(ctx, { blog: params.id, id: params.keyId })),
];
