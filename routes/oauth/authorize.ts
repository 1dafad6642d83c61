import { isSame } from "../../lib/kit/crypto.ts";
import type { Scope } from "../../lib/ctx.ts";
import { AppError } from "../../lib/kit/errors.ts";
import { getProfile } from "../../lib/account/accounts.ts";
import {
  allowApp,
  type Authorization,
  failApp,
  judgeAuthorization,
  judgeReturn,
  type Return,
} from "../../lib/account/oauth/authorize.ts";
import { OAuthError } from "../../lib/account/oauth/error.ts";
import { destinationOf, formActionOf, isLoopback } from "../../lib/account/oauth/redirects.ts";
import { SCOPE_WORDS } from "../../lib/account/oauth/scope.ts";
import type { Visitor } from "../../lib/account/sign_in/overview.ts";
import { appRefusedPage, consentPage } from "../../render/auth/mod.ts";
import {
  countedVisitorOf,
  goTo,
  goToSignIn,
  MAX_PATH,
  readForm,
  show,
  type Visit,
  visitorOf,
} from "../auth/_visit.ts";

// What costs money, or moves where a blog is, is ticked by the user alone.
const NEVER_TICKED: Scope[] = ["packs:write", "domains:write"];

/** Shows what an app asks for, behind the sign-in. */
export async function ask(visit: Visit): Promise<Response> {
  const { url } = visit;
  if (url.pathname.length + url.search.length > MAX_PATH) {
    const message = `The app's request is too long: at most ${MAX_PATH} characters.`;
    throw new AppError("app_request_invalid", { message });
  }
  const at = await judgeReturn(visit.deps, url.searchParams);
  return await orBack(visit, at, async () => {
    const request = judgeAuthorization(visit.deps, at, url.searchParams);
    const visitor = await visitorOf(visit);
    if (!visitor) return goToSignIn(visit);
    return await showConsent(visit, visitor, { request, query: url.search });
  });
}

/** Takes the user's decision, and sends the browser to the app with it. */
export async function decide(visit: Visit): Promise<Response> {
  const visitor = await countedVisitorOf(visit);
  if (!visitor) return goToSignIn(visit);
  const form = await readForm(visit);
  const query = form.request ?? "";
  const params = new URLSearchParams(query);
  const at = await judgeReturn(visit.deps, params);
  return await orBack(visit, at, async () => {
    const request = judgeAuthorization(visit.deps, at, params);
    const { user } = visitor.session;
    const scopes = request.scopes.filter((scope) => form[`may.${scope}`] !== undefined);
    // Another account has signed in since the page was made.
    if (!isSame(form.user ?? "", user)) {
      const fault = "You are signed in to another account than before: look again.";
      return await showConsent(visit, visitor, { request, query, fault });
    }
    if (form.decision !== "allow") {
      const denied = new OAuthError("access_denied", "The user has denied the request.");
      return goTo(visit, failApp(visit.deps, at, denied));
    }
    if (scopes.length === 0) {
      const fault = "Tick what the app may do, or deny it.";
      return await showConsent(visit, visitor, { request, query, fault, ticked: [] });
    }
    return goTo(visit, await allowApp(visit.deps, request, { user, scopes }));
  });
}

// Anyone can register a client: to send its users on without a click would make this an open redirector
// (RFC 9700, 4.11.2), but to their own machine.
async function orBack(
  visit: Visit,
  at: Return,
  answer: () => Promise<Response>,
): Promise<Response> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const back = failApp(visit.deps, at, error);
    if (isLoopback(at.redirectUri)) return goTo(visit, back);
    const page = appRefusedPage({
      app: at.client.name,
      message: error.message,
      back: back.href,
    });
    return show(visit, page, { status: error.status });
  }
}

type Shown = { request: Authorization; query: string; fault?: string; ticked?: Scope[] };

async function showConsent(
  visit: Visit,
  { ctx, session }: Visitor,
  { request, query, fault, ticked }: Shown,
): Promise<Response> {
  const { email, name } = await getProfile(ctx);
  const { redirectUri, client, scopes } = request;
  const preset = ticked ?? scopes.filter((scope) => !NEVER_TICKED.includes(scope));
  const page = consentPage({
    app: client.name,
    destination: destinationOf(redirectUri),
    redirectUri,
    formAction: formActionOf(redirectUri),
    who: email || name || "your account",
    user: session.user,
    choices: scopes.map((scope) => ({
      scope,
      words: SCOPE_WORDS[scope as keyof typeof SCOPE_WORDS],
      ticked: preset.includes(scope),
    })),
    request: query,
    fault: fault ?? null,
  });
  return show(visit, page, { status: fault ? 400 : 200 });
}
