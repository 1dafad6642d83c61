import { type Ctx, requireBlog, requireScope, transact } from "../../ctx.ts";
import { sha256 } from "../../kit/crypto.ts";
import { AppError } from "../../kit/errors.ts";
import { newId } from "../../kit/ids.ts";
import { Tx } from "../../kit/kv.ts";
import { MAX_UPLOAD, stageBytesTaken } from "../../metering/quotas.ts";
import { blogKey, type BlogRow, ownBlog } from "../blogs.ts";
import { spaceOf } from "../posts/write.ts";
import { mediaBytesKey, mediaExpiryKey, mediaKey, type MediaRow } from "./_record.ts";
import { chosenStore, stageBytes } from "./bytes.ts";
import { type Media, presentMedia, type UploadForm, type UploadInput } from "./schema.ts";
import { cleanImage, type ImageType } from "./strip/mod.ts";

const SANDBOX_LIFE = 30 * 86_400_000;

/** An image as it was sent. */
export type Upload = { bytes: Uint8Array; filename: string; type: ImageType };

/** The image of a body, JSON or form; throws 400 where the data is no base64. */
export async function uploadOf(body: UploadInput | UploadForm): Promise<Upload> {
  return "file" in body ? await uploadOfForm(body) : uploadOfJson(body);
}

function uploadOfJson({ data, filename = "", content_type }: UploadInput): Upload {
  try {
    return { bytes: Uint8Array.fromBase64(data), filename, type: content_type };
  } catch (cause) {
    throw new AppError("image_invalid", {
      message: "data is not base64: send the bytes of the image in base64, without a data: prefix.",
      cause,
    });
  }
}

async function uploadOfForm({ file }: UploadForm): Promise<Upload> {
  const type = file.type as ImageType;
  const name = file.name.toWellFormed().replaceAll("\0", "");
  return { bytes: await file.bytes(), filename: name.slice(0, 255).toWellFormed(), type };
}

/**
 * Stores an image without its metadata; it counts against the plan's storage. `as` keeps the id and time of
 * one that is imported, where the space has no image of that id yet.
 */
export async function uploadImage(
  ctx: Ctx,
  upload: Upload,
  as?: { id: string; createdAt: number },
): Promise<Media> {
  requireScope(ctx, "media:write");
  const { deps, now } = ctx;
  const blogId = requireBlog(ctx);
  if (upload.bytes.length > MAX_UPLOAD) {
    throw new AppError("payload_too_large", {
      message: "The image is too large: at most 5 MB (5,242,880 bytes).",
    });
  }
  // Nothing is kept of a request that is over the limit.
  await ctx.admission;
  const { bytes, width, height } = cleanImage(upload.bytes, upload.type);
  // Once without writing, so that what is refused is not stored first.
  const { space, blog } = await stageTaken(new Tx(ctx.reads), ctx, { blogId, size: bytes.length });
  const id = as?.id ?? newId(now);
  const sandboxed = space !== blog.id;
  const row: MediaRow = {
    id,
    space,
    blog: blog.id,
    owner: blog.owner,
    store: chosenStore(deps),
    object: id,
    filename: upload.filename,
    type: upload.type,
    size: bytes.length,
    width,
    height,
    sha256: sha256(bytes),
    createdAt: as?.createdAt ?? now,
    expiresAt: sandboxed ? now + SANDBOX_LIFE : null,
  };
  const staged = await stageBytes(deps, row.store, { ...row, bytes });
  return await transact(ctx, async (tx) => {
    const before = as && await tx.get<MediaRow>(mediaKey(space, id));
    if (before) return presentMedia(deps, before);
    // Nothing else of a new image is checked, and a commit that is sent twice is to count its bytes once.
    if (!as) tx.check({ key: mediaKey(space, id), value: null, versionstamp: null });
    await stageTaken(tx, ctx, { blogId, size: row.size });
    staged.write(tx);
    tx.set(mediaKey(space, id), row);
    if (row.expiresAt !== null) tx.set(mediaExpiryKey(row, row.expiresAt), row.blog);
    return presentMedia(deps, row);
  });
}

/** Counts an image in the caller's commit, or throws 403. */
async function stageTaken(
  tx: Tx,
  ctx: Ctx,
  { blogId, size }: { blogId: string; size: number },
): Promise<{ space: string; blog: BlogRow }> {
  const seen = (await ctx.reads.get<BlogRow>(blogKey(blogId))).value;
  const guess = seen ? spaceOf(ctx, seen) : blogId;
  const counter = mediaBytesKey(guess);
  const [blog] = await Promise.all([
    ownBlog(tx, ctx, blogId),
    stageBytesTaken(tx, ctx, { user: ctx.actor.user, size, counter, sandboxed: guess !== blogId }),
  ]);
  return { space: spaceOf(ctx, blog), blog };
}
