import type { Deps } from "../../ctx.ts";
import type { Tx } from "../../kit/kv.ts";
import { newDocumentNumber, noteLogged, stageIndexed, stageKilled } from "../search/mod.ts";
import { indexedPost, isIndexed } from "./indexed.ts";
import { type Shell, stagePage } from "./page.ts";
import { type PostRow, stagePost } from "./_record.ts";

/**
 * Writes a post in the caller's commit, with all that follows from it: its indexes, its page, and its
 * document for search, a new one each time. `after` null takes the post away; `html` is its content's.
 */
export async function stageChange(
  tx: Tx,
  deps: Deps,
  change: {
    shell: Shell;
    before: PostRow | null;
    after: PostRow | null;
    html: string;
    now: number;
  },
): Promise<void> {
  const { shell, before, now } = change;
  const after = change.after && withDocument(change.after, now);
  stagePost(tx, { before, after, now });
  await stagePage(tx, deps, { ...change, after });
  const killed = before?.fts ?? null;
  const added = after?.fts ?? null;
  if (killed !== null) stageKilled(tx, killed);
  if (added !== null) stageIndexed(tx, added, indexedPost(after!, shell.blog.owner));
  const rows = Number(killed !== null) + Number(added !== null);
  if (rows) tx.afterCommit.push(() => noteLogged(deps, rows));
}

function withDocument(row: PostRow, now: number): PostRow {
  return { ...row, fts: isIndexed(row) ? newDocumentNumber(now) : null };
}
