import { type Command, Option } from "commander";
import type { Context } from "./_context.ts";
import { usage } from "./_errors.ts";
import { action } from "./_noun.ts";
import type { Source } from "./import/incoming.ts";
import type { ImportOptions } from "./import/run.ts";

type Options = ImportOptions & { url?: string };
type Read = (path: string, options: Options) => Promise<Source>;

/** `postlark import …` */
export function importPosts(program: Command): void {
  const noun = program.command("import").description("take over the posts of another system")
    .addHelpText("after", HELP);
  const add = (name: string, description: string) =>
    noun.command(name).description(description)
      .option("--dry-run", "read everything, and say what would be made of it; send nothing")
      .addOption(
        new Option("--status <status>", "for every post, in place of its own")
          .choices(["draft", "published"]),
      );
  add("ghost <file>", "an export of Ghost, JSON (Settings, Import/Export)")
    .option("--url <address>", "the old site's, where the export calls it __GHOST_URL__")
    .option("--images", "upload the old site's pictures, which must still be there")
    .action(action(run(async (path, { url }) => {
      if (url !== undefined && !/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : "")) {
        throw usage(`--url takes a web address such as https://example.com, not "${url}".`);
      }
      return (await import("./import/ghost.ts")).readGhost(path, { url, now: Date.now() });
    })));
  add("wordpress <file>", "an export of WordPress, WXR (Tools, Export)")
    .option("--images", "upload the old site's pictures, which must still be there")
    .action(
      action(
        run(async (path) =>
          (await import("./import/wordpress.ts")).readWordpress(path, { now: Date.now() })
        ),
      ),
    );
  add("hugo <dir>", "a Hugo site, or a folder of its content")
    .action(
      action(
        run(async (path) => (await import("./import/hugo.ts")).readHugo(path, { now: Date.now() })),
      ),
    );
  add("jekyll <dir>", "a Jekyll site: its _posts and _drafts")
    .action(
      action(
        run(async (path) =>
          (await import("./import/jekyll.ts")).readJekyll(path, { now: Date.now() })
        ),
      ),
    );
  add("markdown <dir>", "a folder that postlark export has written")
    .action(
      action(
        run(async (path) =>
          (await import("./import/markdown.ts")).readMarkdown(path, { now: Date.now() })
        ),
      ),
    );
}

const HELP = `
Posts only: pages, comments, authors and settings are left out. HTML, Lexical and Mobiledoc become
Markdown. A post keeps its slug, and one whose slug the blog has already is not touched: run it
again after an interruption, or after what failed was mended, and it makes what is missing. What a
post loses is said in a warning. The API takes no time of publication that has passed: posts are
made oldest first, so that their order stays.`;

function run(read: Read) {
  return async (context: Context, path: string, options: Options): Promise<void> => {
    const source = await read(path, options);
    const { runImport } = await import("./import/run.ts");
    await runImport(context, source, options);
  };
}
