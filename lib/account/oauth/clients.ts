import { z } from "@hono/zod-openapi";
import type { Deps } from "../../ctx.ts";
import { isHashOf, sha256 } from "../../kit/crypto.ts";
import { isUuid, newId, randomBase62 } from "../../kit/ids.ts";
import type { Tx } from "../../kit/kv.ts";
import { AUTH_METHODS, clientKey, type ClientRow, GRANT_LIFE, GRANTABLE } from "./_rows.ts";
import { OAuthError } from "./error.ts";
import { redirectFault } from "./redirects.ts";
import { parseScope } from "./scope.ts";

const DAY = 86_400_000;
// A client that nobody has allowed anything is forgotten; one in use outlives its grants.
const UNUSED_LIFE = 7 * DAY;
const USED_LIFE = 2 * GRANT_LIFE;
const MAX_NAME = 80;

// What else a client says of itself is ignored (RFC 7591, 2), and never shown or fetched.
const Registration = z.object({
  redirect_uris: z.array(z.string(), { error: "redirect_uris must be a list of URIs" })
    .min(1, { error: "redirect_uris must name at least one URI" })
    .max(10, { error: "redirect_uris must name at most 10 URIs" }),
  client_name: z.string({ error: "client_name must be a string" }).nullish(),
  token_endpoint_auth_method: z.enum(AUTH_METHODS, {
    error: `token_endpoint_auth_method must be one of ${AUTH_METHODS.join(", ")}`,
  }).nullish(),
  grant_types: z.array(z.string(), { error: "grant_types must be a list" })
    .refine((types) => types.includes("authorization_code"), {
      error: "grant_types must include authorization_code",
    }).nullish(),
  response_types: z.array(z.string(), { error: "response_types must be a list" })
    .refine((types) => types.includes("code"), { error: "response_types must include code" })
    .nullish(),
  scope: z.string({ error: "scope must be a string" }).nullish(),
});

/** The answer to a registration (RFC 7591, 3.2.1). */
export type Registered = {
  client_id: string;
  client_id_issued_at: number;
  client_name: string;
  redirect_uris: string[];
  grant_types: string[];
  response_types: string[];
  token_endpoint_auth_method: string;
  scope: string;
  client_secret?: string;
  client_secret_expires_at?: number;
};

/** Registers a client: public unless it asks for a secret. Throws an OAuthError. */
export async function registerClient(deps: Deps, input: unknown): Promise<Registered> {
  const { data, error } = Registration.safeParse(input);
  if (!data) throw faultOf(error.issues[0]);
  for (const uri of data.redirect_uris) {
    const fault = redirectFault(uri);
    if (fault) throw new OAuthError("invalid_redirect_uri", `A redirect URI ${fault}.`);
  }
  const now = deps.clock();
  const method = data.token_endpoint_auth_method ?? "none";
  const secret = method === "none" ? null : randomBase62(43);
  const row: ClientRow = {
    id: newId(now),
    name: nameOf(data.client_name ?? ""),
    redirectUris: [...new Set(data.redirect_uris)],
    method,
    secret: secret && sha256(secret),
    scopes: parseScope(data.scope ?? ""),
    createdAt: now,
    expiresAt: now + UNUSED_LIFE,
  };
  const write = { key: clientKey(row.id), value: row, expireIn: UNUSED_LIFE };
  await deps.store.writeAll([write]);
  return {
    client_id: row.id,
    client_id_issued_at: Math.floor(now / 1000),
    client_name: row.name,
    redirect_uris: row.redirectUris,
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: method,
    scope: (row.scopes.length ? row.scopes : GRANTABLE).join(" "),
    ...secret !== null && { client_secret: secret, client_secret_expires_at: 0 },
  };
}

function faultOf({ path, message }: { path: PropertyKey[]; message: string }): OAuthError {
  const code = path[0] === "redirect_uris" ? "invalid_redirect_uri" : "invalid_client_metadata";
  return new OAuthError(code, `${message}.`);
}

// No control, format or private character: a name must not turn the sentence around it.
function nameOf(text: string): string {
  const plain = text.normalize("NFC").replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ").replace(/\s+/g, " ");
  return [...plain.trim()].slice(0, MAX_NAME).join("").trim() || "An app without a name";
}

/** A client by its id, or null. */
export async function findClient(deps: Deps, id: string | null): Promise<ClientRow | null> {
  if (!id || !isUuid(id)) return null;
  const { value } = await deps.store.get<ClientRow>(clientKey(id));
  return value && value.expiresAt > deps.clock() ? value : null;
}

/** The client that a request is from: by its id alone where it is public, else by its secret. Throws an OAuthError. */
export async function authenticateClient(
  deps: Deps,
  given: { id: string | null; secret: string | null },
): Promise<ClientRow> {
  const client = await findClient(deps, given.id);
  const proven = client &&
    (client.secret === null
      ? given.secret === null
      : given.secret !== null && isHashOf(client.secret, given.secret));
  if (proven) return client;
  throw new OAuthError("invalid_client", "The client is unknown or not proven: register it again.");
}

/** Keeps a client for as long as the grant of the caller's commit; throws where it is gone. */
export async function stageClientUse(tx: Tx, id: string, now: number): Promise<ClientRow> {
  const client = await tx.get<ClientRow>(clientKey(id));
  if (!client || client.expiresAt <= now) {
    throw new OAuthError("invalid_client", "The client is unknown: register it again.");
  }
  if (client.expiresAt < now + GRANT_LIFE + DAY) {
    tx.set(clientKey(id), { ...client, expiresAt: now + USED_LIFE }, { expireIn: USED_LIFE });
  }
  return client;
}
