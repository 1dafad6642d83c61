import { type Key, keyText } from "../../kit/kv.ts";
import { tokensPrefix } from "../../account/holders.ts";
import { type AppGrantRow, type ClientRow, userAppKey } from "../../account/oauth/_rows.ts";
import { isOver } from "../../account/oauth/grants.ts";
import { requireUser } from "./accounts.ts";
import type { Walk } from "./walk.ts";

/** Compares what apps were given with the apps, the accounts and their lists. */
export async function checkApps(
  walk: Walk,
  users: Set<string>,
  listed: Map<string, { key: Key; expiresAt: number }>,
): Promise<void> {
  const now = walk.deps.clock();
  for await (const { key, value } of walk.rows<number>("uapp")) {
    listed.set(keyText(key), { key, expiresAt: value });
  }
  const clients = new Set<string>();
  for await (const { key, value } of walk.rows<ClientRow>("oauthclient")) {
    if (value.id !== key[1]) walk.report(key, `it names another app, ${value.id}`);
    if (value.expiresAt > now) clients.add(value.id);
  }
  const lists = new Map<string, Key>();
  for await (const { key, value } of walk.rows<AppGrantRow>("oauthgrant")) {
    const { id, user, client } = value;
    if (id !== key[1]) walk.report(key, `it names another grant, ${id}`);
    // The store forgets what has ended in its own time.
    if (isOver(value, now)) continue;
    requireUser(walk, users, { key, user });
    if (!clients.has(client)) walk.report(key, `its app ${client} does not exist`);
    for (const list of [[...tokensPrefix(user), id], userAppKey(value)]) {
      lists.set(keyText(list), list);
    }
  }
  for (const [text, { key, expiresAt }] of listed) {
    if (lists.delete(text) || expiresAt <= now) continue;
    walk.report(key, "the account has no such grant");
  }
  for (const key of lists.values()) walk.report(key, "is missing: the grant exists");
}
