import assert from "node:assert/strict";
import { runAdmin, type Server, startServer } from "../support/server.ts";

/** An account's blog, and a key that does everything with it. */
export type Blog = { id: string; url: string; key: string };
/** A server process with a store of its own, and ways to fill it as its users do. */
export type Service = {
  server: Server;
  /** where its store is, for another server on the same one */
  env: Record<string, string>;
  createBlog: (slug: string, account: { plan: string; name?: string }) => Promise<Blog>;
  /** Calls the API, which has to agree; `path` begins after `/v1`. */
  send: (blog: Blog, to: { method: string; path: string }, body?: unknown) => Promise<Sent>;
};
type Sent = { status: number; body: Record<string, unknown> };

const NO_LIMITS = {
  POSTLARK_LIMIT_STARTER: "1000000",
  POSTLARK_LIMIT_SCALE: "1000000",
  POSTLARK_LIMIT_ENTERPRISE: "1000000",
};

/** Runs `use` with a service that is gone afterwards. */
export async function withService(use: (service: Service) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  const env = { POSTLARK_KV: `${dir}/kv.db`, ...NO_LIMITS };
  const server = await startServer(env);
  try {
    await use({ server, env, createBlog, send });
  } finally {
    await server.stop();
    await Deno.remove(dir, { recursive: true });
  }

  async function createBlog(slug: string, account: { plan: string; name?: string }): Promise<Blog> {
    const { plan, name = slug } = account;
    const user = ["--email", `${slug}@example.com`, "--plan", plan, "--blog", slug, "--name", name];
    // As the server has it, for the addresses that are handed out.
    const at = { ...env, POSTLARK_ORIGIN: server.origin };
    const { stdout, stderr } = await runAdmin(at, "user", "create", ...user);
    assert.ok(stdout, stderr);
    const made = JSON.parse(stdout);
    return { id: made.blog.id, url: made.blog.url, key: made.key };
  }

  async function send(
    { id, key }: Blog,
    { method, path }: { method: string; path: string },
    body?: unknown,
  ): Promise<Sent> {
    const response = await fetch(`${server.origin}/v1${path}`, {
      method,
      headers: {
        "authorization": `Bearer ${key}`,
        "content-type": "application/json",
        "x-blog-id": id,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }
}

/** Publishes a post, and gives its address. */
export async function publish(
  { send }: Service,
  blog: Blog,
  post: Record<string, unknown>,
): Promise<string> {
  const { status, body } = await send(blog, { method: "POST", path: "/posts" }, {
    status: "published",
    ...post,
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body.url as string;
}
