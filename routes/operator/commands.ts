import type { Deps } from "../../lib/ctx.ts";
import { PLAN_NAMES, type PlanName } from "../../lib/kit/config.ts";
import { copyImages } from "../../lib/content/media/mod.ts";
import { searchEngine } from "../../lib/content/search/meilisearch.ts";
import { rebuildIndex } from "../../lib/content/search/rebuild.ts";
import { findAccount, onBehalfOf } from "../../lib/account/accounts.ts";
import { changePlan, suspendAccount } from "../../lib/account/plan_changes.ts";
import { ApiKeyInput, createApiKey, createToken } from "../../lib/account/api_keys.ts";
import { createSession } from "../../lib/account/jwt.ts";
import { createLoginLink } from "../../lib/account/sign_in/mod.ts";
import { JOBS } from "../../lib/jobs/mod.ts";
import { findBlog } from "../../lib/operator/blogs.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { createUser } from "../../lib/operator/users.ts";
import { type Command, type Given, UsageError } from "./_command.ts";
import { backup, importFile, restore } from "./files.ts";

const email = { required: true, value: "E" };
const account = { email: { required: true, value: "E|ID" } };
const plan = { value: "P", oneOf: PLAN_NAMES };

/** Every command of the operator's terminal. */
export const COMMANDS: readonly Command[] = [
  {
    name: "user create",
    options: { email, name: { value: "N" }, plan, blog: { value: "SLUG" } },
    about: "Make an account, its first blog, and a key of that blog (or an account token).",
    run: async (deps, { options }) => ({
      output: await createUser(deps, {
        email: readEmail(options.email!),
        name: readName(options.name),
        plan: options.plan as PlanName | undefined,
        blog: options.blog,
      }),
    }),
  },
  {
    name: "user plan",
    options: { ...account, plan: { ...plan, required: true } },
    about: "Move an account to a plan.",
    run: async (deps, { options }) => {
      const user = await findAccount(deps, options.email!);
      await changePlan(deps, user.id, { plan: options.plan as PlanName });
      return { output: { user: { id: user.id, email: user.email, plan: options.plan } } };
    },
  },
  {
    name: "user suspend",
    options: account,
    about: "Take an account offline at once: its credentials and every page of its blogs.",
    run: (deps, { options }) => suspend(deps, options.email!, true),
  },
  {
    name: "user resume",
    options: account,
    about: "Bring a suspended account back.",
    run: (deps, { options }) => suspend(deps, options.email!, false),
  },
  {
    name: "user import",
    argument: { value: "FILE.zip" },
    options: account,
    about: "Take the blogs and posts of an export (format=zip) over into an account, uncounted.",
    run: (deps, { argument, options }) => importFile(deps, argument, options.email!),
  },
  {
    name: "session create",
    options: account,
    about: "Sign an account in: a JWT for an hour.",
    run: async (deps, { options }) => ({
      output: await createSession(deps, (await findAccount(deps, options.email!)).id),
    }),
  },
  {
    name: "login-link",
    options: account,
    about: "Make a link that signs an account in once, within fifteen minutes.",
    run: async (deps, { options }) => ({
      output: await createLoginLink(deps, (await findAccount(deps, options.email!)).id),
    }),
  },
  {
    name: "key create",
    options: {
      ...account,
      scopes: { value: "a,b" },
      blog: { value: "SLUG" },
      mode: { value: "live|test", oneOf: ["live", "test"] },
      name: { value: "N" },
      "expires-in": { value: "DAYS|30d|90d|1y" },
    },
    about: "Make an API key of a blog, or without --blog an account token.",
    run: async (deps, { options }) => {
      const { blog } = options;
      const input = readKeyInput(options);
      if (!blog && input.mode === "test") {
        throw new UsageError("--mode test needs --blog: a sandbox is a blog's.");
      }
      const user = await findAccount(deps, options.email!);
      const ctx = onBehalfOf(deps, user.id);
      const output = blog
        ? await createApiKey(ctx, await findBlog(deps, user.id, blog), input)
        : await createToken(ctx, { ...input, name: input.name || "Default", blog_id: null });
      return { output };
    },
  },
  {
    name: "job run",
    argument: { value: "NAME", oneOf: Object.keys(JOBS) },
    about: "Run a job now, and print its report.",
    run: async (deps, { argument }) => ({ output: await JOBS[argument].run(deps) }),
  },
  {
    name: "check",
    about: "Compare every row of the store with the records; exit code 1 where one differs.",
    run: async (deps) => {
      const output = await checkStore(deps);
      return { output, code: output.ok ? 0 : 1 };
    },
  },
  {
    name: "search rebuild",
    about:
      "Bring the search index to agree with the posts, while the service runs; goes on where an earlier run ended.",
    run: async (deps) => ({ output: await rebuildIndex(deps, { engine: searchEngine(deps) }) }),
  },
  {
    name: "media copy",
    options: { to: { required: true, value: "s3|kv", oneOf: ["s3", "kv"] } },
    about:
      "Move every image to the S3 store, or back into KV, while the service runs; goes on where an earlier run ended.",
    run: async (deps, { options }) => {
      const output = await copyImages(deps, options.to as "s3" | "kv");
      return { output, code: output.damaged.length ? 1 : 0 };
    },
  },
  {
    name: "backup",
    argument: { value: "FILE" },
    about: "Write the whole store to a file of JSON lines (-: standard output).",
    run: (deps, { argument }) => backup(deps, argument),
  },
  {
    name: "restore",
    argument: { value: "FILE" },
    about: "Fill an empty store from such a file (-: standard input).",
    run: (deps, { argument }) => restore(deps, argument),
  },
];

async function suspend(deps: Deps, email: string, suspended: boolean) {
  const user = await findAccount(deps, email);
  await suspendAccount(deps, user.id, suspended);
  return { output: { user: { id: user.id, email: user.email, suspended } } };
}

function readEmail(email: string): string {
  if (/^[^\s@]+@[^\s@]+$/.test(email.trim()) && email.length <= 254) return email;
  throw new UsageError(`--email must be an e-mail address, not "${email}".`);
}

function readName(name?: string): string | undefined {
  if (!name || name.trim().length <= 200) return name?.trim();
  throw new UsageError("--name must have at most 200 characters.");
}

function readKeyInput(options: Given["options"]): ApiKeyInput {
  const expiresIn = options["expires-in"];
  const judged = ApiKeyInput.safeParse({
    name: options.name,
    mode: options.mode,
    scopes: options.scopes?.split(",").map((scope) => scope.trim()),
    expires_in: /^\d+$/.test(expiresIn ?? "") ? Number(expiresIn) : expiresIn,
  });
  if (judged.success) return judged.data;
  throw new UsageError(judged.error.issues.map((issue) => `${issue.message}.`).join("\n"));
}
