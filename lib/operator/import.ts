import { strFromU8, unzipSync } from "fflate";
import { parse } from "yaml";
import type { Deps } from "../ctx.ts";
import { AppError } from "../kit/errors.ts";
import { parseTime } from "../kit/input.ts";
import { Reads } from "../kit/kv.ts";
import { counted } from "../kit/page.ts";
import { planKey, type PlanRow, PLANS } from "../metering/plans.ts";
import { countKey } from "../metering/quotas.ts";
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
// No post and no settings of a blog are as large, nor is what a process can hold larger.
const MAX_FILE = 4 * 1024 ** 2;
const MAX_ARCHIVE = 1024 ** 3;

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
 * times, and without counting them; run again, it makes what is missing. Throws before anything is written
 * where a blog's subdomain is somebody else's (409), or the plan has not as many blogs (403).
 */
export async function importArchive(
  deps: Deps,
  user: string,
  archive: Uint8Array,
): Promise<ImportReport> {
  const files = readFiles(archive);
  const report: ImportReport = { blogs: [], created: 0, present: 0, images: 0, failed: [] };
  const found: FoundBlog[] = [];
  for (const [name, text] of files) {
    if (/^[^/]+\/blog\.yaml$/.test(name)) found.push(await findBlog(deps, user, { name, text }));
  }
  if (!found.length) {
    throw new AppError("validation", {
      message: "The archive holds no blog.yaml: is it an export?",
    });
  }
  if (new Set(found.map(({ input }) => input.slug)).size < found.length) {
    throw new AppError("validation", { message: "Two blogs of the archive have the same slug." });
  }
  await requireRoom(deps, user, found.filter(({ id }) => id === null).length);
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

/** A blog of an archive; `id` is null where the account has none of its subdomain yet. */
type FoundBlog = { folder: string; input: BlogInput; update: BlogUpdate; id: string | null };

async function findBlog(
  deps: Deps,
  user: string,
  { name, text }: { name: string; text: string },
): Promise<FoundBlog> {
  const { slug, ...settings } = parseYaml(name, text);
  const input = judge(name, BlogInput, { slug, ...settings });
  const update = judge(name, BlogUpdate, settings);
  const { value } = await deps.store.get<SubdomainRow>(subdomainKey(input.slug));
  const own = value?.owner === user;
  if (value && !own && (value.blog !== null || value.until > deps.clock())) {
    const whose = value.blog ? "another account's" : "held since its blog was deleted";
    throw new AppError("slug_taken", {
      message: `${name}: the subdomain "${input.slug}" is ${whose}: change its slug.`,
    });
  }
  return { folder: name.split("/")[0], input, update, id: own ? value.blog : null };
}

async function requireRoom(deps: Deps, user: string, blogs: number): Promise<void> {
  const [plan, count] = await deps.store.getMany([planKey(user), countKey(user, "blogs")]);
  if (!plan.value) {
    throw new AppError("account_not_found", { message: "This account is being deleted." });
  }
  const { title, blogs: most } = PLANS[(plan.value as PlanRow).plan];
  if (counted(count) + blogs <= most) return;
  const message =
    `The archive adds ${blogs} blogs to ${counted(count)}, and the ${title} plan has ${most}: ` +
    "move the account to a higher one first.";
  throw new AppError("blog_limit", { message });
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
    slug: front.slug ?? name.split("/").at(-1)!.replace(/\.md$/, ""),
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
  let left = MAX_ARCHIVE;
  // Judged by the sizes that the archive states, of which unpacking takes no more.
  const filter = ({ name, originalSize }: { name: string; originalSize: number }) => {
    // Images are unpacked when their turn comes.
    if (!/^[^/]+\/((?:blog|media)\.yaml|posts\/.*\.md)$/s.test(name)) return false;
    left -= originalSize;
    if (originalSize <= MAX_FILE && left >= 0) return true;
    const message = originalSize > MAX_FILE
      ? `${name} has more than 4 MiB: no file of an export is as large.`
      : "The archive unpacks to more than 1 GiB: import its blogs one by one.";
    throw new AppError("validation", { message });
  };
  try {
    const files = Object.entries(unzipSync(archive, { filter }));
    return new Map(files.map(([name, bytes]) => [name, strFromU8(bytes)]));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("validation", { message: "The file is no zip archive.", cause });
  }
}

function parseYaml(name: string, text: string): Record<string, unknown> {
  if (text.length > MAX_FRONT_MATTER && name.endsWith(".md")) {
    throw new Error("its front matter is too long");
  }
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 });
  } catch (cause) {
    const message = `${name}: ${cause instanceof Error ? cause.message : cause}`;
    throw new AppError("validation", { message, cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new AppError("validation", { message: `${name} holds no YAML mapping.` });
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
  const time = typeof value === "string" ? parseTime(value) : null;
  return time !== null && time >= 0 ? time : undefined;
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
