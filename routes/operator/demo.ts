import type { Deps } from "../../lib/ctx.ts";
import { type Store, transact as runTransaction, under } from "../../lib/kit/kv.ts";
import { ConfigError } from "../../lib/kit/config.ts";
import { randomHex } from "../../lib/kit/ids.ts";
import { createUser } from "./users.ts";

const DEMO = { email: "demo@localhost", name: "Demo", plan: "enterprise", blog: "demo" } as const;

/** The secret of a store that has none set: made once, and only where `dev` says so. */
export async function ensureSecret(store: Store, dev: boolean): Promise<string> {
  return await runTransaction(store, async (tx) => {
    const key = ["dev", "secret"];
    const kept = await tx.get<string>(key);
    if (kept) return kept;
    if (!dev) throw new ConfigError("POSTLARK_SECRET is required: at least 32 random characters.");
    const secret = randomHex(32);
    tx.set(key, secret);
    return secret;
  });
}

/** On an empty store makes an account and a blog to try the service with, and prints how. */
export async function makeDemo(deps: Deps): Promise<void> {
  const { origin, blogHost } = deps.config;
  if ((await deps.store.list(under(["user"]), 1)).length) {
    console.log(
      `\nPostlark runs at ${origin}. A new key for the demo blog:\n` +
        `  deno task dev:admin key create --email ${DEMO.email} --blog ${DEMO.blog}\n`,
    );
    return;
  }
  const { key } = await createUser(deps, DEMO);
  const page = `${new URL(origin).protocol}//${DEMO.blog}.${blogHost}/hello-world`;
  console.log(`
Postlark runs at ${origin}, with a demo blog. Its API key, shown only now:

  ${key}

Publish a first post:

  curl ${origin}/v1/posts \\
    -H "Authorization: Bearer ${key}" \\
    -H "Content-Type: application/json" \\
    -d '{"title":"Hello world","content":"My **first** post.","status":"published"}'

and read it at ${page}
`);
}
