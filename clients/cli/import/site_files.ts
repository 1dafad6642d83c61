import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import { Failure, usage } from "../_errors.ts";
import { parseBlock } from "../_front_matter.ts";
import { splitHeading } from "../_post_input.ts";
import { humanise, nameOf, type Wanted } from "../deploy/files.ts";
import { findImages, readLocalImage } from "../deploy/images.ts";
import { fit, type Incoming, type Loaded, readTime, slugOf } from "./incoming.ts";

const MOST = 4 * 1024 ** 2;
const YAML = /^---[ \t]*\r?\n(?:([^]*?)\r?\n)?---[ \t]*(?:\r?\n|$)/;
const TOML = /^\+\+\+[ \t]*\r?\n(?:([^]*?)\r?\n)?\+\+\+[ \t]*(?:\r?\n|$)/;
const MAX_EXCERPT = 500;

export type Fields = Record<string, unknown>;
/** A file's front matter, whatever it is written in, and the text below it. */
export type SiteFile = { fields: Fields; body: string };
/** How a generator's files are read. */
export type Dialect = {
  /** the site's folder: no picture is read from outside of it, and addresses begin here */
  root: string;
  now: number;
  /** what it makes of its own notation; warns of what stays */
  translate: (body: string, warnings: string[]) => string;
  tags: (fields: Fields) => string[];
  /** what parts the beginning of a text from the rest */
  separator: (fields: Fields) => string;
  /** whether the file is a draft by where it is */
  isDraft?: (file: string) => boolean;
};

/** The files below a folder whose names end so, in the order of their paths; hidden ones are left alone. */
export async function listSiteFiles(root: string, ending: RegExp): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(root, { withFileTypes: true });
  } catch (error) {
    throw usage(`${root} cannot be read: ${(error as Error).message}`);
  }
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = join(root, entry.name);
    if (entry.isDirectory()) found.push(...await listSiteFiles(path, ending));
    else if (entry.isFile() && ending.test(entry.name)) found.push(path);
  }
  return found;
}

/** Reads a file with YAML, TOML or JSON above its text; throws where that is not what it seems. */
export async function readSiteFile(path: string, name: string): Promise<SiteFile> {
  const bytes = await readFile(path);
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  const yaml = YAML.exec(text);
  if (yaml) {
    return { fields: await parseBlock(yaml[1] ?? "", name), body: text.slice(yaml[0].length) };
  }
  const toml = TOML.exec(text);
  if (toml) {
    return { fields: await parseToml(toml[1] ?? "", name), body: text.slice(toml[0].length) };
  }
  if (/^\{\s*["}]/.test(text)) return parseJson(text, name);
  return { fields: {}, body: text };
}

/** A post by its file; everything but its text is read at once. */
export async function siteFileToPost(path: string, dialect: Dialect): Promise<Incoming> {
  const { root, now } = dialect;
  const file = relative(root, path).split(sep).join("/");
  const { fields, body: whole } = await readSiteFile(path, file);
  const name = nameOf(path, root);
  const heading = textOf(fields.title) ? undefined : splitHeading(whole);
  const body = heading?.title ? heading.rest : whole;
  const title = textOf(fields.title) || heading?.title || humanise(name);
  const old = textOf(fields.slug) || lastPart(textOf(fields.url) || textOf(fields.permalink)) ||
    name;
  const dated = /^(\d{4}-\d\d-\d\d)-./.exec(basename(path))?.[1];
  const times = [fields.published_at, fields.publishDate, fields.date, dated, fields.created_at];
  const at = times.map((value) => readTime(dateText(value)))
    .find((time) => !Number.isNaN(time)) ?? 0;
  const wanted = statusOf(fields, { at, now, draft: dialect.isDraft?.(file) ?? false });
  return {
    file,
    title,
    slug: await slugOf(old, title),
    wanted,
    at,
    load: () => load({ path, title, fields, body }, dialect),
  };
}

async function load(
  { path, title, fields, body }: SiteFile & { path: string; title: string },
  dialect: Dialect,
): Promise<Loaded> {
  const warnings: string[] = [];
  if (asList(fields.aliases ?? fields.redirect_from).length) {
    warnings.push("its former addresses (aliases) are left out");
  }
  if (body.length > MOST) throw tooLarge();
  const whole = splitExcerpt(dialect.translate(body, warnings), dialect.separator(fields));
  const text = extname(path) === ".html"
    ? (await import("./html.ts")).toPostMarkdown(whole.content, warnings)
    : whole.content;
  const content = text.replace(/^(?:[ \t]*\r?\n)+/, "");
  const warn = (fault: string) => warnings.push(fault);
  const where = { path, root: dialect.root, warn, closed: true };
  const picture = pictureOf(fields);
  const ogImage = picture ? await readLocalImage(picture, where) : null;
  const isRemote = /^[a-z][a-z0-9+.-]*:/i.test(picture);
  const described = [fields.description, fields.excerpt, fields.summary].map(textOf);
  return fit({ title }, {
    content,
    tags: dialect.tags(fields),
    meta: {
      description: described.find(Boolean) ?? whole.excerpt,
      og_image: isRemote ? picture : null,
      canonical_url: textOf(fields.canonical_url ?? fields.canonicalURL ?? fields.canonical) ||
        null,
      noindex: fields.noindex === true || /noindex/.test(textOf(fields.robots)),
    },
    images: await findImages(content, where),
    ogImage,
    warnings,
  });
}

function statusOf(
  fields: Fields,
  { at, now, draft }: { at: number; now: number; draft: boolean },
): Wanted {
  const later = readTime(dateText(fields.scheduled_at ?? fields.schedule));
  if (later > now) at = later;
  const expired = readTime(dateText(fields.expiryDate)) <= now;
  const unpublished = fields.status === "draft" || fields.draft === true ||
    fields.published === false;
  if (draft || unpublished || expired) {
    return { status: "draft" };
  }
  // Neither generator shows what is of the future.
  return at > now
    ? { status: "scheduled", at: new Date(at).toISOString() }
    : { status: "published" };
}

function pictureOf(fields: Fields): string {
  const cover = fields.cover ?? fields.image ?? fields.header;
  const inner = typeof cover === "object" && cover !== null ? cover as Fields : {};
  const all = [asList(fields.images)[0], fields.og_image, fields.featured_image, fields.thumbnail];
  const named = [cover, inner.image, inner.path, inner.src, inner.teaser, ...all];
  return named.map(textOf).find(Boolean) ?? "";
}

// A text without its separator; what stands above it is an excerpt where it is short enough for one.
function splitExcerpt(
  body: string,
  separator: string,
): { content: string; excerpt: string | null } {
  const at = separator ? body.indexOf(separator) : -1;
  if (at === -1) return { content: body, excerpt: null };
  const below = body.slice(at + separator.length);
  // Between two paragraphs the separator is one line of several, and a mere empty line stays.
  const content = separator.trim() === ""
    ? body
    : body.slice(0, at) + below.replace(/^[ \t]*\n/, "");
  const excerpt = at > 8 * MAX_EXCERPT ? "" : plainMarkdown(body.slice(0, at));
  return { content, excerpt: excerpt.length <= MAX_EXCERPT ? excerpt || null : null };
}

function plainMarkdown(text: string): string {
  return text.replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/<[^>]*>/g, "")
    .replace(/^[#>\s-]+/gm, "").replace(/[*`]+|(?<!\w)_+|_+(?!\w)/g, "").replace(/\s+/g, " ")
    .trim();
}

function tooLarge(): Failure {
  return new Failure("the text has more than 4 MiB, and 1 MiB is the most: make two of it.");
}

async function parseToml(text: string, name: string): Promise<Fields> {
  const { parse } = await import("smol-toml");
  try {
    return parse(text);
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    throw usage(`${name}: the front matter is not valid TOML: ${reason}`);
  }
}

// The object ends at the first line that is a closing brace and leaves valid JSON above it.
function parseJson(text: string, name: string): SiteFile {
  for (const { index } of text.slice(0, 65_536).matchAll(/\}[ \t]*(?=\r?\n|$)/g)) {
    const end = index + 1;
    try {
      return { fields: JSON.parse(text.slice(0, end)), body: text.slice(end) };
    } catch {
      // It is a brace within.
    }
  }
  throw usage(`${name}: the front matter is not valid JSON.`);
}

/** A field that may be a list or one value, as a list of texts. */
export function asList(value: unknown): string[] {
  const all = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  return all.map(textOf).filter(Boolean);
}

/** A field's text, trimmed; empty where it is a list or more. */
export function textOf(value: unknown): string {
  return ["string", "number", "boolean"].includes(typeof value) ? String(value).trim() : "";
}

// TOML's own times are Dates that know how they were written.
function dateText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : textOf(value);
}

function lastPart(address: string): string {
  const name = address.replace(/[?#].*$/, "").replace(/\/+$/, "").split("/").at(-1) ?? "";
  // A pattern such as :title says nothing of its own.
  return name.includes(":") ? "" : name.replace(/\.html?$/, "");
}

/** The nearest folder from here upwards that has one of these, or the folder itself. */
export async function siteRoot(dir: string, marks: string[]): Promise<string> {
  const start = resolve(dir);
  for (let at = start;; at = dirname(at)) {
    const names: string[] = await readdir(at).catch(() => []);
    if (names.some((name) => marks.includes(name))) return at;
    if (at === dirname(at)) return start;
  }
}
