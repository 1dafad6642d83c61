import type { Deps } from "../../ctx.ts";
import { seal, unseal } from "../../kit/crypto.ts";
import { stageRemoval } from "../../kit/blob.ts";
import { type Key, type Store, transact, type Tx, under } from "../../kit/kv.ts";
import {
  deliveriesPrefix,
  type Listener,
  outboxDueKey,
  outboxLeaseKey,
  queuePrefix,
} from "../../events/outbox.ts";
import { blogKey, type BlogRow } from "../blogs.ts";

/** A webhook endpoint of a blog; times in milliseconds. */
export type HookRow = {
  id: string;
  blog: string;
  url: string;
  description: string;
  /** `*` is all of them */
  events: string[];
  /** sealed by `sealSecret` */
  secret: Uint8Array;
  /** the replaced ones: what is sent is signed with them as well, until their time */
  former: { secret: Uint8Array; until: number }[];
  /** of the first attempt since which none was taken */
  failingSince: number | null;
  disabled: { at: number; why: "owner" | "gone" | "failing" } | null;
  createdAt: number;
  updatedAt: number;
};

export function hooksPrefix(blog: string): Key {
  return ["hook", blog];
}
export function hookKey(blog: string, id: string): Key {
  return [...hooksPrefix(blog), id];
}

/** A secret as it is stored: encrypted with a key that is the endpoint's own. */
export function sealSecret(deps: Deps, hook: string, secret: string): Uint8Array {
  return seal(deps.keys.key("webhook", hook), new TextEncoder().encode(secret));
}

/** The inverse; throws where the server's secret is another than it was. */
export function openSecret(deps: Deps, hook: string, sealed: Uint8Array): string {
  return new TextDecoder().decode(unseal(deps.keys.key("webhook", hook), sealed));
}

/** Writes an endpoint in the caller's commit, and names it in its blog's row while it is enabled. */
export function stageHook(tx: Tx, blog: BlogRow, row: HookRow): void {
  tx.set(hookKey(blog.id, row.id), row);
  const listener: Listener = { id: row.id, events: row.events };
  const named = blog.hooks.some(({ id }) => id === row.id);
  const hooks = row.disabled
    ? blog.hooks.filter(({ id }) => id !== row.id)
    : named
    ? blog.hooks.map((one) => one.id === row.id ? listener : one)
    : [...blog.hooks, listener];
  if (JSON.stringify(hooks) !== JSON.stringify(blog.hooks)) {
    tx.set(blogKey(blog.id), { ...blog, hooks });
  }
}

/** Takes an endpoint away in the caller's commit; what waits for it, and its log, go by the sweep. */
export function stageHookGone(tx: Tx, at: { blog: string; id: string; now: number }): void {
  const { blog, id, now } = at;
  tx.delete(hookKey(blog, id));
  tx.delete(outboxDueKey(id));
  tx.delete(outboxLeaseKey(id));
  const prefixes = [queuePrefix(id), deliveriesPrefix(id)];
  stageRemoval(tx, { prefixes }, { due: now, id });
}

/** Takes the endpoints of a blog that is gone away. */
export async function removeHooks(
  store: Store,
  { blog, now }: { blog: string; now: number },
): Promise<void> {
  for await (const { key } of store.scan(under(hooksPrefix(blog)))) {
    await transact(store, async (tx) => {
      if (await tx.get(key)) stageHookGone(tx, { blog, id: key[2] as string, now });
    });
  }
}
