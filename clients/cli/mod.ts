import process from "node:process";
import { Command, CommanderError } from "commander";
import { account } from "./account.ts";
import { analytics } from "./analytics.ts";
import { blogs } from "./blogs.ts";
import { completion } from "./completion.ts";
import { keys, tokens } from "./credentials.ts";
import { deploy } from "./deploy.ts";
import { domains } from "./domains.ts";
import { exportPosts } from "./export.ts";
import { importPosts } from "./import.ts";
import { discover, search } from "./search.ts";
import { login, logout, whoami } from "./session.ts";
import { packs } from "./packs.ts";
import { posts } from "./posts.ts";
import { upload } from "./upload.ts";
import { VERSION } from "./_context.ts";
import { EXIT, tell } from "./_errors.ts";
import type { Noun } from "./_noun.ts";
import { note, paint } from "./_output.ts";

/** Every noun, in the order of the help. */
const NOUNS: Noun[] = [
  login,
  logout,
  whoami,
  blogs,
  posts,
  deploy,
  importPosts,
  exportPosts,
  upload,
  search,
  discover,
  analytics,
  domains,
  tokens,
  keys,
  packs,
  account,
  completion,
];

/** The program with all of its commands. */
export function createProgram(): Command {
  const program = new Command("postlark")
    .description("Publish to Postlark from a terminal.")
    .version(VERSION, "-V, --version")
    .option("--json", "print the API's answer as JSON")
    .option("--api-key <key>", "key to use, before POSTLARK_API_KEY and ~/.postlarkrc")
    .option("--api-base <url>", "where the API is, before POSTLARK_API_BASE and ~/.postlarkrc")
    .option("--blog <blog>", "slug or id of the blog to act on")
    .option("--verbose", "say what is sent, and more of what fails")
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(--help says more)")
    .exitOverride()
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 failed, 2 called wrongly, 3 not logged in or not allowed.",
    );
  for (const add of NOUNS) add(program);
  return program;
}

/** Runs one command line; gives the exit code. */
export async function run(args: string[]): Promise<number> {
  const program = createProgram();
  try {
    await program.parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    // Commander has printed its own already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
    const { json, verbose } = program.opts();
    const told = tell(error, { verbose: !!verbose });
    if (json) note(JSON.stringify(told.json, null, 2));
    else {
      const [first, ...rest] = told.lines;
      note([`${paint("error:", "red", process.stderr)} ${first}`, ...rest].join("\n"));
    }
    return told.exit;
  }
}
