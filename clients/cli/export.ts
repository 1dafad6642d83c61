import type { Command } from "commander";
import type { Context } from "./_context.ts";
import { action } from "./_noun.ts";
import type { ExportOptions } from "./export/run.ts";

/** `postlark export [dir]` */
export function exportPosts(program: Command): void {
  program.command("export [dir]")
    .description("write every post of a blog into a folder, a Markdown file each")
    .option("--images", "download the blog's images too, and point the posts at them")
    .option("--dry-run", "say what would be written; write nothing")
    .option("--force", "overwrite files that are no export of the same post")
    .addHelpText("after", HELP)
    .action(action(run));
}

const HELP = `
The folder is named after the blog unless given. Drafts and scheduled posts go along; each file says
in its front matter what deploy and import read of it, and the post's times. Run again, it asks only
for the posts that changed since; the files of posts that are gone stay. Ctrl-C stops after the post
that is under way. For everything of an account in one file: postlark account export.`;

async function run(
  context: Context,
  dir: string | undefined,
  options: ExportOptions,
): Promise<void> {
  const { runExport } = await import("./export/run.ts");
  await runExport(context, dir, options);
}
