import type { Deps } from "../ctx.ts";
import { isHashOf, sha256 } from "../kit/crypto.ts";
import { isUuid, newId, randomBase62 } from "../kit/ids.ts";
import { type Key, transact, under } from "../kit/kv.ts";
import { requireStanding } from "./accounts.ts";
import { activeBlogKey } from "./active_blog.ts";

/** How long a session lasts at most, milliseconds. */
export const SESSION_LIFE = 30 * 86_400_000;
const IDLE_LIFE = 14 * 86_400_000;
// The last use of a session is written again only when it is this much older.
const SEEN_STEP = 600_000;
const MAX_SESSIONS = 1000;
const MAX_AGENT = 200;

/**
 * A signed-in session; what names it, a cookie or a JWT, is worth nothing once it is gone. `hash` is the
 * SHA-256 of its cookie's secret; `agent` the browser's own description.
 */
export type SessionRow = {
  id: string;
  user: string;
  hash: string;
  agent: string;
  createdAt: number;
  seenAt: number;
  expiresAt: number;
};

/** Where a session is. */
export function sessionKey(id: string): Key {
  return ["session", id];
}

/** Under which the sessions of an account are. */
export function sessionsPrefix(user: string): Key {
  return ["usession", user];
}

/** Opens a session; `cookie` is what its browser is to send. Throws where the account is suspended or going. */
export async function openSession(
  deps: Deps,
  { user, agent }: { user: string; agent: string },
): Promise<{ session: SessionRow; cookie: string }> {
  const now = deps.clock();
  const id = newId(now);
  const secret = randomBase62(43);
  const session: SessionRow = {
    id,
    user,
    hash: sha256(secret),
    agent: agent.slice(0, MAX_AGENT).toWellFormed(),
    createdAt: now,
    seenAt: now,
    expiresAt: now + SESSION_LIFE,
  };
  await transact(deps.store, async (tx) => {
    await requireStanding(tx, user);
    tx.set(sessionKey(id), session, { expireIn: SESSION_LIFE });
    tx.set([...sessionsPrefix(user), id], 1, { expireIn: SESSION_LIFE });
  });
  return { session, cookie: `${id}.${secret}` };
}

/** Whether a session is over: thirty days after it began, fourteen after it was last used. */
export function hasEnded(session: SessionRow, now: number): boolean {
  return session.expiresAt <= now || session.seenAt + IDLE_LIFE <= now;
}

/** The session that a cookie names, or null; notes its use. */
export async function findSession(
  deps: Deps,
  cookie: string | undefined,
): Promise<SessionRow | null> {
  const [id, secret] = cookie?.split(".") ?? [];
  if (!id || !secret || !isUuid(id)) return null;
  const entry = await deps.store.get<SessionRow>(sessionKey(id));
  const session = entry.value;
  const now = deps.clock();
  if (!session || hasEnded(session, now)) return null;
  if (!isHashOf(session.hash, secret)) return null;
  if (session.seenAt + SEEN_STEP <= now) {
    const seen = { ...session, seenAt: now };
    await deps.store.compareAndSet(entry, seen, { expireIn: session.expiresAt - now });
  }
  return session;
}

/** The sessions of an account, newest first. */
export async function listSessions(deps: Deps, user: string): Promise<SessionRow[]> {
  const rows = await deps.store.list(
    { ...under(sessionsPrefix(user)), reverse: true },
    MAX_SESSIONS,
  );
  const found = await deps.store.getMany<SessionRow>(rows.map(({ key }) => (
    sessionKey(key[2] as string)
  )));
  const now = deps.clock();
  return found.flatMap(({ value }) => value && !hasEnded(value, now) ? [value] : []);
}

/** Ends one session of an account; nothing where it has no such session. */
export async function endSession(deps: Deps, user: string, id: string): Promise<void> {
  if (!isUuid(id)) return;
  await transact(deps.store, async (tx) => {
    if ((await tx.get<SessionRow>(sessionKey(id)))?.user !== user) return;
    tx.delete(sessionKey(id));
    tx.delete([...sessionsPrefix(user), id]);
    tx.delete(activeBlogKey({ user, id }));
  });
}

/** Signs an account out everywhere. */
export async function endSessions(deps: Deps, user: string): Promise<void> {
  for await (const { key } of deps.store.scan(under(sessionsPrefix(user)))) {
    await endSession(deps, user, key[2] as string);
  }
}
