import type { Deps } from "../../ctx.ts";
import { AppError } from "../../kit/errors.ts";
import { newId } from "../../kit/ids.ts";
import { transact, under } from "../../kit/kv.ts";
import { blogKey } from "../blogs.ts";
import { mediaKey, type MediaRow, type StoreName } from "./_record.ts";
import { readWhole, stageBytes, stageBytesGone } from "./bytes.ts";

// As long as a reader may still go by the old row, and be slow.
const GRACE = 10 * 60_000;
const AT_ONCE = 4;

type CopyReport = {
  to: StoreName;
  /** images that were moved, and their bytes */
  moved: number;
  bytes: number;
  /** that were there already */
  present: number;
  /** whose bytes are lost, or not what they were: they were left as they are */
  damaged: string[];
};

/**
 * Moves every image to a store, while the service runs: each is served from where its row says. What it was
 * moved from goes ten minutes later. Cut short, it goes on when it is run again.
 */
export async function copyImages(deps: Deps, to: StoreName): Promise<CopyReport> {
  if (to === "s3" && !deps.config.s3) {
    throw new AppError("media_unavailable", {
      message: "No S3 store is configured: set the POSTLARK_S3_… variables.",
    });
  }
  const report: CopyReport = { to, moved: 0, bytes: 0, present: 0, damaged: [] };
  let batch: MediaRow[] = [];
  const move = async () => {
    const done = await Promise.allSettled(batch.map((row) => moveImage(deps, row, report)));
    const failed = done.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
    batch = [];
  };
  for await (const { value } of deps.store.scan<MediaRow>(under(["media"]))) {
    if (value.store === to) report.present++;
    else if (batch.push(value) === AT_ONCE) await move();
  }
  await move();
  return report;
}

async function moveImage(deps: Deps, row: MediaRow, report: CopyReport): Promise<void> {
  const bytes = await readWhole(deps, row);
  if (!bytes) {
    const { value } = await deps.store.get<MediaRow>(mediaKey(row.space, row.id));
    if (value?.object === row.object) report.damaged.push(row.id);
    return;
  }
  const next: MediaRow = { ...row, store: report.to, object: newId(deps.clock()) };
  const staged = await stageBytes(deps, next.store, { ...next, bytes });
  const due = deps.clock() + GRACE;
  const moved = await transact(deps.store, async (tx) => {
    const [current, blog] = await Promise.all([
      tx.get<MediaRow>(mediaKey(row.space, row.id)),
      tx.get(blogKey(row.blog)),
    ]);
    // It was deleted meanwhile, or its blog was, or another run moved it: the sweep takes the copy.
    if (current?.object !== row.object || !blog) return false;
    staged.write(tx);
    tx.set(mediaKey(row.space, row.id), next);
    stageBytesGone(tx, row, due);
    return true;
  });
  if (!moved) return;
  report.moved++;
  report.bytes += row.size;
}
