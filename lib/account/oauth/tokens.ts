import type { Deps, Scope } from "../../ctx.ts";
import { isHashOf, isSame, pkceChallenge, sha256 } from "../../kit/crypto.ts";
import { AppError } from "../../kit/errors.ts";
import { newId } from "../../kit/ids.ts";
import { transact, type Tx } from "../../kit/kv.ts";
import { requireStanding } from "../accounts.ts";
import {
  ACCESS_LIFE,
  appGrantKey,
  type AppGrantRow,
  type ClientRow,
  codeKey,
  type CodeRow,
  drawTokens,
  GRANT_LIFE,
  grantOfAccess,
  grantOfRefresh,
  nextTokens,
  REPLAY_LIFE,
  type TokenPair,
} from "./_rows.ts";
import { stageClientUse } from "./clients.ts";
import { OAuthError } from "./error.ts";
import { isOver, stageAppEnd, stageAppGrant } from "./grants.ts";
import { judgeResource } from "./resources.ts";
import { parseScope } from "./scope.ts";

// For so long the refresh token before the newest gives the same answer again: one that was lost must not
// lock a client out. Later, or once the newest was used, it is a stolen one.
const GRACE = 30_000;
// An app may go on with the access tokens that it has while it fetches another.
const MOST_ACCESS = 5;

/** The answer of the token endpoint (RFC 6749, 5.1); `expires_in` in seconds. */
export type TokenAnswer = {
  access_token: string;
  token_type: "Bearer";
  expires_in: number;
  refresh_token: string;
  scope: string;
};

type CodeUse = {
  code: string;
  verifier: string;
  redirectUri: string | null;
  resource: string | null;
};

/** Makes a code into a grant and its first tokens, once; brought again, it ends that grant. Throws an OAuthError. */
export async function exchangeCode(
  deps: Deps,
  client: ClientRow,
  use: CodeUse,
): Promise<TokenAnswer> {
  const now = deps.clock();
  const id = newId(now);
  const { family, ...drawn } = drawTokens(id);
  const answer = await transact(deps.store, async (tx) => {
    const row = await tx.get<CodeRow>(codeKey(use.code));
    if (row?.client !== client.id) throw badGrant("The code is unknown or too old.");
    // Before a replay is judged: whoever saw no more than the code in an address ends nothing with it.
    judgeUse(deps, row, use);
    if (row.grant !== null) {
      await stageAppEnd(tx, row.grant, now);
      return null;
    }
    if (row.expiresAt <= now) throw badGrant("The code is unknown or too old.");
    await requireStanding(tx, row.user);
    const { name } = await stageClientUse(tx, client.id, now);
    const { user, scopes } = row;
    const grant: AppGrantRow = {
      ...{ id, user, client: client.id, name, scopes },
      family: sha256(family),
      refresh: sha256(drawn.refresh),
      former: null,
      access: [accessRow(drawn, scopes, now)],
      ...{ createdAt: now, usedAt: null, expiresAt: now + GRANT_LIFE, revokedAt: null },
    };
    stageAppGrant(tx, grant, now);
    tx.set(codeKey(use.code), { ...row, grant: id }, { expireIn: REPLAY_LIFE });
    return answerOf(drawn, grant, now);
  }).catch(refuseStanding);
  if (!answer) throw badGrant("The code was used before: what it gave is ended.");
  return answer;
}

function judgeUse(deps: Deps, row: CodeRow, use: CodeUse): void {
  if (row.redirectUri !== use.redirectUri) {
    throw badGrant("redirect_uri is not the one of the authorization request.");
  }
  const fits = /^[\w.~-]{43,128}$/.test(use.verifier) &&
    isSame(pkceChallenge(use.verifier), row.challenge);
  if (!fits) throw badGrant("code_verifier does not fit the code_challenge.");
  const resource = judgeResource(deps, use.resource);
  if (resource !== null && row.resource !== null && resource !== row.resource) {
    throw new OAuthError("invalid_target", "resource is not the one of the authorization request.");
  }
}

/**
 * Gives a new pair for the newest refresh token, which from then on is a former one; `scope` narrows the
 * access token. A former one ends the grant, but in the seconds in which it gives its answer again.
 */
export async function refreshTokens(
  deps: Deps,
  client: ClientRow,
  use: { token: string; scope: string | null; resource: string | null },
): Promise<TokenAnswer> {
  const named = grantOfRefresh(use.token);
  if (!named) throw unknownRefresh();
  judgeResource(deps, use.resource);
  const now = deps.clock();
  const next = nextTokens(deps, use.token);
  const answer = await transact(deps.store, async (tx) => {
    const grant = await tx.get<AppGrantRow>(appGrantKey(named.grant));
    const own = grant?.client === client.id && isHashOf(grant.family, named.family);
    if (!own || isOver(grant, now)) throw unknownRefresh();
    await requireStanding(tx, grant.user);
    if (isHashOf(grant.refresh, use.token)) {
      return await stageRotated(tx, { grant, use, next, now });
    }
    const { former } = grant;
    const again = former && former.until > now && isHashOf(former.hash, use.token);
    if (again) return answerOf(next, grant, now);
    await stageAppEnd(tx, grant.id, now);
    return null;
  }).catch(refuseStanding);
  if (!answer) throw badGrant("The refresh token was used before: the access is ended.");
  return answer;
}

type Rotation = {
  grant: AppGrantRow;
  use: { token: string; scope: string | null };
  next: TokenPair;
  now: number;
};

async function stageRotated(tx: Tx, { grant, use, next, now }: Rotation): Promise<TokenAnswer> {
  const scopes = narrowed(grant.scopes, use.scope);
  await stageClientUse(tx, grant.client, now);
  const valid = grant.access.filter(({ expiresAt }) => expiresAt > now);
  const rotated: AppGrantRow = {
    ...grant,
    refresh: sha256(next.refresh),
    former: { hash: grant.refresh, until: now + GRACE },
    access: [...valid, accessRow(next, scopes, now)].slice(-MOST_ACCESS),
    usedAt: now,
    expiresAt: now + GRANT_LIFE,
  };
  stageAppGrant(tx, rotated, now);
  return answerOf(next, rotated, now);
}

function narrowed(granted: Scope[], text: string | null): Scope[] {
  if (!text?.trim()) return granted;
  const scopes = parseScope(text);
  const known = scopes.length > 0 && scopes.every((scope) => granted.includes(scope)) &&
    !text.split(/\s+/).includes("account:write");
  if (known) return scopes;
  throw new OAuthError("invalid_scope", "scope must name some of those that were granted.");
}

/** Ends a grant by one of its refresh tokens, or one of its access tokens alone (RFC 7009); others' are ignored. */
export async function revokeAppToken(deps: Deps, client: ClientRow, token: string): Promise<void> {
  const named = grantOfRefresh(token);
  const id = named?.grant ?? grantOfAccess(token);
  if (!id) return;
  const now = deps.clock();
  await transact(deps.store, async (tx) => {
    const grant = await tx.get<AppGrantRow>(appGrantKey(id));
    if (grant?.client !== client.id || isOver(grant, now)) return;
    if (named) {
      if (isHashOf(grant.family, named.family)) await stageAppEnd(tx, id, now);
      return;
    }
    const access = grant.access.filter(({ hash }) => !isHashOf(hash, token));
    if (access.length < grant.access.length) stageAppGrant(tx, { ...grant, access }, now);
  });
}

function accessRow({ access }: TokenPair, scopes: Scope[], now: number) {
  return { hash: sha256(access), scopes, expiresAt: now + ACCESS_LIFE };
}

function answerOf(pair: TokenPair, grant: AppGrantRow, now: number): TokenAnswer {
  const access = grant.access.find(({ hash }) => isHashOf(hash, pair.access));
  if (!access) throw unknownRefresh();
  return {
    access_token: pair.access,
    token_type: "Bearer",
    expires_in: Math.floor((access.expiresAt - now) / 1000),
    refresh_token: pair.refresh,
    scope: access.scopes.join(" "),
  };
}

function badGrant(message: string): OAuthError {
  return new OAuthError("invalid_grant", message);
}

function unknownRefresh(): OAuthError {
  return badGrant("The refresh token is unknown or over: connect the app again.");
}

function refuseStanding(error: unknown): never {
  const gone = error instanceof AppError &&
    ["account_suspended", "account_not_found"].includes(error.reason);
  throw gone ? badGrant(error.message) : error;
}
