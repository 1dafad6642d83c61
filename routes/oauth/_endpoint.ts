import type { Context } from "hono";
import type { Deps } from "../../lib/ctx.ts";
import { AppError } from "../../lib/kit/errors.ts";
import { OAuthError } from "../../lib/account/oauth/error.ts";
import { addressOf, countAddress, type Env } from "../_admit.ts";
import { errorAnswer, jsonAnswer, requestId } from "../_answer.ts";
import { readText } from "../_input.ts";

const MAX_FORM = 16_384;

/** A request of a client's, which no cookie comes with. */
export type Call = { env: Env; deps: Deps; request: Request; peer: string };
type Answer = { status: 200 | 201; body: unknown };
type Platform = { Bindings: { peer: string } };

/** A route of JSON whose failures have the form of RFC 6749, 5.2. */
export function endpoint(env: Env, handler: (call: Call) => Promise<Answer>) {
  return async (c: Context<Platform>) => {
    const call: Call = { env, deps: env.deps, request: c.req.raw, peer: c.env.peer };
    const headers = new Headers({ "x-request-id": requestId(call.request) });
    let answer: Response;
    try {
      const { status, body } = await handler(call);
      answer = jsonAnswer(status, body, headers);
    } catch (error) {
      answer = await fail(call, error, headers);
    }
    answer.headers.set("cache-control", "no-store");
    answer.headers.set("x-content-type-options", "nosniff");
    return answer;
  };
}

async function fail(call: Call, error: unknown, headers: Headers): Promise<Response> {
  if (error instanceof OAuthError) {
    const over = await refuseOver(call);
    if (over) return await fail(call, over, headers);
    if (error.status === 401 && call.request.headers.has("authorization")) {
      headers.set("www-authenticate", 'Basic realm="Postlark"');
    }
    const body = { error: error.code, error_description: error.message };
    return jsonAnswer(error.status, body, headers);
  }
  // Its log line, its status and its Retry-After are the same.
  const plain = errorAnswer(call.deps, error, headers);
  const { message, request_id, retry_after } = await plain.json();
  const code = plain.status === 429 || plain.status === 503
    ? "temporarily_unavailable"
    : plain.status < 500
    ? "invalid_request"
    : "server_error";
  const body = { error: code, error_description: message, retry_after, request_id };
  return jsonAnswer(plain.status, body, headers);
}

// Failures are counted as any request without a valid credential is; what succeeds costs nothing.
async function refuseOver({ env, deps, request, peer }: Call): Promise<unknown> {
  try {
    const verdict = await countAddress(env, addressOf(deps, request, peer));
    if (verdict.allowed) return null;
    const retryAfter = Math.max(1, Math.ceil(verdict.reset - deps.clock() / 1000));
    const message = "Too many requests of this address have failed: try again later.";
    return new AppError("rate_limited", { message, retryAfter });
  } catch (error) {
    return error;
  }
}

/** The parameters of a form, each once; an empty one counts as left out. Throws an OAuthError. */
export async function readParams({ request }: Call): Promise<Map<string, string>> {
  const type = request.headers.get("content-type")?.split(";")[0].trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") {
    const message = "Send the parameters as application/x-www-form-urlencoded.";
    throw new OAuthError("invalid_request", message);
  }
  const form = new URLSearchParams(await readText(request, MAX_FORM));
  const params = new Map<string, string>();
  for (const [name, value] of form) {
    if (params.has(name)) {
      const code = name === "resource" ? "invalid_target" : "invalid_request";
      throw new OAuthError(code, "A parameter is there more than once.");
    }
    if (value) params.set(name, value);
  }
  return params;
}
