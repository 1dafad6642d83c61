import { strFromU8, unzipSync } from "fflate";
import { parse } from "yaml";
import type { Deps } from "../ctx.ts";
import { AppError } from "../kit/errors.ts";
import { parseTime } from "../kit/input.ts";
import { Reads } from "../kit/kv.ts";
import { onBehalfOf } from "../account/accounts.ts";
import {
  BlogInput,
  BlogUpdate,
  createBlog,
  subdomainKey,
  type SubdomainRow,
  updateBlog,
} from "../content/blogs.ts";
import { createPost, PostInput, type PostTimes } from "../content/posts/mod.ts";
import { importImages } from "./import_images.ts";

const MAX_FRONT_MATTER = 65_536;

/** What became of an archive: how many posts were made or there already, how many images are there now, and what could not be taken over. */
export type ImportReport = {
  blogs: string[];
  created: number;
  present: number;
  images: number;
  failed: { file: string; message: string }[];
};

/**
 * Takes the blogs, images and posts of an account's export (`format=zip`) over into an account, with their own
 * times, and without counting them; run again, it makes what is missing. Throws 409 before anything is
 * written where a blog's subdomain is somebody else's.
 */
export async function importArchive(
  deps: Deps,
  user: string,
  archive: Uint8Array,
): Promise<ImportReport> {
  const files = readFiles(archive);
  const report: ImportReport = { blogs: [], created: 0, present: 0, images: 0, failed: [] };
  const settings = [...files].filter(([name]) => /^[^/]+\/blog\.yaml$/.test(name));
  const found: { folder: string; input: BlogInput; update: BlogUpdate; id: string | null }[] = [];
  for (const [name, text] of settings) {
    const { slug, ...update } = parseYaml(name, text);
    const input = judge(name, BlogInput, { slug, ...update });
    const { value } = await deps.store.get<SubdomainRow>(subdomainKey(input.slug));
    if (value?.blog && value.owner !== user) {
      throw new AppError("slug_taken", {
        message: `${name}: the subdomain "${input.slug}" is another account's: change its slug.`,
      });
    }
    const judged = judge(name, BlogUpdate, update);
    found.push({ folder: name.split("/")[0], input, update: judged, id: value?.blog ?? null });
  }
  for (const { folder, input, update, id } of found) {
    const blog = id ?? (await createBlog(onBehalfOf(deps, user), input)).id;
    report.blogs.push(input.slug);
    const list = parseYaml("media.yaml", files.get(`${folder}/media.yaml`) ?? "{}");
    const images = { archive, folder, list, user, blog, failed: report.failed };
    const { taken, relink } = await importImages(deps, images);
    report.images += taken;
    const settled = JSON.parse(relink(JSON.stringify(update))) as BlogUpdate;
    await attempt(
      report,
      `${folder}/blog.yaml`,
      () => updateBlog(onBehalfOf(deps, user), blog, settled),
    );
    for (const [name, file] of files) {
      if (!name.startsWith(`${folder}/posts/`) || !name.endsWith(".md")) continue;
      const text = relink(file);
      await attempt(report, name, () => importPost(deps, { user, blog, name, text, report }));
    }
  }
  return report;
}

async function importPost(
  deps: Deps,
  file: { user: string; blog: string; name: string; text: string; report: ImportReport },
): Promise<void> {
  const { name, text, report } = file;
  const [, yaml, content] = /^---\r?\n(.*?)\r?\n---\r?\n(?:\r?\n)?(.*)$/s.exec(text) ?? [];
  if (yaml === undefined) throw new Error("it has no front matter between two lines of ---");
  const front = parseYaml(name, yaml);
  const { status, scheduled_at, description, og_image, canonical_url, noindex } = front;
  const due = status === "scheduled" ? parseTime(String(scheduled_at)) : null;
  const input = judge(name, PostInput, {
    title: front.title,
    slug: front.slug,
    tags: front.tags ?? [],
    content,
    ...status === "published" && { status },
    // What fell due meanwhile is a draft, for its author to decide.
    ...due !== null && due > deps.clock() && { scheduled_at },
    meta: { description, og_image, canonical_url, noindex },
  });
  const times: PostTimes = {
    createdAt: timeOf(front.created_at),
    updatedAt: timeOf(front.updated_at),
    publishedAt: timeOf(front.published_at),
  };
  const ctx = { ...onBehalfOf(deps, file.user), blog: file.blog, reads: new Reads(deps.store) };
  try {
    await createPost(ctx, input, times);
    report.created++;
  } catch (error) {
    if (!(error instanceof AppError) || error.reason !== "slug_taken") throw error;
    report.present++;
  }
}

function readFiles(archive: Uint8Array): Map<string, string> {
  try {
    // Images are unpacked when their turn comes.
    const isText = ({ name }: { name: string }) => /\.(?:md|yaml)$/.test(name);
    const files = Object.entries(unzipSync(archive, { filter: isText }));
    return new Map(files.map(([name, bytes]) => [name, strFromU8(bytes)]));
  } catch (cause) {
    throw new AppError("validation", { message: "The file is no zip archive.", cause });
  }
}

function parseYaml(name: string, text: string): Record<string, unknown> {
  if (text.length > MAX_FRONT_MATTER && name.endsWith(".md")) {
    throw new Error("its front matter is too long");
  }
  const value = parse(text, { maxAliasCount: 0 });
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new Error(`${name} holds no YAML mapping`);
}

type Judged<T> = { success: true; data: T } | {
  success: false;
  error: { issues: { path: PropertyKey[]; message: string }[] };
};

function judge<T>(
  name: string,
  schema: { safeParse(value: unknown): Judged<T> },
  value: unknown,
): T {
  const judged = schema.safeParse(JSON.parse(JSON.stringify(value)));
  if (judged.success) return judged.data;
  const [{ path, message }] = judged.error.issues;
  throw new AppError("validation", { message: `${name}: ${path.join(".")}: ${message}` });
}

function timeOf(value: unknown): number | undefined {
  return typeof value === "string" ? parseTime(value) ?? undefined : undefined;
}

async function attempt(
  report: ImportReport,
  file: string,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    report.failed.push({ file, message });
  }
}
