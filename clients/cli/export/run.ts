import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";
import type { Schemas } from "../../sdk.ts";
import type { Context } from "../_context.ts";
import { EXIT, Failure, tell } from "../_errors.ts";
import { parseBlock } from "../_front_matter.ts";
import { Interrupt } from "../_interrupt.ts";
import { note, paint, print, table } from "../_output.ts";
import { Progress } from "../_progress.ts";
import { isFatal } from "../deploy/apply.ts";
import { findTargets } from "../deploy/images.ts";
import { download } from "../import/pictures.ts";
import { toMarkdownFile } from "./file.ts";

const WORKERS = 4;
const FRONT = /^---\n([^]*?\n)---\n/;
const IMAGES = "images";

export type ExportOptions = { images?: boolean; dryRun?: boolean; force?: boolean };
type Summary = Schemas["PostSummary"];
type Report = {
  dir: string;
  written: string[];
  unchanged: number;
  images: number;
  failed: { file: string; error: string; message: string }[];
  interrupted: boolean;
};

/** Writes a blog's posts into a folder. */
export async function runExport(
  context: Context,
  dir: string | undefined,
  options: ExportOptions,
): Promise<void> {
  const blog = await context.blogId();
  const folder = dir ?? (await context.client.blogs.get(blog)).slug;
  await new Export(context, { dir: folder, blog, options }).run();
}

class Export {
  readonly #interrupt = new Interrupt(() => this.#progress?.clear());
  readonly #report: Report;
  /** address → file name, of the blog's images */
  readonly #images = new Map<string, string>();
  readonly #saved = new Map<string, Promise<void>>();
  #progress?: Progress;

  constructor(
    readonly context: Context,
    readonly given: { dir: string; blog: string; options: ExportOptions },
  ) {
    const { dir } = given;
    this.#report = { dir, written: [], unchanged: 0, images: 0, failed: [], interrupted: false };
  }

  async run(): Promise<void> {
    const { client } = this.context;
    const call = { blog: this.given.blog, signal: this.#interrupt.signal };
    const { images, dryRun } = this.given.options;
    if (images) {
      for await (const image of client.media.list({}, call)) {
        this.#images.set(image.url, fileOf(image));
      }
    }
    const posts: Summary[] = [];
    for await (const post of client.posts.list({}, call)) posts.push(post);
    const due: Summary[] = [];
    for (const post of posts) {
      if (await this.#isCurrent(post)) this.#report.unchanged++;
      else due.push(post);
    }
    if (dryRun) return this.#preview(due);
    const begun = Date.now();
    try {
      await mkdir(this.given.dir, { recursive: true });
      await this.#interrupt.during(() => this.#each(due, call));
    } finally {
      this.#report.interrupted = this.#interrupt.asked;
      this.#conclude(Date.now() - begun);
    }
  }

  /** Whether the file has the post as it is; throws where it is somebody's own. */
  async #isCurrent({ slug, updated_at, status }: Summary): Promise<boolean> {
    const file = fileNamed(slug);
    const text = await readFile(join(this.given.dir, file), "utf8").catch(() => null);
    if (text === null) return false;
    const fields: Record<string, unknown> = await parseBlock(FRONT.exec(text)?.[1] ?? "", file)
      .catch(() => ({}));
    if (!("updated_at" in fields) && !this.given.options.force) {
      throw new Failure(
        `${
          join(this.given.dir, file)
        } is there, and no export: name another folder, or add --force.`,
      );
    }
    // What another run left on the server is to come along now.
    const remote = findTargets(text).some(({ target }) => this.#images.has(target)) ||
      this.#images.has(String(fields.og_image));
    return fields.updated_at === updated_at && fields.status === status && !remote;
  }

  async #each(posts: Summary[], call: { blog: string; signal: AbortSignal }): Promise<void> {
    const progress = this.#progress = new Progress("posts", posts.length, this.context.json);
    this.context.onRetry = (why) => progress.pause(`(${why})`);
    let next = 0;
    let fatal: unknown;
    const work = async () => {
      while (next < posts.length && !this.#interrupt.asked && fatal === undefined) {
        const { slug } = posts[next++];
        try {
          await this.#write(await this.context.client.posts.get(slug, call));
        } catch (error) {
          if (this.#interrupt.signal.aborted) return;
          if (isFatal(error) && !(error instanceof Failure)) fatal ??= error;
          else this.#failed(slug, error);
        }
        progress.step();
      }
    };
    await Promise.all(Array.from({ length: Math.min(WORKERS, posts.length) }, work));
    progress.clear();
    if (fatal !== undefined) throw fatal;
  }

  async #write(post: Schemas["Post"]): Promise<void> {
    const file = fileNamed(post.slug);
    const shown = findTargets(post.content_md).map(({ target }) => target);
    for (const url of [...shown, post.og_image_url ?? ""]) {
      const name = this.#images.get(url);
      if (name === undefined) continue;
      const pending = this.#saved.get(url) ?? this.#save(url, name);
      this.#saved.set(url, pending);
      await pending;
    }
    const text = toMarkdownFile(post, (url) => {
      const name = this.#images.get(url);
      return name === undefined ? undefined : `${IMAGES}/${name}`;
    });
    await this.#put(file, text);
    this.#report.written.push(file);
    if (this.context.json) return;
    this.#progress?.clear();
    print(`${paint("+", "green")} ${file}`);
  }

  async #save(url: string, name: string): Promise<void> {
    const path = join(IMAGES, name);
    // An image never changes at its address.
    const there = await readFile(join(this.given.dir, path)).catch(() => null);
    if (there?.length) return;
    const bytes = await download(url, this.#interrupt.signal).catch((error) => {
      if (this.#interrupt.signal.aborted) throw error;
      throw new Failure(`${url}: ${(error as Error).message}: leave --images out, or try again.`);
    });
    await mkdir(join(this.given.dir, IMAGES), { recursive: true });
    await this.#put(path, bytes);
    this.#report.images++;
  }

  // A file is whole, or it is not there.
  async #put(path: string, data: string | Uint8Array): Promise<void> {
    const target = join(this.given.dir, path);
    const draft = `${target}.${process.pid}.part`;
    await writeFile(draft, data);
    await rename(draft, target);
  }

  #failed(slug: string, error: unknown): void {
    const { json, lines } = tell(error, { verbose: !!this.context.globals.verbose });
    const file = `${slug}.md`;
    this.#report.failed.push({ file, error: String(json.error), message: lines[0] });
    if (this.context.json) return;
    this.#progress?.clear();
    note(`${paint("error:", "red", process.stderr)} ${file}: ${lines.join("\n  ")}`);
  }

  #preview(due: Summary[]): void {
    const data = due.map(({ slug, title, status }) => ({ file: fileNamed(slug), title, status }));
    this.context.result({ data, unchanged: this.#report.unchanged }, () => {
      if (!data.length) return print("Nothing has changed.");
      table(["FILE", "STATUS", "TITLE"], data.map((one) => [one.file, one.status, one.title]));
    });
  }

  #conclude(ms: number): void {
    const { written, unchanged, images, failed, interrupted, dir } = this.#report;
    this.context.result(this.#report, () => {
      const counts = Object.entries({
        unchanged,
        "images downloaded": images,
        failed: failed.length,
      })
        .filter(([, count]) => count).map(([name, count]) => `, ${count} ${name}`);
      const seconds = (ms / 1000).toFixed(1);
      print(`${written.length} written to ${dir}${counts.join("")} in ${seconds} s.`);
      if (interrupted) note("Interrupted: run it again to go on.");
    });
    if (interrupted) process.exitCode = EXIT.interrupted;
    else if (failed.length) process.exitCode = EXIT.failure;
  }
}

// What the server names is no path before it is looked at.
function fileNamed(slug: string): string {
  if (/^[a-z0-9][a-z0-9-]*$/.test(slug)) return `${slug}.md`;
  throw new Failure(`The server gave "${slug}" as a slug, which can be no file's name.`);
}

// Its own name as it was sent, and enough of the id that two of the same name stay two.
function fileOf({ id, filename, url }: Schemas["Media"]): string {
  const ending = /\.\w+$/.exec(new URL(url).pathname)?.[0] ?? "";
  const stem = basename(filename).replace(/\.\w+$/, "").replace(/[^\w-]+/g, "-").slice(0, 100);
  const own = /-[0-9a-f]{16}$/.test(stem) ? "" : `-${id.replaceAll("-", "").slice(-8)}`;
  return `${stem.replace(/^-+/, "") || "image"}${own}${ending}`;
}
