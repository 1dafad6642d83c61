import { type Deps } from "../../lib/ctx.ts";
import { Store, transact } from "../../lib/kit/kv.ts";
import { decodePostings } from "../../lib/content/search/codec.ts";
import { describePost, type IndexedPost } from "../../lib/content/search/document.ts";
import { findDocuments } from "../../lib/content/search/find.ts";
import {
  CHUNK_ROWS,
  DOCUMENT_ROWS,
  LOG_ROWS,
  readChunkKey,
} from "../../lib/content/search/keys.ts";
import type { Found } from "../../lib/content/search/lists.ts";
import {
  newDocumentNumber,
  readLog,
  stageIndexed,
  stageKilled,
} from "../../lib/content/search/log.ts";
import { mergeLog, type MergeOptions } from "../../lib/content/search/merge.ts";
import { parseQuery } from "../../lib/content/search/query.ts";
import { hookKv, type Hooks } from "./hooked_kv.ts";
import { openStore } from "./store.ts";

const START = Date.parse("2026-03-24T10:00:00.000Z");

/** A published post of these words, tags and blog, as the index takes it. */
export function makeIndexed(
  post: { title: string; description?: string; tags?: string[]; blog?: string; lang?: string },
): IndexedPost {
  const { title, description = "", tags = [], blog = "one", lang = "en" } = post;
  return {
    ...describePost({ title, description, headings: [], tags, blog, lang }),
    post: crypto.randomUUID(),
    blog,
    owner: "owner",
    slug: "slug",
    title,
    excerpt: "",
    description,
    tags,
    lang,
    createdAt: START,
    publishedAt: START,
  };
}

/** One instance of the service, as far as the index sees it, on a database of its own or the given one. */
export async function openIndex(options: { kv?: Deno.Kv; hooks?: Hooks; deadline?: number } = {}) {
  const raw = options.kv ?? await openStore();
  const store = new Store(hookKv(raw, options.hooks ?? {}), options.deadline ?? 5000);
  let now = START;
  const alarms: string[] = [];
  const deps: Pick<Deps, "store" | "clock" | "alarm"> = {
    store,
    clock: () => now,
    alarm: (_at, job) => void alarms.push(job),
  };
  return {
    raw,
    store,
    deps,
    alarms,
    /** Moves the clock on, milliseconds. */
    advance: (ms: number) => void (now += ms),
    /** Adds a document, and kills another one in the same commit; gives its number. */
    publish: (row: IndexedPost, { n, kill }: { n?: number; kill?: number } = {}) =>
      transact(store, (tx) => {
        const number = n ?? newDocumentNumber(now);
        stageIndexed(tx, number, row);
        if (kill !== undefined) stageKilled(tx, kill);
        return Promise.resolve(number);
      }),
    kill: (n: number) =>
      transact(store, (tx) => {
        stageKilled(tx, n);
        return Promise.resolve();
      }),
    merge: (options?: MergeOptions) => mergeLog(deps, options),
    async find(q: string, filters: string[] = []): Promise<Found> {
      const log = await readLog(store);
      const query = parseQuery(q);
      return await findDocuments(store, { log, query, filters, offset: 0, limit: 10_000 });
    },
    [Symbol.dispose]() {
      if (!options.kv) raw.close();
    },
  };
}

/** Everything that an index holds: each term's documents with their masks, and the rows beside them. */
export async function readContents(store: Store) {
  const terms: Record<string, Record<number, number>> = {};
  for await (const { key, value } of store.scan<Uint8Array>(CHUNK_ROWS)) {
    const list = terms[readChunkKey(key).term] ??= {};
    const { numbers, masks } = decodePostings([{ bytes: value }]);
    numbers.forEach((n, i) => list[n] = masks[i]);
  }
  const documents = (await store.list(DOCUMENT_ROWS, Infinity)).map(({ key }) => key[1] as number);
  const logged = (await store.list(LOG_ROWS, Infinity)).length;
  return { terms, documents, logged };
}

/** What an index of these documents holds when all is merged. */
export function expectContents(documents: Map<number, IndexedPost>) {
  const terms: Record<string, Record<number, number>> = {};
  for (const [n, { terms: words, masks }] of documents) {
    words.split(" ").forEach((term, i) => (terms[term] ??= {})[n] = masks[i]);
  }
  return { terms, documents: [...documents.keys()].sort((a, b) => a - b), logged: 0 };
}

/** What is wrong with how postings are cut into chunks; none where nothing is. */
export async function findMisplaced(store: Store, maxBytes: number): Promise<string[]> {
  const wrong: string[] = [];
  let before = { term: "", last: -1 };
  for await (const { key, value } of store.scan<Uint8Array>(CHUNK_ROWS)) {
    const { term, first } = readChunkKey(key);
    const { numbers } = decodePostings([{ bytes: value }]);
    const says = (what: string) => void wrong.push(`${term} ${first}: ${what}`);
    if (numbers.length === 0) says("is empty");
    if (value.length > maxBytes) says(`has ${value.length} bytes`);
    if (numbers[0] < first) says("begins before its key");
    if (before.term === term && before.last >= first) says("begins inside the one before");
    before = { term, last: numbers[numbers.length - 1] };
  }
  return wrong;
}
