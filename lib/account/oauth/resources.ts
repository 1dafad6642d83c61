import type { Deps } from "../../ctx.ts";
import { ownHosts } from "../../kit/hosts.ts";
import { AUTH_METHODS, GRANTABLE } from "./_rows.ts";
import { OAuthError } from "./error.ts";

/** The origins under which the API answers; the first is the authorization server's (`iss`). */
export function ownOrigins({ config }: Deps): string[] {
  const { protocol } = new URL(config.origin);
  return ownHosts(config).map((host) => `${protocol}//${host}`);
}

/** The one of them that a request came to. */
export function originOf(deps: Deps, url: URL): string {
  return ownOrigins(deps).find((origin) => new URL(origin).host === url.host) ??
    deps.config.origin;
}

/** Judges a `resource` (RFC 8707); null where none is named. Throws where it is not of this service. */
export function judgeResource(deps: Deps, text: string | null): string | null {
  if (text === null) return null;
  const own = ownOrigins(deps).flatMap((origin) => [origin, `${origin}/v1`, `${origin}/mcp`]);
  const plain = URL.canParse(text) ? new URL(text).href.replace(/\/$/, "") : "";
  if (own.includes(plain)) return plain;
  throw new OAuthError("invalid_target", "resource must be this server's origin, /v1 or /mcp.");
}

/** Where the metadata of a resource is (RFC 9728); `path` is "" or "/mcp". */
export function resourceMetadataUrl(origin: string, path: string): string {
  return `${origin}/.well-known/oauth-protected-resource${path}`;
}

/** The metadata of the API or, with "/mcp", of the MCP server (RFC 9728). */
export function resourceMetadata(deps: Deps, at: { origin: string; path: string }) {
  return {
    resource: at.origin + at.path,
    authorization_servers: [deps.config.origin],
    scopes_supported: GRANTABLE,
    bearer_methods_supported: ["header"],
    resource_name: "Postlark",
    resource_documentation: `${deps.config.origin}/docs`,
  };
}

/** The metadata of the authorization server (RFC 8414). */
export function serverMetadata({ config: { origin } }: Deps) {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/oauth/authorize`,
    token_endpoint: `${origin}/oauth/token`,
    registration_endpoint: `${origin}/oauth/register`,
    revocation_endpoint: `${origin}/oauth/revoke`,
    scopes_supported: GRANTABLE,
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    token_endpoint_auth_methods_supported: AUTH_METHODS,
    revocation_endpoint_auth_methods_supported: AUTH_METHODS,
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
    service_documentation: `${origin}/docs`,
  };
}
