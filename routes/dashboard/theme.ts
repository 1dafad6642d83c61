import { Hono } from "hono";
import { AppError } from "../../lib/kit/errors.ts";
import { BlogUpdate, getBlog, updateBlog } from "../../lib/content/blogs.ts";
import { previewTheme } from "../../lib/content/site/mod.ts";
import { sharesOrigin, THEME_FEATURES, ThemeConfig, THEMES } from "../../lib/content/theme.ts";
import { PLANS, planWith } from "../../lib/metering/plans.ts";
import {
  blogPath,
  type Faults,
  THEME_LABELS,
  themeMain,
  type ThemeTexts,
} from "../../render/dashboard/mod.ts";
import { noticePage } from "../../render/dashboard/editor_frame.ts";
import type { Env } from "../_admit.ts";
import { validate } from "../_input.ts";
import { goTo } from "../auth/_visit.ts";
import { sayRefusal, sendFrame } from "./_frame.ts";
import {
  type BlogPage,
  blogPage,
  CHANGED,
  faultsOf,
  formCtx,
  freshCtx,
  send,
  sentence,
} from "./_page.ts";
import { editorPage, readWritten, type Writing } from "./editor_visit.ts";

const KEYS = Object.keys(THEME_FEATURES) as (keyof ThemeTexts)[];
const NO_SCRIPTS = "script-src 'none'; connect-src 'none'; form-action 'none'";

/** The theme of a blog, with a preview of it. */
export function themeRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  const { body: limit } = env.deps.config.limits;
  app.get("/app/blogs/:blog/theme", blogPage(env, (page) => showTheme(page, null)));
  app.post("/app/blogs/:blog/theme", blogPage(env, saveTheme, { limit }));
  app.get("/app/blogs/:blog/theme/preview", editorPage(env, "preview", previewStored));
  app.post("/app/blogs/:blog/theme/preview", editorPage(env, "preview", previewTyped));
  return app;
}

async function saveTheme(page: BlogPage): Promise<Response> {
  const { ctx, blog, fields } = page;
  const { theme_config: stored } = await getBlog(ctx, blog.id);
  const theme_config = changesOf(fields, textsOf(stored));
  try {
    const { body } = validate({ body: { schema: BlogUpdate, value: { theme_config } } });
    await updateBlog(formCtx(page), blog.id, body as BlogUpdate);
  } catch (error) {
    const { faults, status } = refusalOf(error);
    const typed = { ...textsOf(stored), ...theme_config } as ThemeTexts;
    return await showTheme(page, { typed, faults, status });
  }
  return goTo(page.visit, blogPath(blog, "/theme?done=saved"));
}

type Refused = { typed: ThemeTexts; faults: Faults; status: number };

async function showTheme(page: BlogPage, refused: Refused | null): Promise<Response> {
  const { blog, visitor: { plan }, visit: { url, deps } } = page;
  const ctx = freshCtx(page);
  const { theme_config } = await getBlog(ctx, blog.id);
  const stored = textsOf(theme_config);
  const { features } = PLANS[plan.plan];
  const gates = KEYS.flatMap((key) => {
    const feature = THEME_FEATURES[key];
    return feature && !features.includes(feature) ? [[key, planWith(feature)]] : [];
  });
  const domain = blog.custom_domain ? { host: blog.custom_domain, active: true } : null;
  const main = themeMain({
    ...{ blog, themes: THEMES, stored, etag: ctx.answer.rev! },
    typed: refused?.typed ?? stored,
    faults: refused?.faults ?? {},
    gates: Object.fromEntries(gates),
    withoutHtml: sharesOrigin(deps, { domain }),
  });
  const saved = !refused && url.searchParams.get("done") === "saved";
  return send(page, {
    ...{ title: "Theme", tab: "/theme", main, fault: refused?.faults[""] },
    said: saved ? "Saved: the blog shows it." : null,
    scripts: ["theme"],
    policy: { frames: true },
  }, { status: refused?.status });
}

async function previewStored(at: Writing): Promise<Response> {
  const { theme_config } = await getBlog(at.ctx, at.blog.id);
  return await sendPreview(at, {
    config: theme_config,
    page: at.visit.url.searchParams.get("page"),
  });
}

async function previewTyped(at: Writing): Promise<Response> {
  const fields = await readWritten(at);
  const { theme_config: stored } = await getBlog(at.ctx, at.blog.id);
  const value = { ...stored, ...changesOf(fields, textsOf(stored)) };
  try {
    const { body } = validate({ body: { schema: ThemeConfig, value } });
    return await sendPreview(at, { config: body as ThemeConfig, page: fields.get("page") });
  } catch (error) {
    return sendFrame(at, noticePage(sayRefusal(error)));
  }
}

async function sendPreview(
  at: Writing,
  { config, page }: { config: ThemeConfig; page: string | null },
): Promise<Response> {
  const wanted = page === "post" ? "post" : "index";
  const { html, csp } = await previewTheme(at.ctx, at.blog.id, { config, page: wanted });
  // Without allow-scripts nothing of the owner's runs, at no origin; the second policy has none asked for.
  const framed = csp.replace("frame-ancestors 'none'", "frame-ancestors 'self'");
  return sendFrame(at, { html, csp: `${framed}; sandbox, ${NO_SCRIPTS}` });
}

/** A theme as its form holds it; a browser sends each line's end as two characters. */
function textsOf(config: ThemeConfig): ThemeTexts {
  const texts = KEYS.map((key) => [key, unixLines(config[key] ?? "")]);
  return { ...Object.fromEntries(texts), theme: config.theme || THEMES[0] };
}

/** What of a form is not as it is stored: a plan may keep what it would not take. */
function changesOf(fields: URLSearchParams, stored: ThemeTexts): Record<string, string> {
  const typed = KEYS.filter((key) => fields.has(key))
    .map((key) => [key, unixLines(fields.get(key)!)] as const);
  return Object.fromEntries(typed.filter(([key, text]) => text !== stored[key]));
}

function unixLines(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

/** What the form is told, of each field by its label. */
function refusalOf(error: unknown): { faults: Faults; status: number } {
  const { status } = faultsOf(error);
  const { reason, message, details } = error as AppError;
  if (reason === "precondition_failed") return { faults: { "": CHANGED }, status };
  const faults: Faults = {};
  for (const issue of details.issues ?? [{ path: "", message }]) {
    const key = KEYS.find((key) =>
      issue.path === `theme_config.${key}` || issue.message.startsWith(`theme_config.${key} `)
    );
    const words = key
      ? issue.message.replace(new RegExp(`(theme_config\\.)?${key}`), THEME_LABELS[key])
      : issue.message;
    faults[key ?? ""] = sentence(words);
  }
  return { faults, status };
}
