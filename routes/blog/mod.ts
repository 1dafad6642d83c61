import { gunzipSync } from "node:zlib";
import type { Deps } from "../../lib/ctx.ts";
import { AppError } from "../../lib/kit/errors.ts";
import {
  type Keep,
  type View,
  viewIndex,
  viewNotFound,
  viewPost,
  viewPreview,
} from "../../lib/content/site.ts";
import { BLOG_CSP, platformNotFound } from "../../render/blog/mod.ts";
import { requestId } from "../_answer.ts";

/** A page as it is sent again and again while it is fresh. */
type Sent = { status: number; gz: Uint8Array; tag: string; headers: [string, string][] };

const SECURITY: [string, string][] = [
  ["content-security-policy", BLOG_CSP],
  ["x-content-type-options", "nosniff"],
  ["referrer-policy", "strict-origin-when-cross-origin"],
];
const GZIP = /(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$)))?/i;

/** Answers for a blog's host: pages from the micro-cache where they are fresh, else from the store. */
export async function serveBlog(
  deps: Deps,
  request: Request,
  at: { subdomain: string; target: string },
): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return plain(405, "Method not allowed", { allow: "GET, HEAD" });
  }
  const key = `view:${at.subdomain}${at.target}`;
  const kept = deps.pages.get(key) as Sent | undefined;
  if (kept) return send(request, kept, deps);
  const begun = deps.pages.begin();
  let view: View;
  try {
    view = await findView(deps, at.subdomain, at.target);
  } catch (error) {
    return failed(deps, request, error);
  }
  if (view.kind === "no_blog") return noBlog();
  if (view.kind === "redirect") {
    return new Response(null, {
      status: 301,
      headers: { location: view.url, "cache-control": "max-age=0, must-revalidate" },
    });
  }
  const sent = prepare(view);
  if (view.keep) keepFor(deps, { key, sent, keep: view.keep, begun });
  return send(request, sent, deps);
}

/** The answer of a host that is nobody's. */
export function noBlog(): Response {
  return new Response(platformNotFound, {
    status: 404,
    headers: [["content-type", "text/html; charset=utf-8"], ...SECURITY],
  });
}

async function findView(deps: Deps, subdomain: string, target: string): Promise<View> {
  const url = new URL(target, "http://blog");
  const path = safeDecode(url.pathname);
  if (path === "/") {
    const page = url.searchParams.get("page") ?? "1";
    if (!/^[1-9]\d{0,8}$/.test(page)) return await viewNotFound(deps, subdomain);
    return await viewIndex(deps, subdomain, Number(page));
  }
  const preview = /^\/_\/preview\/([0-9a-f]{32})$/.exec(path ?? "");
  if (preview) return await viewPreview(deps, subdomain, preview[1]);
  const slug = /^\/([a-z0-9-]{1,100})$/.exec(path ?? "");
  if (slug) return await viewPost(deps, subdomain, slug[1]);
  return await viewNotFound(deps, subdomain);
}

function safeDecode(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

function prepare(view: View & { kind: "page" }): Sent {
  const tag = `W/"${view.etag}"`;
  const headers: [string, string][] = [
    ["content-type", "text/html; charset=utf-8"],
    ["cache-control", "public, max-age=0, must-revalidate"],
    ["etag", tag],
    ["vary", "Accept-Encoding"],
    ...SECURITY,
  ];
  if (view.keep === null && view.status === 200) headers.push(["x-robots-tag", "noindex"]);
  return { status: view.status, gz: view.gz, tag, headers };
}

function keepFor(
  deps: Deps,
  view: { key: string; sent: Sent; keep: Keep; begun: number },
): void {
  const { key, sent, keep, begun } = view;
  deps.pages.put(key, sent, { ...keep, begun, size: sent.gz.length + 1000 });
}

function send(request: Request, sent: Sent, deps: Deps): Response {
  const { status, gz, tag, headers } = sent;
  const id: [string, string] = ["x-request-id", requestId(request, deps.clock())];
  const match = request.headers.get("if-none-match");
  if (match && status === 200 && namesTag(match, tag)) {
    return new Response(null, { status: 304, headers: [...headers, id] });
  }
  const accepted = request.headers.get("accept-encoding");
  if (accepted && GZIP.test(accepted)) {
    return new Response(gz as BodyInit, {
      status,
      headers: [...headers, ["content-encoding", "gzip"], id],
    });
  }
  return new Response(gunzipSync(gz) as BodyInit, { status, headers: [...headers, id] });
}

function namesTag(header: string, tag: string): boolean {
  return header === tag || header.trim() === "*" ||
    header.split(",").some((one) => one.trim().replace(/^W\//, "") === tag.slice(2));
}

function failed(deps: Deps, request: Request, error: unknown): Response {
  const id = requestId(request, deps.clock());
  deps.log({ event: "view_failed", request_id: id, error: String(error) });
  const away = error instanceof AppError && error.status === 503;
  return plain(
    away ? 503 : 500,
    `${away ? "This blog is briefly unavailable: retry." : "Internal server error"} (${id})`,
    { "x-request-id": id, ...away && { "retry-after": "1" } },
  );
}

function plain(status: number, text: string, headers: Record<string, string>): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}
