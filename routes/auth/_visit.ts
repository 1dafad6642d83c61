import type { Context } from "hono";
import type { Deps } from "../../lib/ctx.ts";
import { AppError } from "../../lib/kit/errors.ts";
import { addressWindowKey, rateLimited, userWindowKey } from "../../lib/metering/rate_limit.ts";
import type { Browser } from "../../lib/account/sign_in/mod.ts";
import { findVisitor, type Visitor } from "../../lib/account/sign_in/overview.ts";
import { type AuthPage, faultPage } from "../../render/auth/mod.ts";
import { addressOf, type Env } from "../_admit.ts";
import { errorAnswer, requestId } from "../_answer.ts";
import { readText } from "../_input.ts";
import { readCookie, writeCookie } from "./_cookies.ts";

const MAX_FORM = 16_384;
/** How long a path with its query may be to be gone back to after a sign-in. */
export const MAX_PATH = 6000;
const TRIES_WINDOW = 600_000;
const HOME = "/app";

/** A request for a page of the service's own. */
export type Visit = {
  env: Env;
  deps: Deps;
  request: Request;
  url: URL;
  params: Record<string, string>;
  peer: string;
  id: string;
};
/** Which cookies an answer sets; null takes one away. */
type Cookies = { session?: string | null; flow?: string; flash?: string };
type Handler = (visit: Visit) => Promise<Response>;
type Platform = { Bindings: { peer: string } };

/** A route of pages: on another host than the origin's it leads there, and a failure is a page too. */
export function pages(env: Env, handler: Handler) {
  return route(env, async (visit) => {
    const { config } = visit.deps;
    const reads = ["GET", "HEAD"].includes(visit.request.method);
    if (visit.url.host !== config.baseHost && reads) {
      return goTo(visit, visit.url.pathname + visit.url.search);
    }
    return await handler(visit);
  }, { fail: showFault, cookies: true });
}

/** A route of JSON for the pages of the origin. */
export function json(env: Env, handler: Handler) {
  return route(env, handler, { fail: refuse, cookies: true });
}

/** A route of JSON for anyone, which looks at no cookie. */
export function open(env: Env, handler: Handler) {
  return route(env, handler, { fail: refuse, cookies: false });
}

function route(
  env: Env,
  handler: Handler,
  { fail, cookies }: {
    fail: (visit: Visit, error: unknown) => Promise<Response> | Response;
    cookies: boolean;
  },
) {
  return async (c: Context<Platform>) => {
    const { raw: request } = c.req;
    const visit: Visit = {
      ...{ env, request, deps: env.deps, url: new URL(request.url), params: c.req.param() },
      ...{ peer: c.env.peer, id: requestId(request) },
    };
    try {
      if (cookies && !["GET", "HEAD"].includes(request.method)) requireSameOrigin(visit);
      return unframed(await handler(visit));
    } catch (error) {
      return unframed(await fail(visit, error));
    }
  };
}

/** What is no page, and has no policy of its own, shows in nobody's frame either. */
function unframed(answer: Response): Response {
  const name = "content-security-policy";
  if (!answer.headers.has(name)) {
    answer.headers.set(name, "default-src 'none'; frame-ancestors 'none'");
  }
  return answer;
}

function refuse({ deps, id }: Visit, error: unknown): Response {
  const answer = errorAnswer(deps, error, new Headers({ "x-request-id": id }));
  answer.headers.set("cache-control", "no-store");
  return answer;
}

async function showFault(visit: Visit, error: unknown): Promise<Response> {
  // Its log line, its status and its Retry-After are the same.
  const answer = refuse(visit, error);
  const { message, reason } = await answer.json();
  return show(
    visit,
    faultPage({
      ...{ code: answer.status, message, requestId: visit.id },
      known: !!cookieOf(visit),
      signOut: reason === "account_suspended" && !!cookieOf(visit),
    }),
    { status: answer.status, retryAfter: answer.headers.get("retry-after") },
  );
}

/** A cookie counts only in what a page of the origin itself sends. */
function requireSameOrigin({ deps, request }: Visit): void {
  const site = request.headers.get("sec-fetch-site");
  const same = request.headers.get("origin") === deps.config.origin &&
    (site === null || site === "same-origin");
  if (!same) throw new AppError("origin_mismatch");
}

/** Throws 403 where a browser says that another host's page asks, a blog's too: it would use up what an account may do. */
export function requireOwnPage({ request }: Visit): void {
  const site = request.headers.get("sec-fetch-site");
  if (site === "cross-site" || site === "same-site") throw new AppError("origin_mismatch");
}

/**
 * Throws 403 where a browser says that it asks for a part of some page, a frame, or a page that nobody may
 * ever look at: none of them signs anybody in, and any page can ask for them.
 */
export function requireNavigation({ request: { headers } }: Visit): void {
  const destination = headers.get("sec-fetch-dest") ?? "document";
  if (destination !== "document" || headers.has("sec-purpose")) {
    throw new AppError("origin_mismatch", { message: "A sign-in begins by opening this address." });
  }
}

/** Sends a page. */
export function show(
  visit: Visit,
  page: AuthPage,
  { status = 200, retryAfter = null as string | null } = {},
): Response {
  return new Response(page.html, {
    status,
    headers: {
      ...always(visit),
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": page.csp,
      "referrer-policy": page.referrer,
      "cross-origin-opener-policy": "same-origin",
      ...retryAfter !== null && { "retry-after": retryAfter },
    },
  });
}

/** Sends the browser on with GET: to a path of this site, or to an address elsewhere. */
export function goTo(visit: Visit, to: string | URL, cookies: Cookies = {}): Response {
  const location = to instanceof URL ? to.href : visit.deps.config.origin + to;
  const headers = new Headers({ ...always(visit), location });
  // What the editor keeps in the browser until it is saved is not for whoever comes next.
  if (cookies.session === null) headers.set("clear-site-data", '"storage"');
  for (const kind of ["session", "flow", "flash"] as const) {
    const value = cookies[kind];
    if (value !== undefined) headers.append("set-cookie", writeCookie(visit.deps, kind, value));
  }
  return new Response(null, { status: 303, headers });
}

function always({ id }: Visit): Record<string, string> {
  return {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-request-id": id,
  };
}

/** The fields of a form. */
export async function readForm(visit: Visit): Promise<Record<string, string>> {
  return Object.fromEntries(await readFields(visit));
}

/** The same, where a field may come more than once; throws 413 above `limit` bytes. */
export async function readFields(
  { request }: Visit,
  limit = MAX_FORM,
): Promise<URLSearchParams> {
  return new URLSearchParams(await readText(request, limit));
}

/** What the request says of its browser. */
export function browserOf(visit: Visit): Browser {
  const agent = visit.request.headers.get("user-agent") ?? "";
  return { cookie: cookieOf(visit), agent };
}

function cookieOf({ deps, request }: Visit): string | undefined {
  return readCookie(deps, request, "session");
}

/** A path of this site, in the form that a browser gives it; the account's own page for anything else. */
export function pathWithin({ config }: Deps, text: string | null | undefined): string {
  const fits = text && text.length <= MAX_PATH && text.startsWith("/") &&
    URL.canParse(text, config.origin);
  if (!fits) return HOME;
  const url = new URL(text, config.origin);
  if (url.origin !== config.origin || url.pathname.startsWith("//")) return HOME;
  return url.pathname + url.search;
}

/** Counts a sign-in that begins against the caller's address; throws 429. */
export async function countSignIn(visit: Visit): Promise<void> {
  const { limits } = visit.deps.config;
  await countTry(visit, { kind: "sign_in", limit: limits.signIn, what: "sign-ins" });
}

type Tries = {
  kind: string;
  limit: number;
  /** what there were too many of */
  what: string;
  /** whose they are, the caller's address unless given */
  of?: string;
};

/** Counts one of something that is limited in ten minutes; throws 429. */
export async function countTry(
  { env, deps, request, peer }: Pick<Visit, "env" | "deps" | "request" | "peer">,
  { kind, limit, what, of }: Tries,
): Promise<void> {
  const window = addressWindowKey(kind, of ?? addressOf(deps, request, peer));
  const verdict = await env.limiter.take(window, { limit, length: TRIES_WINDOW });
  if (verdict.allowed) return;
  const retryAfter = Math.max(1, Math.ceil(verdict.reset - deps.clock() / 1000));
  const minutes = Math.ceil(retryAfter / 60);
  const from = of === undefined ? "from your address" : "of yours";
  throw new AppError("rate_limited", {
    message: `Too many ${what} ${from}: try again in ${minutes} minute(s).`,
    retryAfter,
  });
}

/** The signed-in visitor, or null. */
export function visitorOf(visit: Visit): Promise<Visitor | null> {
  return findVisitor(visit.deps, cookieOf(visit));
}

/** The same for a write: it counts as one request of the account's hour, and nothing is written beyond that. */
export async function countedVisitorOf(visit: Visit): Promise<Visitor | null> {
  const visitor = await visitorOf(visit);
  if (!visitor) return null;
  const { ctx, session, plan } = visitor;
  const limit = visit.deps.config.limits.requests[plan.plan];
  const verdict = await visit.env.limiter.take(userWindowKey(session.user), { limit });
  if (!verdict.allowed) throw rateLimited(verdict, ctx.now);
  return visitor;
}

/** Leads to the sign-in, and from there to where the visit would have gone. */
export function goToSignIn(visit: Visit): Response {
  const { request, url } = visit;
  const back = request.method === "GET" ? url.pathname + url.search : HOME;
  return goTo(visit, `/auth/sign-in?${new URLSearchParams({ return_to: back })}`);
}
