import { OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import { type Deps, SCOPES, upgradeUrl } from "../lib/ctx.ts";
import { ERRORS, type Reason } from "../lib/kit/errors.ts";
import { PLAN_NAMES } from "../lib/kit/config.ts";
import { EXAMPLE_BLOG, ownUrl } from "../lib/content/blogs.ts";
import { PLANS } from "../lib/metering/plans.ts";
import { ABOUT } from "../render/docs/llms.ts";
import { guide, type Service } from "../render/docs/guide.ts";
import { exampleOf, type Schema } from "./_example.ts";
import type { Operation } from "./_operation.ts";
import { ROUTES } from "./v1/mod.ts";

export type Version = "3.0.3" | "3.1.0";
type Media = { schema: Schema; example?: unknown; examples?: Record<string, unknown> };
type Bodied = { content?: Record<string, Media> };
type Documented = { requestBody?: Bodied; responses: Record<string, Bodied> };
type Part = {
  description: string;
  schema: { type: "string" | "integer"; [keyword: string]: unknown };
  example?: string | number;
};
type Refs = Record<string, { $ref: string }>;

const JSON_TYPE = "application/json";
const CODES = [...new Set(Object.values(ERRORS).map(([, code]) => code))];
const UPGRADES: readonly Reason[] = ["plan_required", "post_limit", "blog_limit", "storage_limit"];
const WITH_ISSUES: readonly Reason[] = ["validation", "too_complex"];
const RATE_HEADERS = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"];

const ErrorBody = z.object({
  error: z.enum(CODES).openapi({ description: "The kind of error." }),
  message: z.string().openapi({ description: "What is wrong, and how to mend it." }),
  reason: z.string().openapi({ description: "Finer than `error`; new ones may be added." }),
  request_id: z.string(),
  issues: z.array(z.object({
    path: z.string().openapi({ description: "Dotted; empty for the whole body." }),
    message: z.string(),
  })).optional().openapi({ description: "Every fault that was found in the input." }),
  upgrade_url: z.string().optional().openapi({
    description: "Where to get a plan that allows it.",
    format: "uri",
  }),
  retry_after: z.int().optional().openapi({ description: "Seconds to wait." }),
}).openapi("Error");

/** Facts about this service that the prose of the documents names. */
export function serviceOf({ config }: Deps): Service {
  return {
    origin: config.origin,
    plans: PLAN_NAMES.map((plan) => ({
      title: PLANS[plan].title,
      requests: config.limits.requests[plan],
    })),
    discover: config.limits.discover,
    scopes: SCOPES,
    retries: config.webhookRetries,
  };
}

// Every reason for which an operation may answer other than with success.
function reasonsOf(operation: Operation, deps: Deps): Reason[] {
  const writes = operation.method !== "get";
  const foreign = deps.config.supabase
    ? ["signup_closed", "email_taken", "upstream_error"] as const
    : [];
  const reasons: (Reason | false | undefined)[] = [
    (writes || !!operation.query) && "validation",
    operation.body && "malformed_json",
    ...operation.blog === "resolved" ? ["blog_unresolved", "blog_not_found"] as const : [],
    judgesBlogId(operation) && "blog_mismatch",
    ...operation.scope === null ? [] : [
      "credential_missing",
      "credential_invalid",
      "credential_expired",
      "credential_revoked",
      "session_ended",
      "scope_missing",
      ...operation.sandbox ? [] : ["test_mode"] as const,
      ...foreign,
    ] as const,
    (writes || operation.path.includes("{")) && "not_found",
    ...operation.reasons,
    ...writes
      ? [
        "idempotency_mismatch",
        "idempotency_in_progress",
        "payload_too_large",
        "unsupported_media_type",
        "outcome_unknown",
      ] as const
      : [],
    "rate_limited",
    "internal_error",
    "store_unavailable",
    "contention",
  ];
  return [...new Set(reasons.filter((reason) => !!reason))] as Reason[];
}

/** The OpenAPI document of all operations, as this service answers them. */
export function buildDocument(deps: Deps, version: Version): Record<string, unknown> {
  const app = new OpenAPIHono();
  const registry = app.openAPIRegistry;
  registry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "An API key, an account token, or the JWT of a session.",
  });
  registry.registerComponent("securitySchemes", "apiKey", {
    type: "apiKey",
    in: "header",
    name: "X-API-Key",
    description: "The same credentials.",
  });
  for (const [name, header] of Object.entries(HEADERS)) {
    registry.registerComponent("headers", name, header);
  }
  for (const [name, { description, ...parameter }] of Object.entries(PARAMETERS)) {
    registry.registerComponent("parameters", name, {
      in: "header",
      name,
      description,
      ...parameter,
    });
  }
  const used = new Set(ROUTES.flatMap(({ operation }) => reasonsOf(operation, deps)));
  for (const reason of used) {
    registry.registerComponent("examples", reason, {
      summary: ERRORS[reason][2],
      value: errorExample(deps, reason),
    });
  }
  for (const { operation } of ROUTES) registry.registerPath(describe(deps, operation));
  const service = serviceOf(deps);
  const head = {
    info: {
      title: "Postlark API",
      version: "1.0.0",
      description: [ABOUT, ...guide(service).map(({ title, text }) => `## ${title}\n\n${text}`)]
        .join("\n\n"),
    },
    servers: [{ url: `${service.origin}/v1` }],
    tags: [...new Set(ROUTES.map(({ operation }) => operation.tag))].map((name) => ({ name })),
  };
  const options = { unionPreferredType: "oneOf" } as const;
  const document = version === "3.0.3"
    ? app.getOpenAPIDocument({ openapi: version, ...head }, options)
    : app.getOpenAPI31Document({ openapi: version, ...head }, options);
  mendUnions(document.components?.schemas);
  addExamples(document as unknown as Parameters<typeof addExamples>[0]);
  const [stand, own] = [EXAMPLE_BLOG, ownUrl(deps, "my-blog")];
  const text = JSON.stringify(document).replaceAll(stand, own)
    .replaceAll(withoutScheme(stand), withoutScheme(own));
  return JSON.parse(text);
}

function withoutScheme(url: string): string {
  return url.slice(url.indexOf("//") + 2);
}

function describe(deps: Deps, operation: Operation): RouteConfig {
  const { method, path, operationId, summary, description, tag, scope, query, body, form } =
    operation;
  return {
    method,
    path,
    operationId,
    summary,
    ...description && { description },
    tags: [tag],
    security: scope === null ? [] : [{ bearer: [] }, { apiKey: [] }],
    ...scope !== null && { "x-scope": scope },
    parameters: parametersOf(operation),
    request: {
      ...query && { query: query as z.ZodObject },
      ...body && {
        body: {
          required: !body.safeParse({}).success,
          content: {
            [JSON_TYPE]: { schema: body },
            ...form && { "multipart/form-data": { schema: form } },
          },
        },
      },
    },
    responses: { ...successOf(operation), ...errorsOf(deps, operation) },
  } as RouteConfig;
}

function judgesBlogId({ blog }: Operation): boolean {
  return blog === "resolved" || blog === "named";
}

function parametersOf(operation: Operation) {
  const writes = operation.method !== "get";
  const headers = [
    judgesBlogId(operation) && "X-Blog-Id",
    writes && "Idempotency-Key",
    operation.reasons.includes("precondition_failed") && "If-Match",
    operation.answer.etag && "If-None-Match",
  ].filter((name) => typeof name === "string");
  return [
    ...pathParameters(operation.path),
    ...headers.map((name) => ({ $ref: `#/components/parameters/${name}` })),
  ];
}

function pathParameters(path: string) {
  return [...path.matchAll(/([\w-]+)\/\{(\w+)\}/g)].map(([, nouns, name]) => {
    const noun = nouns.replace(/s$/, "").replaceAll("-", " ").replace("api", "API");
    const slug = name === "slug";
    return {
      in: "path",
      name,
      required: true,
      description: `The ${slug ? "slug" : "id"} of the ${noun}.`,
      schema: slug ? { type: "string" } : { type: "string", format: "uuid" },
      example: slug ? `my-${noun}` : exampleOf({ type: "string", format: "uuid" }, {}),
    };
  });
}

function successOf({ method, answer }: Operation) {
  // What has an ETag when it is read has one when a write answers with it.
  const tagged = ROUTES.some(({ operation: { answer: { etag, schema } } }) =>
    etag && schema === answer.schema
  );
  const headers = [
    ...tagged ? ["ETag"] : [],
    ...method === "get" ? [] : ["Idempotency-Replayed"],
    ...RATE_HEADERS,
    "X-Request-Id",
  ];
  return {
    [answer.status]: {
      description: answer.description,
      headers: headerRefs(headers),
      content: {
        [JSON_TYPE]: { schema: answer.schema },
        ...answer.file && {
          [answer.file]: { schema: { type: "string" as const, format: "binary" } },
        },
      },
    },
    ...answer.etag && {
      304: {
        description: "It has not changed since the version in If-None-Match.",
        headers: headerRefs(["ETag", ...RATE_HEADERS, "X-Request-Id"]),
      },
    },
  };
}

function errorsOf(deps: Deps, operation: Operation) {
  const byStatus = Map.groupBy(reasonsOf(operation, deps), (reason) => ERRORS[reason][0]);
  return Object.fromEntries([...byStatus].map(([status, reasons]) => [status, {
    description: `${sentence(ERRORS[reasons[0]][1])}: ${reasons.join(", ")}.`,
    headers: headerRefs([
      ...reasons.some(hasRetryAfter) ? ["Retry-After"] : [],
      // A fault may come before the count does.
      ...status < 500 ? RATE_HEADERS : [],
      "X-Request-Id",
    ]),
    content: {
      [JSON_TYPE]: {
        schema: ErrorBody,
        examples: Object.fromEntries(
          reasons.map((reason) => [reason, { $ref: `#/components/examples/${reason}` }]),
        ),
      },
    },
  }]));
}

function errorExample(deps: Deps, reason: Reason) {
  const [, error, message] = ERRORS[reason];
  return {
    error,
    message,
    reason,
    ...WITH_ISSUES.includes(reason) &&
      { issues: [{ path: "title", message: "title is required" }] },
    ...UPGRADES.includes(reason) && { upgrade_url: upgradeUrl(deps) },
    ...hasRetryAfter(reason) && { retry_after: 1 },
    request_id: exampleOf({ type: "string", format: "uuid" }, {}),
  };
}

function hasRetryAfter(reason: Reason): boolean {
  return [429, 503].includes(ERRORS[reason][0]) || reason === "idempotency_in_progress";
}

function sentence(code: string): string {
  return code[0].toUpperCase() + code.slice(1).replaceAll("_", " ");
}

function headerRefs(names: string[]): Refs {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

// In 3.0 `{nullable: true}` alone allows anything: null belongs to a branch that has a type.
function mendUnions(part: unknown): void {
  if (typeof part !== "object" || part === null) return;
  const { oneOf } = part as Schema;
  const at = oneOf?.findIndex((branch) => branch.nullable && !branch.type && !branch.$ref) ?? -1;
  if (at >= 0) {
    oneOf!.splice(at, 1);
    oneOf!.find((branch) => branch.type)!.nullable = true;
  }
  for (const inner of Object.values(part)) mendUnions(inner);
}

function addExamples(document: {
  paths: Record<string, Record<string, Documented>>;
  components: { schemas: Record<string, Schema> };
}): void {
  const { schemas } = document.components;
  for (const { requestBody, responses } of Object.values(document.paths).flatMap(Object.values)) {
    for (const { content } of [requestBody ?? {}, ...Object.values(responses)]) {
      const media = content?.[JSON_TYPE];
      if (media && !media.examples) media.example = exampleOf(media.schema, schemas);
    }
  }
}

const HEADERS: Record<string, Part> = {
  "ETag": {
    description: "The version of what is answered, for If-Match and If-None-Match.",
    schema: { type: "string" },
    example: '"019d1f6e-6c00-7a10-8c2e-3f5d9b1a7e42"',
  },
  "Idempotency-Replayed": {
    description: "`true` where this is the answer that the first request got.",
    schema: { type: "string", enum: ["true"] },
  },
  "Retry-After": {
    description: "Seconds to wait.",
    schema: { type: "integer" },
    example: 1,
  },
  "X-RateLimit-Limit": {
    description: "Requests an hour.",
    schema: { type: "integer" },
    example: 1000,
  },
  "X-RateLimit-Remaining": {
    description: "Requests that are left in this hour.",
    schema: { type: "integer" },
    example: 999,
  },
  "X-RateLimit-Reset": {
    description: "When the hour ends, in unix seconds.",
    schema: { type: "integer" },
    example: 1774350000,
  },
  "X-Request-Id": {
    description: "Names the request; the client's own where it sent a sane one.",
    schema: { type: "string" },
    example: "019d1f6e-6c00-7a10-8c2e-3f5d9b1a7e42",
  },
};

const PARAMETERS: Record<string, Part> = {
  "X-Blog-Id": {
    description: "The blog to act on, for credentials that are not bound to one.",
    schema: { type: "string", format: "uuid" },
  },
  "Idempotency-Key": {
    description: "Makes a retry safe: the same request with the same key happens once in 24 hours.",
    schema: { type: "string", minLength: 1, maxLength: 255 },
  },
  "If-Match": {
    description: "ETag that the change is made against; 412 where there is a newer one.",
    schema: { type: "string" },
  },
  "If-None-Match": {
    description: "ETag that the client has; 304 where it is still the current one.",
    schema: { type: "string" },
  },
};
