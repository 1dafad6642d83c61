import { type Ctx, type Deps, requireScope, transact } from "../ctx.ts";
import { type Key, type Store, transact as runTransaction, under } from "../kit/kv.ts";
import { stageBlogGone } from "../content/blogs.ts";
import {
  dueKey,
  type PostRow,
  postsPrefix,
  previewKey,
  spacePrefixes,
} from "../content/posts/_record.ts";
import { removeObjects } from "../content/media/mod.ts";
import { stageHidden, stageShown } from "../content/search/mod.ts";
import { removeFromSearch } from "../content/search/upkeep.ts";
import { removeHooks } from "../content/webhooks/mod.ts";
import { themesPrefix } from "../content/theme.ts";
import { settleAccount, stageSettle } from "./plan_changes.ts";
import { keyKey, usedKey } from "./api_keys.ts";
import { blogKeysPrefix, type HolderRow } from "./holders.ts";

const STEP = 300;

/** What a deleted blog leaves to be removed. */
export type DeletionRow = { blog: string; sandbox: string; acceptedAt: number };

function deletionKey(blog: string): Key {
  return ["deletion", blog];
}

/** Deletes a blog with all that is in it; nothing of it shows from the moment this is accepted, whatever happens then. */
export async function deleteBlog(ctx: Ctx, id: string): Promise<{ deleted: true }> {
  requireScope(ctx, "blogs:write");
  const answer = await removeBlog(ctx, id, { forsaken: false });
  await settleAccount(ctx.deps, ctx.actor.user).catch(() => {});
  return answer;
}

/** Takes a blog away and what is in it; the subdomain of a `forsaken` one is held for nobody. */
export async function removeBlog(
  ctx: Ctx,
  id: string,
  { forsaken }: { forsaken: boolean },
): Promise<{ deleted: true }> {
  const answer = await transact(ctx, async (tx) => {
    const blog = await stageBlogGone(tx, ctx, id, { forsaken });
    const row: DeletionRow = { blog: id, sandbox: blog.sandbox, acceptedAt: ctx.now };
    tx.set(deletionKey(id), row);
    stageHidden(tx, id);
    if (!forsaken) stageSettle(tx, ctx.deps, blog.owner);
    return { deleted: true as const };
  });
  // What a crash or a fault leaves over, the jobs take up.
  await tryDeletion(ctx.deps, id);
  return answer;
}

/** Takes up every deletion that was cut short; says how many were finished, and how many have to wait for the next run. */
export async function resumeDeletions(
  deps: Deps,
): Promise<{ finished: number; failed: number }> {
  const report = { finished: 0, failed: 0 };
  for await (const { value } of deps.store.scan<DeletionRow>(under(["deletion"]))) {
    if (await tryDeletion(deps, value.blog)) report.finished++;
    else report.failed++;
  }
  return report;
}

async function tryDeletion(deps: Deps, blog: string): Promise<boolean> {
  try {
    await finishDeletion(deps, blog);
    return true;
  } catch (error) {
    deps.log({ event: "deletion_postponed", blog, error: String(error) });
    return false;
  }
}

async function finishDeletion(deps: Deps, blog: string): Promise<void> {
  const { store } = deps;
  const { value: row } = await store.get<DeletionRow>(deletionKey(blog));
  if (!row) return;
  await removeFromSearch(deps, row.blog, await readDocumentNumbers(store, row.blog));
  for (const space of [row.blog, row.sandbox]) {
    await removeDueRows(store, space);
    await removeObjects(deps, space);
    for (const prefix of spacePrefixes(space)) await removeUnder(store, prefix);
  }
  await removeHooks(store, { blog, now: deps.clock() });
  await removeKeys(store, blog);
  await removeUnder(store, themesPrefix(blog));
  await runTransaction(store, (tx) => {
    tx.delete(deletionKey(blog));
    stageShown(tx, blog);
    return Promise.resolve();
  });
}

async function readDocumentNumbers(store: Store, blog: string): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { value: { fts } } of store.scan<PostRow>(under(postsPrefix(blog)))) {
    if (fts !== null) numbers.push(fts);
  }
  return numbers;
}

async function removeDueRows(store: Store, space: string): Promise<void> {
  for await (const { value: post } of store.scan<PostRow>(under(postsPrefix(space)))) {
    const keys: Key[] = [];
    if (post.scheduledAt !== null) keys.push(dueKey("sched", post.scheduledAt, post));
    if (post.expiresAt !== null) keys.push(dueKey("expiry", post.expiresAt, post));
    if (post.preview) keys.push(previewKey(post.preview));
    await store.writeAll(keys.map((key) => ({ key })));
  }
}

async function removeKeys(store: Store, blog: string): Promise<void> {
  for await (const { key, value } of store.scan<HolderRow>(under(blogKeysPrefix(blog)))) {
    const id = key.at(-1) as string;
    await store.writeAll([{ key: keyKey(value.hash) }, { key: usedKey(id) }, { key }]);
  }
}

/** Removes every row under a prefix, in steps. */
export async function removeUnder(store: Store, prefix: Key): Promise<void> {
  while (true) {
    const rows = await store.list(under(prefix), STEP);
    await store.writeAll(rows.map(({ key }) => ({ key })));
    if (rows.length < STEP) return;
  }
}
