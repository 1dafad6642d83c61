import { ConfigError } from "../kit/config.ts";
import { randomHex } from "../kit/ids.ts";
import { type Key, type Store, transact } from "../kit/kv.ts";

const SECRET_KEY: Key = ["dev", "secret"];

/** The secret of a store that has none set: made once, and only where `dev` says so. */
export async function ensureSecret(store: Store, dev: boolean): Promise<string> {
  return await transact(store, async (tx) => {
    const kept = await tx.get<string>(SECRET_KEY);
    if (kept) return kept;
    if (!dev) throw new ConfigError("POSTLARK_SECRET is required: at least 32 random characters.");
    const secret = randomHex(32);
    tx.set(SECRET_KEY, secret);
    return secret;
  });
}
