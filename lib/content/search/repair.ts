import { isDeepStrictEqual } from "node:util";
import type { Deps } from "../../ctx.ts";
import { type Key, keyText, transact, type Tx } from "../../kit/kv.ts";
import { blogKey, type BlogRow } from "../blogs.ts";
import { indexedPost, isIndexed } from "../posts/indexed.ts";
import { postKey, type PostRow } from "../posts/_record.ts";
import { chunkFault, type Fault, isPosting } from "./audit.ts";
import { decodePostings, encodePostings } from "./codec.ts";
import type { IndexedPost, Posting } from "./document.ts";
import { chunksOf, documentKey, logKey, readChunkKey, readLogKey } from "./keys.ts";
import type { Lease, Write } from "./lease.ts";
import { newDocumentNumber, stageIndexed, stageKilled } from "./log.ts";
import { hasTerm } from "./match.ts";
import { type Change, writePostings } from "./merge.ts";

type Found = { doc: IndexedPost | null; killed: unknown };

/** Whether a post's document is as the post is, and alive. */
function fits(row: PostRow, owner: string, { doc, killed }: Found): boolean {
  if (!isIndexed(row)) return row.fts === null;
  return row.fts !== null && killed === null && isDeepStrictEqual(doc, indexedPost(row, owner));
}

/** What is wrong with the document of a post, in words, or null. */
export function documentFault(row: PostRow, owner: string, found: Found): string | null {
  if (fits(row, owner, found)) return null;
  if (row.fts === null) return "it is published, and has no document in the search index";
  if (!isIndexed(row)) return "it is not published, and names a document in the search index";
  if (found.doc === null) return `its document ${row.fts} is missing in the search index`;
  if (found.killed !== null) return `its document ${row.fts} is marked as killed`;
  return `its document ${row.fts} is not as the post makes it`;
}

/** Gives a post a document that fits, where it has none; says whether it did. */
export async function repairPost(deps: Deps, { space, blog: id, id: post }: PostRow) {
  return await transact(deps.store, async (tx) => {
    const [blog, row] = await Promise.all([
      tx.get<BlogRow>(blogKey(id)),
      tx.get<PostRow>(postKey(space, post)),
    ]);
    // A deletion takes the rest away.
    if (!blog || !row) return false;
    const before = row.fts ?? null;
    const found = before === null ? { doc: null, killed: null } : await readFound(tx, before);
    if (row.fts !== undefined && fits(row, blog.owner, found)) return false;
    if (before !== null) stageDropped(tx, { n: before, doc: found.doc, post });
    const fts = isIndexed(row) ? newDocumentNumber(deps.clock()) : null;
    const after = { ...row, fts };
    if (fts !== null) stageIndexed(tx, fts, indexedPost(after, blog.owner));
    tx.set(postKey(space, post), after);
    return true;
  });
}

async function readFound(tx: Tx, n: number): Promise<Found> {
  const [doc, killed] = await Promise.all([
    tx.get<IndexedPost>(documentKey(n)),
    tx.get(logKey(n, 0)),
  ]);
  return { doc, killed };
}

function stageDropped(tx: Tx, { n, doc, post }: { n: number; doc: unknown; post: string }): void {
  // A merge could not read it.
  if (doc !== null && !isPosting(doc)) tx.delete(documentKey(n));
  const other = isPosting(doc) && (doc as IndexedPost).post !== post;
  if (!other) stageKilled(tx, n);
}

/** Kills a document that no post has; says whether it did. */
export async function repairDocument(deps: Deps, n: number): Promise<boolean> {
  return await transact(deps.store, async (tx) => {
    const { doc, killed } = await readFound(tx, n);
    if (doc === null) return false;
    if (!isPosting(doc)) {
      tx.delete(documentKey(n));
      return true;
    }
    if (killed !== null) return false;
    const post = await tx.get<PostRow>(postKey(String(doc.blog), String(doc.post)));
    if (post?.fts === n) return false;
    stageKilled(tx, n);
    return true;
  });
}

/** What is wrong with a row of the log, in words, or null; `doc` is its document. */
export function logFault(
  { key, value }: { key: Key; value: unknown },
  doc: unknown,
): string | null {
  if (readLogKey(key).kind === 1 && doc === null) return "there is no such document";
  return value === 1 ? null : "it is not 1";
}

/** Makes a row of the log what it has to be, or takes it away where it adds no document; says whether it did. */
export async function repairLogRow(deps: Deps, key: Key): Promise<boolean> {
  return await transact(deps.store, async (tx) => {
    const { n, kind } = readLogKey(key);
    const [value, doc] = await Promise.all([tx.get(key), tx.get(documentKey(n))]);
    if (value === null || !logFault({ key, value }, doc)) return false;
    if (kind === 1 && doc === null) tx.delete(key);
    else tx.set(key, 1);
    return true;
  });
}

/** Brings posting lists to agree with the documents; says how many chunks and postings were wrong still. */
export async function repairLists(
  lease: Lease,
  faults: Fault[],
  options: { chunkBytes?: number } = {},
): Promise<number> {
  const chunks = new Map<string, Key>();
  const numbers = new Set<number>();
  for (const fault of faults) {
    if (fault.kind === "chunk") chunks.set(keyText(fault.key), fault.key);
    else numbers.add(fault.n);
  }
  let repaired = 0;
  for (const key of chunks.values()) {
    const writes = await planSalvage(lease, key);
    if (writes.length) await lease.commit(writes);
    repaired += writes.length;
  }
  const keys = [...numbers];
  const entries = await lease.store.getMany(keys.map(documentKey));
  const documents = new Map(entries.map(({ value }, i) => [keys[i], value]));
  const change: Change = { add: new Map(), kill: new Map() };
  for (const fault of faults) {
    if (fault.kind === "chunk") continue;
    const { kind, n, term } = fault;
    const document = documents.get(n)!;
    // Under the lease no document goes, and none ever changes.
    if (document !== null && !isPosting(document)) continue;
    const has = document !== null && hasTerm(document, term);
    if (has !== (kind === "missing")) continue;
    if (kind === "missing") addTerm(change.add, { n, term, mask: fault.mask });
    else addTerm(change.kill, { n, term, mask: 0 });
    repaired++;
  }
  await lease.renew();
  await writePostings(lease, change, options);
  return repaired;
}

function addTerm(
  to: Map<number, Posting>,
  { n, term, mask }: { n: number; term: string; mask: number },
): void {
  const before = to.get(n);
  to.set(n, {
    terms: before ? `${before.terms} ${term}` : term,
    masks: Uint8Array.of(...before?.masks ?? [], mask),
  });
}

/** What can be read of a chunk that cannot be as it is, in its place. */
async function planSalvage(lease: Lease, key: Key): Promise<Write[]> {
  const range = { start: key, end: chunksOf(readChunkKey(key).term).end };
  const [chunk, following] = await lease.store.list<Uint8Array>(range, 2);
  const { first } = readChunkKey(key);
  if (!chunk || readChunkKey(chunk.key).first !== first) return [];
  if (!(chunk.value instanceof Uint8Array)) return [{ key }];
  const next = following ? readChunkKey(following.key).first : Infinity;
  if (!chunkFault(chunk, next)) return [];
  const { numbers, masks } = decodePostings([{ bytes: chunk.value }]);
  const kept = new Map<number, number>();
  numbers.forEach((n, i) => {
    if (n >= first && n < next) kept.set(n, masks[i]);
  });
  const postings = {
    numbers: Float64Array.from(kept.keys()),
    masks: Uint8Array.from(kept.values()),
  };
  const [salvaged] = encodePostings(postings, chunk.value.length + 8);
  return [{ key, value: salvaged?.bytes }];
}
