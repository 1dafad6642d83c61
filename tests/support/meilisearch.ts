import type {
  EnqueuedTask,
  MeilisearchErrorResponse,
  Settings,
  Task,
  TasksResults,
  TaskType,
} from "meilisearch";
import { type Document, FilterError } from "./meilisearch_filter.ts";
import { search } from "./meilisearch_search.ts";

type Index = {
  uid: string;
  primaryKey: string | null;
  settings: Settings;
  documents: Map<string, Document>;
  createdAt: string;
};
type Answer = { status: number; body: unknown };

const DEFAULTS: Settings = {
  displayedAttributes: ["*"],
  searchableAttributes: ["*"],
  filterableAttributes: [],
  sortableAttributes: [],
  foreignKeys: [],
  rankingRules: [
    "words",
    "typo",
    "proximity",
    "attributeRank",
    "sort",
    "wordPosition",
    "exactness",
  ],
  stopWords: [],
  nonSeparatorTokens: [],
  separatorTokens: [],
  dictionary: [],
  synonyms: {},
  distinctAttribute: null,
  proximityPrecision: "byWord",
  typoTolerance: {
    enabled: true,
    minWordSizeForTypos: { oneTypo: 5, twoTypos: 9 },
    disableOnWords: [],
    disableOnAttributes: [],
    disableOnNumbers: false,
  },
  faceting: { maxValuesPerFacet: 100, sortFacetValuesBy: { "*": "alpha" } },
  pagination: { maxTotalHits: 1000 },
  embedders: {},
  searchCutoffMs: null,
  localizedAttributes: null,
  facetSearch: true,
  prefixSearch: "indexingTime",
};
const BUILT_IN = /^(?:words|typo|proximity|attribute|attributeRank|sort|wordPosition|exactness)$/;
const MAX_PAYLOAD = 104_857_600;

/** An error answer of the server. */
class Refused extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }

  get body(): MeilisearchErrorResponse {
    const type = this.status === 401 || this.status === 403 ? "auth" : "invalid_request";
    const link = `https://docs.meilisearch.com/errors#${this.code}`;
    return { message: this.message, code: this.code, type, link };
  }
}

function noIndex(uid: string, status = 404): Refused {
  return new Refused(status, "index_not_found", `Index \`${uid}\` not found.`);
}

/**
 * Stands in for a Meilisearch 1.36: what of its protocol a client of documents, filters, settings and
 * tasks sees, by its documentation. A task moves on, the first of the queue first, each time that tasks
 * are looked at: from enqueued to processing, and then to its end, which is when it is carried out.
 * Typos, proximity and positions are not modelled: a search of an index that ranks by them fails.
 */
export class MeilisearchStandIn {
  readonly indexes = new Map<string, Index>();
  readonly tasks: Task[] = [];
  /** method and path of all requests, oldest first */
  readonly requests: string[] = [];
  /** tasks stay where they are */
  stuck = false;
  /** "refused": no connection; "silent": no answer until the caller gives up */
  down: "" | "refused" | "silent" = "";
  /** what the next task ends with, in place of being carried out */
  failure: MeilisearchErrorResponse | null = null;
  /** sees each request first, and answers in place of the server where it wants to */
  intercept: () => Response | null = () => null;
  #work = new Map<number, () => Partial<Task> | void>();

  constructor(readonly key = "") {}

  /** What a `fetch` to the server gives. */
  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    if (this.down === "refused") throw new TypeError("tcp connect error: Connection refused");
    if (this.down === "silent") {
      await new Promise((_, reject) => {
        request.signal.addEventListener("abort", () => reject(request.signal.reason));
      });
    }
    const answer = this.intercept();
    if (answer) return answer;
    const { pathname, search } = new URL(request.url);
    this.requests.push(`${request.method} ${pathname}${search}`);
    const { status, body } = await this.#answer(request).catch((error) => {
      if (error instanceof Refused) return error;
      if (!(error instanceof FilterError)) throw error;
      return new Refused(400, "invalid_search_filter", error.message);
    });
    return Response.json(body, { status });
  };

  async #answer(request: Request): Promise<Answer> {
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.split("/").slice(1).map(decodeURIComponent);
    const route = `${request.method} /${
      path.map((part, i) => this.#isName(path, i) ? ":" : part).join("/")
    }`;
    if (route === "GET /health") return { status: 200, body: { status: "available" } };
    this.#authorize(request);
    const body = await readBody(request);
    switch (route) {
      case "GET /tasks":
        return { status: 200, body: this.#listTasks(searchParams) };
      case "GET /tasks/:":
        return { status: 200, body: this.#getTask(Number(path[1])) };
      case "POST /indexes":
        return this.#enqueue(body.uid, "indexCreation", () => this.#create(body));
      case "POST /swap-indexes":
        return this.#enqueue(null, "indexSwap", () => this.#swap(body));
      case "DELETE /indexes/:":
        return this.#enqueue(path[1], "indexDeletion", () => this.#delete(path[1]));
      case "GET /indexes/:/settings":
        return { status: 200, body: this.#index(path[1]).settings };
      case "PATCH /indexes/:/settings":
        judgeSettings(body);
        return this.#enqueue(path[1], "settingsUpdate", () => this.#configure(path[1], body));
      case "GET /indexes/:/stats":
        return { status: 200, body: this.#stats(path[1]) };
      case "POST /indexes/:/documents":
        return this.#enqueue(
          path[1],
          "documentAdditionOrUpdate",
          () => this.#add(path[1], body, searchParams.get("primaryKey")),
        );
      case "POST /indexes/:/documents/delete-batch":
        return this.#enqueue(path[1], "documentDeletion", () => this.#remove(path[1], body));
      case "POST /indexes/:/search":
        return { status: 200, body: search(this.#index(path[1]), body) };
      default:
        throw new Error(`${route} is not modelled`);
    }
  }

  // The parts of a path that name an index or a task.
  #isName(path: string[], i: number): boolean {
    return i === 1 && (path[0] === "indexes" || path[0] === "tasks");
  }

  #authorize(request: Request): void {
    if (!this.key) return;
    const header = request.headers.get("authorization");
    if (!header?.startsWith("Bearer ")) {
      throw new Refused(
        401,
        "missing_authorization_header",
        "The Authorization header is missing. It must use the bearer authorization method.",
      );
    }
    if (header !== `Bearer ${this.key}`) {
      throw new Refused(403, "invalid_api_key", "The provided API key is invalid.");
    }
  }

  #index(uid: string): Index {
    const index = this.indexes.get(uid);
    if (!index) throw noIndex(uid);
    return index;
  }

  #stats(uid: string) {
    const { documents } = this.#index(uid);
    const isIndexing = this.tasks.some((task) =>
      task.indexUid === uid && task.status === "processing"
    );
    return { numberOfDocuments: documents.size, isIndexing, fieldDistribution: {} };
  }

  #enqueue(indexUid: string | null, type: TaskType, work: () => Partial<Task> | void): Answer {
    if (indexUid !== null && !/^[\w-]{1,400}$/.test(indexUid)) {
      throw new Refused(400, "invalid_index_uid", `\`${indexUid}\` is not a valid index uid.`);
    }
    const uid = this.tasks.length;
    const enqueuedAt = new Date().toISOString();
    const common = { indexUid, status: "enqueued" as const, type, enqueuedAt };
    const undone = { batchUid: null, canceledBy: null, error: null, duration: null };
    this.tasks.push({ uid, ...common, ...undone, startedAt: null, finishedAt: null });
    this.#work.set(uid, work);
    return { status: 202, body: { taskUid: uid, ...common } satisfies EnqueuedTask };
  }

  #moveOn(): void {
    const task = this.tasks.find(({ status }) => status === "enqueued" || status === "processing");
    if (!task || this.stuck) return;
    const now = new Date().toISOString();
    if (task.status === "enqueued") {
      Object.assign(task, { status: "processing", batchUid: task.uid, startedAt: now });
      return;
    }
    let end: Partial<Task> = { status: "succeeded" };
    try {
      if (this.failure) end = { status: "failed", error: this.failure };
      else Object.assign(end, this.#work.get(task.uid)!());
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      end = { status: "failed", error: error.body };
    }
    this.failure = null;
    Object.assign(task, end, { finishedAt: now, duration: "PT0.001S" });
  }

  #getTask(uid: number): Task {
    const task = structuredClone(this.tasks[uid]);
    if (!task) throw new Refused(404, "task_not_found", `Task \`${uid}\` not found.`);
    this.#moveOn();
    return task;
  }

  #listTasks(query: URLSearchParams): TasksResults {
    const names = (name: string) => query.get(name)?.split(",");
    const [indexUids, statuses] = [names("indexUids"), names("statuses")];
    const limit = Number(query.get("limit") ?? 20);
    const found = this.tasks.filter(({ indexUid, status }) =>
      (!indexUids || indexUids.includes(indexUid!)) && (!statuses || statuses.includes(status))
    ).reverse();
    const results = structuredClone(found.slice(0, limit));
    this.#moveOn();
    const from = found[0]?.uid ?? null;
    return { results, total: found.length, limit, from: from!, next: found[limit]?.uid ?? null! };
  }

  #create({ uid, primaryKey = null }: { uid: string; primaryKey?: string | null }): void {
    if (this.indexes.has(uid)) {
      throw new Refused(409, "index_already_exists", `Index \`${uid}\` already exists.`);
    }
    const settings = structuredClone(DEFAULTS);
    const createdAt = new Date().toISOString();
    this.indexes.set(uid, { uid, primaryKey, settings, documents: new Map(), createdAt });
  }

  #delete(uid: string): void {
    if (!this.indexes.delete(uid)) throw noIndex(uid);
  }

  #swap(pairs: { indexes: [string, string] }[]): void {
    for (const { indexes: [a, b] } of pairs) {
      const [first, second] = [this.#index(a), this.#index(b)];
      this.indexes.set(a, { ...second, uid: a }).set(b, { ...first, uid: b });
    }
  }

  #configure(uid: string, changes: Settings): void {
    if (!this.indexes.has(uid)) this.#create({ uid });
    const { settings } = this.#index(uid);
    for (const [name, value] of Object.entries(changes)) {
      const key = name as keyof Settings;
      const merges = key === "typoTolerance" || key === "pagination" || key === "faceting";
      const next = value === null
        ? DEFAULTS[key]
        : merges
        ? { ...settings[key] as object, ...value as object }
        : value;
      // What is kept as a set comes back in its order.
      const sorted = key === "filterableAttributes" || key === "sortableAttributes";
      Object.assign(settings, { [key]: sorted ? (next as string[]).toSorted() : next });
    }
  }

  #add(uid: string, documents: Document[], primaryKey: string | null): Partial<Task> {
    if (!this.indexes.has(uid)) this.#create({ uid, primaryKey });
    const index = this.#index(uid);
    index.primaryKey ??= primaryKey;
    const key = index.primaryKey;
    if (key === null) throw new Refused(400, "index_primary_key_no_candidate_found", "No key.");
    for (const document of documents) {
      if (!(key in document)) {
        const message = `Document doesn't have a \`${key}\` attribute.`;
        throw new Refused(400, "missing_document_id", message);
      }
      const id = document[key];
      if (!Number.isSafeInteger(id) && !/^[\w-]{1,511}$/.test(String(id))) {
        const message = `Document identifier \`${JSON.stringify(id)}\` is invalid.`;
        throw new Refused(400, "invalid_document_id", message);
      }
    }
    for (const document of documents) index.documents.set(String(document[key]), document);
    const n = documents.length;
    return { details: { receivedDocuments: n, indexedDocuments: n } };
  }

  #remove(uid: string, ids: (string | number)[]): Partial<Task> {
    const { documents } = this.#index(uid);
    const deletedDocuments = ids.filter((id) => documents.delete(String(id))).length;
    return { details: { providedIds: ids.length, deletedDocuments, originalFilter: null } };
  }
}

// deno-lint-ignore no-explicit-any
async function readBody(request: Request): Promise<any> {
  const text = await request.text();
  if (!text) return null;
  if (text.length > MAX_PAYLOAD) {
    throw new Refused(413, "payload_too_large", "The provided payload reached the size limit.");
  }
  if (!request.headers.get("content-type")?.startsWith("application/json")) {
    throw new Refused(415, "invalid_content_type", "Only `application/json` is accepted.");
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(400, "malformed_payload", "The `json` payload provided is malformed.");
  }
}

function judgeSettings(settings: Settings): void {
  for (const name of Object.keys(settings)) {
    if (!(name in DEFAULTS)) {
      throw new Refused(400, "bad_request", `Unknown field \`${name}\`.`);
    }
  }
  for (const rule of settings.rankingRules ?? []) {
    if (BUILT_IN.test(rule) || /^[\w.]+:(?:asc|desc)$/.test(rule)) continue;
    throw new Refused(
      400,
      "invalid_settings_ranking_rules",
      `\`${rule}\` ranking rule is invalid.`,
    );
  }
}
