import { type Command, Option } from "commander";
import type { Context } from "./_context.ts";
import { action } from "./_noun.ts";
import { note, paint, plain, print } from "./_output.ts";
import { positive } from "./posts.ts";

type Options = { page?: number; perPage?: number; limit?: number; tag?: string; lang?: string };
type Found = { title: string; url: string; excerpt: string; blog_name?: string };
type Answer = {
  data: Found[];
  pagination?: { page: number; total: number; total_pages: number };
};

/** `postlark search <words...>` */
export function search(program: Command): void {
  withPaging(program.command("search <words...>")).description("search the blog's published posts")
    .action(action(searchOwn));
}

/** `postlark discover <words...>` */
export function discover(program: Command): void {
  withPaging(program.command("discover <words...>"))
    .description("search the posts of all blogs; needs no key")
    .option("--tag <tag>", "only posts with this tag")
    .option("--lang <language>", "only posts in this language, such as en")
    .action(action(searchAll));
}

function withPaging(command: Command): Command {
  return command
    .option("--page <number>", "page to show, from 1", positive)
    .option("--per-page <number>", "results a page, at most 50", positive)
    .addOption(new Option("--limit <number>", "the same as --per-page").argParser(positive));
}

async function searchOwn(context: Context, words: string[], options: Options): Promise<void> {
  const query = { q: words.join(" "), ...pagingOf(options) };
  show(context, await context.client.search(query, await context.onBlog()));
}

async function searchAll(context: Context, words: string[], options: Options): Promise<void> {
  const { tag, lang } = options;
  // A credential changes nothing here.
  const client = context.clientWith(undefined);
  show(context, await client.discover({ q: words.join(" "), tag, lang, ...pagingOf(options) }));
}

function pagingOf({ page, limit, perPage = limit }: Options) {
  return { page, per_page: perPage };
}

function show(context: Context, answer: Answer): void {
  context.result(answer, () => {
    if (!answer.data.length) return print("Nothing found.");
    for (const { title, url, excerpt, blog_name } of answer.data) {
      print(
        paint(plain(title), "bold") + (blog_name ? paint(` · ${plain(blog_name)}`, "dim") : ""),
      );
      print(url);
      print(`${plain(excerpt)}\n`);
    }
    const { pagination } = answer;
    if (!pagination || pagination.total_pages <= 1) return;
    note(`Page ${pagination.page} of ${pagination.total_pages}, ${pagination.total} posts.`);
  });
}
