import type { Deps } from "../ctx.ts";
import { AppError } from "../kit/errors.ts";
import { findAccount, hasAccounts } from "../account/accounts.ts";
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

/** The id of the demo account, which is made anew where it was deleted. */
export async function demoAccount(deps: Deps): Promise<string> {
  try {
    return (await findAccount(deps, DEMO.email)).id;
  } catch (error) {
    if (!(error instanceof AppError) || error.status !== 404) throw error;
    const { email, name, plan } = DEMO;
    return (await createUser(deps, { email, name, plan })).user.id;
  }
}
