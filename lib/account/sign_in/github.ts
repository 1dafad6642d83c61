import { z } from "@hono/zod-openapi";
import {
  authorizationCodeGrantRequest,
  type AuthorizationServer,
  ClientSecretPost,
  processAuthorizationCodeResponse,
  protectedResourceRequest,
  validateAuthResponse,
} from "oauth4webapi";
import type { Deps } from "../../ctx.ts";
import type { ProviderConfig } from "../../kit/config.ts";
import { AppError } from "../../kit/errors.ts";
import type { Identity } from "../accounts.ts";
import { type Callback, requestOptions } from "./request.ts";

const API = "https://api.github.com";

/** GitHub publishes no OpenID Connect metadata; `issuer` is the `iss` of its redirects (RFC 9207). */
export const GITHUB: AuthorizationServer = {
  issuer: "https://github.com/login/oauth",
  authorization_endpoint: "https://github.com/login/oauth/authorize",
  token_endpoint: "https://github.com/login/oauth/access_token",
};

const User = z.object({ id: z.int(), login: z.string(), name: z.string().nullish() });
const Emails = z.array(z.object({
  email: z.string(),
  primary: z.boolean(),
  verified: z.boolean(),
}));

/** Who has signed in at GitHub; the address is the primary one of the account. */
export async function identifyByGithub(
  deps: Deps,
  provider: ProviderConfig,
  callback: Callback,
): Promise<Identity> {
  const client = { client_id: provider.clientId };
  const options = requestOptions(deps, provider);
  const params = validateAuthResponse(GITHUB, client, callback.params, callback.state);
  const response = await authorizationCodeGrantRequest(
    GITHUB,
    client,
    ClientSecretPost(provider.clientSecret),
    params,
    callback.redirectUri,
    callback.verifier,
    { ...options, headers: { accept: "application/json" } },
  );
  const { access_token: token } = await processAuthorizationCodeResponse(GITHUB, client, response);
  const read = async <T>(path: string, form: z.ZodType<T>): Promise<T> => {
    const answer = await protectedResourceRequest(
      token,
      "GET",
      new URL(`${API}${path}`),
      new Headers({
        "accept": "application/vnd.github+json",
        "user-agent": "postlark",
        "x-github-api-version": "2022-11-28",
      }),
      null,
      options,
    );
    const judged = form.safeParse(await answer.json());
    if (!answer.ok || !judged.success) throw new AppError("sign_in_refused");
    return judged.data;
  };
  const [user, emails] = await Promise.all([read("/user", User), read("/user/emails", Emails)]);
  const primary = emails.find((one) => one.primary);
  return {
    issuer: provider.issuer,
    subject: String(user.id),
    email: primary?.email ?? "",
    verified: primary?.verified ?? false,
    name: user.name || user.login,
  };
}
