import { exportJWK, generateKeyPair, SignJWT } from "jose";

const ISSUER = "https://id.example";
const CLIENT = "postlark";

/** What a lying provider changes in an id_token, or in its answers. */
export type Lie = {
  claims?: Record<string, unknown>;
  /** signs with a key that its key set does not hold, under a name that it does */
  foreignKey?: boolean;
  /** signs with the client's secret (HS256), or not at all */
  alg?: "HS256" | "none";
  /** what stands in place of the id_token */
  token?: string;
  /** of the redirect */
  iss?: string;
  /** the user info's subject */
  subject?: string;
  /** the status of the token's answer */
  status?: number;
};

/** An OpenID Connect provider that answers in this process, and lies as it is told; for `deps.fetch`. */
export async function lyingProvider() {
  const [own, foreign] = await Promise.all([generateKeyPair("ES256"), generateKeyPair("ES256")]);
  const nonces = new Map<string, string>();
  const state: { lie: Lie; down: boolean } = { lie: {}, down: false };
  const secret = "a client's secret of the double";

  async function idToken(nonce: string): Promise<string> {
    const { lie } = state;
    if (lie.token !== undefined) return lie.token;
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      ...{ iss: ISSUER, aud: CLIENT, sub: "ada", nonce, iat: now, exp: now + 300 },
      ...{ email: "ada@example.com", email_verified: true },
      ...lie.claims,
    };
    const known = Object.fromEntries(
      Object.entries(claims).filter(([, value]) => value !== undefined),
    );
    if (lie.alg === "none") {
      const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
      return `${part({ alg: "none" })}.${part(known)}.`;
    }
    const alg = lie.alg ?? "ES256";
    const key = alg === "HS256"
      ? new TextEncoder().encode(secret)
      : (lie.foreignKey ? foreign : own).privateKey;
    return await new SignJWT(known).setProtectedHeader({ alg, kid: "one" }).sign(key);
  }

  const answers: Record<string, (request: Request) => Promise<unknown>> = {
    "/.well-known/openid-configuration": () =>
      Promise.resolve({
        issuer: ISSUER,
        authorization_endpoint: `${ISSUER}/auth`,
        token_endpoint: `${ISSUER}/token`,
        userinfo_endpoint: `${ISSUER}/me`,
        jwks_uri: `${ISSUER}/keys`,
        response_types_supported: ["code"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["ES256", "HS256", "none"],
        token_endpoint_auth_methods_supported: ["client_secret_post"],
      }),
    "/keys": async () => ({
      keys: [{ ...await exportJWK(own.publicKey), alg: "ES256", kid: "one", use: "sig" }],
    }),
    async "/token"(request) {
      const form = new URLSearchParams(await request.text());
      if (form.get("client_secret") !== secret) throw new Error("invalid_client");
      const nonce = nonces.get(form.get("code")!) ?? "";
      return { access_token: "at", token_type: "Bearer", id_token: await idToken(nonce) };
    },
    "/me": () =>
      Promise.resolve({
        sub: state.lie.subject ?? "ada",
        email: "ada@example.com",
        email_verified: true,
      }),
  };
  const answerFor = async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (state.down) throw new TypeError("connection refused");
    if (url.pathname === "/auth") return redirect(url);
    const body = await answers[url.pathname](request);
    const status = url.pathname === "/token" ? state.lie.status ?? 200 : 200;
    return Response.json(body, { status });
  };

  function redirect({ searchParams: asked }: URL): Response {
    const code = crypto.randomUUID();
    nonces.set(code, asked.get("nonce")!);
    const back = new URL(asked.get("redirect_uri")!);
    const { iss } = state.lie;
    const answer = { code, state: asked.get("state")!, ...iss && { iss } };
    back.search = String(new URLSearchParams(answer));
    return new Response(null, { status: 302, headers: { location: back.href } });
  }

  return {
    state,
    fetch: answerFor as typeof fetch,
    env: {
      POSTLARK_OIDC_ISSUER: ISSUER,
      POSTLARK_OIDC_CLIENT_ID: CLIENT,
      POSTLARK_OIDC_CLIENT_SECRET: secret,
    },
  };
}
