import { usage } from "../_errors.ts";
import { type PostMeta, slugify, uniqueTags, type Wanted } from "../deploy/files.ts";
import type { ImageRef } from "../deploy/images.ts";

const MAX = { tags: 10, tag: 50, description: 500, title: 1000, bytes: 1_048_576, url: 2048 };
const TIME =
  /^(\d{4}-\d\d-\d\d)(?:[T ]+(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|UTC|[+-]\d\d:?\d\d)?)?\s*$/i;

/** A post of another system as a blog takes it; what it lost on the way is in `warnings`. */
export type Loaded = {
  content: string;
  tags: string[];
  meta: PostMeta;
  /** pictures to upload, and where the content names them */
  images: ImageRef[];
  /** a picture to upload that `meta.og_image` stands for */
  ogImage: ImageRef["image"] | null;
  warnings: string[];
};
/** What is known of a post before its text is read. */
export type Incoming = {
  /** what the source calls it */
  file: string;
  title: string;
  slug: string;
  wanted: Wanted;
  /** milliseconds of its first publication, or of its making: posts are made in this order */
  at: number;
  /** throws what cannot be taken over, saying how to mend it */
  load: () => Promise<Loaded>;
};
/** All that an export holds. */
export type Source = {
  posts: Incoming[];
  /** kinds of things that are not taken over, and how many there are of each */
  leftOut: Map<string, number>;
  /** files that cannot be read at all */
  faults: { file: string; message: string }[];
  /** hosts whose pictures are the old site's own */
  hosts: Set<string>;
};

/** A source without anything in it yet. */
export function emptySource(): Source {
  return { posts: [], leftOut: new Map(), faults: [], hosts: new Set() };
}

/** Counts one more thing that is not taken over. */
export function leaveOut(source: Source, kind: string): void {
  source.leftOut.set(kind, (source.leftOut.get(kind) ?? 0) + 1);
}

/** The slug that a post gets: the old one as far as it can be one here, else one of the title. */
export async function slugOf(old: string | null | undefined, title: string): Promise<string> {
  return await slugify(old ?? "") || await slugify(title) || "post";
}

/** Gives posts with the same slug their own, in the order of their dates, and sorts them by it. */
export function settle(source: Source): void {
  source.posts.sort((a, b) => a.at - b.at || (a.file < b.file ? -1 : 1));
  const taken = new Set(source.posts.map(({ slug }) => slug));
  const seen = new Set<string>();
  for (const post of source.posts) {
    if (seen.has(post.slug)) post.slug = freeSlug(post.slug, taken);
    seen.add(post.slug);
    taken.add(post.slug);
  }
}

function freeSlug(slug: string, taken: Set<string>): string {
  for (let n = 2;; n++) {
    const numbered = `${slug.slice(0, 100 - `-${n}`.length)}-${n}`;
    if (!taken.has(numbered)) return numbered;
  }
}

/** A time as any of the systems writes it, in milliseconds; without an offset it is UTC, and NaN where it is none. */
export function readTime(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  const found = TIME.exec(String(value ?? "").trim());
  if (!found) return NaN;
  const [, day, hour = "00:00", zone = "Z"] = found;
  const offset = /^(z|utc)$/i.test(zone) ? "Z" : zone.replace(/^(...)(\d\d)$/, "$1:$2");
  return Date.parse(`${day}T${hour}${offset}`);
}

/** Keeps a post within what the API takes: cuts what can be cut, and says so; throws where the text itself is too large. */
export function fit(post: { title: string }, loaded: Loaded): Loaded {
  const { meta, warnings } = loaded;
  if ([...post.title].length > MAX.title) {
    throw usage(`the title is longer than ${MAX.title} characters: shorten it.`);
  }
  if (loaded.content.trim() === "") {
    throw usage("there is no text in it: write some, or delete it.");
  }
  const bytes = new TextEncoder().encode(loaded.content).length;
  if (bytes > MAX.bytes) {
    const size = (bytes / MAX.bytes).toFixed(1);
    throw usage(`the text has ${size} MiB as Markdown, and 1 MiB is the most: make two of it.`);
  }
  const all = uniqueTags(loaded.tags);
  const long = all.filter((tag) => [...tag].length > MAX.tag);
  if (long.length) warnings.push(`tags over ${MAX.tag} characters are left out: ${list(long)}`);
  const tags = all.filter((tag) => !long.includes(tag));
  if (tags.length > MAX.tags) {
    warnings.push(`${MAX.tags} tags are the most: left out ${list(tags.slice(MAX.tags))}`);
  }
  return {
    ...loaded,
    tags: tags.slice(0, MAX.tags),
    meta: {
      ...meta,
      description: fitDescription(meta.description, warnings),
      og_image: fitUrl(meta.og_image, { what: "picture for previews", of: /^https:/i, warnings }),
      canonical_url: fitUrl(meta.canonical_url, {
        what: "canonical address",
        of: /^https?:/i,
        warnings,
      }),
    },
  };
}

function fitDescription(text: string | null, warnings: string[]): string | null {
  const description = text?.replace(/\s+/g, " ").trim() || null;
  if (description === null || [...description].length <= MAX.description) return description;
  warnings.push(`the description is cut to ${MAX.description} characters`);
  return `${[...description].slice(0, MAX.description - 1).join("").trimEnd()}…`;
}

function fitUrl(
  url: string | null,
  { what, of, warnings }: { what: string; of: RegExp; warnings: string[] },
): string | null {
  if (!url) return null;
  if (url.length <= MAX.url && of.test(url) && URL.canParse(url)) return url;
  warnings.push(
    `the ${what} is left out, as it is no ${of.test("http:") ? "web" : "https"} address: ${
      url.slice(0, 100)
    }`,
  );
  return null;
}

function list(tags: string[]): string {
  return tags.map((tag) => tag.slice(0, 60)).join(", ");
}
