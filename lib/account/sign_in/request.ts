import {
  allowInsecureRequests,
  AuthorizationResponseError,
  customFetch,
  OperationProcessingError,
  RESPONSE_IS_NOT_CONFORM,
  RESPONSE_IS_NOT_JSON,
  ResponseBodyError,
  UnsupportedOperationError,
  WWWAuthenticateChallengeError,
} from "oauth4webapi";
import type { Deps } from "../../ctx.ts";
import type { ProviderConfig } from "../../kit/config.ts";
import { AppError } from "../../kit/errors.ts";

const DEADLINE = 10_000;
const REFUSALS = [
  AuthorizationResponseError,
  OperationProcessingError,
  ResponseBodyError,
  UnsupportedOperationError,
  WWWAuthenticateChallengeError,
];

// An answer that no working provider gives is a failure, not a refusal.
const FAILURES: unknown[] = [RESPONSE_IS_NOT_CONFORM, RESPONSE_IS_NOT_JSON];

/** What is at the end of a provider's redirect, and what the flow had kept for it. */
export type Callback = {
  params: URLSearchParams;
  state: string;
  nonce: string;
  verifier: string;
  redirectUri: string;
};

type Failure = Error & {
  code?: unknown;
  /** the provider's own code, such as invalid_client */
  error?: unknown;
  cause?: { body?: { error?: unknown } };
};

/** How every request to a provider is made. */
export function requestOptions(deps: Deps, { issuer }: ProviderConfig) {
  return {
    // The options' type asks for every overload of fetch.
    [customFetch]: (url: string, init: unknown) => deps.fetch(url, init as RequestInit),
    // The configuration lets it be http on loopback only.
    [allowInsecureRequests]: issuer.startsWith("http:"),
    signal: () => AbortSignal.timeout(DEADLINE),
  };
}

/** Throws 403 for what a provider refused or got wrong, 502 where it could not be reached; no token gets into the log. */
export function failSignIn(deps: Deps, provider: ProviderConfig, error: unknown): never {
  if (error instanceof AppError) throw error;
  const { name, message, code, error: own, cause } = error as Failure;
  // GitHub puts it into an answer of status 200.
  const said = own ?? cause?.body?.error;
  const refused = REFUSALS.some((kind) => error instanceof kind) && !FAILURES.includes(code);
  const line = { event: "sign_in_failed", provider: provider.id, error: `${name}: ${message}` };
  deps.log({ ...line, code, ...typeof said === "string" && { said: said.slice(0, 100) } });
  if (refused) throw new AppError("sign_in_refused");
  throw unreachable(provider);
}

/** The 502 of a provider that does not answer, or not as one. */
export function unreachable({ name }: ProviderConfig, cause?: unknown): AppError {
  return new AppError("upstream_error", {
    message: `${name} cannot be reached for now: try again.`,
    cause,
  });
}
