import { Hono } from "hono";
import { AppError } from "../../lib/kit/errors.ts";
import { isUuid } from "../../lib/kit/ids.ts";
import { createToken, listTokens, revokeToken, TokenInput } from "../../lib/account/api_keys.ts";
import type { BlogSummary } from "../../lib/content/blogs.ts";
import { type Faults, tokensMain, type TypedCredential } from "../../render/dashboard/mod.ts";
import type { Env } from "../_admit.ts";
import { validate } from "../_input.ts";
import { goTo } from "../auth/_visit.ts";
import { credentialInput, newCredential, SCOPE_CHOICES, typedCredential } from "./_credential.ts";
import { openFlash, sealFlash, withoutFlash } from "./_flash.ts";
import { faultsOf, freshCtx, type Page, page, send } from "./_page.ts";

const BLOG = { field: "blog", or: "" };
const FLASH = "token";
const PER_PAGE = 50;

/** The access tokens of an account. */
export function tokenRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.get("/app/tokens", page(env, (page) => showTokens(page, null)));
  app.post("/app/tokens", page(env, makeToken));
  app.post("/app/tokens/:id/revoke", page(env, endToken));
  return app;
}

async function makeToken(page: Page): Promise<Response> {
  const typed = typedCredential(page.fields, BLOG);
  try {
    const value = { ...credentialInput(typed), blog_id: typed.reach || null };
    const { body } = validate({ body: { schema: TokenInput, value } });
    const made = await createToken(page.ctx, body as TokenInput);
    const flash = sealFlash(page, { of: FLASH, name: made.name, secret: made.token });
    return goTo(page.visit, "/app/tokens", { flash });
  } catch (error) {
    return await showTokens(page, { typed, ...faultsOf(error) });
  }
}

async function endToken(page: Page): Promise<Response> {
  const { id } = page.visit.params;
  if (!isUuid(id)) throw new AppError("token_not_found");
  await revokeToken(page.ctx, id);
  return goTo(page.visit, "/app/tokens?done=revoked");
}

async function showTokens(
  page: Page,
  refused: { typed: TypedCredential; faults: Faults; status: number } | null,
): Promise<Response> {
  const { frame, visit: { url } } = page;
  const after = url.searchParams.get("after");
  const query = { limit: PER_PAGE, cursor: after ?? undefined, apps: false };
  const { data, next_cursor: next } = await listTokens(freshCtx(page), query);
  const blogs = (frame.blogs as BlogSummary[]).map(({ id, name }) => [id, name] as const);
  const names = new Map(blogs);
  const made = refused ? null : openFlash(page, FLASH);
  const main = tokensMain({
    tokens: data.map((one) => ({ ...one, reaches: reachOf(one.blog_id, names) })),
    place: { after, next },
    ...{ blogs, made, scopes: SCOPE_CHOICES },
    typed: refused?.typed ?? newCredential(BLOG.or),
    faults: refused?.faults ?? {},
  });
  const said = url.searchParams.get("done") === "revoked" ? "The token was revoked." : null;
  const answer = send(page, { title: "Access tokens", tab: "/tokens", main, said }, {
    status: refused?.status,
  });
  return made ? withoutFlash(page, answer) : answer;
}

function reachOf(blog: string | null, names: Map<string, string>): string {
  return blog === null ? "All blogs" : names.get(blog) ?? `The blog ${blog}`;
}
