import {
  authorizationCodeGrantRequest,
  type AuthorizationServer,
  type Client,
  ClientSecretBasic,
  ClientSecretPost,
  discoveryRequest,
  getValidatedIdTokenClaims,
  type IDToken,
  processAuthorizationCodeResponse,
  processDiscoveryResponse,
  processUserInfoResponse,
  userInfoRequest,
  type UserInfoResponse,
  validateApplicationLevelSignature,
  validateAuthResponse,
} from "oauth4webapi";
import type { Deps } from "../../ctx.ts";
import type { ProviderConfig } from "../../kit/config.ts";
import type { Identity } from "../accounts.ts";
import { type Callback, requestOptions, unreachable } from "./request.ts";

const DISCOVERED_FOR = 3_600_000;

type Discovered = { server: Promise<AuthorizationServer>; until: number };
const known = new WeakMap<ProviderConfig, Discovered>();

/** What a provider says of itself, read once an hour; throws 502. */
export async function discover(
  deps: Deps,
  provider: ProviderConfig,
): Promise<AuthorizationServer> {
  const kept = known.get(provider);
  if (kept && kept.until > deps.clock()) return await kept.server;
  const issuer = new URL(provider.issuer);
  const server = discoveryRequest(issuer, requestOptions(deps, provider))
    .then((response) => processDiscoveryResponse(issuer, response))
    .catch((cause) => {
      throw unreachable(provider, cause);
    });
  known.set(provider, { server, until: deps.clock() + DISCOVERED_FOR });
  // The next one asks again.
  server.catch(() => known.delete(provider));
  return await server;
}

/** Who has signed in at an OpenID Connect provider: its `id_token`'s issuer, audience, nonce, times and signature are judged. */
export async function identifyByOpenId(
  deps: Deps,
  provider: ProviderConfig,
  callback: Callback,
): Promise<Identity> {
  const server = await discover(deps, provider);
  const client: Client = { client_id: provider.clientId };
  const options = requestOptions(deps, provider);
  const params = validateAuthResponse(server, client, callback.params, callback.state);
  const response = await authorizationCodeGrantRequest(
    server,
    client,
    authenticationOf(server, provider),
    params,
    callback.redirectUri,
    callback.verifier,
    options,
  );
  const tokens = await processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: callback.nonce,
    requireIdToken: true,
  });
  await validateApplicationLevelSignature(server, response, options);
  const claims = getValidatedIdTokenClaims(tokens)!;
  const said = claims.email === undefined && server.userinfo_endpoint
    ? await processUserInfoResponse(
      server,
      client,
      claims.sub,
      await userInfoRequest(server, client, tokens.access_token, options),
    )
    : claims;
  return identityOf(claims, said);
}

function identityOf({ iss, sub }: IDToken, said: IDToken | UserInfoResponse): Identity {
  const text = (value: unknown) => typeof value === "string" ? value : "";
  return {
    issuer: iss,
    subject: sub,
    email: text(said.email),
    verified: said.email_verified === true,
    name: text(said.name),
  };
}

function authenticationOf(server: AuthorizationServer, { clientSecret }: ProviderConfig) {
  // Where nothing is said it is basic (OpenID Connect Discovery 1.0, 3).
  const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  return methods.includes("client_secret_basic")
    ? ClientSecretBasic(clientSecret)
    : ClientSecretPost(clientSecret);
}
