import { SCOPES } from "../../lib/ctx.ts";
import { SCOPE_WORDS } from "../../lib/account/oauth/scope.ts";
import type { ScopeWords, TypedCredential } from "../../render/dashboard/mod.ts";

/** Every scope of a key or token, in words. */
export const SCOPE_CHOICES: ScopeWords = SCOPES.map((scope) => [
  scope,
  scope === "account:write"
    ? "Change your profile, make tokens, subscribe, and delete your account"
    : SCOPE_WORDS[scope],
]);

/** The form of a new key or token as it is at first. */
export function newCredential(reach: string): TypedCredential {
  return { name: "", all: true, scopes: [], expires: "90d", reach };
}

/** What was typed into it; `reach` is the field of what it reaches, and what that is unless given. */
export function typedCredential(
  fields: URLSearchParams,
  reach: { field: string; or: string },
): TypedCredential {
  const none = newCredential(reach.or);
  return {
    name: fields.get("name") ?? none.name,
    all: fields.get("may") !== "some",
    scopes: fields.getAll("scope"),
    expires: fields.get("expires") ?? none.expires,
    reach: fields.get(reach.field) ?? none.reach,
  };
}

/** The same as the API takes it, unjudged, without what it reaches. */
export function credentialInput({ name, all, scopes, expires }: TypedCredential) {
  return {
    name,
    expires_in: expires === "never" ? null : expires,
    scopes: all ? ["*"] : scopes,
  };
}
