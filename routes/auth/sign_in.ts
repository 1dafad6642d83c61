import { Hono } from "hono";
import type { Deps } from "../../lib/ctx.ts";
import { AppError } from "../../lib/kit/errors.ts";
import { issueJwt } from "../../lib/account/jwt.ts";
import {
  findLoginLink,
  findProvider,
  getSessionId,
  handleCallback,
  signIn,
  signOut,
  startSession,
  takeLoginLink,
} from "../../lib/account/sign_in/mod.ts";
import { demoAccount } from "../../lib/operator/demo.ts";
import { loginLinkPage, signInPage, signOutPage } from "../../render/auth/mod.ts";
import type { Env } from "../_admit.ts";
import { jsonAnswer } from "../_answer.ts";
import { readCookie } from "./_cookies.ts";
import {
  browserOf,
  countedVisitorOf,
  countSignIn,
  goTo,
  json,
  pages,
  pathWithin,
  readForm,
  requireNavigation,
  show,
  type Visit,
} from "./_visit.ts";

// What the address tells that led here.
const SAID = [
  ["account_deleted", "Your account is deleted, and you are signed out."],
  ["signed_out", "You are signed out."],
];

/** Signing in and out: the providers' flows, the operator's links, and the JWT of a cookie. */
export function signInRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.get("/auth/sign-in", pages(env, showSignIn));
  app.get("/auth/sign-in/:provider", pages(env, begin));
  app.get("/auth/callback/:provider", pages(env, end));
  app.post("/auth/dev", pages(env, signInAsDemo));
  app.get("/auth/login-link", pages(env, showLoginLink));
  app.post("/auth/login-link", pages(env, useLoginLink));
  app.get("/auth/sign-out", pages(env, (visit) => Promise.resolve(show(visit, signOutPage()))));
  app.post("/auth/sign-out", pages(env, leave));
  app.post("/auth/token", json(env, issueToken));
  return app;
}

async function showSignIn(visit: Visit): Promise<Response> {
  const { deps, url } = visit;
  const { signIn: providers, signup } = deps.config;
  const returnTo = pathWithin(deps, url.searchParams.get("return_to"));
  if (await getSessionId(deps, browserOf(visit).cookie)) return goTo(visit, returnTo);
  const page = signInPage({
    ...{ providers, signup, returnTo, development: hasDemoSignIn(deps) },
    said: SAID.find(([name]) => url.searchParams.has(name))?.[1] ?? null,
  });
  return show(visit, page);
}

async function begin(visit: Visit): Promise<Response> {
  const { deps, request, url, params } = visit;
  const provider = findProvider(deps, params.provider);
  requireNavigation(visit);
  await countSignIn(visit);
  const begun = await signIn(deps, provider, {
    returnTo: pathWithin(deps, url.searchParams.get("return_to")),
    browser: readCookie(deps, request, "flow"),
  });
  return goTo(visit, new URL(begun.url), { flow: begun.browser });
}

async function end(visit: Visit): Promise<Response> {
  const { deps, request, url, params } = visit;
  const provider = findProvider(deps, params.provider);
  const { cookie, returnTo } = await handleCallback(deps, provider, {
    ...browserOf(visit),
    params: url.searchParams,
    browser: readCookie(deps, request, "flow"),
  });
  return goTo(visit, returnTo, { session: cookie });
}

function hasDemoSignIn({ config }: Deps): boolean {
  return config.dev && config.signIn.length === 0;
}

async function signInAsDemo(visit: Visit): Promise<Response> {
  const { deps } = visit;
  if (!hasDemoSignIn(deps)) throw new AppError("not_found");
  await countSignIn(visit);
  const { return_to: returnTo } = await readForm(visit);
  const cookie = await startSession(deps, await demoAccount(deps), browserOf(visit));
  return goTo(visit, pathWithin(deps, returnTo), { session: cookie });
}

async function showLoginLink(visit: Visit): Promise<Response> {
  const token = visit.url.searchParams.get("token") ?? "";
  const { email, name } = await findLoginLink(visit.deps, token);
  return show(visit, loginLinkPage({ token, who: email || name }));
}

async function useLoginLink(visit: Visit): Promise<Response> {
  await countSignIn(visit);
  const { token = "" } = await readForm(visit);
  const user = await takeLoginLink(visit.deps, token);
  const cookie = await startSession(visit.deps, user, browserOf(visit));
  return goTo(visit, "/app", { session: cookie });
}

async function leave(visit: Visit): Promise<Response> {
  const { everywhere } = await readForm(visit);
  await signOut(visit.deps, browserOf(visit).cookie, { everywhere: everywhere !== undefined });
  return goTo(visit, "/auth/sign-in?signed_out", { session: null });
}

async function issueToken(visit: Visit): Promise<Response> {
  const visitor = await countedVisitorOf(visit);
  if (!visitor) throw new AppError("session_ended");
  const headers = new Headers({ "x-request-id": visit.id });
  const answer = jsonAnswer(200, await issueJwt(visit.deps, visitor.session), headers);
  answer.headers.set("cache-control", "no-store");
  return answer;
}
