import {
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
} from "oauth4webapi";
import type { Deps } from "../../ctx.ts";
import type { ProviderConfig } from "../../kit/config.ts";
import { sha256 } from "../../kit/crypto.ts";
import { AppError } from "../../kit/errors.ts";
import { randomBase62 } from "../../kit/ids.ts";
import { accountOfIdentity } from "../accounts.ts";
import { endSession, endSessions, findSession, openSession } from "../sessions.ts";
import { keepFlow, takeFlow } from "./flows.ts";
import { GITHUB, identifyByGithub } from "./github.ts";
import { discover, identifyByOpenId } from "./openid.ts";
import { findVisitor } from "./overview.ts";
import { type Callback, failSignIn, unreachable } from "./request.ts";

export { FLOW_LIFE } from "./flows.ts";
export { createLoginLink, findLoginLink, takeLoginLink } from "./login_link.ts";

/** The browser that signs in: the cookie of the session that it has, if any, and its own description. */
export type Browser = { cookie: string | undefined; agent: string };

/** A provider of the configuration by its id; throws 404. */
export function findProvider(deps: Deps, id: string): ProviderConfig {
  const provider = deps.config.signIn.find((one) => one.id === id);
  if (provider) return provider;
  throw new AppError("not_found", { message: "This server has no such way to sign in." });
}

/**
 * Begins a sign-in: `url` is where the browser is to go, `browser` the secret that it is to send with the
 * callback; one that it has from another tab's sign-in is kept.
 */
export async function signIn(
  deps: Deps,
  provider: ProviderConfig,
  from: { returnTo: string; browser: string | undefined },
): Promise<{ url: string; browser: string }> {
  const browser = /^[0-9A-Za-z]{43}$/.test(from.browser ?? "") ? from.browser! : randomBase62(43);
  const [state, nonce] = [generateRandomState(), generateRandomNonce()];
  const verifier = generateRandomCodeVerifier();
  const url = new URL(await authorizationEndpoint(deps, provider));
  const asked = {
    client_id: provider.clientId,
    redirect_uri: redirectUri(deps, provider),
    response_type: "code",
    scope: provider.id === "github" ? "user:email" : "openid email profile",
    state,
    ...provider.id !== "github" && { nonce },
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  const { returnTo } = from;
  const flow = { provider: provider.id, browser: sha256(browser), verifier, nonce, returnTo };
  await keepFlow(deps, state, flow);
  return { url: url.href, browser };
}

async function authorizationEndpoint(deps: Deps, provider: ProviderConfig): Promise<string> {
  if (provider.id === "github") return GITHUB.authorization_endpoint!;
  const { authorization_endpoint: endpoint } = await discover(deps, provider);
  if (endpoint) return endpoint;
  throw unreachable(provider, new Error("its metadata has no authorization_endpoint"));
}

function redirectUri(deps: Deps, { id }: ProviderConfig): string {
  return `${deps.config.origin}/auth/callback/${id}`;
}

/**
 * Ends a sign-in with what the provider's redirect brought: the flow is used up, and the session is a new
 * one. Throws 403 where it does not hold or nobody may sign up, 502 where the provider cannot be reached.
 */
export async function handleCallback(
  deps: Deps,
  provider: ProviderConfig,
  from: Browser & { params: URLSearchParams; browser: string | undefined },
): Promise<{ cookie: string; returnTo: string }> {
  const { params } = from;
  const state = params.get("state") ?? "";
  const taken = { provider: provider.id, browser: from.browser ?? "" };
  const { nonce, verifier, returnTo } = await takeFlow(deps, state, taken);
  if (params.get("error") === "access_denied") {
    const message = `You have not signed in: you or ${provider.name} said no.`;
    throw new AppError("sign_in_refused", { message });
  }
  const callback: Callback = {
    ...{ params, state, nonce, verifier },
    redirectUri: redirectUri(deps, provider),
  };
  const identify = provider.id === "github" ? identifyByGithub : identifyByOpenId;
  const identity = await identify(deps, provider, callback)
    .catch((error) => failSignIn(deps, provider, error));
  const user = await accountOfIdentity(deps, identity, { link: true });
  return { cookie: await startSession(deps, user, from), returnTo };
}

/** Signs an account in: a new session, whose cookie is returned; the one that the browser had is ended. */
export async function startSession(deps: Deps, user: string, from: Browser): Promise<string> {
  const former = await findSession(deps, from.cookie);
  const { cookie } = await openSession(deps, { user, agent: from.agent });
  if (former) await endSession(deps, former.user, former.id);
  return cookie;
}

/** The id of the session by which a cookie is signed in, or null; throws 403 where the account is suspended. */
export async function getSessionId(deps: Deps, cookie: string | undefined): Promise<string | null> {
  return (await findVisitor(deps, cookie))?.session.id ?? null;
}

/** Ends the session of a cookie, or `everywhere` every session of its account. */
export async function signOut(
  deps: Deps,
  cookie: string | undefined,
  { everywhere }: { everywhere: boolean },
): Promise<void> {
  const session = await findSession(deps, cookie);
  if (!session) return;
  if (everywhere) await endSessions(deps, session.user);
  else await endSession(deps, session.user, session.id);
}
