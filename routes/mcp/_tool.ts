import { type Actor, type Ctx, type Deps, hasScope, type Scope } from "../../lib/ctx.ts";
import type { Route } from "../_operation.ts";
import { ROUTES } from "../v1/mod.ts";
import { type Argument, type Json, merged, shapesOf } from "./_schemas.ts";

// deno-lint-ignore no-explicit-any
export type Answer = any;
export type Arguments = Record<string, unknown>;
type Hints = {
  readOnlyHint: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
  openWorldHint?: boolean;
};

/** What a tool is, beyond the operations that it adapts. */
export type ToolSpec = {
  name: string;
  title: string;
  /** for whoever chooses among tools */
  about: string;
  hints: Hints;
  /** operationIds; with several, `choose` says which of them a call means */
  does: string[];
  choose?: (args: Arguments) => number;
  /** name of an argument where it is not the field's: `params.id`, `body.slug` */
  names?: Record<string, string>;
  /** fields that it does not take */
  leave?: string[];
  /** keywords of an argument's schema that are said otherwise here */
  says?: Record<string, Json>;
  /** what stands in for arguments that are left out */
  fill?: (args: Arguments) => Arguments;
  /** fields of the answer that are too large for what they tell */
  omit?: string[];
  /** what the caller may do next, in a sentence */
  next?: (answer: Answer, about: { active: string | null }) => string | null;
};

/** A tool that adapts no operation. */
export type OwnTool = {
  name: string;
  title: string;
  about: string;
  hints: Hints;
  scope: Scope;
  input: Json;
  output: Json;
  run: (call: { admitted: { ctx: Ctx }; request: Request }, args: Arguments) => Promise<Answer>;
  next: (answer: Answer) => string | null;
};

/** How one operation of a tool takes its arguments. */
export type Way = { route: Route; arguments: Map<string, Argument>; onBlog: boolean };
/** A tool as it is listed, and its ways. */
export type Tool =
  & { listed: Json; name: string }
  & ({ spec: ToolSpec; ways: Way[] } | { own: OwnTool });

const BLOG_ID = {
  type: "string",
  format: "uuid",
  description:
    "Id of the blog to act on, as list_blogs gives it. Unless given: the one of set_active_blog, else the only one there is.",
};
const IDEMPOTENCY_KEY = {
  type: "string",
  minLength: 1,
  maxLength: 255,
  description:
    "Any text that is new for each new request: a retry with the same one and the same arguments happens once in 24 hours.",
};

/** Puts the tools together with the schemas of their operations. */
export function makeTools(
  deps: Deps,
  { specs, own }: { specs: ToolSpec[]; own: OwnTool[] },
): Tool[] {
  const shapeOf = shapesOf(deps);
  const adapted = specs.map((spec): Tool => {
    const shapes = spec.does.map((id) => {
      const route = ROUTES.find(({ operation }) => operation.operationId === id)!;
      return { route, ...shapeOf(route) };
    });
    const ways = shapes.map(({ route, arguments: taken }): Way => ({
      route,
      onBlog: route.operation.blog === "resolved",
      arguments: new Map(
        taken.filter(({ field }) => !spec.leave?.includes(field))
          .map((argument) => [nameOf(spec, argument), argument]),
      ),
    }));
    const { name, title, about, hints } = spec;
    const outputSchema = without(merged(shapes.map(({ answer }) => answer)), spec.omit ?? []);
    const listed = {
      ...{ name, title, description: about },
      inputSchema: inputOf(spec, ways),
      outputSchema,
      annotations: { title, openWorldHint: false, ...hints },
    };
    return { name, listed, spec, ways };
  });
  const others = own.map((tool): Tool => {
    const { name, title, about, hints, input, output } = tool;
    const listed = {
      ...{ name, title, description: about },
      ...{ inputSchema: input, outputSchema: output },
      annotations: { title, openWorldHint: false, ...hints },
    };
    return { name, listed, own: tool };
  });
  return [...adapted, ...others].sort((a, b) => a.name < b.name ? -1 : 1);
}

function nameOf({ names = {} }: ToolSpec, { in: place, field }: Argument): string {
  const named = Object.entries(names).find(([, at]) => at === `${place}.${field}`);
  return named?.[0] ?? field;
}

function inputOf(spec: ToolSpec, ways: Way[]): Json {
  const required = ways.map(({ arguments: taken }) =>
    [...taken].filter(([, argument]) => argument.required).map(([name]) => name)
  );
  const properties: Record<string, Json> = {};
  for (const { arguments: taken } of ways) {
    for (const [name, { schema }] of taken) properties[name] = { ...schema, ...spec.says?.[name] };
  }
  const writes = ways.some(({ route }) => route.operation.method !== "get");
  return {
    type: "object",
    properties: {
      ...ways.some(({ onBlog }) => onBlog) && { blog_id: BLOG_ID },
      ...properties,
      ...writes && !spec.hints.readOnlyHint && { idempotency_key: IDEMPOTENCY_KEY },
    },
    required: required.reduce((kept, names) => kept.filter((name) => names.includes(name))),
  };
}

function without(schema: Json, fields: string[]): Json {
  const left = (name: string) => !fields.includes(name);
  return {
    ...schema,
    properties: Object.fromEntries(
      Object.entries(schema.properties).filter(([name]) => left(name)),
    ),
    required: schema.required.filter(left),
  };
}

/** The scope that a tool needs and the caller lacks, `sandbox` where it is beyond a test key; null where it may call it. */
export function lacking(tool: Tool, actor: Actor): Scope | "sandbox" | null {
  const needed = "own" in tool
    ? [{ scope: tool.own.scope, sandbox: false }]
    : tool.ways.map(({ route }) => route.operation);
  const lacks = needed.map(({ scope, sandbox }) => {
    if (scope === null) return null;
    if (!hasScope(actor.scopes, scope)) return scope;
    return actor.mode === "test" && !sandbox ? "sandbox" as const : null;
  });
  return lacks.includes(null) ? null : lacks[0];
}
