import { Hono } from "hono";
import { AppError } from "../../lib/kit/errors.ts";
import { isUuid } from "../../lib/kit/ids.ts";
import {
  ApiKeyInput,
  createApiKey,
  listApiKeys,
  revokeApiKey,
} from "../../lib/account/api_keys.ts";
import {
  apiKeysMain,
  blogPath,
  type Faults,
  type TypedCredential,
} from "../../render/dashboard/mod.ts";
import type { Env } from "../_admit.ts";
import { validate } from "../_input.ts";
import { goTo } from "../auth/_visit.ts";
import { credentialInput, newCredential, SCOPE_CHOICES, typedCredential } from "./_credential.ts";
import { openFlash, sealFlash, withoutFlash } from "./_flash.ts";
import { type BlogPage, blogPage, faultsOf, freshCtx, send } from "./_page.ts";

const MODE = { field: "mode", or: "live" };
const PER_PAGE = 50;

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
  const typed = typedCredential(page.fields, MODE);
  try {
    const value = { ...credentialInput(typed), mode: typed.reach };
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
  refused: { typed: TypedCredential; faults: Faults; status: number } | null,
): Promise<Response> {
  const { blog, visit: { url } } = page;
  const after = url.searchParams.get("after");
  const query = { limit: PER_PAGE, cursor: after ?? undefined };
  const { data: keys, next_cursor: next } = await listApiKeys(freshCtx(page), blog.id, query);
  const made = refused ? null : openFlash(page, placeOf(page));
  const main = apiKeysMain({
    ...{ blog, keys, made, scopes: SCOPE_CHOICES },
    place: { after, next },
    typed: refused?.typed ?? newCredential(MODE.or),
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
