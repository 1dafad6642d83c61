import type { Deps } from "../../lib/ctx.ts";
import { AppError } from "../../lib/kit/errors.ts";
import {
  isDocument,
  type View,
  viewArchive,
  viewDocument,
  viewIcon,
  viewIndex,
  viewNotFound,
  viewOgImage,
  viewPost,
  viewPostLlms,
  viewPreview,
  viewSource,
  viewTag,
} from "../../lib/content/site/mod.ts";
import { PLATFORM_CSP, platformNotFound } from "../../render/blog/mod.ts";
import { requestId } from "../_answer.ts";
import { serveAsset } from "./assets.ts";
import { HTML, prepare, send, type Sent } from "./send.ts";

const SLUG = "([a-z0-9-]{1,100})";

/** What a path of a blog's host leads to, in the order in which they are tried. */
const PATHS: [RegExp, (at: At, match: string[]) => Promise<View>][] = [
  [/^\/$/, ({ deps, blog, page }) => viewIndex(deps, blog, page)],
  [/^\/_\/preview\/([0-9a-f]{32})$/, ({ deps, blog }, [, token]) => viewPreview(deps, blog, token)],
  [/^\/tag\/([^/]+)$/, ({ deps, blog, page }, [, tag]) => viewTag(deps, blog, { tag, page })],
  [/^\/archive$/, viewArchiveOrPost],
  [/^\/favicon\.ico$/, ({ deps, blog }) => viewIcon(deps, blog)],
  [
    /^\/([a-z0-9.-]+)$/,
    ({ deps, blog }, [, name]) =>
      isDocument(name) ? viewDocument(deps, blog, name) : viewFile(deps, blog, name),
  ],
  [path(`/${SLUG}/llms.txt`), ({ deps, blog }, [, slug]) => viewPostLlms(deps, blog, slug)],
];

type At = { deps: Deps; blog: string; page: number };

/** The page of an address that this instance has sent within the second, or undefined: costs no round trip. */
export function serveKept(deps: Deps, request: Request): Response | undefined {
  const kept = deps.pages.get(request.url) as Sent | undefined;
  if (kept && (request.method === "GET" || request.method === "HEAD")) return send(request, kept);
}

/** Answers for a blog's host from the store; `target` is the path below the blog's root, with the query. */
export async function serveBlog(
  deps: Deps,
  request: Request,
  at: { subdomain: string; target: string },
): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return plain(405, "Method not allowed", { allow: "GET, HEAD" });
  }
  const asset = serveAsset(request, at.target);
  if (asset) return await asset;
  const begun = deps.pages.begin();
  try {
    // A target such as "//" is a path, not another host.
    const url = new URL(`http://blog${at.target}`);
    const og = path(`/${SLUG}/og.png`).exec(url.pathname);
    if (og) return await servePicture(deps, request, { subdomain: at.subdomain, slug: og[1] });
    const view = await findView(deps, at.subdomain, url);
    if (view.kind === "no_blog") return noBlog();
    if (view.kind === "redirect") {
      return new Response(null, {
        status: 301,
        headers: { location: view.url, "cache-control": "max-age=0, must-revalidate" },
      });
    }
    const sent = prepare(deps, view);
    if (view.keep) {
      const size = sent.gz.length + 1000;
      deps.pages.put(request.url, sent, { ...view.keep, begun, size });
    }
    return send(request, sent);
  } catch (error) {
    return failed(deps, request, error);
  }
}

/** The answer of a host that is nobody's. */
export function noBlog(): Response {
  const headers = { ...HTML, "content-security-policy": PLATFORM_CSP };
  return new Response(platformNotFound, { status: 404, headers });
}

async function findView(deps: Deps, blog: string, url: URL): Promise<View> {
  const decoded = decode(url.pathname);
  const asked = url.searchParams.get("page") ?? "1";
  const page = /^[1-9]\d{0,8}$/.test(asked) ? Number(asked) : 0;
  if (decoded && page) {
    for (const [pattern, view] of PATHS) {
      const match = pattern.exec(decoded);
      if (match) return await view({ deps, blog, page }, match);
    }
  }
  return await viewNotFound(deps, blog);
}

// A post of that name shows in place of the page.
async function viewArchiveOrPost({ deps, blog, page }: At): Promise<View> {
  const post = await viewPost(deps, blog, "archive");
  return post.kind === "page" && post.status === 404 ? await viewArchive(deps, blog, page) : post;
}

async function viewFile(deps: Deps, blog: string, name: string): Promise<View> {
  if (name.endsWith(".md")) return await viewSource(deps, blog, name.slice(0, -3));
  const isSlug = new RegExp(`^${SLUG}$`).test(name);
  return isSlug ? await viewPost(deps, blog, name) : await viewNotFound(deps, blog);
}

async function servePicture(
  deps: Deps,
  request: Request,
  at: { subdomain: string; slug: string },
): Promise<Response> {
  const picture = await viewOgImage(deps, at.subdomain, at.slug);
  if (!picture) return plain(404, "There is no such picture.", {});
  const tag = `"${picture.etag}"`;
  const headers = {
    "content-type": "image/png",
    "cache-control": "public, max-age=3600",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
    "x-request-id": requestId(request),
    "etag": tag,
  };
  if (request.headers.get("if-none-match")?.includes(tag)) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(picture.png as BodyInit, { headers });
}

function path(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`);
}

function decode(pathname: string): string | null {
  try {
    const text = decodeURIComponent(pathname);
    return text.includes("\0") || !text.isWellFormed() || text.length > 300 ? null : text;
  } catch {
    return null;
  }
}

function failed(deps: Deps, request: Request, error: unknown): Response {
  const id = requestId(request);
  deps.log({
    event: "view_failed",
    request_id: id,
    error: String(error),
    stack: error instanceof Error ? error.stack : undefined,
  });
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
