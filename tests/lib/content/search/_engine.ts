import { newId } from "../../../../lib/kit/ids.ts";
import { Store, transact } from "../../../../lib/kit/kv.ts";
import { describePost, type IndexedPost } from "../../../../lib/content/search/document.ts";
import { hasLeftLog } from "../../../../lib/content/search/engine.ts";
import { findDocuments } from "../../../../lib/content/search/find.ts";
import {
  newDocumentNumber,
  readLog,
  stageHidden,
  stageIndexed,
  stageKilled,
} from "../../../../lib/content/search/log.ts";
import { Meilisearch } from "../../../../lib/content/search/meilisearch.ts";
import { mergeLog } from "../../../../lib/content/search/merge.ts";
import { parseQuery } from "../../../../lib/content/search/query.ts";
import { MeilisearchStandIn } from "../../../support/meilisearch.ts";
import { openStore } from "../../../support/store.ts";

export type Text = {
  title?: string;
  description?: string;
  headings?: string[];
  tags?: string[];
  blog?: string;
  lang?: string;
};
type Options = { key?: string; sent?: string };

/** A published post of these words. */
export function indexedPost(text: Text): IndexedPost {
  const { title = "", description = "", headings = [], tags = [], blog = "b1", lang = "en" } = text;
  const post = { title, description, headings, tags, blog, lang };
  return {
    ...post,
    ...describePost(post),
    post: newId(Date.now()),
    owner: "u1",
    slug: "post",
    excerpt: "",
    createdAt: 0,
    publishedAt: 0,
  };
}

/** A store whose documents a stand-in holds; `sent` is the key that is sent to it, `key` the one it asks for. */
export async function openEngine({ key = "", sent = key }: Options = {}) {
  const kv = await openStore();
  const store = new Store(kv);
  const server = new MeilisearchStandIn(key);
  const logs: Record<string, unknown>[] = [];
  let now = Date.UTC(2026, 0, 1);
  const deps = { store, clock: () => now, alarm: () => {} };
  const world = {
    url: "http://search.example",
    key: sent,
    clock: () => now,
    fetch: server.fetch,
    log: (line: Record<string, unknown>) => void logs.push(line),
    isFed: () => hasLeftLog(store),
  };
  const withPatience = (patience: { deadline?: number; looks?: number }) =>
    new Meilisearch(world, patience);
  let engine = withPatience({});
  const stage = (body: Parameters<typeof transact>[1]) => transact(store, body);
  return {
    store,
    server,
    /** What feeds and searches the server. */
    get engine() {
      return engine;
    },
    /** From now on calls may take so many milliseconds, and tasks so many looks. */
    setPatience: (patience: { deadline?: number; looks?: number }) =>
      void (engine = withPatience(patience)),
    logs,
    advance: (ms: number) => void (now += ms),
    /** Puts a post into the log; a second later than the one before. */
    async publish(text: Text): Promise<number> {
      const n = newDocumentNumber(now += 1000);
      await stage((tx) => Promise.resolve(stageIndexed(tx, n, indexedPost(text))));
      return n;
    },
    kill: (n: number) => stage((tx) => Promise.resolve(stageKilled(tx, n))),
    hide: (blog: string) => stage((tx) => Promise.resolve(stageHidden(tx, blog))),
    merge: (options: Parameters<typeof mergeLog>[1] = {}) => mergeLog(deps, { engine, ...options }),
    async find(q: string, { filters = [] as string[], offset = 0, limit = 20 } = {}) {
      const log = await readLog(store);
      const query = parseQuery(q);
      const found = await findDocuments(store, { log, query, filters, offset, limit, engine });
      return { total: found.total, ns: found.hits.map(({ n }) => n), hits: found.hits };
    },
    /** Rows that wait in the log. */
    waiting: async () => (await readLog(store)).adds.size,
    /** The documents that the server finds. */
    held: () => [...server.indexes.get("postlark_posts")?.documents.keys() ?? []].map(Number),
    [Symbol.dispose]: () => kv.close(),
  };
}
