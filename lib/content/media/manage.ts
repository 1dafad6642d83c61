import { backstage, type Ctx, type Deps, requireBlog, requireScope, transact } from "../../ctx.ts";
import { AppError } from "../../kit/errors.ts";
import { isUuid } from "../../kit/ids.ts";
import type { Tx } from "../../kit/kv.ts";
import { decodeCursor, readAfter } from "../../kit/page.ts";
import { stageGivenBack } from "../../metering/quotas.ts";
import { blogKey, type BlogRow, ownBlog } from "../blogs.ts";
import { spaceOf } from "../posts/write.ts";
import { mediaBytesKey, mediaExpiryKey, mediaKey, mediaPrefix, type MediaRow } from "./_record.ts";
import { removeObjectNow, stageBytesGone } from "./bytes.ts";
import { type Media, presentMedia } from "./schema.ts";

const PAGE = 50;

/** The blog's images, newest first, a page at a time. */
export async function listMedia(
  ctx: Ctx,
  query: { limit?: number; cursor?: string },
): Promise<{ data: Media[]; next_cursor: string | null }> {
  requireScope(ctx, "media:read");
  const cursor = query.cursor ? decodeCursor(query.cursor, ["string"]) : null;
  const { value: blog } = await ctx.reads.get<BlogRow>(blogKey(requireBlog(ctx)));
  if (blog?.owner !== ctx.actor.user) throw new AppError("blog_not_found");
  const { rows, next } = await readAfter(ctx.deps.store, mediaPrefix(spaceOf(ctx, blog)), {
    cursor,
    order: "desc",
    limit: query.limit ?? PAGE,
    parts: 1,
  });
  return {
    data: rows.map(({ value }) => presentMedia(ctx.deps, value as MediaRow)),
    next_cursor: next,
  };
}

/** Deletes an image, and gives its room back; a cache may show it for a day. */
export async function deleteMedia(ctx: Ctx, id: string): Promise<{ deleted: true }> {
  requireScope(ctx, "media:write");
  const blogId = requireBlog(ctx);
  const { value: blog } = await ctx.reads.get<BlogRow>(blogKey(blogId));
  if (!blog || !isUuid(id)) throw new AppError("media_not_found");
  return await removeImage(ctx, { blogId, space: spaceOf(ctx, blog), id });
}

/** Deletes the sandboxes' images whose thirty days are over; says how many, and how many it could not. */
export async function expireSandboxMedia(
  deps: Deps,
): Promise<{ images: number; failed: number }> {
  const report = { images: 0, failed: 0 };
  const range = { start: ["mediaexpiry"], end: ["mediaexpiry", deps.clock() + 1] };
  for await (const { key, value: blogId } of deps.store.scan<string>(range)) {
    const [, , space, id] = key as [string, number, string, string];
    const ctx = backstage(deps, { kind: "job" });
    try {
      await removeImage(ctx, { blogId, space, id });
      report.images++;
    } catch (error) {
      report.failed++;
      deps.log({ event: "image_expiry_failed", image: id, error: String(error) });
    }
  }
  return report;
}

async function removeImage(
  ctx: Ctx,
  { blogId, space, id }: { blogId: string; space: string; id: string },
): Promise<{ deleted: true }> {
  const { deps } = ctx;
  // One time for all attempts: it is part of the key under which an object waits for its removal.
  const due = deps.clock();
  let gone: MediaRow | null = null;
  const answer = await transact(ctx, async (tx) => {
    const [, row] = await Promise.all([
      ownBlog(tx, ctx, blogId, { frozen: true }),
      tx.get<MediaRow>(mediaKey(space, id)),
    ]);
    if (!row) throw new AppError("media_not_found");
    gone = row;
    stageImageGone(tx, row, due);
    tx.afterCommit.push(() => deps.pages.drop(row.blog));
    return { deleted: true as const };
  });
  await removeObjectNow(deps, gone!, due);
  return answer;
}

function stageImageGone(tx: Tx, row: MediaRow, due: number): void {
  tx.delete(mediaKey(row.space, row.id));
  if (row.expiresAt !== null) tx.delete(mediaExpiryKey(row, row.expiresAt));
  tx.sum(mediaBytesKey(row.space), -row.size);
  if (row.space === row.blog) {
    stageGivenBack(tx, { user: row.owner, what: "bytes", number: row.size });
  }
  stageBytesGone(tx, row, due);
}
