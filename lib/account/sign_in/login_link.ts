import type { Deps } from "../../ctx.ts";
import { isHashOf, sha256 } from "../../kit/crypto.ts";
import { AppError } from "../../kit/errors.ts";
import { isUuid, randomBase62 } from "../../kit/ids.ts";
import { iso } from "../../kit/input.ts";
import { type Key, transact } from "../../kit/kv.ts";
import { requireStanding, userKey, type UserRow } from "../accounts.ts";

const LIFE = 900_000;

/** The one link by which an account may be signed in; `hash` is the SHA-256 of its secret. */
export type LoginLinkRow = { hash: string; expiresAt: number };

/** Where an account's link is. */
export function loginLinkKey(user: string): Key {
  return ["loginlink", user];
}

/** A link that signs an account in once, within fifteen minutes; an earlier one ends. */
export async function createLoginLink(
  deps: Deps,
  user: string,
): Promise<{ url: string; expires_at: string }> {
  const secret = randomBase62(43);
  const expiresAt = deps.clock() + LIFE;
  const row: LoginLinkRow = { hash: sha256(secret), expiresAt };
  await transact(deps.store, async (tx) => {
    await requireStanding(tx, user);
    tx.set(loginLinkKey(user), row, { expireIn: LIFE });
  });
  const url = `${deps.config.origin}/auth/login-link?token=${user}.${secret}`;
  return { url, expires_at: iso(expiresAt) };
}

/** The account that a link's token signs in, which this does not use up; throws 403. */
export async function findLoginLink(deps: Deps, token: string): Promise<UserRow> {
  const { user, secret } = parse(token);
  const [link, account] = await deps.store.getMany([loginLinkKey(user), userKey(user)]);
  judge(deps, link.value as LoginLinkRow | null, secret);
  if (!account.value) throw new AppError("login_link_stale");
  return account.value as UserRow;
}

/** Uses a link's token up; returns the id of its account, throws 403. */
export async function takeLoginLink(deps: Deps, token: string): Promise<string> {
  const { user, secret } = parse(token);
  return await transact(deps.store, async (tx) => {
    judge(deps, await tx.get<LoginLinkRow>(loginLinkKey(user)), secret);
    await requireStanding(tx, user);
    tx.delete(loginLinkKey(user));
    return user;
  });
}

function judge(deps: Deps, link: LoginLinkRow | null, secret: string): void {
  if (link && link.expiresAt > deps.clock() && isHashOf(link.hash, secret)) return;
  throw new AppError("login_link_stale");
}

function parse(token: string): { user: string; secret: string } {
  const [user = "", secret = ""] = token.split(".");
  if (!isUuid(user)) throw new AppError("login_link_stale");
  return { user, secret };
}
