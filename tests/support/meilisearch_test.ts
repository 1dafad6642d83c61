import assert from "node:assert/strict";
import { Meilisearch, MeilisearchApiError } from "meilisearch";
import { MeilisearchStandIn } from "./meilisearch.ts";

function serve(key = "") {
  const server = new MeilisearchStandIn(key);
  const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  const http = Deno.serve(options, async (request) => {
    const { url, method, headers } = request;
    return await server.fetch(url, { method, headers, body: await request.text() || null });
  });
  const client = (apiKey: string) =>
    new Meilisearch({ host: `http://127.0.0.1:${http.addr.port}`, apiKey });
  return { server, client, [Symbol.asyncDispose]: () => http.shutdown() };
}

async function refusal(promise: Promise<unknown>): Promise<{ status: number; code: string }> {
  const error = await promise.then(() => null, (error) => error);
  assert.ok(error instanceof MeilisearchApiError, String(error));
  return { status: error.response.status, code: error.cause!.code };
}

const SETTINGS = {
  searchableAttributes: ["title", "text"],
  filterableAttributes: ["year", "tags"],
  rankingRules: ["words", "attributeRank", "year:desc"],
  typoTolerance: { enabled: false },
};
const MOVIES = [
  { id: 1, title: "blue", text: "red", year: 2001, tags: ["a", "Straße"] },
  { id: 2, title: "red", text: "green", year: 2002, tags: ["b"] },
  { id: 3, title: "green", text: "red blue", year: 2003, tags: ["a", "b"] },
  { id: 4, title: "greenish", text: "", year: 2004, tags: [] },
];

Deno.test("Meilisearch's own client feeds, searches, swaps and drops indexes of the stand-in", async () => {
  await using t = serve("secret");
  const client = t.client("secret");
  const movies = client.index("movies");
  await client.createIndex("movies", { primaryKey: "id" }).waitTask();
  assert.equal((await movies.updateSettings(SETTINGS).waitTask()).status, "succeeded");
  const task = await movies.addDocuments(MOVIES).waitTask();
  assert.deepEqual(task.details, { receivedDocuments: 4, indexedDocuments: 4 });
  const ids = async (q: string, options: Parameters<typeof movies.search>[1] = {}) =>
    (await movies.search(q, options)).hits.map(({ id }) => id);
  assert.deepEqual(await ids("red"), [2, 3, 1]);
  assert.deepEqual(await ids("green"), [4, 3, 2]);
  assert.deepEqual(await ids("red blue", { matchingStrategy: "all" }), [1, 3]);
  assert.deepEqual(await ids("", { filter: "tags = a AND NOT (tags = b)" }), [1]);
  assert.deepEqual(await ids("", { filter: [["year IN [2001, 2002]", 'tags = "x"']] }), [2, 1]);
  assert.deepEqual(await ids("", { filter: 'tags = "STRASSE" OR tags = STRAßE' }), [1]);
  assert.deepEqual(await ids("", { filter: "year NOT IN [2001] AND tags != a" }), [4, 2]);
  const paged = await movies.search("red", { page: 2, hitsPerPage: 2, showRankingScore: true });
  assert.deepEqual([paged.totalHits, paged.totalPages, paged.hits[0].id], [3, 2, 1]);
  assert.ok(paged.hits[0]._rankingScore! < 1);
  await movies.updateSettings({ prefixSearch: "disabled" }).waitTask();
  assert.deepEqual(await ids("green"), [3, 2]);
  await movies.deleteDocuments([3]).waitTask();
  await client.index("other").addDocuments([{ id: 9 }], { primaryKey: "id" }).waitTask();
  await client.swapIndexes([{ indexes: ["movies", "other"], rename: false }]).waitTask();
  assert.equal((await movies.getStats()).numberOfDocuments, 1);
  await client.deleteIndex("movies").waitTask();
  assert.equal((await client.index("other").getStats()).numberOfDocuments, 3);
  const { results } = await client.tasks.getTasks({ statuses: ["succeeded"], limit: 1 });
  assert.equal(results[0].type, "indexDeletion");
});

Deno.test("the stand-in refuses as Meilisearch does", async () => {
  await using t = serve("secret");
  const client = t.client("secret");
  const movies = client.index("movies");
  const search = (filter: string) => refusal(movies.search("", { filter }));
  assert.deepEqual(await search("a = b"), { status: 404, code: "index_not_found" });
  await movies.addDocuments(MOVIES, { primaryKey: "id" }).waitTask();
  await movies.updateSettings(SETTINGS).waitTask();
  for (const filter of ["title = a", "tags a", "tags = a)", "(tags = a", "tags = ", "tags IN a"]) {
    assert.deepEqual(await search(filter), { status: 400, code: "invalid_search_filter" }, filter);
  }
  const forbidden = { status: 403, code: "invalid_api_key" };
  assert.deepEqual(await refusal(t.client("wrong").index("movies").search("")), forbidden);
  const unauthorized = { status: 401, code: "missing_authorization_header" };
  assert.deepEqual(await refusal(t.client("").index("movies").search("")), unauthorized);
  const rules = refusal(movies.updateSettings({ rankingRules: ["age"] }));
  assert.deepEqual(await rules, { status: 400, code: "invalid_settings_ranking_rules" });
  const { status, error } = await movies.addDocuments([{ id: "a b" }]).waitTask();
  assert.deepEqual([status, error?.code], ["failed", "invalid_document_id"]);
  const lost = await client.deleteIndex("lost").waitTask();
  assert.equal(lost.error?.code, "index_not_found");
});

Deno.test("a change is not there before its task has ended", async () => {
  await using t = serve();
  const movies = t.client("").index("movies");
  const { taskUid, status } = await movies.addDocuments(MOVIES, { primaryKey: "id" });
  assert.equal(status, "enqueued");
  const seen: string[] = [];
  while (seen.at(-1) !== "succeeded") {
    assert.equal(t.server.indexes.has("movies"), seen.length > 1);
    seen.push((await movies.tasks.getTask(taskUid)).status);
  }
  assert.deepEqual(seen, ["enqueued", "processing", "succeeded"]);
  assert.equal(t.server.indexes.get("movies")!.documents.size, 4);
});
