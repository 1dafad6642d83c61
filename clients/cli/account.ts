import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Command, Option } from "commander";
import { writeConfig } from "./_config.ts";
import { confirm } from "./_confirm.ts";
import type { Context } from "./_context.ts";
import { action } from "./_noun.ts";
import { pairs, print, when } from "./_output.ts";

const MIB = 1024 ** 2;

/** `postlark account …` */
export function account(program: Command): void {
  const noun = program.command("account").description("your account: use, export, deletion");
  noun.command("show", { isDefault: true }).description("plan, and what is used of it")
    .action(action(show));
  noun.command("export").description("everything you have: blogs and posts")
    .option("-o, --output <file>", "file to write; standard output unless given (JSON only)")
    .addOption(
      new Option("--format <format>", "json, or zip with a Markdown file a post")
        .choices(["json", "zip"]),
    )
    .action(action(exportAll));
  noun.command("delete").description("delete your account and everything in it, for good")
    .option("--confirm", "do not ask").action(action(remove));
}

async function show(context: Context): Promise<void> {
  const { client } = context;
  const [profile, usage] = await Promise.all([client.account.profile(), client.account.usage()]);
  const of = (used: number, limit: number | null) => limit === null ? used : `${used} of ${limit}`;
  context.result({ ...profile, usage }, () => {
    const { posts, packs, blogs, storage, requests } = usage;
    pairs({
      account: profile.name ? `${profile.name} <${profile.email}>` : profile.email,
      plan: profile.plan,
      posts: of(posts.used, posts.limit),
      "until": when(posts.period_end) || null,
      packs: packs.remaining,
      blogs: of(blogs.used, blogs.limit),
      "storage, MB": of(
        Math.round(storage.used_bytes / MIB),
        Math.round(storage.limit_bytes / MIB),
      ),
      "requests this hour": of(requests.used, requests.limit),
    });
  });
}

async function exportAll(
  context: Context,
  options: { output?: string; format?: "json" | "zip" },
): Promise<void> {
  const { output } = options;
  const format = options.format ?? (output?.endsWith(".zip") ? "zip" : "json");
  if (format === "zip") {
    const file = output ?? "postlark.zip";
    const response = await context.client.account.exportZip();
    const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    await pipeline(body, createWriteStream(file));
    return context.result({ file }, () => print(`Wrote ${file}`));
  }
  const all = await context.client.account.export();
  const text = JSON.stringify(all, null, 2);
  if (output === undefined || output === "-") return print(text);
  await writeFile(output, `${text}\n`);
  const { total_posts, truncated = false } = all;
  context.result({ file: output, total_posts, truncated }, () => {
    print(`Wrote ${total_posts} posts to ${output}`);
    if (truncated) print("There are more: an export holds no more than these.");
  });
}

async function remove(
  context: Context,
  { confirm: confirmed }: { confirm?: boolean },
): Promise<void> {
  const { email } = await context.client.account.profile();
  await confirm(`This deletes the account ${email} with all of its blogs and posts.`, {
    confirmed,
    word: email,
  });
  const answer = await context.client.account.delete();
  if (context.credential?.from === "~/.postlarkrc") {
    await writeConfig({ apiKey: undefined, defaultBlog: undefined });
  }
  context.result(answer, () => print(answer.message));
}
