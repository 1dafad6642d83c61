import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { type Got, type Service, setup } from "../_setup.ts";

/** Any JSON. */
// deno-lint-ignore no-explicit-any
export type Json = any;
/** One operation of the generated document; `details` is its OpenAPI 3.1 object. */
export type Documented = {
  id: string;
  method: string;
  path: string;
  /** null: without a credential */
  scope: string | null;
  writes: boolean;
  details: Json;
};

using service = await setup();
/** The OpenAPI 3.1 document, as the service answers it. */
export const DOCUMENT: Json =
  (await service.send("GET", `${service.deps.config.origin}/docs/openapi-3.1.json`)).body;

/** Every operation of the document. */
export const OPERATIONS: Documented[] = Object.entries<Json>(DOCUMENT.paths).flatMap((
  [path, methods],
) =>
  Object.entries<Json>(methods).map(([method, details]) => ({
    id: details.operationId,
    method: method.toUpperCase(),
    path,
    scope: details["x-scope"] ?? null,
    writes: method !== "get",
    details,
  }))
);

/** Every operation that needs a credential. */
export const GUARDED = OPERATIONS.filter((operation): operation is Documented & { scope: string } =>
  operation.scope !== null
);

/** What a `$ref` names, or the part itself. */
export function resolve(part: Json): Json {
  if (!part?.$ref) return part;
  const names = part.$ref.split("/").slice(1);
  return names.reduce((at: Json, name: string) => at[name], DOCUMENT);
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
// To compile a schema costs far more than to judge by it.
const compiled = new WeakMap<object, ReturnType<typeof ajv.compile>>();

/** Throws where the value does not fit the schema; a field that the schema does not name does not fit either. */
export function assertFits(schema: Json, value: unknown, what: string): void {
  const validate = compiled.get(schema) ?? ajv.compile(closed(schema));
  compiled.set(schema, validate);
  assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors)} in ${text(value)}`);
}

/** Whether the value fits the schema, other fields allowed. */
export function fits(schema: Json, value: unknown): boolean {
  return ajv.compile(inlined(schema))(value);
}

function text(value: unknown): string {
  return JSON.stringify(value).slice(0, 500);
}

/** The schema without references. */
function inlined(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(inlined);
  if (typeof schema !== "object" || schema === null) return schema;
  if (schema.$ref) return inlined(resolve(schema));
  return Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, inlined(part)]));
}

function closed(schema: Json): Json {
  const { $ref, allOf, ...rest } = schema;
  if ($ref) return closed(resolve(schema));
  if (allOf) {
    const parts = [...allOf, rest].map(closed);
    return {
      ...rest,
      type: "object",
      properties: Object.assign({}, ...parts.map((part) => part.properties)),
      required: parts.flatMap((part) => part.required ?? []),
      additionalProperties: false,
    };
  }
  const properties = rest.properties && Object.fromEntries(
    Object.entries<Json>(rest.properties).map(([name, part]) => [name, closed(part)]),
  );
  return {
    ...rest,
    ...properties && { properties, additionalProperties: false },
    ...rest.items && { items: closed(rest.items) },
  };
}

/** The names of an operation's header parameters. */
export function headerNames({ details }: Documented): string[] {
  return (details.parameters ?? []).map(resolve)
    .filter((parameter: Json) => parameter.in === "header")
    .map((parameter: Json) => parameter.name);
}

/** The parameters of an operation's query. */
export function queryParameters({ details }: Documented): Json[] {
  return (details.parameters ?? []).map(resolve).filter((p: Json) => p.in === "query");
}

/** Every reason that an operation's errors are documented to have. */
export function reasonsOf({ details }: Documented): string[] {
  return Object.values<Json>(details.responses).flatMap((response) =>
    Object.keys(resolve(response).content?.["application/json"]?.examples ?? {})
  );
}

/** The schema and the example of an operation's body, or undefined. */
export function bodyOf({ details }: Documented): { schema: Json; example: Json } | undefined {
  return details.requestBody?.content["application/json"];
}

/** The status, schema and headers of an operation's success. */
export function successOf(
  { details }: Documented,
): { status: number; schema: Json; headers: Json } {
  const [status, response] = Object.entries<Json>(details.responses).find(([s]) => s < "300")!;
  const { content, headers } = response;
  return { status: Number(status), schema: content["application/json"].schema, headers };
}

/** Throws unless the answer is one that the document gives for the operation: status, headers, body, reason. */
export function assertDocumented(operation: Documented, got: Got): void {
  const what = `${operation.id} ${got.status} ${got.text.slice(0, 300)}`;
  const response = resolve(operation.details.responses[got.status]);
  assert.ok(response, `not in the document: ${what}`);
  const optional = ["Idempotency-Replayed", "Retry-After"];
  for (const name of Object.keys(response.headers)) {
    if (name === "ETag" && got.headers.has("idempotency-replayed")) continue;
    assert.ok(optional.includes(name) || got.headers.has(name), `no ${name}: ${what}`);
  }
  assert.equal(got.headers.get("access-control-allow-origin"), "*", what);
  assert.equal(got.headers.get("access-control-allow-credentials"), null, what);
  if (got.status === 304) return assert.equal(got.text, "");
  const type = got.headers.get("content-type")?.split(";")[0] ?? "";
  assert.ok(response.content[type], `${type} is not in the document: ${what}`);
  if (type !== "application/json") return;
  const { schema, examples } = response.content[type];
  assertFits(schema, got.body, what);
  if (got.status < 400) return;
  const example = resolve(examples[got.body.reason])?.value;
  assert.ok(example, `reason not in the document: ${what}`);
  assert.deepEqual(Object.keys(got.body).sort(), Object.keys(example).sort(), what);
  assert.equal(got.body.error, example.error, what);
  assert.equal(got.body.request_id, got.headers.get("x-request-id"), what);
  const retryAfter = got.body.retry_after === undefined ? null : String(got.body.retry_after);
  assert.equal(got.headers.get("retry-after"), retryAfter, what);
}

/** Every row of the store but those that count requests and uses. */
export async function rows(t: Service): Promise<unknown[]> {
  const all = [];
  for await (const { key, versionstamp } of t.deps.store.kv.list({ prefix: [] })) {
    if (!["rl", "rlip", "rlup", "used"].includes(String(key[0]))) all.push([...key, versionstamp]);
  }
  return all;
}

/** Whether a path without a name in it is one that another path's name may stand for. */
export function servedByPattern(path: string, method: string): boolean {
  return OPERATIONS.some((operation) =>
    operation.method === method && operation.path !== path && !path.includes("{") &&
    new RegExp(`^${operation.path.replace(/\{\w+\}/g, "[^/]+")}$`).test(path)
  );
}

/** Throws unless the answer is a documented error with this reason; the answer's body without its id. */
export function assertRefused(operation: Documented, got: Got, reason: string) {
  assertDocumented(operation, got);
  assert.equal(got.body.reason, reason, `${operation.id}: ${got.text}`);
  return { ...got.body, request_id: null };
}

/** Throws where what `act` does changes a row of the store. */
export async function assertChangesNothing(t: Service, act: () => Promise<void>) {
  const before = await rows(t);
  await act();
  assert.deepEqual(await rows(t), before);
}
