import { Buffer } from "node:buffer";
import { authenticateClient } from "../../lib/account/oauth/clients.ts";
import { OAuthError } from "../../lib/account/oauth/error.ts";
import { exchangeCode, refreshTokens, revokeAppToken } from "../../lib/account/oauth/tokens.ts";
import { type Call, readParams } from "./_endpoint.ts";

type Params = Map<string, string>;

/** Gives tokens for a code or a refresh token (RFC 6749, 3.2). */
export async function giveToken(call: Call) {
  const params = await readParams(call);
  const type = required(params, "grant_type");
  const client = await authenticateClient(call.deps, credentialOf(call, params));
  const resource = params.get("resource") ?? null;
  if (type === "authorization_code") {
    const use = {
      code: required(params, "code"),
      verifier: required(params, "code_verifier"),
      redirectUri: params.get("redirect_uri") ?? null,
      resource,
    };
    return { status: 200 as const, body: await exchangeCode(call.deps, client, use) };
  }
  if (type === "refresh_token") {
    const token = required(params, "refresh_token");
    const use = { token, scope: params.get("scope") ?? null, resource };
    return { status: 200 as const, body: await refreshTokens(call.deps, client, use) };
  }
  const message = "grant_type must be authorization_code or refresh_token.";
  throw new OAuthError("unsupported_grant_type", message);
}

/** Ends a token (RFC 7009); one that is not the client's is none. */
export async function revoke(call: Call) {
  const params = await readParams(call);
  const client = await authenticateClient(call.deps, credentialOf(call, params));
  await revokeAppToken(call.deps, client, required(params, "token"));
  return { status: 200 as const, body: {} };
}

function required(params: Params, name: string): string {
  const value = params.get(name);
  if (value) return value;
  throw new OAuthError("invalid_request", `${name} is required.`);
}

// By header or by body, not both (RFC 6749, 2.3).
function credentialOf({ request }: Call, params: Params) {
  const [id, secret] = ["client_id", "client_secret"].map((name) => params.get(name) ?? null);
  const header = request.headers.get("authorization");
  if (header === null) return { id, secret };
  const given = basicOf(header);
  if (!given) throw new OAuthError("invalid_client", "The Authorization header is not Basic.");
  if (secret !== null || (id !== null && id !== given.id)) {
    throw new OAuthError("invalid_request", "Send the client's secret once: header or body.");
  }
  return given;
}

function basicOf(header: string): { id: string; secret: string } | null {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(header.trim()) ?? [];
  const [, id, secret] = /^([^:]*):(.*)$/.exec(Buffer.from(encoded ?? "", "base64").toString()) ??
    [];
  if (!id || !secret) return null;
  // Both are form-encoded first; URLSearchParams takes what is malformed as it is.
  const decode = (text: string) =>
    new URLSearchParams(`v=${text.replaceAll("&", "%26")}`).get("v")!;
  return { id: decode(id), secret: decode(secret) };
}
