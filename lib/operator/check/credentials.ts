import { type Key, keyText } from "../../kit/kv.ts";
import type { KeyRow } from "../../account/api_keys.ts";
import {
  type AppHolderRow,
  blogKeysPrefix,
  type HolderRow,
  tokensPrefix,
} from "../../account/holders.ts";
import { requireUser } from "./accounts.ts";
import type { Blogs } from "./blogs.ts";
import type { Walk } from "./walk.ts";

/** Compares credentials with their holders' lists and with what says when they were used; returns what the lists say of apps. */
export async function checkCredentials(
  walk: Walk,
  users: Set<string>,
  blogs: Blogs,
): Promise<Map<string, { key: Key; expiresAt: number }>> {
  const apps = new Map<string, { key: Key; expiresAt: number }>();
  const ids = new Set<string>();
  const lists = new Map<string, { key: Key; hash: string }>();
  for await (const { key, value } of walk.rows<KeyRow>("key")) {
    const { id, user, holder, boundTo } = value;
    requireUser(walk, users, { key, user });
    if (ids.has(id)) walk.report(key, `another credential is ${id} too`);
    ids.add(id);
    if (holder && boundTo !== holder) walk.report(key, "a blog's key is bound to another blog");
    const left = holder !== null && blogs.deleting.has(holder);
    if (holder && !left && blogs.live.get(holder)?.owner !== user) {
      walk.report(key, `its account has no blog ${holder}`);
    }
    const list = [...(holder ? blogKeysPrefix(holder) : tokensPrefix(user)), id];
    lists.set(keyText(list), { key: list, hash: key[1] as string });
  }
  for (const name of ["bkey", "tok"] as const) {
    for await (const { key, value } of walk.rows<HolderRow | AppHolderRow>(name)) {
      if ("app" in value) {
        apps.set(keyText(key), { key, expiresAt: value.expiresAt });
        continue;
      }
      const wanted = lists.get(keyText(key));
      if (!wanted) walk.report(key, `there is no credential ${value.hash} of this holder`);
      else if (wanted.hash !== value.hash) walk.report(key, `it does not lead to ${wanted.hash}`);
      lists.delete(keyText(key));
    }
  }
  for (const { key, hash } of lists.values()) walk.report(key, `is missing: ${hash} needs it`);
  for await (const { key } of walk.rows<number>("used")) {
    if (!ids.has(key[1] as string)) walk.report(key, "there is no such credential");
  }
  return apps;
}
