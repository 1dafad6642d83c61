import { Hono } from "hono";
import { deleteBlog } from "../../lib/account/deletion.ts";
import { activateBlog } from "../../lib/account/plan_changes.ts";
import { AppError, invalid } from "../../lib/kit/errors.ts";
import { type Blog, BlogUpdate, getBlog, updateBlog } from "../../lib/content/blogs.ts";
import { PLANS, planWith } from "../../lib/metering/plans.ts";
import {
  blogPath,
  type Faults,
  settingsMain,
  type TypedSettings,
} from "../../render/dashboard/mod.ts";
import type { Env } from "../_admit.ts";
import { validate } from "../_input.ts";
import { goTo } from "../auth/_visit.ts";
import { type BlogPage, blogPage, CHANGED, faultsOf, formCtx, freshCtx, send } from "./_page.ts";

// The patterns of all tags, each byte of which may be three in a form.
const LIMIT = 131_072;
const NOT_TYPED = "Type the name as it stands above to delete the blog.";

/** What a blog is called, whether it is among those that its plan lets change, and its end. */
export function settingsRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  const at = "/app/blogs/:blog/settings";
  app.get(at, blogPage(env, (page) => showSettings(page, null)));
  app.post(at, blogPage(env, saveSettings, { limit: LIMIT }));
  app.post(`${at}/delete`, blogPage(env, removeBlog));
  app.post("/app/blogs/:blog/activate", blogPage(env, activate));
  return app;
}

async function saveSettings(page: BlogPage): Promise<Response> {
  const { ctx, blog, fields } = page;
  const stored = settingsOf(await getBlog(ctx, blog.id));
  const typed = typedOf(fields, stored);
  try {
    const value = changesOf(typed, stored);
    const { body } = validate({ body: { schema: BlogUpdate, value } });
    await updateBlog(formCtx(page), blog.id, body as BlogUpdate);
  } catch (error) {
    const { faults, status } = faultsOf(error);
    const changed = error instanceof AppError && error.reason === "precondition_failed";
    return await showSettings(page, { typed, faults: changed ? { "": CHANGED } : faults, status });
  }
  return goTo(page.visit, blogPath(blog, "/settings?done=saved"));
}

async function activate({ ctx, blog, visit }: BlogPage): Promise<Response> {
  await activateBlog(ctx, blog.id);
  return goTo(visit, blogPath(blog));
}

async function removeBlog(page: BlogPage): Promise<Response> {
  const { ctx, blog, fields } = page;
  if (fields.get("confirm")?.trim() !== blog.slug) {
    return await showSettings(page, { faults: { confirm: NOT_TYPED }, status: 400 });
  }
  await deleteBlog(ctx, blog.id);
  return goTo(page.visit, "/app?done=deleted");
}

type Refused = { typed?: TypedSettings; faults: Faults; status: number };

async function showSettings(page: BlogPage, refused: Refused | null): Promise<Response> {
  const { blog, visitor: { plan }, visit: { url } } = page;
  const ctx = freshCtx(page);
  const stored = settingsOf(await getBlog(ctx, blog.id));
  const hasPatterns = PLANS[plan.plan].features.includes("title_patterns");
  const faults = refused?.faults ?? {};
  const main = settingsMain({
    ...{ blog, stored, faults, etag: ctx.answer.rev! },
    typed: refused?.typed ?? stored,
    gate: hasPatterns ? null : planWith("title_patterns"),
  });
  const saved = !refused && url.searchParams.get("done") === "saved";
  return send(page, {
    ...{ title: "Settings", tab: "/settings", main, fault: faults[""] },
    said: saved ? "Saved." : null,
  }, { status: refused?.status });
}

function settingsOf({ name, description, title_pattern, tag_title_patterns }: Blog): TypedSettings {
  const lines = Object.entries(tag_title_patterns).map(([tag, pattern]) => `${tag}: ${pattern}`);
  return {
    ...{ name, description },
    title_pattern: title_pattern ?? "",
    tag_title_patterns: lines.join("\n"),
  };
}

function typedOf(fields: URLSearchParams, stored: TypedSettings): TypedSettings {
  const text = (name: keyof TypedSettings) =>
    fields.get(name)?.replace(/\r\n?/g, "\n") ?? stored[name];
  return {
    name: text("name"),
    description: text("description"),
    title_pattern: text("title_pattern").trim(),
    tag_title_patterns: text("tag_title_patterns"),
  };
}

/** What is not as it is stored; a tag's pattern that is not there any more is taken away. */
function changesOf(typed: TypedSettings, stored: TypedSettings): Record<string, unknown> {
  const { tag_title_patterns: lines, ...texts } = typed;
  const changed = Object.entries(texts).filter(([name, text]) =>
    text !== stored[name as keyof TypedSettings]
  );
  const before = patternsOf(stored.tag_title_patterns);
  const after = patternsOf(lines);
  const gone = Object.keys(before).filter((tag) => !Object.hasOwn(after, tag));
  const patterns = [
    ...gone.map((tag) => [tag, null]),
    ...Object.entries(after).filter(([tag, pattern]) => before[tag] !== pattern),
  ];
  return {
    ...Object.fromEntries(changed),
    ...patterns.length > 0 && { tag_title_patterns: Object.fromEntries(patterns) },
  };
}

/** Tag → pattern of lines such as `recipes: {title}`; throws 400 for a line without a colon. */
function patternsOf(lines: string): Record<string, string> {
  const found = lines.split("\n").filter((line) => line.trim() !== "").map((line) => {
    // A tag may have a colon in it.
    const parts = /^(.*?):\s+(.*)$/.exec(line) ?? /^([^:]*):(.*)$/.exec(line);
    if (!parts) {
      const message = `"${line}" has no colon: write the tag, a colon, and the pattern`;
      throw invalid([{ path: "tag_title_patterns", message }]);
    }
    return [parts[1].trim().toLowerCase(), parts[2].trim()];
  });
  return Object.fromEntries(found);
}
