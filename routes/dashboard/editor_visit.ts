import { z } from "@hono/zod-openapi";
import { backstage, type Ctx } from "../../lib/ctx.ts";
import { AppError, invalid } from "../../lib/kit/errors.ts";
import { parseTime } from "../../lib/kit/input.ts";
import { getProfile } from "../../lib/account/accounts.ts";
import type { PlanRow } from "../../lib/metering/plans.ts";
import { type BlogSummary, listBlogs } from "../../lib/content/blogs.ts";
import {
  createPost,
  type Draft,
  getSource,
  isPostSlug,
  type Post,
  type PostInput,
  PostUpdate,
} from "../../lib/content/posts/mod.ts";
import type { Written } from "../../render/dashboard/editor.tsx";
import type { Frame } from "../../render/dashboard/document.tsx";
import type { Env } from "../_admit.ts";
import { judgeIdempotencyKey } from "../_idempotency.ts";
import { readText, validate } from "../_input.ts";
import { route } from "../_operation.ts";
import { keepForm } from "../auth/_kept.ts";
import {
  countTry,
  goToSignIn,
  json,
  pages,
  requireOwnPage,
  type Visit,
  visitorOf,
} from "../auth/_visit.ts";
import { create } from "../v1/posts.ts";
import { carryOutOnce } from "./_once.ts";

/** In ten minutes and for one account: saving as one writes must not use up the API's hour. */
const LIMITS = {
  read: null,
  save: { limit: 300, what: "saves" },
  preview: { limit: 1200, what: "previews" },
  card: { limit: 60, what: "cards" },
  upload: { limit: 300, what: "uploads" },
};
/** The editor at a blog of the visitor's, on which `ctx` acts. */
export type Writing = {
  env: Env;
  visit: Visit;
  ctx: Ctx;
  plan: PlanRow;
  frame: Frame;
  blog: BlogSummary;
};
type Handler = (at: Writing) => Promise<Response>;
type Work = keyof typeof LIMITS;

/** A page of the editor: leads to the sign-in where nobody is signed in, but keeps what would have been saved. */
export function editorPage(env: Env, work: Work, handler: Handler) {
  return pages(env, async (visit) => {
    const at = await enter(visit, work);
    if (at) return await handler(at);
    const { body: limit } = env.deps.config.limits;
    return work === "save" ? await keepForm(visit, { limit }) : goToSignIn(visit);
  });
}

/** What the editor's script asks for: 401 where nobody is signed in. */
export function editorJson(env: Env, work: Work, handler: Handler) {
  return json(env, async (visit) => {
    const at = await enter(visit, work);
    if (!at) throw new AppError("session_ended");
    return await handler(at);
  });
}

async function enter(visit: Visit, work: Work): Promise<Writing | null> {
  const visitor = await visitorOf(visit);
  if (!visitor) return null;
  const { ctx, plan } = visitor;
  const limit = LIMITS[work];
  if (limit) {
    requireOwnPage(visit);
    await countTry(visit, { kind: `editor_${work}`, of: ctx.actor.user, ...limit });
  }
  const [{ email, name }, { data: blogs }] = await Promise.all([
    getProfile(ctx),
    listBlogs(ctx, {}),
  ]);
  const blog = blogs.find(({ slug }) => slug === visit.params.blog);
  if (!blog) throw new AppError("blog_not_found");
  const who = email || name || "an account without an address";
  const frame = { who, blogs, blog };
  return { env: visit.env, visit, plan, frame, blog, ctx: { ...ctx, blog: blog.id } };
}

/** A context for one more verb, which meets what is stored now only where `etag` still names it. */
export function againstTag({ ctx }: Writing, etag: string | null): Ctx {
  return {
    ...backstage(ctx.deps, ctx.actor),
    blog: ctx.blog,
    ifMatch: etag ? `"${etag}"` : null,
  };
}

/**
 * Stores what a form of the editor began as a new draft, once for each `once`: the answer to what is sent
 * again tells of the same post, `repeated`. `etag` is the post's as it was made, or as it is now.
 */
export async function createOnce(
  at: Writing,
  input: Omit<PostInput, "scheduled_at">,
  once: string | null,
): Promise<{ post: Post; etag: string; repeated: boolean }> {
  let ctx = at.ctx;
  const { pathname: path } = at.visit.url;
  const key = judgeIdempotencyKey(once || null);
  const answer = await carryOutOnce(
    route(create, ({ ctx }) => createPost(ctx, { ...input, scheduled_at: undefined })),
    () => ctx = againstTag(at, null),
    key === null ? null : { key, path, body: new Uint8Array() },
  );
  const post = answer.body as Post;
  if (!answer.replayed) return { post, etag: ctx.answer.rev!, repeated: false };
  const now = againstTag(at, null);
  return { post: await getSource(now, post.id), etag: now.answer.rev!, repeated: true };
}

/** The fields of the editor's form. */
export async function readWritten({ visit }: Writing): Promise<URLSearchParams> {
  // Each byte of the text may be three in a form.
  return new URLSearchParams(await readText(visit.request, visit.deps.config.limits.body));
}

/** What a form holds, as it was typed. */
export function writtenOf(fields: URLSearchParams): Written {
  const text = (name: string) => (fields.get(name) ?? "").replace(/\r\n?/g, "\n");
  return {
    title: text("title"),
    content: text("content"),
    slug: text("slug").trim(),
    tags: text("tags"),
    description: text("description"),
    og_image: text("og_image").trim(),
    canonical_url: text("canonical_url").trim(),
    noindex: fields.has("noindex"),
  };
}

/** The same as the fields of a post. */
export function postOf(written: Written) {
  const { title, content, slug, tags, ...meta } = written;
  return { title, content, slug, tags: tags.split(",").map((t) => t.trim()).filter(Boolean), meta };
}

/** The fields of a post as they may be stored; throws 400 with every fault. */
export function judgeWritten(value: unknown): PostUpdate & { title: string; content: string } {
  const { body } = validate({ body: { schema: Whole, value } });
  return body as z.infer<typeof Whole>;
}

const Whole = PostUpdate.required({ title: true, content: true });
const Unfinished = PostUpdate.extend({
  title: z.string().max(10_000),
  content: z.string(),
});

/** A draft that may lack a title and a text; `own` is the slug that the post has already, if it is one. */
export function judgeDraft(value: unknown, own: string | null): Draft {
  const { body } = validate({ body: { schema: Unfinished, value } });
  return { ...body as z.infer<typeof Unfinished>, own: own && isPostSlug(own) ? own : null };
}

/** A local date and time in a time zone as ISO 8601 in UTC; throws 400 where that zone's clocks skip it. */
export function instantOf({ at, zone }: { at: string; zone: string }): string {
  const fail = (message: string) => invalid([{ path: "scheduled_at", message }]);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(at) || parseTime(`${at}Z`) === null) {
    throw fail("Choose a date and a time");
  }
  let zoned: Temporal.ZonedDateTime;
  try {
    zoned = Temporal.PlainDateTime.from(at).toZonedDateTime(zone, { disambiguation: "earlier" });
  } catch {
    throw fail("Choose a time zone of the list");
  }
  if (!zoned.toPlainDateTime().equals(Temporal.PlainDateTime.from(at))) {
    throw fail("The clocks of this time zone skip that time: choose another");
  }
  return zoned.toInstant().toString();
}
