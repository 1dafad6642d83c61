import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  Client,
  type OAuthClientProvider,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as OlderClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as OlderStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as OlderHttp } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Service, Tenant } from "../_setup.ts";
import { readFixture } from "./images.ts";

/** The official clients: of the protocol of 2026, of that of 2025, and of the SDK before it. */
export const KINDS = ["2026", "2025", "v1"] as const;
export type Kind = typeof KINDS[number];
// deno-lint-ignore no-explicit-any
type Any = any;
/** What a tool answered. */
export type Called = { isError?: boolean; structuredContent: Any; texts: string[] };
/** A client that is connected, as its tests use it. */
export type Connected = {
  client: Client;
  call: (name: string, args?: Record<string, unknown>) => Promise<Called>;
  /** names of the tools that are listed */
  tools: () => Promise<string[]>;
  [Symbol.asyncDispose]: () => Promise<void>;
};

const STDIO = fileURLToPath(new URL("../../clients/mcp_stdio.ts", import.meta.url));
const FROM_SOURCE = [
  ...[Deno.execPath(), "run", "--frozen", "--no-check", "--allow-net", "--allow-env"],
  STDIO,
];
const ME = { name: "test", version: "1.0.0" };

type HttpOptions = {
  kind?: Kind;
  key?: string;
  headers?: Record<string, string>;
  /** how the client gets a token, where it has no key */
  authProvider?: OAuthClientProvider;
  /** collects the answers */
  seen?: Response[];
};

/** An official client's way to /mcp, without a socket. */
export function transportOf(
  t: Service,
  { kind = "2026", key, headers = {}, authProvider, seen }: HttpOptions,
): StreamableHTTPClientTransport {
  const options: Any = {
    requestInit: { headers: { ...key && { authorization: `Bearer ${key}` }, ...headers } },
    authProvider,
    fetch: async (input: string | URL | Request, init?: RequestInit) => {
      const answer = await t.app.fetch(new Request(input, init));
      seen?.push(answer);
      return answer;
    },
  };
  const Transport: Any = kind === "v1" ? OlderHttp : StreamableHTTPClientTransport;
  return new Transport(new URL(`${t.deps.config.origin}/mcp`), options);
}

/** Connects an official client over HTTP, without a socket. */
export async function connect(t: Service, options: HttpOptions): Promise<Connected> {
  return await open(options.kind ?? "2026", transportOf(t, options));
}

/** Starts clients/mcp_stdio.ts, or another server, as an agent's program does, and connects to it. */
export async function connectStdio(
  kind: Kind,
  env: Record<string, string>,
  [command, ...args]: string[] = FROM_SOURCE,
): Promise<Connected> {
  const options = {
    command,
    args,
    env: { ...Deno.env.toObject(), ...env },
    stderr: "ignore" as const,
  };
  return await open(
    kind,
    kind === "v1" ? new OlderStdio(options) : new StdioClientTransport(options),
  );
}

async function open(kind: Kind, transport: Any): Promise<Connected> {
  const client: Any = kind === "v1"
    ? new OlderClient(ME)
    : new Client(ME, { versionNegotiation: { mode: kind === "2026" ? "auto" : "legacy" } });
  await client.connect(transport);
  return {
    client,
    async call(name, args = {}) {
      const { content, ...rest } = await client.callTool({ name, arguments: args });
      return { ...rest, texts: content.map(({ text }: { text: string }) => text) };
    },
    tools: async () => (await client.listTools()).tools.map((tool: Any) => tool.name),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** What the calls of all tools are about. */
export type World = { blog: string; other: string; revision: string; slug: string };
type Case = {
  name: string;
  /** what its credential must have; null: nothing */
  scope: string | null;
  good: (world: World) => Record<string, unknown>;
  /** input that is wrong, and the argument that is named for it; null where it takes none */
  bad: ((world: World) => [string, Record<string, unknown>]) | null;
  check: (answer: Any, world: World) => void;
};

const IMAGE = {
  data: readFixture("jpeg-baseline.jpg").bytes.toBase64(),
  content_type: "image/jpeg",
  filename: "cat.jpg",
};
const LATER = "2026-03-25T09:00:00+02:00";

/** Each tool on its happy path, in an order in which they follow from each other, with what else it is called with. */
export const CASES: Case[] = [
  {
    name: "create_blog",
    scope: "blogs:write",
    good: () => ({ slug: `second-${crypto.randomUUID().slice(0, 8)}`, name: "Second" }),
    bad: () => ["slug", { slug: "NO", name: "Second" }],
    check: (blog, world) => void (world.other = blog.id),
  },
  {
    name: "list_blogs",
    scope: "blogs:read",
    good: () => ({}),
    bad: () => ["limit", { limit: 0 }],
    check: ({ data }, { blog, other }) => {
      assert.deepEqual(data.map(({ id }: Any) => id).sort(), [other, blog].sort());
    },
  },
  {
    name: "set_active_blog",
    scope: "blogs:read",
    good: ({ blog }) => ({ blog_id: blog }),
    bad: () => ["blog_id", {}],
    check: (active, { blog }) => assert.equal(active.blog_id, blog),
  },
  {
    name: "update_blog",
    scope: "blogs:write",
    good: ({ blog }) => ({ blog_id: blog, name: "Renamed" }),
    bad: ({ blog }) => ["name", { blog_id: blog, name: "" }],
    check: (blog) => assert.equal(blog.name, "Renamed"),
  },
  {
    name: "upload_image",
    scope: "media:write",
    good: () => IMAGE,
    bad: () => ["content_type", { ...IMAGE, content_type: "image/tiff" }],
    check: ({ markdown, url }) => assert.equal(markdown, `![cat](${url})`),
  },
  {
    name: "validate_post",
    scope: "posts:read",
    good: () => ({ title: "A draft", content: "![](https://x.example/a.png)" }),
    bad: () => ["title", { content: "Text." }],
    check: ({ valid, warnings }) => {
      assert.equal(valid, true);
      assert.equal(warnings[0].code, "image_without_alt");
    },
  },
  {
    name: "create_post",
    scope: "posts:write",
    good: ({ slug }) => ({ title: "Made by a tool", content: "About zebras.", slug }),
    bad: () => ["tags", { title: "T", content: "C", tags: [""] }],
    check: (post) => assert.equal(post.status, "published"),
  },
  {
    name: "update_post",
    scope: "posts:write",
    good: ({ slug }) => ({ slug, title: "Changed by a tool", tags: ["africa"] }),
    bad: ({ slug }) => ["new_slug", { slug, new_slug: "NO WAY" }],
    check: ({ title, tags }) => assert.deepEqual([title, tags], ["Changed by a tool", ["africa"]]),
  },
  {
    name: "list_revisions",
    scope: "posts:read",
    good: ({ slug }) => ({ slug, limit: 5 }),
    bad: ({ slug }) => ["limit", { slug, limit: "all" }],
    check: ({ data }, world) => {
      assert.deepEqual(data.map(({ number }: { number: number }) => number), [2, 1]);
      world.revision = data[1].id;
    },
  },
  {
    name: "restore_revision",
    scope: "posts:write",
    good: ({ slug, revision }) => ({ slug, revision_id: revision }),
    bad: ({ slug }) => ["revision_id", { slug }],
    check: ({ title }) => assert.equal(title, "Made by a tool"),
  },
  {
    name: "search_posts",
    scope: "search:read",
    good: () => ({ q: "zebra" }),
    bad: () => ["q", { q: " " }],
    check: ({ data }, { slug }) => assert.equal(data[0].slug, slug),
  },
  {
    name: "discover_posts",
    scope: null,
    good: () => ({ q: "zebra", per_page: 1 }),
    bad: () => ["lang", { q: "zebra", lang: "?" }],
    check: ({ pagination }) => assert.equal(pagination.total, 1),
  },
  {
    name: "get_analytics",
    scope: "analytics:read",
    good: () => ({ period: "7d" }),
    bad: () => ["period", { period: "1d" }],
    check: ({ daily_views }) => assert.equal(daily_views.length, 7),
  },
  {
    name: "get_usage",
    scope: "account:read",
    good: () => ({}),
    bad: null,
    check: ({ plan }) => assert.equal(plan, "enterprise"),
  },
  {
    name: "unpublish_post",
    scope: "posts:write",
    good: ({ slug }) => ({ slug }),
    bad: () => ["slug", { slug: "" }],
    check: ({ status }) => assert.equal(status, "draft"),
  },
  {
    name: "schedule_post",
    scope: "posts:write",
    good: ({ slug }) => ({ slug, scheduled_at: LATER }),
    bad: ({ slug }) => ["scheduled_at", { slug, scheduled_at: "tomorrow" }],
    check: ({ scheduled_at }) => assert.equal(scheduled_at, "2026-03-25T07:00:00.000Z"),
  },
  {
    name: "publish_post",
    scope: "posts:write",
    good: ({ slug }) => ({ slug }),
    bad: () => ["slug", { slug: 7 }],
    check: ({ status }) => assert.equal(status, "published"),
  },
  {
    name: "list_posts",
    scope: "posts:read",
    good: () => ({ status: "published", per_page: 5 }),
    bad: () => ["page", { page: 0 }],
    check: ({ data, pagination }, { slug }) => {
      assert.equal(data[0].slug, slug);
      assert.equal(pagination.per_page, 5);
    },
  },
  {
    name: "get_post",
    scope: "posts:read",
    good: ({ slug }) => ({ slug }),
    bad: () => ["slug", {}],
    check: ({ content_md }) => assert.equal(content_md, "About zebras."),
  },
  {
    name: "delete_post",
    scope: "posts:write",
    good: ({ slug }) => ({ slug }),
    bad: () => ["slug", { slug: ["a"] }],
    check: (answer) => assert.deepEqual(answer, { deleted: true }),
  },
  {
    name: "delete_blog",
    scope: "blogs:write",
    good: ({ other }) => ({ blog_id: other }),
    bad: () => ["blog_id", {}],
    check: (answer) => assert.deepEqual(answer, { deleted: true }),
  },
];

export function worldOf({ blog }: Tenant): World {
  return { blog: blog.id, other: "", revision: "", slug: "made-by-a-tool" };
}

/** Calls every tool on its happy path, and says how the answers of each were. */
export async function callAll(agent: Connected, world: World): Promise<void> {
  for (const { name, good, check } of CASES) {
    const called = await agent.call(name, good(world));
    assert.ok(!called.isError, `${name}: ${called.texts}`);
    assert.deepEqual(JSON.parse(called.texts[0]), called.structuredContent, name);
    check(called.structuredContent, world);
  }
}
