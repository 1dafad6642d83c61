import { z } from "@hono/zod-openapi";
import { requireScope } from "../../lib/ctx.ts";
import { AppError, invalid, type Issue } from "../../lib/kit/errors.ts";
import { isUuid } from "../../lib/kit/ids.ts";
import { typed } from "../../lib/kit/input.ts";
import { note } from "../../lib/kit/observe.ts";
import { readActiveBlog } from "../../lib/account/active_blog.ts";
import type { Admitted, Env } from "../_admit.ts";
import { noteError } from "../_answer.ts";
import { validate } from "../_input.ts";
import type { Call } from "../_operation.ts";
import { carryOut, judge } from "../_perform.ts";
import { errorText } from "./_say.ts";
import type { Argument } from "./_schemas.ts";
import { type Answer, type Arguments, lacking, type Tool, type Way } from "./_tool.ts";

/** One request to /mcp, admitted. */
export type Serving = { env: Env; admitted: Admitted; request: Request; id: string };
type Content = { type: "text"; text: string };
export type Result = {
  content: Content[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
};

const MOST_NAMED = 10;
const LONGEST_NAME = 50;
const KEY_FAULT = "idempotency_key must have 1 to 255 characters";
const NO_ID =
  "Blog not found: blog_id must be an id as list_blogs gives it, not a slug or an address.";
const Common = z.object({
  blog_id: z.string(typed("blog_id", "a blog's id")).optional(),
  idempotency_key: z.string(typed("idempotency_key", "a string"))
    .refine((key) => key.trim() !== "" && key.length <= 255, { error: KEY_FAULT }).optional(),
});

/** Calls a tool; whatever it comes to is its result, in words that say what to do next. */
export async function callTool(
  serving: Serving,
  tool: Tool,
  args: Arguments,
): Promise<Result> {
  const { admitted: { ctx } } = serving;
  note({ tool: tool.name });
  try {
    const lacks = lacking(tool, ctx.actor);
    if (lacks === "sandbox") throw new AppError("test_mode");
    if (lacks) requireScope(ctx, lacks);
    const { answer, next } = await run(serving, tool, args);
    return {
      content: [JSON.stringify(answer), next, ignoredOf(tool, args)].filter((text) =>
        typeof text === "string"
      )
        .map((text) => ({ type: "text", text })),
      structuredContent: answer,
    };
  } catch (error) {
    const known = noteError(ctx.deps, error, serving.id);
    return { content: [{ type: "text", text: errorText(known, serving.id) }], isError: true };
  }
}

// What is misspelt would else seem done; some clients add arguments of their own, so that it is no error.
function ignoredOf({ name, listed }: Tool, args: Arguments): string | null {
  const taken = Object.keys(listed.inputSchema.properties);
  const ignored = Object.keys(args).filter((argument) => !taken.includes(argument));
  if (!ignored.length) return null;
  const some = ignored.slice(0, MOST_NAMED).map((argument) => argument.slice(0, LONGEST_NAME));
  return `Ignored, as ${name} has no such argument: ${some.join(", ")}. It takes ${
    taken.join(", ") || "none"
  }.`;
}

async function run(
  serving: Serving,
  tool: Tool,
  args: Arguments,
): Promise<{ answer: Answer; next: string | null }> {
  const { admitted: { ctx } } = serving;
  if ("own" in tool) {
    requireScope(ctx, tool.own.scope);
    const answer = await tool.own.run(serving, args);
    return { answer, next: tool.own.next(answer) };
  }
  const { spec } = tool;
  const filled = { ...args, ...spec.fill?.(args) };
  const way = tool.ways[spec.choose?.(filled) ?? 0];
  // Before, so that nothing fails once it is done.
  const active = spec.next ? await readActiveBlog(ctx) : null;
  const body = await runRoute(serving, way, filled);
  const answer = Object.fromEntries(
    Object.entries(body as Answer).filter(([name]) => !spec.omit?.includes(name)),
  );
  return { answer, next: spec.next?.(answer, { active }) ?? null };
}

/** Does an operation on the arguments of a call; the answer is what REST answers. */
export async function runRoute(
  serving: Serving,
  way: Way,
  args: Arguments,
): Promise<unknown> {
  const { ctx } = serving.admitted;
  const { route: { operation } } = way;
  const params = paramsOf(way, args);
  // As over REST, the right to an operation is judged before its input is.
  if (operation.scope !== null) await judgeOnBlog(serving, { way, params, blog: args.blog_id });
  const { query, body, given, key } = readArguments(way, args);
  const call = { ctx, params, query, body } as Call<string, undefined, undefined>;
  const keyed = key === undefined ? null : {
    key,
    path: `/v1${
      operation.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name]))
    }`,
    body: new TextEncoder().encode(JSON.stringify(given)),
  };
  return (await carryOut(way.route, call, keyed)).body;
}

// What is no text is refused with the rest of the input.
function paramsOf(way: Way, args: Arguments): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [name, argument] of way.arguments) {
    if (argument.in !== "params") continue;
    const value = args[name];
    params[argument.field] = typeof value === "string" ? value : "";
  }
  return params;
}

/** Judges the operation on the blog that the argument names, else X-Blog-Id, else the credential's choice. */
async function judgeOnBlog(
  { env, admitted, request }: Serving,
  { way: { route: { operation }, onBlog }, params, blog }: {
    way: Way;
    params: Record<string, string>;
    blog: unknown;
  },
): Promise<void> {
  const { ctx } = admitted;
  const named = onBlog && typeof blog === "string" ? blog.trim().toLowerCase() : undefined;
  const free = onBlog && named === undefined && !request.headers.get("x-blog-id")?.trim();
  const active = free ? await readActiveBlog(ctx) : undefined;
  try {
    await judge(env, admitted, { operation, params, blog: named ?? active ?? undefined });
  } catch (error) {
    if (!(error instanceof AppError) || error.reason !== "blog_mismatch") throw error;
    if (named !== undefined) {
      if (!isUuid(named)) throw new AppError("blog_not_found", { message: NO_ID });
      throw new AppError(ctx.actor.boundTo === null ? "blog_not_found" : "blog_bound");
    }
    if (active) {
      throw new AppError("blog_unresolved", { message: "The active blog is not there any more." });
    }
    throw error;
  }
}

function readArguments(way: Way, args: Arguments) {
  const given: Record<Argument["in"], Arguments> = { params: {}, query: {}, body: {} };
  const names = new Map<string, string>();
  for (const [name, { in: place, field }] of way.arguments) {
    const value = args[name];
    names.set(`${place}.${field}`, name);
    if (value === undefined || (value === null && place === "query")) continue;
    given[place][field] = place === "query" ? queryText(value) : value;
  }
  const { operation } = way.route;
  const fields = Object.keys(paramsOf(way, args));
  const issues: Issue[] = [];
  const read = (place: string, schema: z.ZodType | undefined, value: unknown) => {
    try {
      return validate({ value: { schema, value } }).value;
    } catch (error) {
      if (!(error instanceof AppError) || !error.details.issues) throw error;
      issues.push(...error.details.issues.map(({ path, message }) => {
        const [field, ...rest] = path.split(".");
        return { path: [names.get(`${place}.${field}`) ?? field, ...rest].join("."), message };
      }));
    }
  };
  const writes = operation.method !== "get";
  read("params", paramsSchema(fields, names), given.params);
  const query = read("query", operation.query, given.query);
  const body = read("body", operation.body, given.body);
  const common = read("", Common, {
    ...way.onBlog && { blog_id: args.blog_id ?? undefined },
    ...writes && { idempotency_key: args.idempotency_key ?? undefined },
  }) as z.infer<typeof Common> | undefined;
  if (issues.length) throw invalid(issues);
  return { query, body, given: given.body, key: common?.idempotency_key };
}

function paramsSchema(fields: string[], names: Map<string, string>): z.ZodType {
  return z.object(Object.fromEntries(fields.map((field) => {
    const name = names.get(`params.${field}`)!;
    return [
      field,
      z.string(typed(name, "a string")).min(1, { error: `${name} must not be empty` }),
    ];
  })));
}

// Over REST everything in a query is text.
function queryText(value: unknown): unknown {
  return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
}
