import { type Command, Option } from "commander";
import type { Body } from "../sdk.ts";
import type { Context } from "./_context.ts";
import { action } from "./_noun.ts";
import { pairs, print, table, when } from "./_output.ts";
import { usage } from "./_errors.ts";

/** `postlark packs …` */
export function packs(program: Command): void {
  const noun = program.command("packs").description("post packs");
  noun.command("balance", { isDefault: true }).description("what is left of your packs")
    .action(action(balance));
  noun.command("purchase [size]").description("buy a pack of 100 or 300 posts")
    .addOption(new Option("--type <size>", "100 or 300, in place of the argument"))
    .action(action(purchase));
}

async function balance(context: Context): Promise<void> {
  const answer = await context.client.packs.balance();
  context.result(answer, () => {
    pairs({ "posts left": answer.total_remaining });
    if (!answer.packs.length) return;
    print();
    table(
      ["LEFT", "OF", "BOUGHT"],
      answer.packs.map((pack) => [pack.balance, pack.size, when(pack.purchased_at)]),
    );
  });
}

async function purchase(
  context: Context,
  size: string | undefined,
  { type = size }: { type?: string },
): Promise<void> {
  if (type !== "100" && type !== "300") {
    throw usage("Packs hold 100 or 300 posts: postlark packs purchase 100.");
  }
  const answer = await context.client.packs.purchase(
    { pack_type: type } as Body<"purchasePack">,
  );
  context.result(answer, () => {
    if (!answer.purchased) return print(`Pay here, and it is credited: ${answer.checkout_url}`);
    print(`Bought ${answer.posts} posts for ${answer.price}; ${answer.total_remaining} are left.`);
  });
}
