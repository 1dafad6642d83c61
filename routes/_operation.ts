import { z } from "@hono/zod-openapi";
import type { Ctx, Scope } from "../lib/ctx.ts";
import type { Reason } from "../lib/kit/errors.ts";

/** `limit` and `cursor`, which every list takes; more than 250 is clamped. */
export const CursorQuery = z.object({
  limit: wholeNumber("limit", 250).optional().openapi({
    param: { description: "At most this many, clamped to 250; the answer then has next_cursor." },
    type: "integer",
    minimum: 1,
    example: 50,
  }),
  cursor: z.string().optional().openapi({
    param: { description: "next_cursor of the page before." },
  }),
});

/** `page` and `per_page`; `max` is where the latter is clamped. */
export function pageQuery(max: number) {
  return z.object({
    page: wholeNumber("page", 1_000_000_000).optional().openapi({
      param: { description: "From 1." },
      type: "integer",
      minimum: 1,
      example: 1,
    }),
    per_page: wholeNumber("per_page", max).optional().openapi({
      param: { description: `20 unless given; clamped to ${max}.` },
      type: "integer",
      minimum: 1,
      example: 20,
    }),
  });
}

/** A positive whole number in a query; more than `max` is clamped. */
function wholeNumber(name: string, max: number) {
  return z.string().regex(/^0*[1-9]\d*$/, {
    error: `${name} must be a whole number from 1`,
  }).transform((text) => Math.min(max, Number(text)));
}

/** The `data` and `next_cursor` of a list. */
export function listOf<T extends z.ZodType>(item: T, name: string) {
  return z.object({
    data: z.array(item),
    next_cursor: z.string().nullable().openapi({
      description: "For `cursor`; null on the last page.",
    }),
  }).openapi(name);
}

/** A page with its exact total or, with limit or cursor, with next_cursor. */
export function pagedListOf<T extends z.ZodType>(item: T, name: string) {
  return listOf(item, name).partial({ next_cursor: true }).extend({
    pagination: z.object({
      page: z.int(),
      per_page: z.int(),
      total: z.int(),
      total_pages: z.int(),
    }).optional().openapi({
      description: "Absent with limit or cursor.",
      example: { page: 1, per_page: 20, total: 1, total_pages: 1 },
    }),
  }).openapi(name);
}

type Input<S> = S extends z.ZodType ? z.infer<S> : Record<string, never>;

/** What an operation is; the document, the gates and the sweeps over all operations derive from it. */
export type Operation<
  P extends string = string,
  Q extends z.ZodType | undefined = z.ZodType | undefined,
  B extends z.ZodType | undefined = z.ZodType | undefined,
> = {
  method: "get" | "post" | "put" | "delete";
  path: P;
  operationId: string;
  tag: string;
  summary: string;
  description?: string;
  /** null: for anyone, whatever credential is sent, limited by address */
  scope: Scope | null;
  /** what it may answer beyond the errors that every operation has */
  reasons: Reason[];
  /**
   * `resolved`: acts on the blog that credential and X-Blog-Id name; `named`: on the account, but judges
   * X-Blog-Id; `param`: on the blog in its path
   */
  blog?: "resolved" | "named" | "param";
  /** whether a test key reaches it, in the sandbox */
  sandbox?: boolean;
  /** whether its answer is a new credential, which no replay gives to a weaker one */
  mints?: boolean;
  query?: Q;
  body?: B;
  /** the fields of a form that may be sent in place of the JSON, as multipart/form-data */
  form?: z.ZodType;
  /** a limit a minute and user, beside that of all requests */
  window?: "uploads";
  answer: {
    status: 200 | 201;
    schema: z.ZodType;
    description: string;
    etag?: boolean;
    /** the type of the file that it may be in place of JSON */
    file?: string;
  };
};

type PathParams<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? { [K in Name]: string } & PathParams<Rest>
  : unknown;

/** A judged request, as a handler gets it. */
export type Call<P extends string, Q, B> = {
  ctx: Ctx;
  params: PathParams<P>;
  query: Input<Q>;
  body: Input<B>;
};

/** An operation with what it does. */
export type Route = {
  operation: Operation;
  // deno-lint-ignore no-explicit-any
  handle: (call: Call<any, any, any>) => Promise<unknown>;
  // deno-lint-ignore no-explicit-any
  prefetch?: (call: Call<any, any, any>) => void;
};

/** Declares an operation; its types are the handler's. */
export function operation<
  const P extends string,
  Q extends z.ZodType | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(op: Operation<P, Q, B>): Operation<P, Q, B> {
  return op;
}

/** Joins an operation to its verb; `prefetch`, which gets no body, sends reads out with those that judge the credential. */
export function route<
  P extends string,
  Q extends z.ZodType | undefined,
  B extends z.ZodType | undefined,
>(
  op: Operation<P, Q, B>,
  handle: (call: Call<P, Q, B>) => Promise<unknown>,
  prefetch?: (call: Call<P, Q, B>) => void,
): Route {
  return { operation: op as unknown as Operation, handle, prefetch };
}
