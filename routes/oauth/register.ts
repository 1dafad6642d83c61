import { OAuthError } from "../../lib/account/oauth/error.ts";
import { registerClient } from "../../lib/account/oauth/clients.ts";
import { AppError } from "../../lib/kit/errors.ts";
import { countTry } from "../auth/_visit.ts";
import { findBadText, parseJson, readBody } from "../_input.ts";
import type { Call } from "./_endpoint.ts";

const MAX_BODY = 32_768;

/** Registers an app (RFC 7591). */
export async function register(call: Call) {
  const { deps, request } = call;
  const limit = deps.config.limits.appRegistration;
  await countTry(call, { kind: "oauth_registration", limit, what: "registrations" });
  const metadata = await readMetadata(request);
  return { status: 201 as const, body: await registerClient(deps, metadata) };
}

async function readMetadata(request: Request): Promise<unknown> {
  try {
    const metadata = parseJson(await readBody(request, { limit: MAX_BODY, form: false }));
    const [bad] = findBadText(metadata);
    if (!bad) return metadata;
    throw new OAuthError("invalid_client_metadata", `${bad.message}.`);
  } catch (error) {
    if (!(error instanceof AppError) || error.status !== 400) throw error;
    throw new OAuthError("invalid_client_metadata", error.message);
  }
}
