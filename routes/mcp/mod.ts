import { Hono } from "hono";
import { cors } from "hono/cors";
import type { Deps } from "../../lib/ctx.ts";
import { AppError } from "../../lib/kit/errors.ts";
import { isLoopbackHost, ownHosts } from "../../lib/kit/hosts.ts";
import { readActiveBlog } from "../../lib/account/active_blog.ts";
import { admit, type Admitted, type Env } from "../_admit.ts";
import { challenge, EXPOSED_HEADERS } from "../_answer.ts";
import { readBody } from "../_input.ts";
import { type Incoming, serve } from "../_serve.ts";
import { createServer, type Sdk } from "./_server.ts";
import { makeTools, type Tool } from "./_tool.ts";
import { OWN, SPECS } from "./tools.ts";

const LARGE_BODY = 65_536;
const PATH = "/mcp";
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;

type Kit = { sdk: Sdk; tools: Tool[] };

/** The MCP server over Streamable HTTP, without sessions; clients of the protocols since 2024 are served. */
export function mcp(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  let kit: Promise<Kit> | undefined;
  const open = () => {
    kit ??= openKit(env.deps);
    // What could not be made is tried again at the next request.
    kit.catch(() => kit = undefined);
    return kit;
  };
  app.use(
    PATH,
    cors({
      origin: "*",
      allowMethods: ["POST", "GET", "DELETE"],
      allowHeaders: [
        "Authorization",
        "Content-Type",
        "Last-Event-ID",
        "Mcp-Method",
        "Mcp-Name",
        "Mcp-Protocol-Version",
        "Mcp-Session-Id",
        "X-API-Key",
        "X-Blog-Id",
        "X-Request-Id",
      ],
      exposeHeaders: EXPOSED_HEADERS,
      maxAge: 86400,
    }),
  );
  app.all(PATH, async (c) => {
    const incoming = { request: c.req.raw, params: {}, peer: c.env.peer };
    const answer = await serve(env, incoming, {
      admit: () => admit(env, incoming.request, (ctx) => void readActiveBlog(ctx).catch(() => {})),
      act: async (admitted, id) => {
        const body = await respond(env, { open, admitted, incoming, id });
        return { status: body.status, body };
      },
    });
    return challenge(env.deps, answer, { request: incoming.request, path: PATH });
  });
  return app;
}

async function openKit(deps: Deps): Promise<Kit> {
  const sdk = await import("@modelcontextprotocol/server");
  return { sdk, tools: makeTools(deps, { specs: SPECS, own: OWN }) };
}

async function respond(
  env: Env,
  { open, admitted, incoming: { request }, id }: {
    open: () => Promise<Kit>;
    admitted: Admitted;
    incoming: Incoming;
    id: string;
  },
): Promise<Response> {
  const { deps } = env;
  requireOrigin(deps, request);
  if (request.method !== "POST") {
    const message = "There is no stream to open and no session to end: send POST.";
    throw new AppError("method_not_allowed", { allow: "POST, OPTIONS", message });
  }
  const bytes = await readBody(request, { limit: deps.config.limits.body, form: false });
  // What takes long to judge waits for the count, so that a request over the limit costs little.
  if (bytes.length > LARGE_BODY) await admitted.ctx.admission;
  const parsedBody = parse(bytes);
  if (parsedBody === undefined) return refuse(PARSE_ERROR, "The body is not valid JSON.");
  // One HTTP request is one in the count.
  if (Array.isArray(parsedBody)) return refuse(INVALID_REQUEST, "Send one message a request.");
  const { sdk, tools } = await open();
  const serving = { env, admitted, request, id };
  const handler = sdk.createMcpHandler(() => createServer(sdk, tools, serving), {
    // Nothing changes that a client could be told of.
    maxSubscriptions: 0,
  });
  // What is said of versions in the headers is of REST's answers.
  admitted.ctx.ifMatch = null;
  const { url, method, headers } = request;
  const made = await handler.fetch(new Request(url, { method, headers }), { parsedBody });
  // Whole, so that what was done is known before the count is judged.
  const text = await made.text();
  admitted.ctx.answer.rev = null;
  const kept = new Headers(made.headers);
  kept.set("cache-control", "no-store");
  return new Response(text || null, { status: made.status, headers: kept });
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function refuse(code: number, message: string): Response {
  return Response.json({ jsonrpc: "2.0", id: null, error: { code, message } }, { status: 400 });
}

/**
 * Throws 403 where a browser says that the request is from a page whose origin may be another than its address
 * says (DNS rebinding): one without TLS that is not of this machine, or, in development, any other machine's.
 */
function requireOrigin({ config }: Deps, request: Request): void {
  const origin = request.headers.get("origin");
  if (origin === null) return;
  const url = URL.canParse(origin) ? new URL(origin) : null;
  const own = url !== null && ownHosts(config).includes(url.host);
  const local = url !== null && isLoopbackHost(url.hostname);
  if (own || local || (url?.protocol === "https:" && !config.dev)) return;
  throw new AppError("origin_mismatch", {
    message: "A page of this origin may not call: use https, or a page of this machine.",
  });
}
