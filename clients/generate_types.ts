import { fileURLToPath } from "node:url";
import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";
import type { Deps } from "../lib/ctx.ts";
import { parseConfig } from "../lib/kit/config.ts";
import { buildDocument } from "../routes/_document.ts";

/** The file that `deno task sdk` writes. */
export const TYPES = new URL("api_types.ts", import.meta.url);
const HEAD = "/** Generated from the OpenAPI document by `deno task sdk`: do not edit. */\n";
const KEPT = ["components", "operations"];

// deno-lint-ignore no-explicit-any
type Json = any;

/** The TypeScript of an OpenAPI 3.1 document: its schemas, and of each operation what is sent and what success answers. */
export async function typesOf(document: Json): Promise<string> {
  const nodes = await openapiTS(slim(document) as OpenAPI3);
  const kept = nodes.filter((node) => KEPT.includes((node as Json).name?.text));
  // What one pass of the formatter leaves of a long union, the second still changes.
  return await format(await format(HEAD + astToString(kept)));
}

/** The document of this checkout, with the addresses of a service in development. */
export function documentOf(): Json {
  const config = parseConfig({ POSTLARK_DEV: "1" });
  return buildDocument({ config } as Deps, "3.1.0");
}

// What the client handles for every operation (errors, headers) is no part of its types.
function slim(document: Json): Json {
  const { schemas } = document.components;
  const paths = Object.fromEntries(
    Object.entries<Json>(document.paths).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries<Json>(methods).map(([method, operation]) => [method, slimOne(operation)]),
      ),
    ]),
  );
  return withoutExamples({ ...document, paths, components: { schemas } });
}

function slimOne(operation: Json): Json {
  const parameters = (operation.parameters ?? []).filter((parameter: Json) => !parameter.$ref);
  const successes = Object.entries<Json>(operation.responses).filter(([status]) => status < "300")
    .map(([status, { description, content }]) => [status, { description, content }]);
  const { summary, description, operationId, requestBody } = operation;
  const responses = Object.fromEntries(successes);
  return { operationId, summary, description, parameters, requestBody, responses };
}

function withoutExamples(part: Json): Json {
  if (Array.isArray(part)) return part.map(withoutExamples);
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(
    Object.entries<Json>(part).flatMap(([key, value]) => {
      if (["example", "examples"].includes(key)) return [];
      // The names of properties are no keywords.
      if (key === "properties") return [[key, mapValues(value)]];
      return value === undefined ? [] : [[key, withoutExamples(value)]];
    }),
  );
}

function mapValues(properties: Json): Json {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, withoutExamples(schema)]),
  );
}

async function format(text: string): Promise<string> {
  const config = fileURLToPath(new URL("../deno.json", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--config", config, "--ext", "ts", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) await Deno.writeTextFile(TYPES, await typesOf(documentOf()));
