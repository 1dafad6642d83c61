import { gunzipSync } from "node:zlib";
import type { Deps } from "../../lib/ctx.ts";
import { AppError } from "../../lib/kit/errors.ts";
import {
  type View,
  viewIndex,
  viewNotFound,
  viewPost,
  viewPreview,
} from "../../lib/content/site.ts";
import { BLOG_CSP, platformNotFound } from "../../render/blog/mod.ts";
import { iconAnswer, requestId } from "../_answer.ts";

/** A page as it is sent again and again while it is fresh. */
type Sent = {
  status: number;
  gz: Uint8Array;
  tag: string;
  headers: Record<string, string>;
  gzHeaders: Record<string, string>;
};

const HTML = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": BLOG_CSP,
  "x-content-type-options": "nosniff",
  "referrer-policy": "strict-origin-when-cross-origin",
};
const GZIP = /(?:^|,)\s*(?:gzip|\*)(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))\s*(?:[;,]|$)/i;

/** The page of an address that this instance has sent within the second, or undefined: costs no round trip. */
export function serveKept(deps: Deps, request: Request): Response | undefined {
  const kept = deps.pages.get(request.url) as Sent | undefined;
  if (kept && (request.method === "GET" || request.method === "HEAD")) return send(request, kept);
}

/** Answers for a blog's host from the store. */
export async function serveBlog(
  deps: Deps,
  request: Request,
  at: { subdomain: string; target: string },
): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return plain(405, "Method not allowed", { allow: "GET, HEAD" });
  }
  if (at.target === "/favicon.ico") return iconAnswer();
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
  if (view.keep) {
    const size = sent.gz.length + 1000;
    deps.pages.put(request.url, sent, { ...view.keep, begun, size });
  }
  return send(request, sent);
}

/** The answer of a host that is nobody's. */
export function noBlog(): Response {
  return new Response(platformNotFound, {
    status: 404,
    headers: HTML,
  });
}

async function findView(deps: Deps, subdomain: string, target: string): Promise<View> {
  const url = new URL(`http://blog${target}`);
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
  const headers: Record<string, string> = {
    ...HTML,
    "cache-control": "public, max-age=0, must-revalidate",
    "etag": tag,
    "vary": "Accept-Encoding",
  };
  if (view.keep === null && view.status === 200) headers["x-robots-tag"] = "noindex";
  const gzHeaders = { ...headers, "content-encoding": "gzip" };
  return { status: view.status, gz: view.gz, tag, headers, gzHeaders };
}

function send(request: Request, sent: Sent): Response {
  const { status, gz, tag, headers, gzHeaders } = sent;
  const id = { "x-request-id": requestId(request) };
  const match = request.headers.get("if-none-match");
  if (match && status === 200 && namesTag(match, tag)) {
    return new Response(null, { status: 304, headers: { ...headers, ...id } });
  }
  const accepted = request.headers.get("accept-encoding");
  if (accepted && GZIP.test(accepted)) {
    return new Response(gz as BodyInit, { status, headers: { ...gzHeaders, ...id } });
  }
  return new Response(gunzipSync(gz) as BodyInit, { status, headers: { ...headers, ...id } });
}

function namesTag(header: string, tag: string): boolean {
  return header === tag || header.trim() === "*" ||
    header.split(",").some((one) => one.trim().replace(/^W\//, "") === tag.slice(2));
}

function failed(deps: Deps, request: Request, error: unknown): Response {
  const id = requestId(request);
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
