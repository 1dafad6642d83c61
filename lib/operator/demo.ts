import type { Deps } from "../ctx.ts";
import { hasAccounts } from "../account/accounts.ts";
import { createUser } from "./users.ts";

/** The account to try the service with. */
export const DEMO = {
  email: "demo@localhost",
  name: "Demo",
  plan: "enterprise",
  blog: "demo",
} as const;

/** Makes the demo account on an empty store; the key of its blog, or null where the store has an account. */
export async function createDemo(deps: Deps): Promise<string | null> {
  if (await hasAccounts(deps.store)) return null;
  return (await createUser(deps, DEMO)).key;
}
