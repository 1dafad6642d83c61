import type { Deps } from "../../lib/ctx.ts";
import { buildDocument } from "../_document.ts";
import type { Route } from "../_operation.ts";

/** A JSON Schema, 2020-12, without references. */
// deno-lint-ignore no-explicit-any
export type Json = any;
/** Where an argument of a tool goes: a field of the operation's path, query or body. */
export type Argument = {
  in: "params" | "query" | "body";
  field: string;
  schema: Json;
  required: boolean;
};
/** What an operation takes and answers, as its document says. */
export type Shape = { arguments: Argument[]; answer: Json };

const LONGEST_EXAMPLE = 200;

/** Reads the shapes of operations from the service's own OpenAPI document, the one place where they are said. */
export function shapesOf(deps: Deps): (route: Route) => Shape {
  const document = buildDocument(deps, "3.1.0") as Json;
  return ({ operation: { method, path, answer } }) => {
    const details = document.paths[path][method];
    const parameters: Json[] = details.parameters.filter((one: Json) => !one.$ref);
    const content = details.requestBody?.content["application/json"].schema;
    const body = content ? plain(document, content) : {};
    return {
      arguments: [
        ...parameters.map(({ in: place, name, required, description, example, schema }) => ({
          in: place === "path" ? "params" as const : "query" as const,
          field: name,
          required,
          schema: plain(document, {
            ...schema,
            ...description && { description },
            ...example !== undefined && { example },
          }),
        })),
        ...Object.entries<Json>(body.properties ?? {}).map(([field, schema]) => ({
          in: "body" as const,
          field,
          required: (body.required ?? []).includes(field),
          schema,
        })),
      ],
      answer: withoutExamples(
        plain(document, details.responses[answer.status].content["application/json"].schema),
      ),
    };
  };
}

/** One schema of an object for answers of several forms: what all have is required. */
export function merged(schemas: Json[]): Json {
  return {
    type: "object",
    properties: Object.assign({}, ...schemas.map(({ properties }) => properties)),
    required: schemas.map(({ required = [] }) => required as string[])
      .reduce((kept, names) => kept.filter((name) => names.includes(name))),
  };
}

// In place of OpenAPI's words those of JSON Schema, and in place of references what they name.
function plain(document: Json, schema: Json): Json {
  if (Array.isArray(schema)) return schema.map((one) => plain(document, one));
  if (typeof schema !== "object" || schema === null) return schema;
  const { $ref, allOf, example, properties, ...rest } = schema;
  if ($ref) return plain(document, document.components.schemas[$ref.split("/").at(-1)]);
  const own = {
    ...Object.fromEntries(
      Object.entries(rest).map(([keyword, value]) => [keyword, plain(document, value)]),
    ),
    ...properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, value]) => [name, plain(document, value)]),
      ),
    },
    ...isShort(example) && { examples: [example] },
  };
  if (!allOf) return own;
  const parts = [...plain(document, allOf), own];
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, ...parts.map((part) => part.properties)),
    required: [...new Set(parts.flatMap((part) => part.required ?? []))],
  };
}

function isShort(example: unknown): boolean {
  return example !== undefined && JSON.stringify(example).length <= LONGEST_EXAMPLE;
}

function withoutExamples(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(withoutExamples);
  if (typeof schema !== "object" || schema === null) return schema;
  const { examples: _, properties, ...rest } = schema;
  return {
    ...Object.fromEntries(Object.entries(rest).map(([key, part]) => [key, withoutExamples(part)])),
    ...properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, part]) => [name, withoutExamples(part)]),
      ),
    },
  };
}
