import type { Command } from "commander";
import type { Context } from "./_context.ts";
import { action } from "./_noun.ts";
import type { Options } from "./deploy/mod.ts";
import { positive } from "./posts.ts";

/** `postlark deploy [dir]` */
export function deploy(program: Command): void {
  program.command("deploy [dir]")
    .description("publish a folder of Markdown files, sending only what changed")
    .option("--status", "say of every file how it differs from the blog; send nothing")
    .option("--dry-run", "say what would be done; send nothing")
    .option("--delete-missing", "delete the blog's posts that no file is for")
    .option("--confirm", "do not ask before posts are deleted")
    .option("--force", "overwrite posts that were changed elsewhere since this folder sent them")
    .option("--draft", "files that do not say their status are drafts")
    .option("--concurrency <number>", "requests at a time; 8 unless given", positive)
    .addHelpText("after", HELP)
    .action(action(run));
}

const HELP = `
Every .md and .markdown file below the folder is a post, unless its name begins with a dot or an
underscore. Front matter may say title, slug, tags, status (or draft: true), scheduled_at,
description, og_image, canonical_url, noindex. Without a slug the file's name is it; without a title
its first heading. Local images are uploaded, once each. Ctrl-C stops after what is under way; the
next run goes on from there.`;

async function run(context: Context, dir: string | undefined, options: Options): Promise<void> {
  // Only a deploy needs what it is made of.
  const { run } = await import("./deploy/mod.ts");
  await run(context, dir, options);
}
