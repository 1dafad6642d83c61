import type { Command } from "commander";
import type { Schemas } from "../sdk.ts";
import { confirm } from "./_confirm.ts";
import type { Context } from "./_context.ts";
import { action } from "./_noun.ts";
import { pairs, plain, print, when } from "./_output.ts";

/** `postlark domains …` */
export function domains(program: Command): void {
  const noun = program.command("domains").description("the blog's custom domain");
  noun.command("status", { isDefault: true }).description("show it, and whether it is verified")
    .action(action(status));
  noun.command("set <hostname>").description("register it, in place of the one there is")
    .action(action(set));
  noun.command("remove").description("go back to the subdomain").option("--confirm", "do not ask")
    .action(action(remove));
}

async function status(context: Context): Promise<void> {
  const domain = await context.client.domains.get(await context.blogId());
  context.result(domain, () => show(domain));
}

async function set(context: Context, hostname: string): Promise<void> {
  const domain = await context.client.domains.set(await context.blogId(), { hostname });
  context.result(domain, () => show(domain));
}

async function remove(
  context: Context,
  { confirm: confirmed }: { confirm?: boolean },
): Promise<void> {
  const blog = await context.blogId();
  await confirm("This removes the blog's custom domain.", { confirmed });
  const answer = await context.client.domains.remove(blog);
  context.result(answer, () => print("Removed: the blog is at its subdomain again."));
}

function show(domain: Schemas["Domain"]): void {
  if (domain.status === "none") {
    return print("No custom domain: postlark domains set <hostname> registers one.");
  }
  const { txt_record: txt } = domain;
  pairs({
    hostname: domain.hostname,
    status: domain.status,
    ssl: domain.ssl_status,
    CNAME: domain.cname_target,
    TXT: txt && `${txt.name} ${txt.value}${txt.required ? " (required)" : ""}`,
    checked: when(domain.checked_at, { hour: true }) || null,
  });
  if (domain.status === "pending" && domain.instructions) print(`\n${plain(domain.instructions)}`);
}
