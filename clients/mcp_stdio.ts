import process from "node:process";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";

const DEFAULT_API_BASE = "https://api.postlark.ai/v1";
const FAILED = -32000;
const MISUSED = 2;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

class MissingBlog extends Error {}
type Settings = { key: string; base: string; blog: string | null };

function readSettings(): Settings {
  const { POSTLARK_API_KEY: key, POSTLARK_API_BASE, POSTLARK_ACTIVE_BLOG: blog } = process.env;
  const base = (POSTLARK_API_BASE || DEFAULT_API_BASE).trim().replace(/\/+$/, "")
    .replace(/\/(?:v1|mcp)$/, "");
  if (!key?.trim()) throw new Error("Set POSTLARK_API_KEY to an API key or an account token.");
  if (!/^https?:\/\//i.test(base) || !URL.canParse(base)) {
    throw new Error(`POSTLARK_API_BASE must be an address such as ${DEFAULT_API_BASE}.`);
  }
  return { key: key.trim(), base, blog: blog?.trim() || null };
}

/** The id of the blog that a setting names by its id or its slug; throws where there is none. */
async function findBlog({ key, base, blog }: Settings): Promise<string | null> {
  if (blog === null || UUID.test(blog)) return blog;
  const answer = await fetch(`${base}/v1/blogs`, { headers: { authorization: `Bearer ${key}` } });
  const text = await answer.text();
  if (!answer.ok) throw Object.assign(new Error(text), { data: { text } });
  const body = JSON.parse(text);
  const found = body.data.find((one: { slug: string }) => one.slug === blog);
  if (!found) throw new MissingBlog(`POSTLARK_ACTIVE_BLOG: you have no blog "${blog}".`);
  return found.id;
}

/** Passes what comes over stdio on to /mcp, and back what that answers. */
async function serve(settings: Settings): Promise<void> {
  const stdio = new StdioServerTransport();
  let blog: Promise<string | null> | undefined;
  const choices = new Map<unknown, string>();
  const initialized = new Set<unknown>();
  const http = new StreamableHTTPClientTransport(new URL(`${settings.base}/mcp`), {
    fetch: async (input, init) => {
      // There is nothing to listen to.
      if (init?.method === "GET") return new Response(null, { status: 405 });
      const headers = new Headers(init?.headers);
      headers.set("authorization", `Bearer ${settings.key}`);
      blog ??= findBlog(settings);
      blog.catch(() => blog = undefined);
      const id = isChoice(JSON.parse(String(init?.body))) ? null : await blog;
      if (id) headers.set("x-blog-id", id);
      return await fetch(input, { ...init, headers });
    },
  });
  http.onmessage = (message) => {
    if ("result" in message) {
      const { protocolVersion, isError } = message.result;
      if (initialized.delete(message.id)) http.setProtocolVersion(String(protocolVersion));
      const chosen = choices.get(message.id);
      // What was chosen here goes before the setting.
      if (choices.delete(message.id) && chosen && !isError) blog = Promise.resolve(chosen);
    }
    send(stdio, message);
  };
  stdio.onmessage = async (message: JSONRPCMessage) => {
    if ("method" in message && "id" in message) {
      if (message.method === "initialize") initialized.add(message.id);
      if (isChoice(message)) choices.set(message.id, chosenBy(message));
    }
    try {
      await http.send(message);
    } catch (error) {
      if (!("method" in message && "id" in message)) return;
      const { id } = message;
      send(stdio, { jsonrpc: "2.0", id, error: { code: FAILED, message: sayFault(error) } });
    }
  };
  stdio.onclose = () => void http.close();
  await http.start();
  await stdio.start();
}

// Where nobody reads any more, nothing is to be done.
function send(stdio: StdioServerTransport, message: JSONRPCMessage): void {
  stdio.send(message).catch(() => {});
}

type Call = { params?: { name?: string; arguments?: { blog_id?: string } } };

function isChoice(message: object): boolean {
  return (message as Call).params?.name === "set_active_blog";
}

function chosenBy(message: object): string {
  return String((message as Call).params?.arguments?.blog_id ?? "");
}

/** What the service says of an error; else that it was not reached. */
function sayFault(error: unknown): string {
  if (error instanceof MissingBlog) return error.message;
  const { data, message } = error as { data?: { text?: string }; message: string };
  try {
    const body = JSON.parse(data?.text ?? "");
    const retry = body.retry_after ? ` Retry after ${body.retry_after} s.` : "";
    const mend = body.error === "unauthorized" ? " (check POSTLARK_API_KEY)" : "";
    return (body.message ?? body.error.message) + mend + retry;
  } catch {
    return `Postlark did not answer (${message}): check the connection and POSTLARK_API_BASE.`;
  }
}

try {
  await serve(readSettings());
} catch (error) {
  console.error((error as Error).message);
  process.exit(MISUSED);
}
