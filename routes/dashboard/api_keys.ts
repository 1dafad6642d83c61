import { Hono } from "hono";
import { SCOPES } from "../../lib/ctx.ts";
import { AppError } from "../../lib/kit/errors.ts";
import { isUuid } from "../../lib/kit/ids.ts";
import {
  ApiKeyInput,
  createApiKey,
  listApiKeys,
  revokeApiKey,
} from "../../lib/account/api_keys.ts";
import { apiKeysMain, blogPath, type Faults, type TypedKey } from "../../render/dashboard/mod.ts";
import type { Env } from "../_admit.ts";
import { validate } from "../_input.ts";
import { goTo } from "../auth/_visit.ts";
import { openFlash, sealFlash, withoutFlash } from "./_flash.ts";
import { type BlogPage, blogPage, faultsOf, freshCtx, send } from "./_page.ts";

const NEW: TypedKey = { name: "", all: true, scopes: [], expires: "90d", mode: "live" };

/** The API keys of a blog. */
export function apiKeyRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.get("/app/blogs/:blog/keys", blogPage(env, (page) => showKeys(page, null)));
  app.post("/app/blogs/:blog/keys", blogPage(env, makeKey));
  app.post("/app/blogs/:blog/keys/:id/revoke", blogPage(env, revokeKey));
  return app;
}

async function makeKey(page: BlogPage): Promise<Response> {
  const { ctx, blog } = page;
  const typed = typedOf(page.fields);
  try {
    const { name, scopes, expires, mode } = typed;
    const value = {
      ...{ name, mode },
      expires_in: expires === "never" ? null : expires,
      scopes: typed.all ? ["*"] : scopes,
    };
    const { body } = validate({ body: { schema: ApiKeyInput, value } });
    const made = await createApiKey(ctx, blog.id, body as ApiKeyInput);
    const flash = sealFlash(page, { of: placeOf(page), name: made.name, secret: made.key });
    return goTo(page.visit, blogPath(blog, "/keys"), { flash });
  } catch (error) {
    return await showKeys(page, { typed, ...faultsOf(error) });
  }
}

async function revokeKey(page: BlogPage): Promise<Response> {
  const { ctx, blog, visit: { params } } = page;
  if (!isUuid(params.id)) throw new AppError("key_not_found");
  await revokeApiKey(ctx, { blog: blog.id, id: params.id });
  return goTo(page.visit, blogPath(blog, "/keys?done=revoked"));
}

async function showKeys(
  page: BlogPage,
  refused: { typed: TypedKey; faults: Faults; status: number } | null,
): Promise<Response> {
  const { blog, visit: { url } } = page;
  const { data: keys } = await listApiKeys(freshCtx(page), blog.id, {});
  const made = refused ? null : openFlash(page, placeOf(page));
  const main = apiKeysMain({
    ...{ blog, keys, made, scopes: SCOPES },
    typed: refused?.typed ?? NEW,
    faults: refused?.faults ?? {},
  });
  const said = url.searchParams.get("done") === "revoked" ? "The key was revoked." : null;
  const answer = send(page, { title: "API keys", tab: "/keys", main, said }, {
    status: refused?.status,
  });
  return made ? withoutFlash(page, answer) : answer;
}

function placeOf({ blog }: BlogPage): string {
  return `key ${blog.id}`;
}

function typedOf(fields: URLSearchParams): TypedKey {
  return {
    name: fields.get("name") ?? "",
    all: fields.get("may") !== "some",
    scopes: fields.getAll("scope"),
    expires: fields.get("expires") ?? NEW.expires,
    mode: fields.get("mode") ?? NEW.mode,
  };
}
