import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

/** Who the provider says that its user is. */
export type Person = { sub: string; email?: string; email_verified?: boolean; name?: string };

const CLIENT = "postlark";
const SECRET = "a client's secret, with characters: /+=&%";

/**
 * A real OpenID Connect provider on loopback, in which `person` is signed in at once, or with `ask` by the
 * button of its page.
 */
export async function startOidcProvider({ ask = false } = {}) {
  const state = { person: { sub: "ada", name: "Ada" } as Person, denies: false };
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function serve(origin: string): Promise<void> {
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    const key = { ...await exportJWK(privateKey), alg: "ES256", kid: "one", use: "sig" };
    const provider = new Provider(issuer, configurationOf(origin, key, state));
    const pages = provider.callback();
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      if (!request.url!.startsWith("/interaction/")) return pages(request, response);
      if (ask && request.method === "GET") {
        response.setHeader("content-type", "text/html");
        return response.end(
          `<form method="post"><button>I am ${state.person.name}</button></form>`,
        );
      }
      const result = state.denies
        ? { error: "access_denied", error_description: "no" }
        : { login: { accountId: state.person.sub } };
      provider.interactionFinished(request, response, result);
    });
  }

  return {
    issuer,
    state,
    /** Begins to answer, for the service at an origin. */
    serve,
    /** The variables of a service that has this provider. */
    env: {
      POSTLARK_OIDC_ISSUER: issuer,
      POSTLARK_OIDC_CLIENT_ID: CLIENT,
      POSTLARK_OIDC_CLIENT_SECRET: SECRET,
      POSTLARK_OIDC_NAME: "Example ID",
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function configurationOf(origin: string, key: object, state: { person: Person }) {
  return {
    clients: [{
      client_id: CLIENT,
      client_secret: SECRET,
      redirect_uris: [`${origin}/auth/callback/oidc`],
      id_token_signed_response_alg: "ES256",
    }],
    jwks: { keys: [key] },
    cookies: { keys: ["a key of the provider's cookies"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ ...state.person, sub }),
    }),
    // deno-lint-ignore no-explicit-any -- the package has no types
    async loadExistingGrant({ oidc }: any) {
      const { accountId } = oidc.session;
      const { clientId } = oidc.client;
      const { Grant } = oidc.provider;
      // A new one would end the codes of the one before.
      const before = await Grant.find(oidc.session.grantIdFor(clientId) ?? "none");
      if (before) return before;
      const grant = new Grant({ accountId, clientId });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
  };
}
