import type { Deps } from "../../ctx.ts";
import { AppError } from "../../kit/errors.ts";
import { newId } from "../../kit/ids.ts";
import { type Entry, type Key, type Range, under } from "../../kit/kv.ts";
import { backoff } from "../../kit/retry.ts";
import { blogKey, type BlogRow } from "../blogs.ts";
import type { PostRow } from "../posts/_record.ts";
import { auditLists, confirmFault, type Fault, isPosting } from "./audit.ts";
import type { IndexedPost } from "./document.ts";
import type { SearchEngine } from "./engine.ts";
import { DOCUMENT_ROWS, documentKey, LOG_ROWS, logKey, readLogKey } from "./keys.ts";
import { type Lease, withLease } from "./lease.ts";
import { mergeLog } from "./merge.ts";
import {
  documentFault,
  logFault,
  repairDocument,
  repairLists,
  repairLogRow,
  repairPost,
} from "./repair.ts";

/** How far a rebuild is: the last key that it is done with in its phase. */
export type RebuildRow = {
  run: string;
  phase: "log" | "posts" | "documents" | "lists";
  after: (string | number)[] | null;
  /** when it was noted, milliseconds */
  at: number;
} & Counts;
/** Rows of the log, posts, documents and postings that were wrong; `fed`: documents that an engine took. */
type Counts = { log: number; posts: number; documents: number; postings: number };
export type RebuildReport = Counts & { resumed: boolean; fed?: number };
export type RebuildOptions = {
  chunkBytes?: number;
  /** rows looked at between two notes of how far it is */
  batch?: number;
  /** what holds the documents, where it is not the posting lists */
  engine?: Pick<SearchEngine, "index" | "replace"> | null;
};

const RESUMED = 86_400_000;
const BATCH = 200;
const PARALLEL = 20;
// Repairs that add to the log, before it is merged.
const MERGE_EVERY = 500;
// Faults of posting lists gathered before they are repaired, and those repaired under one lease; up to
// so many, each is looked at again before.
const FAULTS = 300_000;
const LEASED = 20_000;
const CONFIRMED = 2000;
// Looks at a lease that another holds: more than it lasts.
const LOOKS = 400;
const ROUNDS = 20;

export const REBUILD_KEY: Key = ["ftsrebuild"];

/**
 * Brings the search index to agree with the posts, while the service goes on. Whatever cuts it short, the
 * next run within a day goes on where it was; two at once: the later takes over, the earlier ends with a 503.
 */
export async function rebuildIndex(
  deps: Deps,
  options: RebuildOptions = {},
): Promise<RebuildReport> {
  const rebuild = new Rebuild(deps, options);
  const resumed = await rebuild.begin();
  await rebuild.phase("log", LOG_ROWS, (rows) => rebuild.checkLog(rows));
  await rebuild.phase("posts", under(["post"]), (rows) => rebuild.checkPosts(rows));
  await rebuild.phase("documents", DOCUMENT_ROWS, (rows) => rebuild.checkDocuments(rows));
  const { engine } = options;
  if (engine) return { ...await rebuild.end(), resumed, fed: await feed(deps, engine) };
  await rebuild.checkLists();
  return { ...await rebuild.end(), resumed };
}

type Row<T = unknown> = { key: Key; value: T };

class Rebuild {
  #entry!: Entry<RebuildRow>;
  #owners = new Map<string, string | null>();
  #unmerged = 0;

  constructor(readonly deps: Deps, readonly options: RebuildOptions) {}

  /** Takes over what an earlier run left; says whether one did. */
  async begin(): Promise<boolean> {
    const { store, clock } = this.deps;
    this.#entry = await store.get<RebuildRow>(REBUILD_KEY);
    const none = { log: 0, posts: 0, documents: 0, postings: 0 };
    const { value } = this.#entry;
    // What it was done with long ago may have gone wrong since.
    const before = value && value.at > clock() - RESUMED ? value : null;
    const fresh = { phase: "log" as const, after: null, at: 0, ...none };
    await this.#note({ ...before ?? fresh, run: newId(clock()) });
    return before !== null;
  }

  async end(): Promise<Counts> {
    const { log, posts, documents, postings } = this.#entry.value!;
    await this.deps.store.removeIfSame(this.#entry);
    return { log, posts, documents, postings };
  }

  /** Checks a range piece by piece, and notes how far it came; nothing where an earlier run did. */
  async phase(
    phase: "log" | "posts" | "documents",
    range: Range,
    check: (rows: Row<never>[]) => Promise<number>,
  ): Promise<void> {
    const { store } = this.deps;
    const { batch = BATCH } = this.options;
    const order = ["log", "posts", "documents", "lists"] as const;
    const next = order[order.indexOf(phase) + 1];
    while (this.#entry.value!.phase === phase) {
      const row = this.#entry.value!;
      const start = row.after ? [...row.after, false] : range.start;
      const rows = await store.list<never>({ ...range, start }, batch);
      const found = await check(rows);
      const counted = { ...row, [phase]: row[phase] + found };
      const more = rows.length === batch;
      const after = more ? [...rows[rows.length - 1].key] as (string | number)[] : null;
      await this.#note({ ...counted, after, phase: more ? phase : next });
    }
  }

  async #note(noted: RebuildRow): Promise<void> {
    const { store, clock } = this.deps;
    const row = { ...noted, at: clock() };
    const outcome = await store.compareAndSet(this.#entry, row);
    const { versionstamp, value } = await store.get<RebuildRow>(REBUILD_KEY);
    const ours = outcome.kind === "committed"
      ? outcome.versionstamp === versionstamp
      : outcome.kind === "unknown" && JSON.stringify(value) === JSON.stringify(row);
    if (!ours) {
      throw new AppError("contention", {
        message: "Another rebuild has taken over: see what it reports.",
      });
    }
    this.#entry = { key: REBUILD_KEY, value: row, versionstamp };
  }

  async checkLog(rows: Row[]): Promise<number> {
    const { deps } = this;
    const { store } = deps;
    const known = await this.#dropStrangers(
      rows,
      ({ key }) => key.length === 3 && typeof key[1] === "number" && (key[2] === 0 || key[2] === 1),
    );
    const documents = await store.getMany(known.map(({ key }) => documentKey(readLogKey(key).n)));
    const wrong = known.filter((row, i) => logFault(row, documents[i].value) !== null);
    const repaired = await inParallel(wrong, ({ key }) => repairLogRow(deps, key));
    return rows.length - known.length + repaired;
  }

  async checkPosts(rows: Row<PostRow>[]): Promise<number> {
    const { deps } = this;
    const posts = rows.map(({ value }) => value).filter((post) => typeof post?.blog === "string");
    const keys = posts.map(({ fts }) => fts ?? -1).flatMap((n) => [documentKey(n), logKey(n, 0)]);
    const [entries] = await Promise.all([
      deps.store.getMany<IndexedPost>(keys),
      this.#readOwners(posts),
    ]);
    const wrong = posts.filter((post, i) => {
      const owner = this.#owners.get(post.blog);
      const found = { doc: entries[2 * i].value, killed: entries[2 * i + 1].value };
      return owner && documentFault(post, owner, found) !== null;
    });
    return await this.#repair(wrong, (post) => repairPost(deps, post));
  }

  async #readOwners(posts: PostRow[]): Promise<void> {
    const unknown = [...new Set(posts.map(({ blog }) => blog))].filter((id) =>
      !this.#owners.has(id)
    );
    const entries = await this.deps.store.getMany<BlogRow>(unknown.map(blogKey));
    unknown.forEach((id, i) => this.#owners.set(id, entries[i].value?.owner ?? null));
  }

  async checkDocuments(rows: Row[]): Promise<number> {
    const { deps } = this;
    const known = await this.#dropStrangers(
      rows,
      ({ key }) => key.length === 2 && typeof key[1] === "number",
    );
    const keys = known.map(({ value }): Key => {
      const { blog, post } = Object(value) as IndexedPost;
      return ["post", String(blog), String(post)];
    });
    const posts = await deps.store.getMany<PostRow>(keys);
    const wrong = known.filter(({ key, value }, i) =>
      !isPosting(value) || posts[i].value?.fts !== key[1]
    );
    const repaired = await this.#repair(wrong, ({ key }) => repairDocument(deps, key[1] as number));
    return rows.length - known.length + repaired;
  }

  async #dropStrangers<T>(rows: Row<T>[], fits: (row: Row<T>) => boolean): Promise<Row<T>[]> {
    const strangers = rows.filter((row) => !fits(row));
    await this.deps.store.writeAll(strangers.map(({ key }) => ({ key })));
    return rows.filter(fits);
  }

  async #repair<T>(things: T[], repair: (thing: T) => Promise<boolean>): Promise<number> {
    const repaired = await inParallel(things, repair);
    this.#unmerged += repaired;
    if (this.#unmerged >= MERGE_EVERY) await this.#merge();
    return repaired;
  }

  async #merge(): Promise<void> {
    const { engine, ...options } = this.options;
    const merge = async () => {
      const { busy } = await mergeLog(this.deps, { ...options, engine: engine ?? undefined });
      return busy ? null : true;
    };
    await patiently(merge);
    this.#unmerged = 0;
  }

  async checkLists(): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      await this.#merge();
      let found = 0;
      let faults: Fault[] = [];
      const repair = async () => {
        const repaired = await this.#repairLists(faults);
        faults = [];
        found += repaired;
        const row = this.#entry.value!;
        await this.#note({ ...row, postings: row.postings + repaired });
      };
      const rows = <T>(noun: "fts" | "ftsdoc" | "ftslog") =>
        this.#rows(noun) as AsyncIterable<Row<T>>;
      for await (const fault of auditLists(this.deps.store, rows)) {
        if (faults.push(fault) >= FAULTS) await repair();
      }
      if (faults.length) await repair();
      if (found === 0) return;
    }
  }

  async #repairLists(faults: Fault[]): Promise<number> {
    const { deps, options: { chunkBytes } } = this;
    const certain: Fault[] = [];
    for (const fault of faults) {
      if (faults.length > CONFIRMED || await confirmFault(deps.store, fault)) certain.push(fault);
    }
    // Chunks before what is missing in them, then term by term, so that few chunks are written twice.
    const place = (fault: Fault) => fault.kind === "chunk" ? "" : fault.term;
    certain.sort((a, b) => place(a) < place(b) ? -1 : Number(place(a) > place(b)));
    let repaired = 0;
    for (let i = 0; i < certain.length; i += LEASED) {
      const some = certain.slice(i, i + LEASED);
      repaired += await patiently(() =>
        withLease(deps, (lease) => repairLists(lease, some, { chunkBytes }))
      );
      await this.#merge();
    }
    return repaired;
  }

  /** What the service writes; a row of no such form is taken away. */
  async *#rows(noun: "fts" | "ftsdoc" | "ftslog"): AsyncGenerator<Row> {
    const { store } = this.deps;
    for await (const row of store.scan<unknown>(under([noun]))) {
      const { key, value } = row;
      if (noun === "ftslog") yield row;
      else if (noun === "ftsdoc") {
        if (isPosting(value)) yield row;
      } else {
        const fits = key.length === 3 && typeof key[1] === "string" &&
          typeof key[2] === "number" && value instanceof Uint8Array;
        if (fits) yield row;
        else await store.writeAll([{ key }]);
      }
    }
  }
}

/** Has an engine take all documents anew, while nobody else tells it of changes. */
async function feed(deps: Deps, engine: Pick<SearchEngine, "replace">): Promise<number> {
  async function* documents(lease: Lease) {
    let seen = 0;
    for await (const { key, value } of deps.store.scan<IndexedPost>(DOCUMENT_ROWS)) {
      if (seen++ % 1000 === 0) await lease.renew();
      if (isPosting(value)) yield { n: key[1] as number, row: value };
    }
  }
  return await patiently(() =>
    withLease(deps, (lease) => engine.replace(documents(lease), () => lease.renew()))
  );
}

async function inParallel<T>(things: T[], repair: (thing: T) => Promise<boolean>): Promise<number> {
  let repaired = 0;
  for (let i = 0; i < things.length; i += PARALLEL) {
    const done = await Promise.all(things.slice(i, i + PARALLEL).map(repair));
    repaired += done.filter(Boolean).length;
  }
  return repaired;
}

/** What `work` gives once it is not null: another writes posting lists until then. */
async function patiently<T>(work: () => Promise<T | null>): Promise<T> {
  for (let look = 0; look < LOOKS; look++) {
    const result = await work();
    if (result !== null) return result;
    await backoff(look);
  }
  throw new AppError("contention", {
    message: "Posting lists are being written all the time: run the rebuild again.",
  });
}
