import type { Deps } from "../../ctx.ts";
import { searchEngine } from "./meilisearch.ts";
import { mergeLog, type MergeOptions, type MergeReport, relieveLog } from "./merge.ts";
import { removeBlogDocuments } from "./remove.ts";

function configured(deps: Deps): MergeOptions {
  return { engine: searchEngine(deps) ?? undefined };
}

/** Brings the log into what the configuration names: the posting lists or an engine. */
export async function mergeSearch(deps: Deps): Promise<MergeReport> {
  return await mergeLog(deps, configured(deps));
}

/** To be awaited before a commit that search has to know of: helps to merge where the log is long, and costs nothing otherwise. */
export async function relieveSearch(deps: Deps): Promise<void> {
  // An engine that is slow or away holds up nobody who publishes: its log may grow.
  if (!deps.config.meilisearch) await relieveLog(deps);
}

/** Kills all documents of a blog that is hidden; `known` are those that its posts name. */
export async function removeFromSearch(
  deps: Deps,
  blog: string,
  known: readonly number[],
): Promise<void> {
  await removeBlogDocuments(deps, blog, { ...configured(deps), known });
}
