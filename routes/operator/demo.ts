import type { Deps } from "../../lib/ctx.ts";
import { createDemo, DEMO } from "../../lib/operator/demo.ts";

/** On an empty store makes an account and a blog to try the service with, and prints how. */
export async function makeDemo(deps: Deps): Promise<void> {
  const { origin, blogHost } = deps.config;
  const key = await createDemo(deps);
  if (key === null) {
    console.log(
      `\nPostlark runs at ${origin}. A new key for the demo blog:\n` +
        `  deno task dev:admin key create --email ${DEMO.email} --blog ${DEMO.blog}\n`,
    );
    return;
  }
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
