import { hmac, sha256 } from "../../kit/crypto.ts";
import { randomHex } from "../../kit/ids.ts";
import type { Key } from "../../kit/kv.ts";
import { type Deps, type Scope, SCOPES } from "../../ctx.ts";

const DAY = 86_400_000;
/** How long an access token lasts, milliseconds. */
export const ACCESS_LIFE = 3_600_000;
/** How long a grant lasts after its last refresh. */
export const GRANT_LIFE = 90 * DAY;

/** How long a code is remembered: who brings it again ends what it gave. */
export const REPLAY_LIFE = 600_000;

/** What an app may be given: everything but what could take the account over. */
export const GRANTABLE: readonly Scope[] = SCOPES.filter((scope) => scope !== "account:write");

export const AUTH_METHODS = ["none", "client_secret_post", "client_secret_basic"] as const;
export type AuthMethod = typeof AUTH_METHODS[number];

/** An app that has registered itself: nothing it says of itself is verified. `secret` is a SHA-256, null of a public client. */
export type ClientRow = {
  id: string;
  name: string;
  redirectUris: string[];
  method: AuthMethod;
  secret: string | null;
  scopes: string[];
  createdAt: number;
  expiresAt: number;
};

/** What a user has allowed an app, until it is fetched; then `grant` says what came of it. */
export type CodeRow = {
  client: string;
  user: string;
  /** as the request had it; null where it left it out */
  redirectUri: string | null;
  challenge: string;
  scopes: Scope[];
  resource: string | null;
  grant: string | null;
  expiresAt: number;
};

/**
 * An app's access to an account. All are SHA-256: `family` of what its refresh tokens share, `refresh` of the
 * newest, `former` of the one before, which gives the same answer again until then; `access` the last few.
 */
export type AppGrantRow = {
  id: string;
  user: string;
  client: string;
  name: string;
  scopes: Scope[];
  family: string;
  refresh: string;
  former: { hash: string; until: number } | null;
  access: { hash: string; scopes: Scope[]; expiresAt: number }[];
  createdAt: number;
  usedAt: number | null;
  expiresAt: number;
  revokedAt: number | null;
};

export function clientKey(id: string): Key {
  return ["oauthclient", id];
}
export function codeKey(code: string): Key {
  return ["oauthcode", sha256(code)];
}
export function appGrantKey(id: string): Key {
  return ["oauthgrant", id];
}
/** Under which the grants of an account are, app by app; each row is when its grant ends. */
export function userAppsPrefix(user: string): Key {
  return ["uapp", user];
}
export function userAppKey({ user, client, id }: Pick<AppGrantRow, "user" | "client" | "id">): Key {
  return [...userAppsPrefix(user), client, id];
}

/** The tokens of one answer; each names its grant, a refresh token also its family. */
export type TokenPair = { access: string; refresh: string };

const ACCESS = /^pk_oauth_([0-9a-f]{32})[0-9a-f]{48}$/;
const REFRESH = /^pk_refresh_([0-9a-f]{32})([0-9a-f]{32})[0-9a-f]{48}$/;

/** The first tokens of a grant, and its family. */
export function drawTokens(grant: string): TokenPair & { family: string } {
  const [id, family] = [grant.replaceAll("-", ""), randomHex(16)];
  return {
    access: `pk_oauth_${id}${randomHex(24)}`,
    refresh: `pk_refresh_${id}${family}${randomHex(24)}`,
    family,
  };
}

/** The tokens that follow a refresh token: always the same, so that a lost answer can be given again. */
export function nextTokens(deps: Deps, refresh: string): TokenPair {
  const [, id, family] = REFRESH.exec(refresh)!;
  const follow = (what: string) => hmac(deps.keys.key("oauth"), `${what}\n${refresh}`).slice(0, 48);
  return {
    access: `pk_oauth_${id}${follow("access")}`,
    refresh: `pk_refresh_${id}${family}${follow("refresh")}`,
  };
}

/** The id of the grant that an access token names, or null. */
export function grantOfAccess(token: string): string | null {
  const id = ACCESS.exec(token)?.[1];
  return id ? dashed(id) : null;
}

/** The grant and the family that a refresh token names, or null. */
export function grantOfRefresh(token: string): { grant: string; family: string } | null {
  const [, id, family] = REFRESH.exec(token) ?? [];
  return id ? { grant: dashed(id), family } : null;
}

function dashed(id: string): string {
  return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
