import process from "node:process";
import type { Command } from "commander";
import { DEFAULT_API_BASE, PostlarkError } from "../sdk.ts";
import { configPath, readConfig, writeConfig } from "./_config.ts";
import type { Context } from "./_context.ts";
import { type Authorized, logInByDevice } from "./_device.ts";
import { usage } from "./_errors.ts";
import { action } from "./_noun.ts";
import { paint, pairs, plain, print } from "./_output.ts";

const KEY = /^(pk_(live|test|oauth)_\w+|eyJ[\w-]+\.[\w-]+\.[\w-]+)$/;

/** `postlark login [key]` */
export function login(program: Command): void {
  program.command("login [key]")
    .description("log in: in the browser, or with a key (- reads it from standard input)")
    .option("--no-browser", "only print the address")
    .action(action(logIn));
}

/** `postlark logout` */
export function logout(program: Command): void {
  program.command("logout").description("forget the key that is kept").action(action(logOut));
}

/** `postlark whoami` */
export function whoami(program: Command): void {
  program.command("whoami").description("whose key it is, and what it acts on")
    .action(action(showSelf));
}

async function logIn(
  context: Context,
  given: string | undefined,
  { browser }: { browser: boolean },
): Promise<void> {
  const key = given === "-" ? await readLine() : given ?? context.globals.apiKey;
  if (key === undefined) return await keep(context, await logInByDevice(context, { browser }));
  if (!KEY.test(key)) throw usage("That is no key: it begins with pk_live_ or pk_test_.");
  await keep(context, { token: key, ...await whose(context, key) });
}

// A key that may not read the profile is a good one all the same.
async function whose(context: Context, key: string): Promise<Omit<Authorized, "token">> {
  try {
    const { name, email } = await context.clientWith(key).account.profile();
    return { name, email };
  } catch (error) {
    if (error instanceof PostlarkError && error.status === 403) return {};
    throw error;
  }
}

async function keep(context: Context, { token, name, email }: Authorized): Promise<void> {
  const apiBase = context.apiBase === DEFAULT_API_BASE ? undefined : context.apiBase;
  const before = await readConfig();
  // Another account's blog would be refused.
  const defaultBlog = before.apiKey === token ? before.defaultBlog : undefined;
  await writeConfig({ apiKey: token, apiBase, defaultBlog });
  context.result({ name, email, config: configPath() }, () => {
    print(`${paint("Logged in", "green")}${email ? ` as ${plain(email)}` : ""}.`);
  });
}

async function logOut(context: Context): Promise<void> {
  const had = context.config.apiKey !== undefined;
  await writeConfig({ apiKey: undefined, defaultBlog: undefined });
  context.result({ logged_out: had }, () => {
    if (!had) return print("Nobody was logged in.");
    print("Logged out. The key itself still works: postlark tokens revoke <id> ends one.");
  });
}

async function showSelf(context: Context): Promise<void> {
  const { client, apiBase, credential, namedBlog } = context;
  const profile = await client.account.profile();
  const { key, from } = credential!;
  const shown = { api_base: apiBase, key_prefix: key.slice(0, 12), key_from: from };
  context.result({ ...profile, ...shown, default_blog: namedBlog ?? null }, () => {
    pairs({
      account: profile.name ? `${profile.name} <${profile.email}>` : profile.email,
      plan: profile.plan,
      blog: namedBlog,
      key: `${shown.key_prefix}… (${from})`,
      api: apiBase,
    });
  });
}

async function readLine(): Promise<string> {
  let text = "";
  process.stdin.setEncoding("utf8");
  for await (const part of process.stdin) text += part;
  return text.trim();
}
