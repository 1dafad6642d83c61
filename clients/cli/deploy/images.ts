import { createHash } from "node:crypto";
import { basename, dirname, extname, join } from "node:path";
import { imageType, type Postlark } from "../../sdk.ts";
import { Failure } from "../_errors.ts";
import { readWithin } from "./_within.ts";

const IMAGE_NAME = /\.(jpe?g|png|gif|webp)$/i;
// Where site generators keep what an address from the root names.
const PUBLIC_FOLDERS = ["", "static", "public"];

/** An image file: what is sent, the hash of its bytes, and the name that says it, by which another machine finds it. */
export type LocalImage = {
  data: Uint8Array<ArrayBuffer>;
  type: string;
  hash: string;
  filename: string;
};
/** A place in Markdown that names a local image, as offsets. */
export type ImageRef = { start: number; end: number; image: LocalImage };
type Where = {
  path: string;
  root: string;
  warn: (fault: string) => void;
  /** whether a file outside of the root is refused, not only left alone */
  closed?: boolean;
};

/** The local images that a text refers to, in Markdown or as `<img>`; code is left alone. */
export async function findImages(markdown: string, where: Where): Promise<ImageRef[]> {
  const found: ImageRef[] = [];
  for (const { start, end, target } of findTargets(markdown)) {
    const image = await readLocalImage(target, where);
    if (image) found.push({ start, end, image });
  }
  return found;
}

/** The text with each reference replaced. */
export function rewrite(
  markdown: string,
  refs: { start: number; end: number; url: string }[],
): string {
  let out = "";
  let at = 0;
  for (const { start, end, url } of refs) {
    out += markdown.slice(at, start) + url;
    at = end;
  }
  return out + markdown.slice(at);
}

/** The image that an address in a file names, or null where it is none of this folder's. */
export async function readLocalImage(target: string, where: Where): Promise<LocalImage | null> {
  if (/^([a-z][a-z0-9+.-]*:|\/\/|#)/i.test(target)) return null;
  const name = decode(target.replace(/[?#].*$/, ""));
  if (!IMAGE_NAME.test(name)) return null;
  const paths = name.startsWith("/")
    ? PUBLIC_FOLDERS.map((folder) => join(where.root, folder, name))
    : [join(dirname(where.path), name)];
  let fault = "is not there, or no image";
  for (const path of paths) {
    const bytes = await readWithin(where.root, path).catch(() => undefined);
    if (bytes === null && where.closed) {
      throw new Failure(`${target} leads out of the folder: copy the picture into it.`);
    }
    if (bytes === null) fault = "is outside the folder";
    const image = bytes && localImage(bytes, name);
    if (image) return image;
  }
  where.warn(`${target} ${fault}`);
  return null;
}

/** An image by its bytes and the name that it came under, or null where they are none. */
export function localImage(bytes: Uint8Array, name: string): LocalImage | null {
  const type = imageType(bytes);
  if (!type) return null;
  const hash = createHash("sha256").update(bytes).digest("hex");
  const stem = basename(name, extname(name)).replace(/[^\w.-]+/g, "-").slice(0, 100);
  const filename = `${stem}-${hash.slice(0, 16)}${extname(name).toLowerCase()}`;
  return { data: new Uint8Array(bytes), type, hash, filename };
}

type Target = { start: number; end: number; target: string };

const PATTERNS = [
  /!\[(?:[^[\]\\]|\\.|\[[^[\]]*\])*\]\(\s*(<[^<>\n]*>|(?:[^\s()\\]|\\.|\([^\s()]*\))+)/dgs,
  /^ {0,3}\[[^\]\n]+\]:[ \t]*(<[^<>\n]*>|\S+)/dgm,
  /<img\s(?:[^>]*?\s)?src\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)/dgi,
];

/** The addresses of images in a text, in Markdown or as `<img>`, in their order; code is left alone. */
export function findTargets(markdown: string): Target[] {
  const text = withoutCode(markdown);
  return PATTERNS.flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => {
      const [start, end] = match.indices![1]!;
      const [quoted] = match[1];
      const bracketed = quoted === "<";
      // The quotes of an attribute stay; angle brackets go with what needed them.
      if (quoted === '"' || quoted === "'") {
        return { start: start + 1, end: end - 1, target: match[1].slice(1, -1) };
      }
      return { start, end, target: bracketed ? match[1].slice(1, -1) : match[1] };
    })
  ).sort((a, b) => a.start - b.start);
}

/** The text with code replaced by spaces: offsets stay. */
function withoutCode(markdown: string): string {
  const blank = (code: string) => code.replace(/[^\n]/g, " ");
  return markdown
    .replace(/^( {0,3})(`{3,}|~{3,})[^\n]*\n(?:[^]*?\n)?? {0,3}\2[`~]*[ \t]*$/gm, blank)
    .replace(/(?<!`)(`+)(?!`)([^`]|(?!\1(?!`))`)*?(?<!`)\1(?!`)/g, blank);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The blog's images: finds those that it has by their names, and uploads the others, one at a time. */
export class Images {
  uploaded = 0;
  #known?: Promise<Map<string, string>>;
  #urls = new Map<string, Promise<string>>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    readonly client: Postlark,
    readonly options: { blog?: string; signal: AbortSignal },
  ) {}

  /** Where the blog has the image, or null. */
  async find({ filename }: LocalImage): Promise<string | null> {
    return (await (this.#known ??= this.#list())).get(hashIn(filename)!) ?? null;
  }

  /** Where the image is, once it is there. */
  put(image: LocalImage): Promise<string> {
    const pending = this.#urls.get(image.hash) ?? this.#put(image);
    this.#urls.set(image.hash, pending);
    return pending;
  }

  async #put(image: LocalImage): Promise<string> {
    const found = await this.find(image);
    if (found) return found;
    // The API takes few a minute: in a row, none of them waits more than once.
    const turn = this.#queue.then(() => this.client.media.upload(image, this.options));
    this.#queue = turn.catch(() => {});
    const { url } = await turn;
    this.uploaded++;
    return url;
  }

  async #list(): Promise<Map<string, string>> {
    const known = new Map<string, string>();
    for await (const { filename, url } of this.client.media.list({}, this.options)) {
      const hash = hashIn(filename);
      if (hash) known.set(hash, url);
    }
    return known;
  }
}

function hashIn(filename: string): string | undefined {
  return /-([0-9a-f]{16})\.\w+$/.exec(filename)?.[1];
}
