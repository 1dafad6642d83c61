import process from "node:process";
import { PostlarkError } from "../../sdk.ts";
import type { Context } from "../_context.ts";
import { EXIT, tell } from "../_errors.ts";
import { Interrupt } from "../_interrupt.ts";
import { note, paint, plain, print, table } from "../_output.ts";
import { Progress } from "../_progress.ts";
import { isFatal, present } from "../deploy/apply.ts";
import type { Wanted } from "../deploy/files.ts";
import { Images } from "../deploy/images.ts";
import type { Incoming, Loaded, Source } from "./incoming.ts";
import { Pictures } from "./pictures.ts";

const SHOWN = 20;

export type ImportOptions = {
  dryRun?: boolean;
  /** for every post, in place of its own */
  status?: "draft" | "published";
  /** take the old site's pictures along */
  images?: boolean;
};
type Said = { file: string; slug: string; message: string };
type Report = {
  created: string[];
  /** there already */
  unchanged: string[];
  failed: (Said & { error: string })[];
  warnings: Said[];
  left_out: Record<string, number>;
  /** published ones whose own time the API does not take */
  redated: number;
  uploaded: number;
  interrupted: boolean;
};

/** Makes the posts of a source that the blog does not have, oldest first, one after the other: their order is what is left of their times. */
export async function runImport(
  context: Context,
  source: Source,
  options: ImportOptions,
): Promise<void> {
  const run = new Import(context, source, options);
  await run.begin();
  if (options.dryRun) await run.preview();
  else await run.send();
}

class Import {
  readonly #interrupt = new Interrupt(() => this.#progress?.clear());
  readonly #report: Report;
  /** slug → title */
  readonly #there = new Map<string, string>();
  #call!: { blog?: string; signal: AbortSignal };
  #progress?: Progress;
  #pictures: Pictures;

  constructor(
    readonly context: Context,
    readonly source: Source,
    readonly options: ImportOptions,
  ) {
    this.#pictures = new Pictures(source.hosts, this.#interrupt.signal);
    this.#report = {
      created: [],
      unchanged: [],
      failed: [],
      warnings: [],
      left_out: Object.fromEntries(source.leftOut),
      redated: 0,
      uploaded: 0,
      interrupted: false,
    };
  }

  /** Lists what the blog has. */
  async begin(): Promise<void> {
    const { context } = this;
    this.#call = { ...await context.onBlog(), signal: this.#interrupt.signal };
    for await (const { slug, title } of context.client.posts.list({}, this.#call)) {
      this.#there.set(slug, title);
    }
  }

  /** Reads every post, and says what would become of it; sends nothing. */
  async preview(): Promise<void> {
    const states: { file: string; slug: string; title: string; state: string }[] = [];
    this.#tellFaults();
    await this.#interrupt.during(() =>
      this.#each("read", async (post) => {
        const { file, slug, title } = post;
        if (this.#isThere(post)) return void states.push({ file, slug, title, state: "there" });
        this.#warn(post, await post.load());
        this.#countTime(post);
        states.push({ file, slug, title, state: this.#wanted(post).status });
      })
    );
    for (const { file, slug } of this.#report.failed) {
      states.push({ file, slug, title: "", state: "failed" });
    }
    const { failed, warnings, left_out, redated } = this.#report;
    this.context.result({ data: states, failed, warnings, left_out, redated }, () => {
      table(
        ["STATE", "SLUG", "TITLE", "FROM"],
        states.map((one) => [
          one.state,
          one.slug,
          one.title,
          one.file,
        ]),
      );
      this.#tellLosses();
    });
    this.#exit();
  }

  /** Makes what is missing; a post that is refused keeps no other from being made. */
  async send(): Promise<void> {
    const { client } = this.context;
    const begun = Date.now();
    const images = new Images(client, this.#call);
    this.#tellFaults();
    try {
      await this.#interrupt.during(() =>
        this.#each("posts", async (post) => {
          if (this.#isThere(post)) return;
          const loaded = await this.#load(post);
          const { tags, meta } = loaded;
          const sent = (await present(loaded, (image) => images.put(image)))!;
          const wanted = this.#wanted(post);
          const { slug } = await client.posts.create({
            title: post.title,
            slug: post.slug,
            content: sent.content,
            tags,
            meta: { ...meta, og_image: sent.ogImage },
            ...wanted.status === "scheduled"
              ? { scheduled_at: wanted.at }
              : { status: wanted.status },
          }, this.#call);
          this.#countTime(post);
          this.#report.created.push(slug);
          this.#line(`${paint("+", "green")} ${slug}`);
        })
      );
    } finally {
      this.#report.uploaded = images.uploaded;
      this.#report.interrupted = this.#interrupt.asked;
      // What was made is said also where the rest failed.
      this.#conclude(Date.now() - begun);
    }
  }

  async #load(post: Incoming): Promise<Loaded> {
    const loaded = await post.load();
    const whole = this.options.images ? await this.#pictures.collect(loaded) : loaded;
    this.#warn(post, whole);
    return whole;
  }

  #wanted(post: Incoming): Wanted {
    return this.options.status ? { status: this.options.status } : post.wanted;
  }

  #isThere({ file, slug, title }: Incoming): boolean {
    const other = this.#there.get(slug);
    if (other === undefined) return false;
    this.#report.unchanged.push(slug);
    if (other !== title.trim()) {
      const message = `the blog has this slug with another title: "${other}"`;
      this.#report.warnings.push({ file, slug, message });
      this.#shout("warning", `${file}: ${message}`);
    }
    return true;
  }

  #countTime(post: Incoming): void {
    if (this.#wanted(post).status === "published" && post.at > 0) this.#report.redated++;
  }

  async #each(what: string, act: (post: Incoming) => Promise<void>): Promise<void> {
    const { posts } = this.source;
    const progress = this.#progress = new Progress(what, posts.length, this.context.json);
    this.context.onRetry = (why) => progress.pause(`(${why})`);
    try {
      for (const post of posts) {
        if (this.#interrupt.asked) break;
        try {
          await act(post);
        } catch (error) {
          if (this.#interrupt.signal.aborted) break;
          if (endsAll(error)) throw error;
          this.#failed(post, error);
        }
        progress.step();
      }
    } finally {
      progress.clear();
    }
  }

  #failed({ file, slug }: { file: string; slug: string }, error: unknown): void {
    const { json, lines } = tell(error, { verbose: !!this.context.globals.verbose });
    const message = lines.join("\n  ");
    this.#report.failed.push({ file, slug, error: String(json.error), message: lines[0] });
    this.#shout("error", `${file}: ${message.replace(`${file}: `, "")}`);
  }

  #tellFaults(): void {
    for (const { file, message } of this.source.faults) {
      this.#failed({ file, slug: "" }, new Error(message));
    }
  }

  #warn({ file, slug }: Incoming, { warnings }: Loaded): void {
    for (const message of warnings) {
      this.#report.warnings.push({ file, slug, message });
      this.#shout("warning", `${file}: ${message}`);
    }
  }

  #shout(kind: "warning" | "error", text: string): void {
    if (this.context.json) return;
    this.#progress?.clear();
    const colour = kind === "error" ? "red" : "yellow";
    note(`${paint(`${kind}:`, colour, process.stderr)} ${text.split("\n").map(plain).join("\n")}`);
  }

  #line(text: string): void {
    if (this.context.json) return;
    this.#progress?.clear();
    print(text);
  }

  #conclude(ms: number): void {
    const { created, unchanged, failed, warnings, uploaded, interrupted } = this.#report;
    this.context.result(this.#report, () => {
      const counts = {
        "already there": unchanged.length,
        "images uploaded": uploaded,
        failed: failed.length,
        warnings: warnings.length,
      };
      const said = Object.entries(counts).filter(([, count]) => count)
        .map(([name, count]) => `, ${count} ${name}`);
      print(`${created.length} created${said.join("")} in ${(ms / 1000).toFixed(1)} s.`);
      this.#tellLosses();
      if (failed.length) note("Mend what failed and run it again: it makes what is missing.");
      if (interrupted) note("Interrupted: run it again to go on.");
    });
    this.#exit();
  }

  #tellLosses(): void {
    const { left_out, redated } = this.#report;
    const kinds = Object.entries(left_out).map(([kind, count]) => `${count} ${plain(kind)}`);
    if (kinds.length) {
      const more = kinds.length > SHOWN ? `, and ${kinds.length - SHOWN} other kinds` : "";
      print(`Left out: ${kinds.slice(0, SHOWN).join(", ")}${more}.`);
    }
    if (!redated) return;
    const posts = redated === 1 ? "1 published post" : `${redated} published posts`;
    print(
      `Times: ${posts} came out earlier. The API takes no such time: the time of the import counts, and posts are made oldest first.`,
    );
  }

  #exit(): void {
    const { failed, interrupted } = this.#report;
    if (interrupted) process.exitCode = EXIT.interrupted;
    else if (failed.length) process.exitCode = EXIT.failure;
  }
}

// A plan that cannot schedule takes the other posts all the same, and a source's own fault is one post's.
function endsAll(error: unknown): boolean {
  if (!(error instanceof PostlarkError)) return false;
  return isFatal(error) && error.reason !== "plan_required";
}
