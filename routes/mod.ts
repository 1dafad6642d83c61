import { ownHosts } from "../lib/kit/hosts.ts";
import { hasMediaInPath } from "../lib/content/media/mod.ts";
import { Hono } from "hono";
import { cors } from "hono/cors";
import { routePath } from "hono/route";
import type { Deps } from "../lib/ctx.ts";
import { AppError } from "../lib/kit/errors.ts";
import { note } from "../lib/kit/observe.ts";
import { createReadiness } from "../lib/kit/readiness.ts";
import { RateLimiter } from "../lib/metering/rate_limit.ts";
import type { Env } from "./_admit.ts";
import { errorAnswer, EXPOSED_HEADERS, iconAnswer, requestId } from "./_answer.ts";
import { LoadGate } from "./_load_gate.ts";
import { observe } from "./_observe.ts";
import { serveNowhere, serveRoute } from "./_serve.ts";
import { ask } from "./ask.ts";
import { auth } from "./auth/mod.ts";
import { noBlog, serveBlog, serveKept } from "./blog/mod.ts";
import { dashboard } from "./dashboard/mod.ts";
import { docs } from "./docs.ts";
import { hooks } from "./hooks.ts";
import { landing } from "./landing.ts";
import { oauth } from "./oauth/mod.ts";
import { mcp } from "./mcp/mod.ts";
import { serveMedia } from "./media.ts";
import { ROUTES } from "./v1/mod.ts";

const UNKEPT = { "cache-control": "no-store" };

type Info = { remoteAddr: Deno.Addr };
export type App = { fetch: (request: Request, info?: Info) => Response | Promise<Response> };

/** The whole service: tells hosts apart, and answers for each. */
export function createApp(deps: Deps): App {
  const platform = createPlatform(deps);
  const { baseHost, blogHost } = deps.config;
  const own = new Set(ownHosts(deps.config));
  const suffix = `.${blogHost}`;
  const mediaHost = `media.${baseHost}`;
  const mediaInPath = hasMediaInPath(deps);
  const inPath = deps.config.blogAddress === "path";
  function answer(request: Request, info?: Info): Promise<Response> {
    const { origin, host, target } = split(request.url);
    const shared = inPath && own.has(host) &&
      /^(?:\/@([a-z0-9-]+))?((?:\/_\/|[/?]|$).*)$/.exec(target);
    if (shared && (shared[1] || shared[2].startsWith("/_/"))) {
      const [, subdomain = "", rest] = shared;
      const path = rest.startsWith("/") ? rest : `/${rest}`;
      const root = `${origin}/@${subdomain}`;
      return serveBlog(deps, request, { subdomain, root, target: path, peer: () => peerOf(info) });
    }
    if (host === mediaHost) return serveMedia(deps, request, target);
    if (mediaInPath && own.has(host) && target.startsWith("/media/")) {
      return serveMedia(deps, request, target.slice("/media".length));
    }
    if (own.has(host)) return servePlatform(request, info);
    if (!inPath && host.endsWith(suffix)) {
      const subdomain = host.slice(0, -suffix.length);
      // With a dot it would be taken for a custom domain.
      if (subdomain.includes(".")) return Promise.resolve(noBlog(request));
      return serveBlog(deps, request, {
        subdomain,
        root: origin,
        target,
        peer: () => peerOf(info),
      });
    }
    // A proxy or a probe beside us calls us by such a name.
    const name = domainOf(host);
    if (name === null) {
      return /^\/(?:domains\/ask|health|ready)(\?|$)/.test(target)
        ? servePlatform(request, info)
        : Promise.resolve(noBlog(request));
    }
    return serveBlog(deps, request, {
      subdomain: name,
      root: origin,
      target,
      peer: () => peerOf(info),
    });
  }
  async function servePlatform(request: Request, info?: Info): Promise<Response> {
    const made = await platform.fetch(request, { peer: peerOf(info) });
    if (!made.headers.has("x-request-id")) made.headers.set("x-request-id", requestId(request));
    return made;
  }
  const gate = new LoadGate(deps.config.limits.atOnce);
  async function take(request: Request, info?: Info): Promise<Response> {
    const { host, target } = split(request.url);
    // A host that asks whether the instance lives would end one that is only busy.
    const probes = /^\/health(\?|$)/.test(target) && (own.has(host) || domainOf(host) === null);
    if (probes) return await answer(request, info);
    try {
      return await gate.run(request, () => answer(request, info));
    } catch (error) {
      if (!(error instanceof AppError && error.reason === "overloaded")) throw error;
      gate.noteRefusal(deps);
      return refuseLoad(deps, request, error);
    }
  }
  return {
    fetch: (request, info) =>
      observe(
        deps,
        request,
        () => serveKept(deps, request, () => peerOf(info)) ?? take(request, info),
      ),
  };
}

/** The parts of a request's URL, which the runtime makes of the `Host` header; `host` has no default port. */
function split(url: string): { origin: string; host: string; target: string } {
  const start = url.indexOf("//") + 2;
  const slash = url.indexOf("/", start);
  const origin = url.slice(0, slash < 0 ? undefined : slash).toLowerCase();
  const port = url.startsWith("https") ? ":443" : ":80";
  return {
    origin,
    host: origin.slice(start, origin.endsWith(port) ? -port.length : undefined),
    target: slash < 0 ? "/" : url.slice(slash),
  };
}

/** The name of a host that can be somebody's domain; null where it is an IP address or a bare name. */
function domainOf(host: string): string | null {
  const name = host.replace(/:\d+$/, "").replace(/\.$/, "");
  return /\.[a-z][a-z0-9-]*$/.test(name) ? name : null;
}

/** The 503 of what is beyond the bound: a line of text where a browser opens a page, which it costs least. */
function refuseLoad(deps: Deps, request: Request, error: AppError): Response {
  const id = requestId(request);
  const headers = new Headers({ "x-request-id": id, "access-control-allow-origin": "*" });
  const answer = errorAnswer(deps, error, headers);
  answer.headers.set("cache-control", "no-store");
  if (!request.headers.get("accept")?.includes("text/html")) return answer;
  answer.headers.set("content-type", "text/plain; charset=utf-8");
  return new Response(`${error.message} (${id})\n`, answer);
}

function peerOf(info: Info | undefined): string {
  const address = info?.remoteAddr;
  return address && "hostname" in address ? address.hostname : "local";
}

function createPlatform(deps: Deps) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  const env: Env = { deps, limiter: new RateLimiter(deps.store, deps.clock) };
  const requireReady = createReadiness(deps.store, deps.config.kvDeadline);
  app.use("*", async (c, next) => {
    await next();
    note({ route: routePath(c).replace(/^\/?\*$/, "").replace(/:(\w+)(\{[^}]*\})?/g, "{$1}") });
  });
  app.get("/health", (c) => c.json({ status: "ok" }, 200, UNKEPT));
  app.get("/ready", async (c) => {
    await requireReady();
    return c.json({ status: "ok" }, 200, UNKEPT);
  });
  app.get("/favicon.ico", iconAnswer);
  app.route("/", landing(deps));
  app.route("/", docs(deps));
  app.route("/", hooks(deps));
  app.route("/", ask(deps));
  app.route("/", auth(env));
  app.route("/", dashboard(env));
  app.route("/", oauth(env));
  app.route("/", mcp(env));
  app.use(
    "/v1/*",
    cors({
      origin: "*",
      allowMethods: ["GET", "POST", "PUT", "DELETE"],
      allowHeaders: [
        "Authorization",
        "Content-Type",
        "Idempotency-Key",
        "If-Match",
        "If-None-Match",
        "X-API-Key",
        "X-Blog-Id",
        "X-Request-Id",
      ],
      exposeHeaders: EXPOSED_HEADERS,
      maxAge: 86400,
    }),
  );
  const allowed = new Map<string, string[]>();
  for (const route of ROUTES) {
    const { method, path } = route.operation;
    const pattern = `/v1${path.replace(/\{(\w+)\}/g, ":$1")}`;
    allowed.set(pattern, [...allowed.get(pattern) ?? [], method.toUpperCase()]);
    app.on(method.toUpperCase(), pattern, (c) => {
      const incoming = { request: c.req.raw, params: c.req.param(), peer: c.env.peer };
      return serveRoute(env, route, incoming);
    });
  }
  for (const [pattern, methods] of allowed) {
    const allow = [...methods, ...methods.includes("GET") ? ["HEAD"] : [], "OPTIONS"].join(", ");
    app.all(pattern, (c) => {
      const incoming = { request: c.req.raw, params: {}, peer: c.env.peer };
      return serveNowhere(env, incoming, new AppError("method_not_allowed", { allow }));
    });
  }
  app.all("/v1/*", (c) => {
    const incoming = { request: c.req.raw, params: {}, peer: c.env.peer };
    return serveNowhere(env, incoming, new AppError("not_found"));
  });
  app.notFound((c) => refuse(c.req.raw, new AppError("not_found")));
  app.onError((error, c) => refuse(c.req.raw, error));
  const refuse = (request: Request, error: unknown) =>
    errorAnswer(deps, error, new Headers({ "x-request-id": requestId(request) }));
  return app;
}
