import assert from "node:assert/strict";
import { documentOf, TYPES, typesOf } from "../../clients/generate_types.ts";
import { Postlark } from "../../clients/sdk.ts";
import { OPERATIONS } from "../support/api_document.ts";

Deno.test("the client's types are those of the OpenAPI document (else: deno task sdk)", async () => {
  const [made, kept] = [await typesOf(documentOf()), await Deno.readTextFile(TYPES)];
  assert.ok(made === kept, "clients/api_types.ts is not current: run deno task sdk, and commit it");
});

// Any body: only the method and the path of what is sent are looked at.
// deno-lint-ignore no-explicit-any
const body = {} as any;
const [id, slug] = ["{id}", "{slug}"];
const hook = { blog: id, id: "{hookId}" };
/** Every method, each name in its path standing for itself. */
const CALLS: ((client: Postlark) => PromiseLike<unknown>)[] = [
  ({ posts }) => posts.create(body),
  ({ posts }) => posts.createMany(body),
  ({ posts }) => posts.validate(body),
  ({ posts }) => posts.list(),
  ({ posts }) => posts.get(slug),
  ({ posts }) => posts.update(slug, body),
  ({ posts }) => posts.delete(slug),
  ({ posts }) => posts.publish(slug),
  ({ posts }) => posts.unpublish(slug),
  ({ posts }) => posts.schedule(slug, body),
  ({ posts }) => posts.listRevisions(slug),
  ({ posts }) => posts.getRevision(slug, id),
  ({ posts }) => posts.restoreRevision(slug, id),
  ({ blogs }) => blogs.create(body),
  ({ blogs }) => blogs.list(),
  ({ blogs }) => blogs.get(id),
  ({ blogs }) => blogs.update(id, body),
  ({ blogs }) => blogs.delete(id),
  ({ blogs }) => blogs.activate(id),
  ({ keys }) => keys.create(id),
  ({ keys }) => keys.list(id),
  ({ keys }) => keys.revoke(id, "{keyId}"),
  ({ domains }) => domains.set(id, body),
  ({ domains }) => domains.get(id),
  ({ domains }) => domains.remove(id),
  ({ media }) => media.upload({ data: new Blob() }),
  ({ media }) => media.list(),
  ({ media }) => media.delete(id),
  ({ webhooks }) => webhooks.create(id, body),
  ({ webhooks }) => webhooks.list(id),
  ({ webhooks }) => webhooks.get(hook),
  ({ webhooks }) => webhooks.update(hook, body),
  ({ webhooks }) => webhooks.delete(hook),
  ({ webhooks }) => webhooks.rotate(hook),
  ({ webhooks }) => webhooks.test(hook),
  ({ webhooks }) => webhooks.listDeliveries(hook),
  ({ webhooks }) => webhooks.redeliver({ ...hook, delivery: "{deliveryId}" }),
  ({ analytics }) => analytics.overview(),
  ({ analytics }) => analytics.post(slug),
  ({ account }) => account.profile(),
  ({ account }) => account.update(body),
  ({ account }) => account.usage(),
  ({ account }) => account.checkout(body),
  ({ account }) => account.export(),
  ({ account }) => account.exportZip(),
  ({ account }) => account.delete(),
  ({ tokens }) => tokens.create(body),
  ({ tokens }) => tokens.list(),
  ({ tokens }) => tokens.revoke(id),
  ({ packs }) => packs.purchase(body),
  ({ packs }) => packs.balance(),
  ({ packs }) => packs.ledger(),
  (client) => client.search({ q: "q" }),
  (client) => client.discover({ q: "q" }),
];

Deno.test("the client has a method for every operation of the API, and none for another", async () => {
  const asked = new Set<string>();
  const client = new Postlark({
    apiBase: "https://api.example.com",
    fetch: (url, { method }) => {
      asked.add(`${method} ${decodeURIComponent(new URL(url).pathname)}`);
      return Promise.resolve(new Response("{}"));
    },
  });
  for (const call of CALLS) await call(client);
  const operations = OPERATIONS.map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual([...asked].sort(), operations.sort());
});
