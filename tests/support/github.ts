import { createHash } from "node:crypto";

const CLIENT = "Iv1.client";
const SECRET = "a client's secret at GitHub";

type Email = { email: string; primary: boolean; verified: boolean };

/** GitHub's sign-in as it is documented, in this process; for `deps.fetch`. */
export function githubDouble() {
  const state = {
    user: { id: 583231, login: "octocat", name: null as string | null, email: null },
    emails: [] as Email[],
    down: false,
  };
  const codes = new Map<string, { challenge: string; redirect: string }>();

  const answerFor = async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (state.down) return new Response("<html>Unicorn!</html>", { status: 503 });
    if (url.href.startsWith("https://github.com/login/oauth/authorize")) return authorize(url);
    if (url.href === "https://github.com/login/oauth/access_token") return await token(request);
    if (url.hostname !== "api.github.com") throw new Error(`GitHub has no ${url.origin}`);
    const { headers } = request;
    if (!headers.has("user-agent")) return new Response("Forbidden", { status: 403 });
    if (headers.get("authorization") !== "Bearer gho_1") {
      return Response.json({ message: "Bad credentials" }, { status: 401 });
    }
    return Response.json(url.pathname === "/user" ? state.user : state.emails);
  };

  function authorize({ searchParams: asked }: URL): Response {
    const code = crypto.randomUUID();
    const redirect = asked.get("redirect_uri")!;
    codes.set(code, { challenge: asked.get("code_challenge")!, redirect });
    const back = new URL(redirect);
    back.searchParams.set("code", code);
    back.searchParams.set("state", asked.get("state")!);
    back.searchParams.set("iss", "https://github.com/login/oauth");
    return new Response(null, { status: 302, headers: { location: back.href } });
  }

  async function token(request: Request): Promise<Response> {
    const form = new URLSearchParams(await request.text());
    const kept = codes.get(form.get("code")!);
    codes.delete(form.get("code")!);
    const challenge = createHash("sha256").update(form.get("code_verifier")!).digest("base64url");
    // A refusal comes with status 200.
    if (form.get("client_id") !== CLIENT || form.get("client_secret") !== SECRET) {
      return Response.json({ error: "incorrect_client_credentials" });
    }
    if (kept?.challenge !== challenge || kept.redirect !== form.get("redirect_uri")) {
      return Response.json({ error: "bad_verification_code" });
    }
    return Response.json({ access_token: "gho_1", token_type: "bearer", scope: "user:email" });
  }

  return {
    state,
    fetch: answerFor as typeof fetch,
    env: { POSTLARK_GITHUB_CLIENT_ID: CLIENT, POSTLARK_GITHUB_CLIENT_SECRET: SECRET },
  };
}
