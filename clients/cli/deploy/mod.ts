import process from "node:process";
import { confirm } from "../_confirm.ts";
import type { Context } from "../_context.ts";
import { EXIT, tell, usage } from "../_errors.ts";
import { Interrupt } from "../_interrupt.ts";
import { note, paint, plain, print, table } from "../_output.ts";
import { Progress } from "../_progress.ts";
import { apply, check, isFatal, type Outcome } from "./apply.ts";
import { type Folder, readFolder } from "./files.ts";
import { Images } from "./images.ts";
import { Journal } from "./journal.ts";
import { type Plan, planDeploy, type Remote, type Step } from "./plan.ts";

const WORKERS = 8;
const MOST_WORKERS = 32;

/** What `postlark deploy` takes. */
export type Options = {
  status?: boolean;
  dryRun?: boolean;
  deleteMissing?: boolean;
  confirm?: boolean;
  force?: boolean;
  draft?: boolean;
  concurrency?: number;
};
type Failed = { file: string; slug: string; error: string; message: string };
type Report = Record<Exclude<Outcome, "unchanged">, string[]> & {
  unchanged: number;
  deleted: string[];
  /** on the server, and in no file */
  missing: string[];
  uploaded: number;
  failed: Failed[];
  warnings: string[];
  interrupted: boolean;
};

const SIGNS = { created: "+", updated: "~", deleted: "-", conflict: "!" } as const;

/** Compares a folder with the blog, and sends what differs, or only says it. */
export async function run(
  context: Context,
  dir: string | undefined,
  options: Options,
): Promise<void> {
  if ((options.concurrency ?? 0) > MOST_WORKERS) {
    throw usage(`--concurrency takes at most ${MOST_WORKERS}.`);
  }
  const { draft = false } = options;
  const folder = await readFolder(dir ?? ".", { drafts: draft, now: Date.now() });
  if (!folder.posts.length && !options.deleteMissing) {
    throw usage(`There is no Markdown file in ${dir ?? "this folder"}: name another.`);
  }
  const deployment = await Deployment.begin(context, { dir: dir ?? ".", folder, options });
  if (options.status || options.dryRun) await deployment.preview();
  else await deployment.send();
}

class Deployment {
  readonly #interrupt = new Interrupt(() => this.#progress?.clear());
  readonly #journal: Journal;
  readonly #images: Images;
  readonly call: { blog?: string; signal: AbortSignal };
  #plan!: Plan;
  readonly #report: Report;

  private constructor(
    readonly context: Context,
    readonly given: { dir: string; folder: Folder; options: Options },
    blog: { blog?: string },
  ) {
    this.call = { ...blog, signal: this.#interrupt.signal };
    this.#journal = new Journal(given.dir);
    this.#images = new Images(context.client, this.call);
    this.#report = {
      created: [],
      updated: [],
      conflict: [],
      unchanged: 0,
      deleted: [],
      missing: [],
      uploaded: 0,
      failed: [],
      warnings: given.folder.warnings,
      interrupted: false,
    };
  }

  /** Lists the blog's posts, and compares. */
  static async begin(
    context: Context,
    given: { dir: string; folder: Folder; options: Options },
  ): Promise<Deployment> {
    const deployment = new Deployment(context, given, await context.onBlog());
    const remotes = new Map<string, Remote>();
    for await (const post of context.client.posts.list({}, deployment.call)) {
      remotes.set(post.slug, post);
    }
    deployment.#plan = planDeploy(given.folder.posts, remotes, deployment.#journal);
    deployment.#report.missing = deployment.#plan.missing.map(({ slug }) => slug);
    return deployment;
  }

  /** Says what differs; a post that cannot be judged by the list is read. */
  async preview(): Promise<void> {
    const { steps, missing } = this.#plan;
    const states: { file: string | null; slug: string; state: string }[] = [];
    const checks = steps.filter((step) => step.kind === "check");
    const judged = new Map<Step, string>();
    await this.#each(checks, "checked", async (step) => {
      const { same, conflict } = await check(this.#world(), step);
      judged.set(step, same ? "unchanged" : conflict ? "conflict" : "changed");
    });
    const words = { create: "new", update: "changed", unchanged: "unchanged" } as const;
    for (const step of steps) {
      const state = judged.get(step) ?? words[step.kind as keyof typeof words];
      states.push({ file: step.local.file, slug: step.local.slug, state });
    }
    const { deleteMissing, status } = this.given.options;
    for (const { slug } of missing) {
      states.push({ file: null, slug, state: deleteMissing ? "to delete" : "only on the server" });
    }
    const shown = states.filter(({ state, file }) =>
      status || (state !== "unchanged" && (file !== null || deleteMissing))
    );
    const { warnings } = this.#report;
    this.context.result({ data: shown, warnings }, () => {
      for (const text of warnings) warn(text);
      if (!shown.length) return print("Nothing has changed.");
      table(["STATE", "SLUG", "FILE"], shown.map((one) => [one.state, one.slug, one.file]));
    });
  }

  /** Sends what changed; one failure of a file does not keep the others. */
  async send(): Promise<void> {
    const { deleteMissing, confirm: confirmed } = this.given.options;
    const { steps, missing } = this.#plan;
    const report = this.#report;
    if (!this.context.json) {
      for (const text of report.warnings) warn(text);
    }
    if (deleteMissing && missing.length) {
      const names = missing.slice(0, 10).map(({ slug }) => slug).join(", ");
      const more = missing.length > 10 ? `, and ${missing.length - 10} more` : "";
      await confirm(`This deletes ${missing.length} posts: ${names}${more}.`, { confirmed });
    }
    const begun = Date.now();
    const due = steps.filter((step) => step.kind !== "unchanged");
    report.unchanged = steps.length - due.length;
    try {
      await this.#interrupt.during(async () => {
        await this.#each(due, "posts", async (step) => {
          const outcome = await apply(this.#world(), step);
          if (outcome === "unchanged") report.unchanged++;
          else this.#done(outcome, step.local.slug);
        });
        if (deleteMissing) {
          await this.#each(missing, "deleted", async ({ slug }) => {
            await this.context.client.posts.delete(slug, this.call);
            this.#done("deleted", slug);
          });
          report.missing = report.missing.filter((slug) => !report.deleted.includes(slug));
        }
      });
    } finally {
      report.uploaded = this.#images.uploaded;
      report.interrupted = this.#interrupt.asked;
      // What was done is said also where the rest failed.
      this.#conclude(Date.now() - begun);
    }
  }

  #world() {
    const { context: { client }, call, given: { options } } = this;
    const force = !!options.force;
    return { client, images: this.#images, journal: this.#journal, call, force };
  }

  // Some at a time, until all are done, or Ctrl-C or a failure that the others would share.
  async #each<T extends Step | Remote>(
    items: T[],
    what: string,
    act: (item: T) => Promise<void>,
  ): Promise<void> {
    const progress = new Progress(what, items.length, this.context.json);
    this.context.onRetry = (why) => progress.pause(`(${why})`);
    this.#progress = progress;
    let next = 0;
    let fatal: unknown;
    const work = async () => {
      while (next < items.length && !this.#interrupt.asked && fatal === undefined) {
        const item = items[next++];
        try {
          await act(item);
        } catch (error) {
          if (this.#interrupt.signal.aborted) return;
          if (isFatal(error)) fatal ??= error;
          else this.#failed(item, error);
        }
        progress.step();
      }
    };
    const workers = Math.min(items.length, this.given.options.concurrency ?? WORKERS);
    await Promise.all(Array.from({ length: workers }, work));
    progress.clear();
    if (fatal !== undefined) throw fatal;
  }

  #progress?: Progress;

  #done(outcome: keyof typeof SIGNS, slug: string): void {
    this.#report[outcome].push(slug);
    if (this.context.json) return;
    this.#progress?.clear();
    const colour = {
      created: "green",
      updated: "yellow",
      deleted: "red",
      conflict: "red",
    } as const;
    print(`${paint(SIGNS[outcome], colour[outcome])} ${plain(slug)}`);
  }

  #failed(item: Step | Remote, error: unknown): void {
    const slug = "local" in item ? item.local.slug : item.slug;
    const file = "local" in item ? item.local.file : "";
    const { json, lines } = tell(error, { verbose: !!this.context.globals.verbose });
    this.#report.failed.push({ file, slug, error: String(json.error), message: lines[0] });
    if (this.context.json) return;
    this.#progress?.clear();
    const name = plain(file || slug);
    note(`${paint("error:", "red", process.stderr)} ${name}: ${lines.join("\n  ")}`);
  }

  #conclude(ms: number): void {
    const report = this.#report;
    const { created, updated, deleted, conflict, failed, interrupted } = report;
    this.#journal.compact();
    this.context.result(report, () => {
      const counts = Object.entries({
        created: created.length,
        updated: updated.length,
        unchanged: report.unchanged,
        deleted: deleted.length,
        "images uploaded": report.uploaded,
        failed: failed.length,
      }).filter(([name, count]) => count || name === "unchanged");
      const said = counts.map(([name, count]) => `${count} ${name}`).join(", ");
      print(`${said} in ${(ms / 1000).toFixed(1)} s.`);
      if (conflict.length) {
        note(
          `${conflict.length} changed on the server since this folder sent them (${
            conflict.slice(0, 10).map(plain).join(", ")
          }): --force overwrites them.`,
        );
      }
      if (interrupted) note("Interrupted: run it again to go on.");
    });
    if (interrupted) process.exitCode = EXIT.interrupted;
    else if (failed.length || conflict.length) process.exitCode = EXIT.failure;
  }
}

function warn(text: string): void {
  note(`${paint("warning:", "yellow", process.stderr)} ${plain(text)}`);
}
