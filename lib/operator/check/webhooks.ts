import { type Key, keyText } from "../../kit/kv.ts";
import {
  type AccountEventRow,
  type DeliveryRow,
  type DueRow,
  outboxDueKey,
  queuedKey,
} from "../../events/outbox.ts";
import { blogKey } from "../../content/blogs.ts";
import type { HookRow } from "../../content/webhooks/_record.ts";
import { requireUser } from "./accounts.ts";
import type { Blogs } from "./blogs.ts";
import type { Removals } from "./removals.ts";
import type { Walk } from "./walk.ts";

type Found = { users: Set<string>; blogs: Blogs; removals: Removals };

/**
 * Compares endpoints with their blogs, and what waits for them with its deliveries. Holds an entry for each
 * endpoint, and for each delivery that waits.
 */
export async function checkWebhooks(walk: Walk, found: Found): Promise<void> {
  const hooks = await checkHooks(walk, found);
  const known = (id: string, key: Key) => hooks.has(id) || found.removals.covers(key);
  const queued = new Map<string, Key>();
  for await (const { key } of walk.rows("outbox")) {
    const hook = key[1] as string;
    if (!known(hook, key)) walk.report(key, "there is no such webhook");
    else if (hooks.has(hook)) queued.set(keyText(key), key);
  }
  const waited = new Set([...queued.values()].map((key) => key[1] as string));
  for await (const { key, value, versionstamp } of walk.rows<DeliveryRow>("delivery")) {
    const hook = key[1] as string;
    if (!known(hook, key)) walk.report(key, "there is no such webhook");
    if (!hooks.has(hook)) continue;
    if (value.id !== key[2]) walk.report(key, `it names another event, ${value.id}`);
    if (value.blog !== hooks.get(hook)!.blog) walk.report(key, "it is another blog's");
    for (const threat of found.removals.threats(key)) {
      walk.report(threat, `it would remove the deliveries of the webhook ${hook}`);
    }
    const place = queuedKey(hook, value);
    const waits = queued.delete(keyText(place));
    if (waits === (value.state === "pending")) continue;
    walk.report(place, waits ? "its delivery is over" : "is missing: it waits", versionstamp);
  }
  for (const key of queued.values()) walk.report(key, "there is no such delivery");
  await checkDue(walk, hooks, waited);
  for await (const _ of walk.rows("outlease")) continue;
  for await (const { key, value } of walk.rows<AccountEventRow>("outwide")) {
    requireUser(walk, found.users, { key, user: value.user });
  }
}

async function checkHooks(walk: Walk, { blogs }: Found): Promise<Map<string, HookRow>> {
  const hooks = new Map<string, HookRow>();
  const named = new Map<string, string>();
  for (const { id, hooks: listeners } of blogs.live.values()) {
    for (const listener of listeners) named.set(listener.id, JSON.stringify([id, listener.events]));
  }
  for await (const { key, value, versionstamp } of walk.rows<HookRow>("hook")) {
    const [, blog, id] = key as string[];
    if (value.id !== id || value.blog !== blog) {
      walk.report(key, "it names another webhook or blog");
      continue;
    }
    hooks.set(id, value);
    const name = named.get(id);
    named.delete(id);
    if (blogs.deleting.has(blog)) continue;
    if (!blogs.live.has(blog)) walk.report(key, "it has no blog");
    else if (name !== (value.disabled ? undefined : JSON.stringify([blog, value.events]))) {
      walk.report(key, "its blog does not name it as it is", versionstamp);
    }
  }
  for (const [id, name] of named) {
    walk.report(blogKey(JSON.parse(name)[0]), `it names a webhook that is not there, ${id}`);
  }
  return hooks;
}

async function checkDue(
  walk: Walk,
  hooks: Map<string, HookRow>,
  waited: Set<string>,
): Promise<void> {
  for await (const { key, value } of walk.rows<DueRow>("outdue")) {
    const hook = hooks.get(key[1] as string);
    waited.delete(key[1] as string);
    if (!hook) walk.report(key, "there is no such webhook");
    else if (hook.blog !== value.blog) walk.report(key, `its blog is ${hook.blog}`);
  }
  for (const hook of waited) walk.report(outboxDueKey(hook), "is missing: something waits");
}
