import { z } from "@hono/zod-openapi";
import type { Deps } from "../../ctx.ts";
import { sha256 } from "../../kit/crypto.ts";
import { AppError } from "../../kit/errors.ts";
import { backoff } from "../../kit/retry.ts";
import type { Posting } from "./document.ts";
import { type Change, type Document, hasLeftLog, type SearchEngine } from "./engine.ts";
import type { Found, Hit, Page } from "./lists.ts";
import type { Conjunction, Query } from "./query.ts";
import { SCORES } from "./score.ts";

type World = Pick<Deps, "clock" | "fetch" | "log"> & {
  url: string;
  key: string;
  /** whether the index should be there */
  isFed: () => Promise<boolean>;
};
type Patience = {
  /** milliseconds that one call may take */
  deadline?: number;
  /** at tasks, before a change is given up: some 20 seconds, less than the merger holds its lease */
  looks?: number;
};
type Request = { method: string; path: string; body?: unknown };

// What is read of its answers.
const hit = z.looseObject({ n: z.int() });
const hits = z.object({ hits: z.array(hit) });
const count = z.object({ totalHits: z.int() });
const enqueued = z.object({ taskUid: z.int() });
const tasks = z.object({ results: z.array(z.unknown()) });
const task = z.object({
  status: z.string(),
  error: z.object({ message: z.string(), code: z.string() }).nullable(),
});
const settings = z.record(z.string(), z.unknown());
const fault = z.object({ message: z.string(), code: z.string() });

const INDEX = "postlark_posts";
const NEXT = "postlark_posts_next";
const BATCH_DOCUMENTS = 1000;
const BATCH_BYTES = 4_000_000;
// Nothing of a change is sent later than this, or whoever has the lease by then may have sent what undoes it.
const TURN = 40_000;
// Meilisearch drops a word above 250 bytes, and cuts a filter's value at 468.
const MAX_WORD = 200;
// Of a query; it ignores the others.
const MAX_WORDS = 10;

/**
 * Meilisearch ranks by the attribute that a word stands in, not by a number: so a document's terms are
 * put into classes of equal width by their score, best first, each an attribute. It adds up the ranks of
 * the words' attributes, which orders documents as the sum of their scores does, to the width of a class.
 */
const CLASSES = 16;
const WIDTH = Math.max(...SCORES) / CLASSES;
const RANKED = Array.from({ length: CLASSES }, (_, i) => `class${i}`);

/** Of the index. What matches is decided by filters over our own terms: all guesses of Meilisearch's are off. */
export const SETTINGS = {
  searchableAttributes: RANKED,
  displayedAttributes: ["n", ...RANKED],
  filterableAttributes: ["n", "terms"],
  rankingRules: ["words", "attributeRank", "n:desc"],
  typoTolerance: { enabled: false },
  prefixSearch: "disabled",
  facetSearch: false,
  proximityPrecision: "byAttribute",
  // As many documents as an index holds at most: no total and no page is cut off.
  pagination: { maxTotalHits: 4_294_967_296 },
};

/** What takes the place of the posting lists, where the configuration names it. */
export function searchEngine(
  deps: Pick<Deps, "config" | "store" | "clock" | "fetch" | "log">,
): SearchEngine | null {
  const { config, store, clock, fetch, log } = deps;
  if (!config.meilisearch) return null;
  const isFed = () => hasLeftLog(store);
  return new Meilisearch({ ...config.meilisearch, clock, fetch, log, isFed });
}

/** A Meilisearch server, 1.36 or later. */
export class Meilisearch implements SearchEngine {
  #world: World;
  #deadline: number;
  #looks: number;

  constructor(world: World, { deadline = 5000, looks = 100 }: Patience = {}) {
    this.#world = world;
    this.#deadline = deadline;
    this.#looks = looks;
  }

  async index({ add, kill }: Change): Promise<void> {
    await this.#logged(async () => {
      const look = this.#looker();
      const until = this.#world.clock() + TURN;
      const send = (request: Request) => {
        if (this.#world.clock() > until) throw new Refusal("it takes too long");
        return this.#enqueue(request);
      };
      await this.#prepare(INDEX, look);
      const sent: number[] = [];
      for await (const batch of batchesOf(add)) sent.push(await send(adding(INDEX, batch)));
      if (kill.length) sent.push(await send(killing(kill)));
      for (const uid of sent) await this.#finish(uid, look);
    });
  }

  /** Fed beside the index in use, which it then changes places with. */
  async replace(
    documents: AsyncIterable<Document>,
    confirm: () => Promise<void>,
  ): Promise<number> {
    return await this.#logged(async () => {
      let count = 0;
      await this.#drop(NEXT);
      await this.#prepare(NEXT, this.#looker());
      for await (const batch of batchesOf(documents)) {
        count += batch.length;
        await this.#run(adding(NEXT, batch));
      }
      await this.#prepare(INDEX, this.#looker(), { anew: true });
      await confirm();
      const body = [{ indexes: [INDEX, NEXT], rename: false }];
      await this.#run({ method: "POST", path: "/swap-indexes", body });
      await this.#drop(NEXT);
      return count;
    });
  }

  async search(query: Query, filters: readonly string[], page: Page): Promise<Found> {
    const { offset, limit, without } = page;
    const filter = [...filters.map(has), query.any.map(matches).join(" OR ")];
    if (without.length) filter.push(`n NOT IN [${without.join(", ")}]`);
    const terms = rankedBy(query);
    const q = terms.map(wordOf).join(" ");
    try {
      const [counted, found] = await Promise.all([
        // Exact only by pages: with offset and limit there is but an estimate.
        this.#call(count, searching({ q: "", filter, page: 1, hitsPerPage: 1 })),
        this.#call(hits, searching({ q, matchingStrategy: "all", filter, offset, limit })),
      ]);
      return { total: counted.totalHits, hits: found.hits.map((hit) => readHit(hit, terms)) };
    } catch (error) {
      if (isNoIndex(error) && !await this.#world.isFed()) return { total: 0, hits: [] };
      throw unavailable(error);
    }
  }

  score(posting: Posting, query: Query): number {
    return readHit(documentOf({ n: 0, ...posting }), rankedBy(query)).score;
  }

  /** Waits for what was sent before, then sees to the index and its settings. */
  async #prepare(index: string, look: Look, { anew = index === NEXT } = {}): Promise<void> {
    const waiting = `/tasks?indexUids=${index}&statuses=enqueued,processing&limit=1`;
    await look(async () => {
      const { results } = await this.#call(tasks, { method: "GET", path: waiting });
      return results.length === 0;
    });
    const path = `/indexes/${index}/settings`;
    const there = await this.#call(settings, { method: "GET", path }).catch((error) => {
      if (isNoIndex(error)) return null;
      throw error;
    });
    if (!there) {
      // Or all that it had would be missing, and nobody told.
      if (!anew && await this.#world.isFed()) {
        throw new Refusal("its index is gone, or was never fed: run `admin search rebuild`");
      }
      const body = { uid: index, primaryKey: "n" };
      await this.#run({ method: "POST", path: "/indexes", body }, look);
    }
    if (!covers(there, SETTINGS)) await this.#run({ method: "PATCH", path, body: SETTINGS }, look);
  }

  async #drop(index: string): Promise<void> {
    try {
      await this.#run({ method: "DELETE", path: `/indexes/${index}` });
    } catch (error) {
      if (!isNoIndex(error)) throw error;
    }
  }

  async #run(request: Request, look = this.#looker()): Promise<void> {
    await this.#finish(await this.#enqueue(request), look);
  }

  async #enqueue(request: Request): Promise<number> {
    return (await this.#call(enqueued, request)).taskUid;
  }

  /** Returns once the task succeeded. */
  async #finish(uid: number, look: Look): Promise<void> {
    const { status, error } = await look(async () => {
      const seen = await this.#call(task, { method: "GET", path: `/tasks/${uid}` });
      return ["enqueued", "processing"].includes(seen.status) ? null : seen;
    });
    if (status !== "succeeded") {
      throw new Refusal(`task ${uid} ${status}: ${error?.message}`, error?.code);
    }
  }

  #looker(): Look {
    let left = this.#looks;
    return async (at) => {
      for (let attempt = 0; left-- > 0; attempt++) {
        const found = await at();
        if (found) return found;
        await backoff(attempt);
      }
      throw new Refusal("its tasks are not done yet");
    };
  }

  async #call<T>(form: z.ZodType<T>, { method, path, body }: Request): Promise<T> {
    const { url, key, fetch } = this.#world;
    const headers = new Headers({ "content-type": "application/json" });
    if (key) headers.set("authorization", `Bearer ${key}`);
    const response = await fetch(`${url}${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(this.#deadline),
      body: body === undefined ? null : JSON.stringify(body),
    });
    const answer = await response.json();
    if (response.ok) return form.parse(answer);
    const { message, code } = fault.parse(answer);
    throw new Refusal(`${method} ${path}: ${response.status} ${message}`, code);
  }

  // A caller that learns only that it failed cannot mend it.
  async #logged<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#world.log({ event: "search_engine_failed", error: String(error) });
      throw unavailable(error);
    }
  }
}

type Look = <T>(at: () => Promise<T | null | false>) => Promise<T>;

/** What Meilisearch answered in place of what was asked for. */
class Refusal extends Error {
  override name = "Refusal";

  constructor(message: string, readonly code?: string) {
    super(`Meilisearch: ${message}`);
  }
}

function adding(index: string, body: unknown[]): Request {
  return { method: "POST", path: `/indexes/${index}/documents?primaryKey=n`, body };
}

function killing(body: number[]): Request {
  return { method: "POST", path: `/indexes/${INDEX}/documents/delete-batch`, body };
}

function searching(body: unknown): Request {
  return { method: "POST", path: `/indexes/${INDEX}/search`, body };
}

function isNoIndex(error: unknown): boolean {
  return error instanceof Refusal && error.code === "index_not_found";
}

function unavailable(cause: unknown): AppError {
  return new AppError("search_unavailable", { retryAfter: 5, cause });
}

/** A term as one word of small ASCII letters and digits, told apart from every other: no tokenizer or number parser changes it. */
export function wordOf(term: string): string {
  const plain = term.replace(/[^a-pr-z0-9]/gu, (char) => `q${char.codePointAt(0)!.toString(16)}q`);
  return plain.length < MAX_WORD ? `t${plain}` : `h${sha256(term)}`;
}

/** The terms that decide the order; there is none, and the latest comes first, where alternatives are asked for. */
function rankedBy({ any }: Query): string[] {
  return any.length === 1 ? any[0].all.slice(0, MAX_WORDS) : [];
}

function has(term: string): string {
  return `terms = "${wordOf(term)}"`;
}

function matches({ all, none }: Conjunction): string {
  const parts = [
    ...all.map(has),
    ...none.map((group) => `NOT (${group.map(has).join(" AND ")})`),
  ];
  return `(${parts.join(" AND ")})`;
}

function documentOf({ n, terms, masks }: { n: number } & Posting): Record<string, unknown> {
  const words = terms.split(" ").map(wordOf);
  const classes = RANKED.map((): string[] => []);
  words.forEach((word, i) => {
    // A filter's mask is 0.
    if (masks[i]) classes[classOf(masks[i])].push(word);
  });
  const ranked = RANKED.map((name, i) => [name, classes[i].join(" ")]).filter(([, text]) => text);
  return { n, terms: words, ...Object.fromEntries(ranked) };
}

function classOf(mask: number): number {
  return Math.min(CLASSES - 1, Math.floor(CLASSES - SCORES[mask] / WIDTH));
}

function readHit(hit: Record<string, unknown>, terms: string[]): Hit {
  const words = new Set(terms.map(wordOf));
  let ranks = 0;
  RANKED.forEach((name, rank) => {
    for (const word of String(hit[name] ?? "").split(" ")) if (words.has(word)) ranks += rank;
  });
  const score = terms.length ? WIDTH * (CLASSES - 0.5 - ranks / terms.length) : 0;
  return { n: Number(hit.n), score };
}

async function* batchesOf(
  documents: Iterable<Document> | AsyncIterable<Document>,
): AsyncGenerator<unknown[]> {
  let batch: unknown[] = [];
  let bytes = 0;
  for await (const document of documents) {
    const made = documentOf({ n: document.n, ...document.row });
    const size = JSON.stringify(made).length;
    if (batch.length === BATCH_DOCUMENTS || batch.length && bytes + size > BATCH_BYTES) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(made);
    bytes += size;
  }
  if (batch.length) yield batch;
}

/** Whether everything wanted is in what there is. */
function covers(there: unknown, wanted: unknown): boolean {
  if (wanted === null || typeof wanted !== "object") return there === wanted;
  if (there === null || typeof there !== "object") return false;
  if (Array.isArray(wanted) && wanted.length !== (there as unknown[]).length) return false;
  return Object.entries(wanted).every(([key, value]) =>
    covers((there as Record<string, unknown>)[key], value)
  );
}
