import type { Key } from "../kit/kv.ts";

/** Leads from a blog or an account to its credentials, revoked ones too. */
export type HolderRow = { hash: string };
/** Leads from an account to the grant of an app, as long as that lasts. */
export type AppHolderRow = { app: true; expiresAt: number };

/** Under which the keys of a blog are. */
export function blogKeysPrefix(blog: string): Key {
  return ["bkey", blog];
}

/** Under which the tokens and apps of an account are. */
export function tokensPrefix(user: string): Key {
  return ["tok", user];
}
