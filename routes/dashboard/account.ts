import { Hono } from "hono";
import { ProfileUpdate, updateProfile } from "../../lib/account/accounts.ts";
import { deleteAccount } from "../../lib/account/delete_account.ts";
import { exportAccount, ExportQuery, MAX_EXPORTED } from "../../lib/account/export.ts";
import { endSession } from "../../lib/account/sessions.ts";
import { getOverview } from "../../lib/account/sign_in/overview.ts";
import { PLANS } from "../../lib/metering/plans.ts";
import { accountMain, type Faults, sayBytes } from "../../render/dashboard/mod.ts";
import type { Env } from "../_admit.ts";
import { downloadAnswer } from "../_answer.ts";
import { queryOf, validate } from "../_input.ts";
import {
  countedVisitorOf,
  goTo,
  pages,
  requireOwnPage,
  type Visit,
  visitorOf,
} from "../auth/_visit.ts";
import { faultsOf, freshCtx, type Page, page, send } from "./_page.ts";

const HOME = "/app/account";
const MOST_LISTED = 50;
// What is typed where the account has no address.
const WORD = "delete my account";
const SAID: Record<string, string> = {
  saved: "Saved.",
  ended: "That session was ended.",
};

type Refused = { form: "profile" | "delete"; faults: Faults; typed: string; status: number };

/** The account itself: its profile, where it is signed in, its export, and its end. */
export function accountRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.get(HOME, page(env, (page) => showAccount(page, null)));
  app.get(`${HOME}/export`, pages(env, sendExport));
  app.post(`${HOME}/profile`, page(env, saveProfile));
  app.post(`${HOME}/delete`, page(env, leave));
  app.post("/app/sessions/end", page(env, endOther));
  return app;
}

async function saveProfile(page: Page): Promise<Response> {
  const name = page.fields.get("name") ?? "";
  try {
    const { body } = validate({ body: { schema: ProfileUpdate, value: { name } } });
    await updateProfile(page.ctx, body as ProfileUpdate);
  } catch (error) {
    return await showAccount(page, { form: "profile", typed: name, ...faultsOf(error) });
  }
  return goTo(page.visit, `${HOME}?done=saved`);
}

async function endOther({ visit, visitor, fields }: Page): Promise<Response> {
  await endSession(visit.deps, visitor.session.user, fields.get("id") ?? "");
  return goTo(visit, `${HOME}?done=ended`);
}

async function sendExport(visit: Visit): Promise<Response> {
  requireOwnPage(visit);
  const looks = visit.request.method === "HEAD";
  const visitor = await (looks ? visitorOf(visit) : countedVisitorOf(visit));
  if (!visitor) return goTo(visit, HOME);
  const { query } = validate({ query: { schema: ExportQuery, value: queryOf(visit.url) } });
  const headers = new Headers({ "x-request-id": visit.id, "x-content-type-options": "nosniff" });
  if (looks) {
    headers.set("cache-control", "private, no-store");
    return new Response(null, { headers });
  }
  const download = await exportAccount(visitor.ctx, query as ExportQuery);
  return downloadAnswer(download, headers);
}

async function leave(page: Page): Promise<Response> {
  const { visit, ctx, fields } = page;
  const typed = (fields.get("confirm") ?? "").trim();
  const { profile } = await getOverview({ ...page.visitor, ctx: freshCtx(page) });
  const phrase = phraseOf(profile);
  if (typed !== phrase && typed.toLowerCase() !== phrase) {
    const faults = { confirm: `Nothing was deleted: type ${phrase} to confirm it.` };
    return await showAccount(page, { form: "delete", typed, faults, status: 400 });
  }
  await deleteAccount(ctx);
  return goTo(visit, "/auth/sign-in?account_deleted", { session: null });
}

async function showAccount(page: Page, refused: Refused | null): Promise<Response> {
  const { visitor, visit: { url } } = page;
  const { profile, usage, blogs, sessions } = await getOverview({
    ...visitor,
    ctx: freshCtx(page),
  });
  const main = accountMain({
    ...{ profile, plan: PLANS[usage.plan].title, refused, phrase: phraseOf(profile) },
    sessions: sessions.slice(0, MOST_LISTED)
      .map((one) => ({ ...one, current: one.id === visitor.session.id })),
    more: Math.max(0, sessions.length - MOST_LISTED),
    holds: {
      blogs,
      posts: usage.posts.existing,
      media: usage.storage.used_bytes > 0 ? sayBytes(usage.storage.used_bytes) : null,
      packs: usage.packs.remaining,
    },
    exported: { most: MAX_EXPORTED, over: usage.posts.existing > MAX_EXPORTED },
  });
  const done = url.searchParams.get("done") ?? "";
  const said = !refused && Object.hasOwn(SAID, done) ? SAID[done] : null;
  return send(page, { title: "Account", tab: "/account", main, said }, { status: refused?.status });
}

function phraseOf({ email }: { email: string }): string {
  return email || WORD;
}
