import { createRemoteJWKSet, customFetch, decodeJwt, errors, jwtVerify, SignJWT } from "jose";
import type { Actor, Deps } from "../ctx.ts";
import type { Config } from "../kit/config.ts";
import { AppError } from "../kit/errors.ts";
import { iso } from "../kit/input.ts";
import { accountOfIdentity } from "./accounts.ts";
import { hasEnded, openSession, sessionKey, type SessionRow } from "./sessions.ts";

const JWT_LIFE = 3_600_000;
const AUDIENCE = "postlark";
// A key set that did not come, or was none: no fault of the token's.
const KEYS_NOT_READ = new Set(["ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID", "ERR_JOSE_GENERIC"]);

/** A JWT with the instant at which it ends. */
export type IssuedJwt = { jwt: string; expires_at: string };

/** Opens a session without a cookie and issues its first JWT. */
export async function createSession(deps: Deps, user: string): Promise<IssuedJwt> {
  return await issueJwt(deps, (await openSession(deps, { user, agent: "" })).session);
}

/** A JWT of a session: HS256, one hour, worth nothing once the session is gone. */
export async function issueJwt(deps: Deps, session: SessionRow): Promise<IssuedJwt> {
  const now = deps.clock();
  const jwt = await new SignJWT({ sid: session.id, role: "authenticated" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(deps.config.origin)
    .setAudience(AUDIENCE)
    .setSubject(session.user)
    .setIssuedAt(Math.floor(now / 1000))
    .setExpirationTime(Math.floor((now + JWT_LIFE) / 1000))
    .sign(deps.keys.key("session"));
  return { jwt, expires_at: iso(now + JWT_LIFE) };
}

/** Whether a credential has the form of a JWT. */
export function isJwt(credential: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(credential);
}

/** The actor of a JWT, ours or Supabase's; throws 401. */
export async function actorOfJwt(deps: Deps, jwt: string): Promise<Actor> {
  try {
    const { iss } = decodeJwt(jwt);
    const { user, id } = iss === deps.config.origin
      ? await sessionOfOurs(deps, jwt)
      : { user: await userOfSupabase(deps, jwt), id: "" };
    return {
      kind: "session",
      id,
      user,
      scopes: ["*"],
      boundTo: null,
      mode: "live",
      expiresAt: null,
    };
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new AppError("credential_expired");
    if (!(error instanceof errors.JOSEError)) throw error;
    throw new AppError(KEYS_NOT_READ.has(error.code) ? "upstream_error" : "credential_invalid", {
      cause: error,
    });
  }
}

async function sessionOfOurs(deps: Deps, jwt: string): Promise<SessionRow> {
  const now = deps.clock();
  const { payload } = await jwtVerify(jwt, deps.keys.key("session"), {
    algorithms: ["HS256"],
    issuer: deps.config.origin,
    audience: AUDIENCE,
    currentDate: new Date(now),
    requiredClaims: ["sid", "sub", "exp"],
  });
  const { value: session } = await deps.store.get<SessionRow>(sessionKey(String(payload.sid)));
  if (!session || session.user !== payload.sub || hasEnded(session, now)) {
    throw new AppError("session_ended");
  }
  return session;
}

async function userOfSupabase(deps: Deps, jwt: string): Promise<string> {
  const { supabase } = deps.config;
  if (!supabase) throw new AppError("credential_invalid");
  const { payload } = await jwtVerify(jwt, (header, token) => {
    if (header.alg !== "HS256" && supabase.jwksUrl) return keySet(deps, supabase)(header, token);
    if (header.alg === "HS256" && supabase.secret) return new TextEncoder().encode(supabase.secret);
    throw new AppError("credential_invalid");
  }, {
    algorithms: ["HS256", "ES256", "RS256"],
    issuer: supabase.issuer,
    audience: "authenticated",
    currentDate: new Date(deps.clock()),
    requiredClaims: ["sub", "exp"],
  });
  if (payload.role !== "authenticated" || !payload.sub) throw new AppError("credential_invalid");
  const metadata = Object(payload.user_metadata) as Record<string, unknown>;
  return await accountOfIdentity(deps, {
    issuer: supabase.issuer,
    subject: payload.sub,
    email: typeof payload.email === "string" ? payload.email : "",
    // Nothing in the token says it: `user_metadata`, with its `email_verified`, is the user's to write.
    verified: false,
    name: typeof metadata.full_name === "string" ? metadata.full_name : "",
  });
}

type KeySet = ReturnType<typeof createRemoteJWKSet>;
const keySets = new WeakMap<object, KeySet>();

function keySet(deps: Deps, supabase: NonNullable<Config["supabase"]>): KeySet {
  let keys = keySets.get(supabase);
  if (!keys) {
    keys = createRemoteJWKSet(new URL(supabase.jwksUrl), {
      [customFetch]: async (url, options) => {
        try {
          return await deps.fetch(url, options as RequestInit);
        } catch (cause) {
          throw new AppError("upstream_error", { cause });
        }
      },
    });
    keySets.set(supabase, keys);
  }
  return keys;
}
