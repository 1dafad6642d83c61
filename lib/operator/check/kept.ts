import type { Key } from "../../kit/kv.ts";
import type { DocumentRow } from "../../content/site/documents.ts";
import type { PictureRow } from "../../content/site/og_image.ts";
import type { Blogs } from "./blogs.ts";
import type { Removals } from "./removals.ts";
import type { Walk } from "./walk.ts";

/**
 * Compares what is kept of blogs so that it need not be made again (feeds, pictures): each belongs to a
 * blog, and has all its chunks. Chunks without an owner lapse by themselves.
 */
export async function checkKept(walk: Walk, blogs: Blogs, removals: Removals): Promise<void> {
  const chunks = new Map<string, number>();
  for (const name of ["docchunk", "ogchunk"] as const) {
    for await (const { key } of walk.rows(name)) {
      requireBlog(walk, blogs, { key, removals });
      const prefix = key.slice(0, 3).join("/");
      chunks.set(prefix, (chunks.get(prefix) ?? 0) + 1);
    }
  }
  const compare = (key: Key, prefix: Key, count: number) => {
    const found = chunks.get(prefix.join("/")) ?? 0;
    if (found < count) walk.report(key, `it has ${count} chunks, ${found} are there`);
  };
  for await (const { key, value } of walk.rows<DocumentRow>("doc")) {
    requireBlog(walk, blogs, { key, removals });
    compare(key, ["docchunk", key[1], value.id], value.chunks);
  }
  for await (const { key, value } of walk.rows<PictureRow>("og")) {
    requireBlog(walk, blogs, { key, removals });
    compare(key, ["ogchunk", key[1], key[2]], value.chunks);
  }
  for await (const { key } of walk.rows("pubver")) requireBlog(walk, blogs, { key, removals });
  // A blog that is gone has its pages purged like any other.
  for await (const _ of walk.rows("purge")) continue;
}

function requireBlog(walk: Walk, blogs: Blogs, at: { key: Key; removals: Removals }): void {
  const id = at.key[1] as string;
  if (blogs.live.has(id) || blogs.deleting.has(id) || at.removals.covers(at.key)) return;
  walk.report(at.key, "it has no blog");
}
