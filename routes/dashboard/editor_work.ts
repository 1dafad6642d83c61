import { Hono } from "hono";
import { AppError } from "../../lib/kit/errors.ts";
import { UploadForm, uploadImage, uploadOf } from "../../lib/content/media/mod.ts";
import { getSource, previewCard, previewDraft, updatePost } from "../../lib/content/posts/mod.ts";
import { cardPage, noticePage, previewFrame } from "../../render/dashboard/editor_frame.ts";
import { DIAGRAMS_PATH } from "../../render/dashboard/mod.ts";
import { editPath } from "../../render/dashboard/editor.tsx";
import { type Env, limitUploads } from "../_admit.ts";
import { jsonAnswer } from "../_answer.ts";
import { sayRefusal, sendFrame } from "./_frame.ts";
import { isForm, parseForm, parseJson, readBody, validate } from "../_input.ts";
import {
  againstTag,
  createOnce,
  editorJson,
  editorPage,
  judgeDraft,
  judgeWritten,
  postOf,
  readWritten,
  type Writing,
  writtenOf,
} from "./editor_visit.ts";

const BASE = "/app/blogs/:blog/editor";

/** What the editor asks for while one writes: previews, saves, uploads. */
export function editorWorkRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.get(`${BASE}/frame`, editorPage(env, "read", showFrame));
  app.post(`${BASE}/page`, editorPage(env, "preview", showPage));
  app.post(`${BASE}/card`, editorPage(env, "card", showCard));
  app.post(`${BASE}/preview`, editorJson(env, "preview", preview));
  app.post(`${BASE}/save`, editorJson(env, "save", save));
  app.get(`${BASE}/posts/:id`, editorJson(env, "read", readStored));
  app.post(`${BASE}/media`, editorJson(env, "upload", upload));
  return app;
}

function showFrame(at: Writing): Promise<Response> {
  const { url, deps } = at.visit;
  const diagrams = url.searchParams.has("diagrams") ? deps.config.origin + DIAGRAMS_PATH : null;
  return Promise.resolve(sendFrame(at, previewFrame(diagrams)));
}

async function showPage(at: Writing): Promise<Response> {
  const fields = await readWritten(at);
  try {
    const draft = judgeDraft(postOf(writtenOf(fields)), fields.get("own") || null);
    const { html, csp } = await previewDraft(at.ctx, draft);
    return sendFrame(at, { html, csp: `${csp}; sandbox` });
  } catch (error) {
    return sendFrame(at, noticePage(sayRefusal(error)));
  }
}

async function showCard(at: Writing): Promise<Response> {
  const fields = await readWritten(at);
  try {
    const draft = judgeDraft(postOf(writtenOf(fields)), fields.get("own") || null);
    return sendFrame(at, cardPage(await previewCard(at.ctx, draft)));
  } catch (error) {
    return sendFrame(at, noticePage(sayRefusal(error)));
  }
}

async function preview(at: Writing): Promise<Response> {
  const { own, ...draft } = await readJson(at);
  const known = typeof own === "string" && own ? own : null;
  const { csp: _, ...shown } = await previewDraft(at.ctx, judgeDraft(draft, known));
  return answer(at, 200, shown);
}

async function save(at: Writing): Promise<Response> {
  const { id, etag, once, ...fields } = await readJson(at);
  const input = judgeWritten(fields);
  if (typeof id !== "string" || id === "") {
    const made = await createOnce(at, input, typeof once === "string" ? once : null);
    if (!made.repeated) return answer(at, 201, saved(at, made.post, made.etag));
    // Its answer was lost, and the text may have gone on since.
    const ctx = againstTag(at, made.etag);
    const post = await updatePost(ctx, made.post.slug, input);
    return answer(at, 201, saved(at, post, ctx.answer.rev!));
  }
  const { slug } = await getSource(at.ctx, id);
  const ctx = againstTag(at, typeof etag === "string" ? etag : null);
  const post = await updatePost(ctx, slug, input);
  return answer(at, 200, saved(at, post, ctx.answer.rev!));
}

function saved(
  { blog }: Writing,
  { id, slug, url, status }: { id: string; slug: string; url: string; status: string },
  etag: string,
) {
  return { id, slug, url, status, etag, path: editPath(blog, id) };
}

async function readStored(at: Writing): Promise<Response> {
  const post = await getSource(at.ctx, at.visit.params.id);
  const { title, content_md: content, updated_at } = post;
  return answer(at, 200, { title, content, updated_at, etag: at.ctx.answer.rev! });
}

async function upload(at: Writing): Promise<Response> {
  const { env, visit: { deps, request }, ctx } = at;
  await limitUploads(env, ctx);
  const bytes = await readBody(request, { limit: deps.config.limits.body, form: true });
  if (!isForm(request)) throw new AppError("unsupported_media_type");
  const value = await parseForm(request, bytes);
  const { body } = validate({ body: { schema: UploadForm, value } });
  return answer(at, 201, await uploadImage(ctx, await uploadOf(body as UploadForm)));
}

async function readJson({ visit: { deps, request } }: Writing): Promise<Record<string, unknown>> {
  return parseJson(await readBody(request, { limit: deps.config.limits.body, form: false }));
}

function answer({ visit }: Writing, status: number, body: unknown): Response {
  const headers = new Headers({ "x-request-id": visit.id, "x-content-type-options": "nosniff" });
  const made = jsonAnswer(status, body, headers);
  made.headers.set("cache-control", "no-store");
  return made;
}
