import type { Ctx } from "../lib/ctx.ts";
import { AppError } from "../lib/kit/errors.ts";
import { Download } from "../lib/kit/download.ts";
import { rateLimited, type Verdict } from "../lib/metering/rate_limit.ts";
import { addressOf, admit, admitAnyone, type Admitted, countAddress, type Env } from "./_admit.ts";
import {
  challenge,
  downloadAnswer,
  errorAnswer,
  hasTag,
  jsonAnswer,
  requestId,
  setRateHeaders,
} from "./_answer.ts";
import { idempotencyKeyOf } from "./_idempotency.ts";
import {
  formContent,
  isForm,
  isPlausible,
  parseForm,
  parseJson,
  queryOf,
  readBody,
  validate,
} from "./_input.ts";
import type { Call, Route } from "./_operation.ts";
import { carryOut, judge } from "./_perform.ts";

const LARGE_BODY = 65_536;

/** A request as the router hands it over; `peer` is the address of the connection. */
export type Incoming = { request: Request; params: Record<string, string>; peer: string };
/** What came of a request; a body that is a Response is the answer, but for its headers. */
type Done = { status: number; body: unknown; replayed?: boolean };

/** Answers a request to an operation, judging it in the order 401, 429, 403, 400. */
export async function serveRoute(env: Env, route: Route, incoming: Incoming): Promise<Response> {
  const { request, peer } = incoming;
  const fetchAhead = (ctx: Ctx) => prefetch(route, ctx, incoming);
  return await serve(env, incoming, {
    admit: () =>
      route.operation.scope === null
        ? admitAnyone(env, addressOf(env.deps, request, peer), fetchAhead)
        : admit(env, request, fetchAhead),
    act: (admitted) => act(env, route, admitted, incoming),
  });
}

/** Answers a request to no operation: 401 like any other, then the error given. */
export async function serveNowhere(
  env: Env,
  incoming: Incoming,
  error: AppError,
): Promise<Response> {
  return await serve(env, incoming, {
    admit: () => admit(env, incoming.request, () => {}),
    act: () => Promise.reject(error),
  });
}

/** How a request is admitted, and what is done for it. */
export type Steps = {
  admit: () => Promise<Admitted>;
  act: (admitted: Admitted, requestId: string) => Promise<Done>;
};

/** Answers a request in steps; one over the limit is a 429, whatever they come to. */
export async function serve(env: Env, incoming: Incoming, steps: Steps): Promise<Response> {
  const { deps } = env;
  const { request } = incoming;
  const id = requestId(request);
  const headers = new Headers({ "x-request-id": id });
  let verdict: Promise<Verdict> | undefined;
  try {
    const admitted = await steps.admit().catch(async (error) => {
      if (!(error instanceof AppError) || error.status === 503) throw error;
      verdict = countAddress(env, addressOf(deps, request, incoming.peer));
      await refuseOver(await verdict, headers, deps.clock());
      throw error;
    });
    verdict = admitted.verdict;
    if (admitted.refused) await refuseOver(await verdict, headers, admitted.ctx.now);
    // The work goes on beside the count; whatever it comes to, a request over the limit is a 429.
    const outcome = await settle(steps.act(admitted, id));
    await refuseOver(await verdict, headers, admitted.ctx.now);
    if ("error" in outcome) throw outcome.error;
    return succeed(admitted.ctx, request, { done: outcome.value, headers });
  } catch (error) {
    return challenge(deps, errorAnswer(deps, error, headers), { request, path: "" });
  }
}

function succeed(
  ctx: Ctx,
  request: Request,
  { done, headers }: { done: Done; headers: Headers },
): Response {
  const { rev } = ctx.answer;
  if (done.replayed) headers.set("idempotency-replayed", "true");
  if (rev && !done.replayed) {
    headers.set("etag", `"${rev}"`);
    if (request.method === "GET" && hasTag(request, `"${rev}"`)) {
      headers.set("cache-control", "private, no-cache");
      return new Response(null, { status: 304, headers });
    }
  }
  if (done.body instanceof Response) {
    for (const [name, value] of headers) done.body.headers.set(name, value);
    return done.body;
  }
  if (done.body instanceof Download) return downloadAnswer(done.body, headers);
  return jsonAnswer(done.status, done.body, headers);
}

async function act(
  env: Env,
  route: Route,
  admitted: Admitted,
  { request, params }: Incoming,
): Promise<Done> {
  const { operation } = route;
  const { ctx } = admitted;
  await judge(env, admitted, { operation, params });
  const { limits } = env.deps.config;
  const bytes = await readBody(request, { limit: limits.body, form: !!operation.form });
  // What takes long to judge waits for the count, so that a request over the limit costs little.
  if (bytes.length > LARGE_BODY) await ctx.admission;
  const query = { schema: operation.query, value: queryOf(new URL(request.url)) };
  const form = operation.form && isForm(request) && bytes.length > 0
    ? await parseForm(request, bytes)
    : null;
  const body = form
    ? { schema: operation.form, value: form }
    : { schema: operation.body, value: operation.body && parseJson(bytes) };
  const values = validate({ query, body });
  const call = { ctx, params, ...values } as Call<string, undefined, undefined>;
  const key = idempotencyKeyOf(request);
  return await carryOut(
    route,
    call,
    key === null ? null : {
      key,
      path: new URL(request.url).pathname,
      body: form ? await formContent(form) : bytes,
    },
  );
}

function prefetch(route: Route, ctx: Ctx, { request, params }: Incoming): void {
  if (!route.prefetch || !isPlausible(params)) return;
  const { query: schema } = route.operation;
  const query = schema?.safeParse(queryOf(new URL(request.url))).data ?? {};
  route.prefetch({ ctx, params, query, body: {} });
}

function refuseOver(verdict: Verdict, headers: Headers, now: number): void {
  setRateHeaders(headers, verdict);
  if (!verdict.allowed) throw rateLimited(verdict, now);
}

async function settle<T>(promise: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}
