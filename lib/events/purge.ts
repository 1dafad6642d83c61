import type { Deps } from "../ctx.ts";
import { type Key, transact, type Tx, under } from "../kit/kv.ts";
import { AppError } from "../kit/errors.ts";

const TAGS_A_CALL = 500;
// For a second another instance may still show, and the CDN take in, what was before the change.
const SETTLED = 2000;

function purgeKey(blog: string): Key {
  return ["purge", blog];
}

/** The tag that a blog's pages carry in the CDN. */
export function cacheTag(blog: string): string {
  return `blog-${blog}`;
}

/**
 * Drops what this instance keeps of a blog once the caller's commit is done, and has the CDN drop its
 * pages too, then and two seconds later: the intent is part of the commit, so that a crash leaves it to the job.
 */
export function stagePurge(tx: Tx, deps: Deps, blog: string): void {
  tx.afterCommit.push(() => deps.pages.drop(blog));
  if (deps.config.cdn !== "deno") return;
  const now = deps.clock();
  tx.set(purgeKey(blog), now);
  tx.afterCommit.push(() => {
    purge(deps, [blog]).catch((error) => deps.log({ event: "purge_failed", error: String(error) }));
    deps.alarm(now + SETTLED, "purge_cdn");
  });
}

/** The same for a change that is not in the blog itself, such as its owner's plan. */
export async function purgeBlog(deps: Deps, blog: string): Promise<void> {
  deps.pages.drop(blog);
  if (deps.config.cdn === "deno") {
    await transact(deps.store, (tx) => Promise.resolve(stagePurge(tx, deps, blog)));
  }
}

/** Purges every blog whose change has not been purged yet; says how many. */
export async function purgePending(deps: Deps): Promise<{ purged: number }> {
  const rows = await deps.store.list<number>(under(["purge"]), TAGS_A_CALL);
  if (rows.length) await purge(deps, rows.map((row) => row.key[1] as string));
  return { purged: rows.length };
}

async function purge(deps: Deps, blogs: string[]): Promise<void> {
  const entries = await deps.store.getMany<number>(blogs.map(purgeKey));
  const response = await deps.fetch(deps.config.cdnPurgeUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ tags: blogs.map(cacheTag) }),
    signal: AbortSignal.timeout(5000),
  });
  await response.body?.cancel();
  if (!response.ok) {
    throw new AppError("upstream_error", { message: `The CDN answered ${response.status}.` });
  }
  // The intent of a fresh change stays for a second purge; so does one that came in between.
  const settled = deps.clock() - SETTLED;
  for (const entry of entries) {
    if (entry.value !== null && entry.value <= settled) await deps.store.removeIfSame(entry);
  }
}
