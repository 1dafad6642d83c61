import type { Command } from "commander";
import type { Schemas } from "../sdk.ts";
import { confirm } from "./_confirm.ts";
import type { Context } from "./_context.ts";
import { action } from "./_noun.ts";
import { note, plain, print, table, when } from "./_output.ts";
import { usage } from "./_errors.ts";

type CreateOptions = { name?: string; scopes?: string; expires?: string; test?: boolean };
type Scopes = Schemas["ApiKeyInput"]["scopes"];
type Expiry = Schemas["ApiKeyInput"]["expires_in"];

/** `postlark tokens …`: of the account. */
export function tokens(program: Command): void {
  const noun = program.command("tokens").description("access tokens of your account");
  noun.command("list", { isDefault: true }).description("list the active ones")
    .action(action(async (context) => show(context, await context.client.tokens.list())));
  withKeyOptions(noun.command("create [name]")).description("make a token; it is shown only once")
    .action(action(createToken));
  noun.command("revoke <id>").description("end a token at once").option("--confirm", "do not ask")
    .action(action(revokeToken));
}

/** `postlark keys …`: of one blog. */
export function keys(program: Command): void {
  const noun = program.command("keys").description("API keys of a blog");
  noun.command("list", { isDefault: true }).description("list the active ones").action(
    action(async (context) =>
      show(context, await context.client.keys.list(await context.blogId()))
    ),
  );
  withKeyOptions(noun.command("create [name]")).description("make a key; it is shown only once")
    .option("--test", "for the blog's sandbox only")
    .action(action(createKey));
  noun.command("revoke <id>").description("end a key at once").option("--confirm", "do not ask")
    .action(action(revokeKey));
}

function withKeyOptions(command: Command): Command {
  return command
    .option("--name <name>", "what it is for")
    .option("--scopes <scopes>", "what it may do, with commas between: posts:read,posts:write")
    .option("--expires <time>", "days, or 30d, 90d, 1y; never unless given");
}

async function createToken(
  context: Context,
  named: string | undefined,
  { name = named, scopes, expires }: CreateOptions,
): Promise<void> {
  if (!name) throw usage("A token needs a name: postlark tokens create <name>.");
  const { blog } = context.globals;
  const token = await context.client.tokens.create({
    name,
    scopes: scopesOf(scopes),
    expires_in: expiryOf(expires),
    // Only one that was named for this very command: a token is for all blogs else.
    blog_id: blog === undefined ? undefined : await context.idOf(blog),
  });
  showSecret(context, token);
}

async function createKey(
  context: Context,
  named: string | undefined,
  { name = named, scopes, expires, test }: CreateOptions,
): Promise<void> {
  const key = await context.client.keys.create(await context.blogId(), {
    name,
    scopes: scopesOf(scopes),
    expires_in: expiryOf(expires),
    mode: test ? "test" : undefined,
  });
  showSecret(context, key);
}

async function revokeToken(
  context: Context,
  id: string,
  { confirm: confirmed }: { confirm?: boolean },
): Promise<void> {
  await confirm(`This revokes the token ${id}: what uses it stops working.`, { confirmed });
  const answer = await context.client.tokens.revoke(id);
  context.result(answer, () => print(`Revoked ${id}`));
}

async function revokeKey(
  context: Context,
  id: string,
  { confirm: confirmed }: { confirm?: boolean },
): Promise<void> {
  await confirm(`This revokes the key ${id}: what uses it stops working.`, { confirmed });
  const answer = await context.client.keys.revoke(await context.blogId(), id);
  context.result(answer, () => print(`Revoked ${id}`));
}

function show(context: Context, list: Schemas["ApiKeyList"]): void {
  context.result(list, () => {
    if (!list.data.length) return print("None.");
    table(
      ["ID", "NAME", "PREFIX", "SCOPES", "EXPIRES", "LAST USED"],
      list.data.map((key) => [
        key.id,
        key.name,
        key.prefix,
        key.scopes.join(", "),
        when(key.expires_at) || "never",
        when(key.last_used_at) || "never",
      ]),
    );
  });
}

function showSecret(context: Context, key: Schemas["CreatedKey"]): void {
  context.result(key, () => {
    // Alone on standard output, so that it can be piped into a secret store.
    note(`${plain(key.name)} (${key.id}). It is shown only this once:`);
    print(key.key);
  });
}

function scopesOf(text: string | undefined): Scopes {
  const scopes = text?.split(/[\s,]+/).filter((scope) => scope !== "");
  return scopes as Scopes;
}

function expiryOf(text: string | undefined): Expiry {
  if (text === undefined || text === "never") return undefined;
  return (/^\d+$/.test(text) ? Number(text) : text) as Expiry;
}
