import { unzipSync } from "fflate";
import type { Deps } from "../ctx.ts";
import { isUuid } from "../kit/ids.ts";
import { parseTime } from "../kit/input.ts";
import { Reads } from "../kit/kv.ts";
import { MAX_UPLOAD } from "../metering/quotas.ts";
import { onBehalfOf } from "../account/accounts.ts";
import {
  IMAGE_TYPES,
  type ImageType,
  mediaBase,
  mediaKey,
  uploadImage,
} from "../content/media/mod.ts";

const FILE = /^([0-9a-f-]{36})\.(jpg|png|gif|webp)$/;
// So many are unpacked at a time.
const BATCH = 20;

/** The images of one blog in an archive; `list` is what the export says of them. */
type Images = {
  archive: Uint8Array;
  folder: string;
  list: Record<string, unknown>;
  user: string;
  blog: string;
  failed: { file: string; message: string }[];
};

/**
 * Takes a blog's images over, under the ids that they had; one that is there already stays. Gives their
 * number, and what leads the links of a text to where they are now.
 */
export async function importImages(
  deps: Deps,
  images: Images,
): Promise<{ taken: number; relink: (text: string) => string }> {
  const { archive, folder, list, blog, failed } = images;
  const taken = new Set<string>();
  const prefix = `${folder}/media/`;
  const names = listNames(images, prefix);
  for (let i = 0; i < names.length; i += BATCH) {
    const batch = new Set(names.slice(i, i + BATCH));
    for (const [name, bytes] of Object.entries(unzipSync(archive, { filter: takes(batch) }))) {
      try {
        await importImage(deps, images, { file: name.slice(prefix.length), bytes });
        taken.add(name.slice(prefix.length));
      } catch (error) {
        failed.push({
          file: name,
          message: error instanceof Error ? error.message : String(error),
        });
      }
    }
  }
  const [from, to] = [String(list.base_url ?? ""), mediaBase(deps, blog)];
  if (!/^https?:\/\/.+\/$/.test(from)) return { taken: taken.size, relink: (text) => text };
  const link = new RegExp(`${RegExp.escape(from)}([0-9a-f-]{36}\\.[a-z]{3,4})`, "g");
  const relink = (text: string) =>
    text.replace(link, (whole, file) => taken.has(file) ? to + file : whole);
  return { taken: taken.size, relink };
}

async function importImage(
  deps: Deps,
  { list, user, blog }: Images,
  { file, bytes }: { file: string; bytes: Uint8Array },
): Promise<void> {
  const [, id, ending] = FILE.exec(file) ?? [];
  if (!id || !isUuid(id)) throw new Error("its name is not that of an exported image");
  if ((await deps.store.get(mediaKey(blog, id))).value) return;
  const known = (Array.isArray(list.images) ? list.images : []).find((one) => one?.file === file);
  const type = (Object.keys(IMAGE_TYPES) as ImageType[])
    .find((one) => IMAGE_TYPES[one] === ending)!;
  const ctx = { ...onBehalfOf(deps, user), blog, reads: new Reads(deps.store) };
  const filename = String(known?.filename ?? "").slice(0, 255).toWellFormed();
  const createdAt = parseTime(String(known?.created_at ?? "")) ?? deps.clock();
  await uploadImage(ctx, { bytes, filename, type }, { id, createdAt });
}

function listNames({ archive, failed }: Images, prefix: string): string[] {
  const names: string[] = [];
  unzipSync(archive, {
    filter: ({ name, originalSize }) => {
      if (!name.startsWith(prefix) || name.endsWith("/")) return false;
      if (originalSize <= MAX_UPLOAD) names.push(name);
      else failed.push({ file: name, message: "it has more than 5 MB" });
      return false;
    },
  });
  return names;
}

function takes(names: Set<string>) {
  return ({ name }: { name: string }) => names.has(name);
}
