import type { Page as Tab } from "playwright-core";
import { runAdmin } from "../support/server.ts";

/** Signs a tab in to a new account with the blog "ada", by the operator's link; gives the blog's key. */
export async function enter(
  tab: Tab,
  env: Record<string, string>,
  plan = "creator",
): Promise<string> {
  const options = ["--email", "ada@example.com", "--plan", plan, "--blog", "ada"];
  const made = await runAdmin(env, "user", "create", ...options);
  const link = await runAdmin(env, "login-link", "--email", "ada@example.com");
  await tab.goto(JSON.parse(link.stdout).url);
  await tab.getByRole("button", { name: "Sign in" }).click();
  await tab.getByRole("heading", { name: "Your blogs" }).waitFor();
  return JSON.parse(made.stdout).key;
}
