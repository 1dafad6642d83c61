import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import type { Body } from "../sdk.ts";
import { readConfig, writeConfig } from "./_config.ts";
import { confirm } from "./_confirm.ts";
import type { Context } from "./_context.ts";
import { usage } from "./_errors.ts";
import { action } from "./_noun.ts";
import { paint, plain, print, table, when } from "./_output.ts";

type UpdateOptions = {
  name?: string;
  description?: string;
  theme?: string;
  css?: string;
  cssUrl?: string;
  ad?: string;
  header?: string;
  footer?: string;
};
type Theme = NonNullable<Body<"updateBlog">["theme_config"]>;

/** `postlark blogs …` */
export function blogs(program: Command): void {
  const noun = program.command("blogs").description("list, make and change blogs");
  noun.command("list", { isDefault: true }).description("list your blogs").action(action(list));
  noun.command("create <slug>").description("make a blog at a subdomain")
    .option("--name <name>", "its name; the slug unless given")
    .option("--description <text>", "what it is about")
    .action(action(create));
  noun.command("update [blog]").description("change a blog, the chosen one unless named")
    .option("--name <name>", "its name").option("--description <text>", "what it is about")
    .option("--theme <theme>", "a built-in theme")
    .option("--css <file>", "CSS file for its pages; an empty name takes it away")
    .option("--css-url <url>", "https address of a style sheet")
    .option("--header <file>", "HTML file shown above every page")
    .option("--footer <file>", "HTML file shown below every page")
    .option("--ad <file>", "HTML file of the ad slot")
    .action(action(update));
  noun.command("delete <blog>").description("delete a blog with its posts, keys and images")
    .option("--confirm", "do not ask").action(action(remove));
  noun.command("use [blog]").description(
    "choose the blog that commands act on; none: choose no more",
  )
    .action(action(use));
}

async function list(context: Context): Promise<void> {
  const answer = await context.client.blogs.list();
  const chosen = context.namedBlog?.toLowerCase();
  context.result(answer, () => {
    if (!answer.data.length) return print("No blogs yet: postlark blogs create <slug> makes one.");
    table(
      ["", "SLUG", "NAME", "URL", "CREATED"],
      answer.data.map((blog) => [
        [blog.id, blog.slug].includes(chosen ?? "") ? "*" : "",
        blog.slug,
        blog.frozen ? `${blog.name} (frozen)` : blog.name,
        blog.url,
        when(blog.created_at),
      ]),
    );
  });
}

async function create(
  context: Context,
  slug: string,
  { name = slug, description }: { name?: string; description?: string },
): Promise<void> {
  const blog = await context.client.blogs.create({ slug, name, description });
  context.result(blog, () => {
    print(`${paint("Created", "green")} ${plain(blog.name)}`);
    print(blog.url);
  });
}

async function update(
  context: Context,
  named: string | undefined,
  options: UpdateOptions,
): Promise<void> {
  const { name, description, theme, cssUrl } = options;
  const theme_config = {
    theme,
    cssUrl,
    customCss: await textOf(options.css),
    headerHtml: await textOf(options.header),
    footerHtml: await textOf(options.footer),
    adCode: await textOf(options.ad),
  };
  const themed = Object.values(theme_config).some((value) => value !== undefined);
  if (name === undefined && description === undefined && !themed) {
    throw usage("Nothing to change: give --name, --description, --theme, --css or another.");
  }
  const id = named === undefined ? await context.blogId() : await context.idOf(named);
  const blog = await context.client.blogs.update(id, {
    name,
    description,
    theme_config: themed ? theme_config as Theme : undefined,
  });
  context.result(blog, () => print(`${paint("Updated", "green")} ${plain(blog.name)}`));
}

async function remove(
  context: Context,
  named: string,
  { confirm: confirmed }: { confirm?: boolean },
): Promise<void> {
  const id = await context.idOf(named);
  await confirm(`This deletes the blog "${named}" with all of its posts, keys and images.`, {
    confirmed,
    word: named,
  });
  const answer = await context.client.blogs.delete(id);
  const { defaultBlog } = await readConfig();
  if (defaultBlog === id || defaultBlog === named) await writeConfig({ defaultBlog: undefined });
  context.result({ id, ...answer }, () => print(`Deleted ${named}`));
}

async function use(context: Context, named: string | undefined): Promise<void> {
  const id = named === undefined ? undefined : await context.idOf(named);
  await writeConfig({ defaultBlog: id });
  context.result({ defaultBlog: id ?? null }, () => {
    print(id ? `Commands act on ${named} now.` : "No blog is chosen any more.");
  });
}

async function textOf(path: string | undefined): Promise<string | null | undefined> {
  if (path === undefined) return undefined;
  if (path === "") return null;
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw usage(`${path} cannot be read: ${(error as Error).message}`);
  }
}
