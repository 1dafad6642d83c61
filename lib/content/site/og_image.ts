import type { Deps } from "../../ctx.ts";
import { chunkKeys, joinChunks, toBlob } from "../../kit/blob.ts";
import { sha256 } from "../../kit/crypto.ts";
import type { Key } from "../../kit/kv.ts";
import { span } from "../../kit/observe.ts";
import { DESIGN_VERSION, drawOgImage } from "../../../render/og_image/mod.ts";
import { PLANS, shownPlan } from "../../metering/plans.ts";
import { postKey, type PostRow, slugKey, type SlugRow } from "../posts/_record.ts";
import { type Elsewhere, etagOf, readShell, storeMade } from "./shell.ts";

const KEPT = 90 * 86_400_000;
const MAX_TITLE = 300;
const MAX_TAGS = 3;

/** A drawn picture's size in chunks; its key is the hash of what it shows. */
export type PictureRow = { chunks: number };
export type Picture = { png: Uint8Array; etag: string };

function pictureKey(blog: string, hash: string): Key {
  return ["og", blog, hash];
}
function chunkPrefix(blog: string, hash: string): Key {
  return ["ogchunk", blog, hash];
}

/** The picture of a published post, PNG of 1200 × 630: drawn once, then a stored read; null where there is no such post. */
export async function viewOgImage(
  deps: Deps,
  subdomain: string,
  slug: string,
): Promise<Picture | Elsewhere | null> {
  const found = await readShell(deps, subdomain, (blog) => [slugKey(blog, slug)]);
  if ("kind" in found) return found;
  const held = found.rows[0].value as SlugRow | null;
  if (!held || !("post" in held)) return null;
  const { blog, plan } = found.shell;
  const row = (await deps.store.get<PostRow>(postKey(blog.id, held.post))).value;
  if (row?.status !== "published" || row.slug !== slug) return null;
  const shown = {
    title: [...row.title].slice(0, MAX_TITLE).join(""),
    tags: row.tags.slice(0, MAX_TAGS),
    blog: blog.name,
    brand: !PLANS[shownPlan(plan)].features.includes("white_label"),
  };
  const hash = sha256(JSON.stringify([DESIGN_VERSION, shown]));
  const kept = await readPicture(deps, blog.id, hash);
  if (kept) return kept;
  const png = await span("render picture", () => drawOgImage(shown));
  const { chunks } = toBlob(chunkPrefix(blog.id, hash), png);
  await deps.store.writeAll(
    chunks.map((value, i) => (
      { key: [...chunkPrefix(blog.id, hash), i], value, expireIn: KEPT }
    )),
  );
  await storeMade(deps, blog.id, (tx) => {
    const row: PictureRow = { chunks: chunks.length };
    tx.set(pictureKey(blog.id, hash), row, { expireIn: KEPT - 3_600_000 });
  });
  return { png, etag: etagOf(png) };
}

async function readPicture(deps: Deps, blog: string, hash: string): Promise<Picture | null> {
  const { value } = await deps.store.get<PictureRow>(pictureKey(blog, hash));
  if (!value) return null;
  const keys = chunkKeys(chunkPrefix(blog, hash), value.chunks);
  const png = joinChunks(await deps.store.getMany<Uint8Array>(keys));
  return png && { png, etag: etagOf(png) };
}
