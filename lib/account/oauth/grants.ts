import { activeBlogKey } from "../active_blog.ts";
import type { Actor, Deps } from "../../ctx.ts";
import { isHashOf } from "../../kit/crypto.ts";
import { AppError } from "../../kit/errors.ts";
import { iso } from "../../kit/input.ts";
import { type Reads, transact, type Tx } from "../../kit/kv.ts";
import { type AppHolderRow, tokensPrefix } from "../holders.ts";
import { appGrantKey, type AppGrantRow, grantOfAccess, userAppKey } from "./_rows.ts";

// How long a token of a grant that has ended is told so; after that it is unknown.
const ENDED_LIFE = 86_400_000;
const USED_STEP = 60_000;
const PREFIX_LENGTH = 12;

/** Whether a credential has the form of an app's access token. */
export function isAppToken(credential: string): boolean {
  return grantOfAccess(credential) !== null;
}

/** The actor of an app's access token; one read. Throws 401. */
export async function actorOfApp(deps: Deps, reads: Reads, token: string): Promise<Actor> {
  const id = grantOfAccess(token);
  const grant = id && (await reads.get<AppGrantRow>(appGrantKey(id))).value;
  const access = grant && grant.access.find(({ hash }) => isHashOf(hash, token));
  const now = deps.clock();
  if (!access) throw new AppError("credential_invalid");
  if (grant.revokedAt !== null) {
    const message = "The access of this app was ended: connect it again.";
    throw new AppError("credential_revoked", { message });
  }
  if (access.expiresAt <= now) {
    const message = "This access token has expired: fetch another with the refresh token.";
    throw new AppError("credential_expired", { message });
  }
  deps.used.set(grant.id, now);
  return {
    kind: "key",
    id: grant.id,
    user: grant.user,
    scopes: access.scopes,
    boundTo: null,
    mode: "live",
    // Nothing that it mints outlives it.
    expiresAt: access.expiresAt,
  };
}

/** Adds a grant to the caller's commit, or what a refresh has made of it: it lasts as long as it says. */
export function stageAppGrant(tx: Tx, grant: AppGrantRow, now: number): void {
  const { id, user, expiresAt } = grant;
  const life = { expireIn: expiresAt - now };
  tx.set(appGrantKey(id), grant, life);
  tx.set([...tokensPrefix(user), id], { app: true, expiresAt } satisfies AppHolderRow, life);
  tx.set(userAppKey(grant), expiresAt, life);
}

/** Ends a grant in the caller's commit, and says whether it was in force. */
export async function stageAppEnd(tx: Tx, id: string, now: number): Promise<boolean> {
  const grant = await tx.get<AppGrantRow>(appGrantKey(id));
  if (!grant || isOver(grant, now)) return false;
  tx.set(appGrantKey(id), { ...grant, revokedAt: now }, { expireIn: ENDED_LIFE });
  tx.delete([...tokensPrefix(grant.user), id]);
  tx.delete(userAppKey(grant));
  tx.delete(activeBlogKey({ user: grant.user, id }));
  return true;
}

/** Whether a grant was ended, or not refreshed for too long. */
export function isOver(grant: AppGrantRow, now: number): boolean {
  return grant.revokedAt !== null || grant.expiresAt <= now;
}

/** A grant as an account token is listed. */
export function presentApp(grant: AppGrantRow, usedAt: number | null) {
  const prefix = `pk_oauth_${grant.id}`.slice(0, PREFIX_LENGTH);
  return {
    id: grant.id,
    name: grant.name,
    prefix,
    key_prefix: prefix,
    scopes: grant.scopes as string[],
    blog_id: null,
    mode: "live" as const,
    app: { client_id: grant.client, name: grant.name },
    expires_at: iso(grant.expiresAt),
    last_used_at: usedAt === null ? null : iso(usedAt),
    created_at: iso(grant.createdAt),
  };
}

/** Writes down when a grant was last used, unless that is written to the minute; says whether it was. */
export async function noteAppUse(deps: Deps, id: string, at: number): Promise<boolean> {
  return await transact(deps.store, async (tx) => {
    const grant = await tx.get<AppGrantRow>(appGrantKey(id));
    const due = grant && !isOver(grant, deps.clock()) && at - (grant.usedAt ?? 0) >= USED_STEP;
    if (!due) return false;
    const expireIn = grant.expiresAt - deps.clock();
    tx.set(appGrantKey(id), { ...grant, usedAt: at }, { expireIn });
    return true;
  });
}
