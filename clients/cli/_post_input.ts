import { readFile } from "node:fs/promises";
import process from "node:process";
import type { Command } from "commander";
import type { Body } from "../sdk.ts";
import { usage } from "./_errors.ts";
import { type Parsed, parseFile, splitTags, timeOf } from "./_front_matter.ts";

/** The options that say what a post is. */
export type PostOptions = {
  file?: string;
  title?: string;
  content?: string;
  slug?: string;
  tags?: string;
  status?: "draft" | "published";
  draft?: boolean;
  schedule?: string;
  description?: string;
  ogImage?: string;
  canonicalUrl?: string;
  noindex?: boolean;
};
type Meta = NonNullable<Body<"createPost">["meta"]>;
/** A post as a file and options describe it: what neither says is left out. */
export type PostFields = {
  title?: string;
  content?: string;
  slug?: string;
  tags?: string[];
  status?: "draft" | "published";
  scheduled_at?: string;
  meta?: Meta;
};

/** Adds the options of a post's fields to a command. */
export function withPostOptions(command: Command): Command {
  return command
    .option(
      "-f, --file <path>",
      "Markdown file, with front matter or without; - reads standard input",
    )
    .option("-t, --title <title>", "title; unless given, the file's, or its first heading")
    .option("-c, --content <markdown>", "Markdown, in place of a file")
    .option("-s, --slug <slug>", "last part of the address")
    .option("--tags <tags>", "tags, with commas between them")
    .option("--description <text>", "what search engines and previews show")
    .option("--og-image <url>", "https address of the picture for previews")
    .option("--canonical-url <url>", "where the post was first published")
    .option("--noindex", "ask search engines to leave it out")
    .option("--no-noindex", "ask no more");
}

/** Puts a file and the options together; an option comes before what the file says. */
export async function readPost(
  file: string | undefined,
  options: PostOptions,
): Promise<PostFields> {
  const path = file ?? options.file;
  if (path !== undefined && options.content !== undefined) {
    throw usage("Give a file or --content, not both.");
  }
  const { front, content }: Partial<Parsed> & Pick<Parsed, "front"> = path === undefined
    ? { front: {}, content: options.content }
    : await parseFile(await readText(path), path === "-" ? "standard input" : path);
  const wanted = options.draft ? "draft" as const : options.status;
  const schedule = timeOf(options.schedule, "--schedule") ??
    (wanted ? undefined : front.scheduledAt);
  const headed = content === undefined ? undefined : splitHeading(content);
  const useHeading = path !== undefined && !options.title && !front.title && headed?.title;
  return {
    title: options.title ?? front.title ?? (useHeading || undefined),
    // An empty file is no content.
    content: (useHeading ? headed!.rest : content) || undefined,
    slug: options.slug ?? front.slug,
    tags: options.tags === undefined ? front.tags : splitTags(options.tags),
    status: schedule ? undefined : wanted ?? front.status,
    scheduled_at: schedule,
    meta: metaOf({
      description: options.description ?? front.description,
      og_image: options.ogImage ?? front.ogImage,
      canonical_url: options.canonicalUrl ?? front.canonicalUrl,
      noindex: options.noindex ?? front.noindex,
    }),
  };
}

/** A first-level heading that a text begins with, and what follows it: a post's page shows its title as one already. */
export function splitHeading(content: string): { title?: string; rest: string } {
  const found = /^\s*# +(.+?)(?: +#+)? *(?:\r?\n(?:[ \t]*\r?\n)*|$)/.exec(content);
  if (!found) return { rest: content };
  const title = found[1].replace(/[*_`]/g, "").replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").trim();
  return { title, rest: content.slice(found[0].length) };
}

function metaOf(meta: Meta): Meta | undefined {
  return Object.values(meta).some((value) => value !== undefined) ? meta : undefined;
}

async function readText(path: string): Promise<string> {
  if (path !== "-") {
    try {
      return await readFile(path, "utf8");
    } catch (error) {
      throw usage(`${path} cannot be read: ${(error as Error).message}`);
    }
  }
  let text = "";
  process.stdin.setEncoding("utf8");
  for await (const part of process.stdin) text += part;
  return text;
}
