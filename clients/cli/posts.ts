import process from "node:process";
import { type Command, Option } from "commander";
import type { Query, Schemas } from "../sdk.ts";
import { confirm } from "./_confirm.ts";
import type { Context } from "./_context.ts";
import { usage } from "./_errors.ts";
import { timeOf } from "./_front_matter.ts";
import { action } from "./_noun.ts";
import { note, paint, pairs, plain, print, table, when } from "./_output.ts";
import { type PostOptions, readPost, withPostOptions } from "./_post_input.ts";

const PAGE = 200;

type ListOptions = Pick<Query<"listPosts">, "status" | "tag" | "sort" | "order"> & {
  page?: number;
  perPage?: number;
  limit?: number;
  all?: boolean;
};

/** `postlark posts …` */
export function posts(program: Command): void {
  const noun = program.command("posts").description("list, write and publish posts");
  withListOptions(noun.command("list", { isDefault: true })).description("list posts")
    .action(action(list));
  withPostOptions(noun.command("create [file]"))
    .description("create a post, and publish it unless --draft or --schedule says otherwise")
    .addOption(statusOption())
    .option("--draft", "the same as --status draft")
    .option("--schedule <time>", "publish at this time instead, such as 2030-01-31T09:00:00Z")
    .action(action(create));
  noun.command("get <slug>").description("show a post")
    .option("--markdown", "only its Markdown").option("--html", "only its HTML")
    .action(action(get));
  withPostOptions(noun.command("update <slug> [file]"))
    .description("change what is given of a post; options come before a file's front matter")
    .option("--if-match <etag>", "refuse where someone else changed it since")
    .action(action(update));
  noun.command("delete <slugs...>").description("delete posts for good")
    .option("--confirm", "do not ask").action(action(remove));
  noun.command("publish <slug>").description("publish a draft, or a scheduled post now")
    .action(action(publish));
  noun.command("unpublish <slug>").description("take a post down, or cancel its schedule")
    .action(action(unpublish));
  noun.command("schedule <slug> <time>")
    .description("publish a draft at a time, such as 2030-01-31T09:00:00Z")
    .action(action(schedule));
}

function withListOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--status <status>", "only these").choices(["draft", "published", "scheduled"]),
    )
    .option("--tag <tag>", "only posts with this tag")
    .addOption(
      new Option("--sort <field>", "order by").choices([
        "created_at",
        "updated_at",
        "published_at",
      ]),
    )
    .addOption(new Option("--order <order>", "direction").choices(["desc", "asc"]))
    .option("--page <number>", "page to show, from 1", positive)
    .option("--per-page <number>", `posts a page, at most ${PAGE}`, positive)
    .option("--limit <number>", "the newest so many", positive)
    .option("--all", "every post, however many pages they are");
}

/** `--status` of a new post. */
function statusOption(): Option {
  return new Option("--status <status>", "published unless given").choices(["draft", "published"]);
}

/** An option's value that must be a whole number from 1. */
export function positive(text: string): number {
  if (!/^0*[1-9]\d{0,8}$/.test(text)) throw usage(`"${text}" is no whole number from 1.`);
  return Number(text);
}

async function list(context: Context, options: ListOptions): Promise<void> {
  const { status, tag, sort, order, all, limit, page = 1, perPage = limit ?? 50 } = options;
  const blog = await context.onBlog();
  const filter = { status, tag, sort, order };
  if (all || (limit ?? 0) > PAGE) {
    if (sort && sort !== "created_at") throw usage("--all goes by created_at: leave --sort out.");
    const data: Schemas["PostSummary"][] = [];
    for await (const post of context.client.posts.list(filter, blog)) {
      data.push(post);
      if (data.length === limit) break;
    }
    return context.result({ data }, () => show(data));
  }
  const answer = await context.client.posts.list({ ...filter, page, per_page: perPage }, blog);
  context.result(answer, () => {
    show(answer.data);
    const { pagination } = answer;
    if (!pagination || pagination.total_pages <= 1) return;
    note(`Page ${pagination.page} of ${pagination.total_pages}, ${pagination.total} posts.`);
  });
}

function show(posts: Schemas["PostSummary"][]): void {
  if (!posts.length) return print("No posts.");
  table(
    ["SLUG", "TITLE", "STATUS", "TAGS", "PUBLISHED"],
    posts.map((post) => [
      post.slug,
      post.title,
      post.status,
      post.tags.join(", "),
      post.status === "scheduled"
        ? `at ${when(post.scheduled_at, { hour: true })}`
        : when(post.published_at),
    ]),
  );
}

async function create(
  context: Context,
  file: string | undefined,
  options: PostOptions,
): Promise<void> {
  const given = file ?? options.file ?? options.content;
  // What is piped in is the post, where nothing else is named.
  const source = given === undefined && !process.stdin.isTTY ? "-" : file;
  const { title, content, status, ...fields } = await readPost(source, options);
  if (!title) {
    throw usage("A post needs a title: give --title, or a file that begins with # Title.");
  }
  if (!content) throw usage("A post needs content: name a Markdown file, or give --content.");
  const post = await context.client.posts.create(
    { title, content, status: fields.scheduled_at ? undefined : status ?? "published", ...fields },
    await context.onBlog(),
  );
  context.result(post, () => said(post, post.status === "draft" ? "Created" : undefined));
}

async function get(
  context: Context,
  slug: string,
  options: { markdown?: boolean; html?: boolean },
): Promise<void> {
  const post = await context.client.posts.get(slug, await context.onBlog());
  context.result(post, () => {
    if (options.markdown) return print(post.content_md);
    if (options.html) return print(post.content_html);
    pairs({
      title: post.title,
      slug: post.slug,
      url: post.url,
      status: post.status,
      tags: post.tags.join(", ") || null,
      description: post.meta_description,
      published: when(post.published_at, { hour: true }) || null,
      scheduled: when(post.scheduled_at, { hour: true }) || null,
      updated: when(post.updated_at, { hour: true }),
      words: post.word_count,
    });
    print();
    print(
      post.content_md.split("\n").map((line) => line.replace(/\r$/, "")).map(plainLine).join("\n"),
    );
  });
}

// Tabs are a Markdown file's own.
function plainLine(line: string): string {
  return line.split("\t").map(plain).join("\t");
}

async function update(
  context: Context,
  slug: string,
  file: string | undefined,
  options: PostOptions & { ifMatch?: string },
): Promise<void> {
  const { status: _, scheduled_at: __, ...change } = await readPost(file, options);
  // A file's slug names the post that it was written for.
  if (options.slug === undefined) delete change.slug;
  if (Object.values(change).every((value) => value === undefined)) {
    throw usage("Nothing to change: name a file, or give --title, --content, --tags or another.");
  }
  const { ifMatch } = options;
  const post = await context.client.posts.update(slug, change, {
    ...await context.onBlog(),
    ifMatch,
  });
  context.result(post, () => said(post, "Updated"));
}

async function remove(
  context: Context,
  slugs: string[],
  { confirm: confirmed }: { confirm?: boolean },
): Promise<void> {
  const what = slugs.length === 1 ? `the post "${slugs[0]}"` : `${slugs.length} posts`;
  await confirm(`This deletes ${what}.`, { confirmed });
  const blog = await context.onBlog();
  const deleted = [];
  for (const slug of slugs) {
    const answer = await context.client.posts.delete(slug, blog);
    deleted.push({ slug, ...answer });
    if (!context.json) print(`Deleted ${slug}`);
  }
  if (context.json) context.result(deleted.length === 1 ? deleted[0] : { data: deleted }, print);
}

async function publish(context: Context, slug: string): Promise<void> {
  const post = await context.client.posts.publish(slug, await context.onBlog());
  context.result(post, () => said(post));
}

async function unpublish(context: Context, slug: string): Promise<void> {
  const post = await context.client.posts.unpublish(slug, await context.onBlog());
  context.result(post, () => print(`${post.slug} is a draft again.`));
}

async function schedule(context: Context, slug: string, time: string): Promise<void> {
  const scheduled_at = timeOf(time, "time")!;
  const post = await context.client.posts.schedule(slug, { scheduled_at }, await context.onBlog());
  context.result(post, () => said(post));
}

function said(post: Schemas["Post"], verb?: string): void {
  const doing = { draft: "Saved", published: "Published", scheduled: "Scheduled" }[post.status];
  const at = post.status === "scheduled"
    ? ` for ${when(post.scheduled_at, { hour: true })}`
    : post.status === "draft"
    ? " (draft)"
    : "";
  print(`${paint(verb ?? doing, "green")} ${plain(post.title)}${at}`);
  print(post.url);
}
