import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import { usage } from "../_errors.ts";
import { type Front, parseFile } from "../_front_matter.ts";
import { splitHeading } from "../_post_input.ts";
import { findImages, type ImageRef, readLocalImage } from "./images.ts";
import { readWithin } from "./_within.ts";

const MAX_SLUG = 100;

/** What a post is to be: a schedule that has passed is a publication. */
export type Wanted = { status: "draft" | "published" } | { status: "scheduled"; at: string };
/** What search engines and other sites are told of a post; null is to be absent. */
export type PostMeta = {
  description: string | null;
  og_image: string | null;
  canonical_url: string | null;
  noindex: boolean;
};
/** A post as its file describes it, whole: what it leaves out is to be absent. */
export type LocalPost = {
  /** path below the folder, with slashes */
  file: string;
  slug: string;
  title: string;
  content: string;
  tags: string[];
  meta: PostMeta;
  wanted: Wanted;
  /** local images, and where the content names them */
  images: ImageRef[];
  /** a local image that `meta.og_image` stands for */
  ogImage: ImageRef["image"] | null;
  /** changes with anything that would be sent */
  digest: string;
};
export type Folder = { posts: LocalPost[]; warnings: string[] };

/** Reads every Markdown file of a folder; ends the command with exit code 2, naming every faulty file. */
export async function readFolder(dir: string, { drafts, now }: { drafts: boolean; now: number }) {
  const root = resolve(dir);
  const files = await listFiles(root);
  const faults: string[] = [];
  const folder: Folder = { posts: [], warnings: [] };
  for (const path of files) {
    try {
      folder.posts.push(await readPostFile(path, { root, drafts, now, warnings: folder.warnings }));
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  faults.push(...doubles(folder.posts));
  if (faults.length) throw usage(faults.join("\n"));
  return folder;
}

async function listFiles(root: string): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(root, { withFileTypes: true });
  } catch (error) {
    throw usage(`${root} cannot be read: ${(error as Error).message}`);
  }
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    if (/^[._]/.test(entry.name) || entry.name === "node_modules") continue;
    const path = join(root, entry.name);
    if (entry.isDirectory()) found.push(...await listFiles(path));
    else if (/\.(md|markdown)$/i.test(entry.name)) found.push(path);
  }
  return found;
}

async function readPostFile(
  path: string,
  place: { root: string; drafts: boolean; now: number; warnings: string[] },
): Promise<LocalPost> {
  const file = relative(place.root, path).split(sep).join("/");
  const bytes = await readWithin(place.root, path);
  if (!bytes) {
    throw usage(`${file}: it is a link that leads out of the folder: put the file there.`);
  }
  const { front, content: body } = await parseFile(bytes.toString(), file);
  const heading = front.title === undefined ? splitHeading(body) : { rest: body };
  const name = nameOf(path, place.root);
  const content = heading.title ? heading.rest : body;
  if (content.trim() === "") throw usage(`${file}: there is no text in it.`);
  const title = (front.title ?? heading.title ?? humanise(name)).trim();
  const slug = front.slug ?? await slugify(name);
  if (!slug) {
    throw usage(`${file}: its name gives no slug: write slug: my-post in its front matter.`);
  }
  const warn = (fault: string) => place.warnings.push(`${file}: ${fault}`);
  const where = { path, root: place.root, warn };
  const ogImage = front.ogImage ? await readLocalImage(front.ogImage, where) : null;
  const post = {
    file,
    slug,
    title,
    content,
    tags: uniqueTags(front.tags ?? []),
    meta: {
      description: front.description?.trim() || null,
      og_image: ogImage ? null : front.ogImage ?? null,
      canonical_url: front.canonicalUrl ?? null,
      noindex: front.noindex ?? false,
    },
    wanted: wantedOf(front, place),
    images: await findImages(content, where),
    ogImage,
  };
  return { ...post, digest: digestOf(post) };
}

function digestOf(post: Omit<LocalPost, "digest">): string {
  const { title, content, tags, meta, wanted, images, ogImage } = post;
  const hashes = [...images.map(({ image }) => image.hash), ogImage?.hash];
  const text = JSON.stringify([title, content, tags, meta, wanted, hashes]);
  return createHash("sha256").update(text).digest("hex");
}

function wantedOf(front: Front, { drafts, now }: { drafts: boolean; now: number }): Wanted {
  if (front.status) return { status: front.status };
  const at = front.scheduledAt;
  if (at !== undefined && Date.parse(at) > now) return { status: "scheduled", at };
  return { status: drafts && at === undefined ? "draft" : "published" };
}

/** A post's name by its file: without the date that Jekyll's begin with; index.md goes by its folder's name. */
export function nameOf(path: string, root: string): string {
  const name = basename(path, extname(path));
  const own = /^index$/i.test(name) && dirname(path) !== root ? basename(dirname(path)) : name;
  return own.replace(/^\d{4}-\d\d-\d\d-(?=.)/, "");
}

/** A title of a file's name. */
export function humanise(name: string): string {
  const words = name.replace(/[-_]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A slug of a name by transliteration, as the API makes one; empty where the name has no letter. */
export async function slugify(name: string): Promise<string> {
  const text = name.normalize("NFKC");
  // deno-lint-ignore no-control-regex
  const ascii = /^[\x00-\x7f]*$/.test(text) ? text : (await import("./_ascii.ts")).default(text);
  const slug = ascii.toLowerCase().replace(/['’]/g, "").replace(/[^a-z0-9]+/g, "-");
  return slug.replace(/^-+/, "").slice(0, MAX_SLUG).replace(/-+$/, "");
}

/** Tags as the API keeps them: trimmed, each once whatever its case. */
export function uniqueTags(tags: string[]): string[] {
  const trimmed = tags.map((tag) => tag.trim()).filter((tag) => tag !== "");
  return [...new Map(trimmed.map((tag) => [tag.toLowerCase(), tag])).values()];
}

function doubles(posts: LocalPost[]): string[] {
  const first = new Map<string, string>();
  return posts.flatMap(({ slug, file }) => {
    const other = first.get(slug);
    if (other === undefined) first.set(slug, file);
    return other === undefined
      ? []
      : [`${other} and ${file} have the same slug "${slug}": give one of them another.`];
  });
}
