import { Hono } from "hono";
import { AppError } from "../../lib/kit/errors.ts";
import { getUsage } from "../../lib/account/usage.ts";
import {
  deleteMedia,
  IMAGE_TYPES,
  listMedia,
  mediaBase,
  UploadForm,
  uploadImage,
  uploadOf,
} from "../../lib/content/media/mod.ts";
import { blogPath, mediaMain, mediaPath, type NotUploaded } from "../../render/dashboard/mod.ts";
import { type Env, limitUploads } from "../_admit.ts";
import { isForm, readBody, readParts, validate } from "../_input.ts";
import { goTo } from "../auth/_visit.ts";
import { type BlogPage, blogPage, freshCtx, send } from "./_page.ts";

const PER_PAGE = 24;
// So many bodies of the API's limit are taken at once, from who has no script to send them one by one.
const AT_ONCE = 4;
const MIB = 1024 ** 2;
const NOTHING_CHOSEN = "Choose an image first, or several.";
const NO_IMAGE = "It is none of the kinds that are taken: JPEG, PNG, GIF and WebP.";

/** The images of a blog. */
export function mediaRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.get("/app/blogs/:blog/media", blogPage(env, (page) => showMedia(page, {})));
  app.post("/app/blogs/:blog/media", blogPage(env, uploadImages, { unread: true }));
  app.post("/app/blogs/:blog/media/:id/delete", blogPage(env, removeImage));
  return app;
}

async function uploadImages(page: BlogPage): Promise<Response> {
  let files: File[];
  try {
    files = await readFiles(page);
  } catch (error) {
    const { message: fault, status } = refusalOf(error);
    return await showMedia(page, { fault, status });
  }
  if (files.length === 0) return await showMedia(page, { fault: NOTHING_CHOSEN, status: 400 });
  const failures: (NotUploaded & { status: number })[] = [];
  // One after the other: each is decoded whole.
  for (const file of files) {
    try {
      await storeImage(page, file);
    } catch (error) {
      failures.push({ name: file.name, ...refusalOf(error) });
    }
  }
  const done = files.length - failures.length;
  if (failures.length === 0) {
    return goTo(page.visit, blogPath(page.blog, `/media?done=uploaded&n=${done}`));
  }
  return await showMedia(page, {
    failures,
    status: failures[0].status,
    said: done > 0 ? sayUploaded(done) : null,
  });
}

/** The images of the form; a field in which nothing was chosen comes as a file without a name. */
async function readFiles({ visit: { request, deps } }: BlogPage): Promise<File[]> {
  const limit = AT_ONCE * deps.config.limits.body;
  const bytes = await readBody(request, { limit, form: true }).catch((error) => {
    if (!(error instanceof AppError) || error.reason !== "payload_too_large") throw error;
    const message = `Together they are too large: send at most ${
      Math.floor(limit / MIB)
    } MB at once`;
    throw new AppError("payload_too_large", { message: `${message}.` });
  });
  if (!isForm(request)) throw new AppError("unsupported_media_type");
  const parts = (await readParts(request, bytes)).getAll("file");
  return parts.filter((part) => part instanceof File)
    .filter(({ name, size }) => name !== "" || size > 0);
}

async function storeImage(page: BlogPage, file: File): Promise<void> {
  if (!Object.hasOwn(IMAGE_TYPES, file.type)) {
    throw new AppError("image_invalid", { message: NO_IMAGE });
  }
  const { body } = validate({ body: { schema: UploadForm, value: { file } } });
  const ctx = freshCtx(page);
  await limitUploads(page.visit.env, ctx);
  await uploadImage(ctx, await uploadOf(body as UploadForm));
}

function refusalOf(error: unknown): { message: string; status: number } {
  if (!(error instanceof AppError) || error.status >= 500) throw error;
  return { message: error.message, status: error.status };
}

async function removeImage(page: BlogPage): Promise<Response> {
  const { ctx, blog, visit: { params, url } } = page;
  await deleteMedia(ctx, params.id);
  const at = { after: url.searchParams.get("after"), done: "deleted" };
  return goTo(page.visit, mediaPath(blog, at));
}

type Told = { failures?: NotUploaded[]; fault?: string; status?: number; said?: string | null };

async function showMedia(page: BlogPage, told: Told): Promise<Response> {
  const { blog, visit: { url, deps } } = page;
  const after = url.searchParams.get("after") || null;
  const [{ data: images, next_cursor: next }, { storage }] = await Promise.all([
    listMedia(freshCtx(page), { limit: PER_PAGE, ...after && { cursor: after } }),
    getUsage(freshCtx(page)),
  ]);
  const { failures = [], fault } = told;
  const main = mediaMain({
    ...{ blog, images, after, next, failures, fault },
    storage: { used: storage.used_bytes, limit: storage.limit_bytes },
  });
  return send(page, {
    ...{ title: "Media", tab: "/media", main },
    said: told.said === undefined ? doneOf(page) : told.said,
    scripts: ["media"],
    policy: { images: [new URL(mediaBase(deps, blog.id)).origin] },
  }, { status: told.status });
}

// What the answer to a form led here with.
function doneOf({ visit: { request, url } }: BlogPage): string | null {
  if (request.method !== "GET") return null;
  if (url.searchParams.get("done") === "deleted") return "The image was deleted.";
  const n = url.searchParams.get("n") ?? "";
  return url.searchParams.get("done") === "uploaded" && /^[1-9]\d{0,3}$/.test(n)
    ? sayUploaded(Number(n))
    : null;
}

function sayUploaded(n: number): string {
  return n === 1 ? "1 image was uploaded." : `${n} images were uploaded.`;
}
