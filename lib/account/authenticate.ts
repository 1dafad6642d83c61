import type { Actor, Deps } from "../ctx.ts";
import { sha256 } from "../kit/crypto.ts";
import { AppError } from "../kit/errors.ts";
import type { Reads } from "../kit/kv.ts";
import { keyKey, type KeyRow } from "./api_keys.ts";
import { actorOfJwt, isJwt } from "./jwt.ts";

/** Who a credential stands for; one read. Throws 401. */
export async function authenticate(
  deps: Deps,
  reads: Reads,
  credential: string | null,
): Promise<Actor> {
  if (!credential) throw new AppError("credential_missing");
  if (isJwt(credential)) return await actorOfJwt(deps, credential);
  if (!/^pk_(live|test)_[0-9A-Za-z]{32}$/.test(credential)) {
    throw new AppError("credential_invalid");
  }
  const hash = sha256(credential);
  const row = (await reads.get<KeyRow>(keyKey(hash))).value;
  const now = deps.clock();
  if (!row) throw new AppError("credential_invalid");
  if (row.revokedAt !== null) throw new AppError("credential_revoked");
  if (row.expiresAt !== null && row.expiresAt <= now) throw new AppError("credential_expired");
  deps.used.set(hash, now);
  return {
    kind: "key",
    id: row.id,
    user: row.user,
    scopes: row.scopes,
    boundTo: row.boundTo,
    mode: row.mode,
    expiresAt: row.expiresAt,
  };
}
