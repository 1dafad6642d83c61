import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { type Context, Hono } from "hono";
import type { z } from "@hono/zod-openapi";
import type { Deps } from "../lib/ctx.ts";
import { sha256 } from "../lib/kit/crypto.ts";
import { apiText, type Line } from "../render/docs/llms.ts";
import { referencePage } from "../render/docs/reference.ts";
import { hasTag, requestId, takesGzip } from "./_answer.ts";
import { buildDocument, serviceOf, type Version } from "./_document.ts";
import type { Operation } from "./_operation.ts";
import { ROUTES } from "./v1/mod.ts";

type Kept = { text: string; etag: string };
type Script = { gz: Uint8Array<ArrayBuffer>; name: string };

const REVALIDATE = "public, max-age=0, must-revalidate";
const IMMUTABLE = "public, max-age=31536000, immutable";
const SCRIPT = new URL("../render/docs/scalar.js.gz", import.meta.url);
const DOCUMENTS: [path: string, version: Version][] = [
  ["/docs/openapi", "3.0.3"],
  ["/docs/openapi-3.1", "3.1.0"],
  ["/v1/api", "3.0.3"],
];

/** The API's documents: OpenAPI, the reference for people, the text for language models. */
export function docs(deps: Deps) {
  const app = new Hono();
  const keep = lazily<Kept>();
  const script = lazily<Script>();
  for (const [path, version] of DOCUMENTS) {
    const dot = path.startsWith("/v1") ? "-" : ".";
    app.get(`${path}${dot}json`, async (c) => {
      const kept = await keep(`${version} json`, () => json(deps, version));
      return answer(c, kept, "application/json");
    });
    app.get(`${path}${dot}yaml`, async (c) => {
      const kept = await keep(`${version} yaml`, () => yaml(deps, version));
      return answer(c, kept, "application/yaml");
    });
  }
  app.get("/llms.txt", async (c) => {
    const text = () => Promise.resolve(tagged(apiText(serviceOf(deps), ROUTES.map(lineOf))));
    return answer(c, await keep("llms", text), "text/plain; charset=utf-8");
  });
  app.get("/docs", async (c) => {
    const { name } = await script("", readScript);
    identify(c);
    c.header("content-security-policy", csp(deps));
    c.header("referrer-policy", "strict-origin-when-cross-origin");
    c.header("cache-control", REVALIDATE);
    return c.html(referencePage({ document: "/docs/openapi.json", script: `/assets/${name}` }));
  });
  app.get("/assets/:name{scalar\\..+}", async (c) => {
    const { gz, name } = await script("", readScript);
    if (c.req.param("name") !== name) return c.notFound();
    identify(c);
    c.header("cache-control", IMMUTABLE);
    c.header("content-type", "text/javascript; charset=utf-8");
    c.header("vary", "Accept-Encoding");
    if (!takesGzip(c.req.raw)) return c.body(new Uint8Array(gunzipSync(gz)));
    c.header("content-encoding", "gzip");
    return c.body(gz);
  });
  return app;
}

function json(deps: Deps, version: Version): Promise<Kept> {
  return Promise.resolve(tagged(JSON.stringify(buildDocument(deps, version))));
}

async function yaml(deps: Deps, version: Version): Promise<Kept> {
  const { stringify } = await import("yaml");
  return tagged(stringify(buildDocument(deps, version), { aliasDuplicateObjects: false }));
}

async function readScript(): Promise<Script> {
  const gz = new Uint8Array(await readFile(SCRIPT));
  return { gz, name: `scalar.${sha256(gz).slice(0, 16)}.js` };
}

function tagged(text: string): Kept {
  return { text, etag: `"${sha256(text).slice(0, 32)}"` };
}

// What could not be made is tried again at the next request.
function lazily<T>() {
  const made = new Map<string, Promise<T>>();
  return (name: string, make: () => Promise<T>): Promise<T> => {
    const kept = made.get(name) ?? make();
    made.set(name, kept);
    kept.catch(() => made.delete(name));
    return kept;
  };
}

function identify(c: Context): void {
  c.header("x-request-id", requestId(c.req.raw));
  c.header("x-content-type-options", "nosniff");
}

function answer(c: Context, { text, etag }: Kept, type: string): Response {
  identify(c);
  c.header("etag", etag);
  c.header("cache-control", REVALIDATE);
  c.header("access-control-allow-origin", "*");
  if (hasTag(c.req.raw, etag)) return c.body(null, 304);
  c.header("content-type", type);
  return c.body(text);
}

// Scalar writes its style into the page, and calls the API from it.
function csp({ config }: Deps): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src 'self' ${config.origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function lineOf({ operation }: { operation: Operation }): Line {
  const fields = [operation.query, operation.body].flatMap((schema) =>
    Object.entries((schema as z.ZodObject | undefined)?.shape ?? {})
  );
  return {
    ...operation,
    takes: fields.map(([name, field]) =>
      (field as z.ZodType).safeParse(undefined).success ? `${name}?` : name
    ),
  };
}
