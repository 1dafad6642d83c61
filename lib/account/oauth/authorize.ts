import type { Deps, Scope } from "../../ctx.ts";
import { AppError } from "../../kit/errors.ts";
import { randomBase62 } from "../../kit/ids.ts";
import { transact } from "../../kit/kv.ts";
import { requireStanding } from "../accounts.ts";
import { type ClientRow, codeKey, type CodeRow, GRANTABLE, REPLAY_LIFE } from "./_rows.ts";
import { findClient } from "./clients.ts";
import { OAuthError } from "./error.ts";
import { isRegistered, withParams } from "./redirects.ts";
import { judgeResource } from "./resources.ts";
import { parseScope } from "./scope.ts";

const CODE_LIFE = 120_000;
const MAX_STATE = 2000;

/** Where an answer goes: to a redirect URI that the client has registered. */
export type Return = {
  client: ClientRow;
  redirectUri: string;
  /** as the request had it */
  asked: string | null;
  state: string | null;
};
/** What a client asks a user for; `scopes` are what it may be given of it. */
export type Authorization = Return & {
  challenge: string;
  scopes: Scope[];
  resource: string | null;
};

/** The client of an authorization request, and where its answer goes; throws 400 where there is no such place. */
export async function judgeReturn(deps: Deps, params: URLSearchParams): Promise<Return> {
  const client = await findClient(deps, single(params, "client_id"));
  if (!client) {
    throw refusal("This app is not known here: let it register again, and try once more.");
  }
  const asked = single(params, "redirect_uri");
  const only = client.redirectUris.length === 1 ? client.redirectUris[0] : null;
  const redirectUri = asked ?? only;
  if (redirectUri === null || !(asked === null || isRegistered(client.redirectUris, asked))) {
    throw refusal(
      "This app wants you to be sent to an address that it has not registered: do not go on.",
    );
  }
  const state = params.getAll("state").length === 1 ? params.get("state") : null;
  return { client, redirectUri, asked, state };
}

function refusal(message: string): AppError {
  return new AppError("app_request_invalid", { message });
}

function single(params: URLSearchParams, name: string): string | null {
  const values = params.getAll(name);
  if (values.length > 1) throw refusal(`The app's request names ${name} twice.`);
  return values[0] || null;
}

/** Judges the rest of the request; throws an OAuthError, which goes back to the client. */
export function judgeAuthorization(
  deps: Deps,
  at: Return,
  params: URLSearchParams,
): Authorization {
  for (const name of new Set(params.keys())) {
    if (params.getAll(name).length > 1) {
      const code = name === "resource" ? "invalid_target" : "invalid_request";
      throw new OAuthError(code, `${oneLine(name)} is there more than once.`);
    }
  }
  if ((at.state?.length ?? 0) > MAX_STATE) {
    throw new OAuthError("invalid_request", `state must have at most ${MAX_STATE} characters.`);
  }
  if (params.get("response_type") !== "code") {
    throw new OAuthError("unsupported_response_type", "response_type must be code.");
  }
  if ((params.get("response_mode") ?? "query") !== "query") {
    throw new OAuthError("invalid_request", "response_mode must be query.");
  }
  const challenge = params.get("code_challenge") ?? "";
  if (params.get("code_challenge_method") !== "S256" || !/^[\w-]{43}$/.test(challenge)) {
    throw new OAuthError(
      "invalid_request",
      "PKCE is required: code_challenge_method S256, and a code_challenge of 43 characters.",
    );
  }
  return {
    ...at,
    challenge,
    scopes: judgeScopes(at.client, params.get("scope") ?? ""),
    resource: judgeResource(deps, params.get("resource") || null),
  };
}

function judgeScopes(client: ClientRow, text: string): Scope[] {
  if (!text.trim()) return client.scopes.length ? client.scopes as Scope[] : [...GRANTABLE];
  const scopes = parseScope(text);
  if (scopes.length) return scopes;
  throw new OAuthError("invalid_scope", `scope must name some of ${GRANTABLE.join(", ")}.`);
}

function oneLine(text: string): string {
  return text.replace(/[^\w.-]/g, "?").slice(0, 50);
}

/** Gives the client a code for what the user has ticked, and says where the browser is to go. */
export async function allowApp(
  deps: Deps,
  request: Authorization,
  given: { user: string; scopes: Scope[] },
): Promise<URL> {
  const code = randomBase62(43);
  const row: CodeRow = {
    client: request.client.id,
    user: given.user,
    redirectUri: request.asked,
    challenge: request.challenge,
    // Never more than was asked for, and so never more than can be given.
    scopes: request.scopes.filter((scope) => given.scopes.includes(scope)),
    resource: request.resource,
    grant: null,
    expiresAt: deps.clock() + CODE_LIFE,
  };
  await transact(deps.store, async (tx) => {
    await requireStanding(tx, given.user);
    tx.set(codeKey(code), row, { expireIn: REPLAY_LIFE });
  });
  const { state } = request;
  return withParams(request.redirectUri, { code, state, iss: deps.config.origin });
}

/** Where the browser is to go with an error. */
export function failApp(deps: Deps, { redirectUri, state }: Return, error: OAuthError): URL {
  return withParams(redirectUri, {
    error: error.code,
    error_description: error.message,
    state: state && state.length <= MAX_STATE ? state : null,
    iss: deps.config.origin,
  });
}
