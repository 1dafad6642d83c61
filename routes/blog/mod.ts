import type { Deps } from "../../lib/ctx.ts";
import { AppError } from "../../lib/kit/errors.ts";
import { note } from "../../lib/kit/observe.ts";
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
  viewSearch,
  viewSource,
  viewTag,
} from "../../lib/content/site/mod.ts";
import { PLATFORM_CSP, platformNotFound, searchPath } from "../../render/blog/mod.ts";
import { hasTag, requestId } from "../_answer.ts";
import { serveAsset } from "./assets.ts";
import { countView, type Peer } from "./count.ts";
import { HTML, prepare, send, type Sent } from "./send.ts";

type At = { deps: Deps; blog: string; page: number; q: string };
type Match = (at: At, part: string) => Promise<View>;

const POST = /^\/([a-z0-9-]{1,100})$/;
const PICTURE = /^\/([a-z0-9-]{1,100})\/og\.png$/;
/** The paths that have several pages. */
const LISTS = /^\/(?:archive|search|tag\/[^/]+)?$/;
const SEARCH = "/search";
const MAX_PATH = 1000;

/** What a path of a blog's host leads to, in the order in which they are tried. */
const PATHS: [RegExp, string, Match][] = [
  [/^\/(archive)$/, "/archive", viewArchiveOrPost],
  [/^\/(search)$/, "/search", ({ deps, blog, q, page }) => viewSearch(deps, blog, { q, page })],
  [POST, "/{slug}", ({ deps, blog }, slug) => viewPost(deps, blog, slug)],
  [/^\/$/, "/", ({ deps, blog, page }) => viewIndex(deps, blog, page)],
  [
    /^\/_\/preview\/([0-9a-f]{32})$/,
    "/_/preview/{token}",
    ({ deps, blog }, token) => viewPreview(deps, blog, token),
  ],
  [/^\/tag\/([^/]+)$/, "/tag/{tag}", viewTagOf],
  [/^\/favicon\.ico$/, "/favicon.ico", ({ deps, blog }) => viewIcon(deps, blog)],
  [
    /^\/([a-z0-9-]{1,100})\.md$/,
    "/{slug}.md",
    ({ deps, blog }, slug) => viewSource(deps, blog, slug),
  ],
  [/^\/([a-z0-9.-]+)$/, "/{file}", viewFile],
  [
    /^\/([a-z0-9-]{1,100})\/llms\.txt$/,
    "/{slug}/llms.txt",
    ({ deps, blog }, slug) => viewPostLlms(deps, blog, slug),
  ],
];

/** What this instance has sent for an address within the second, or undefined: costs no round trip. */
export function serveKept(deps: Deps, request: Request, peer: Peer): Response | undefined {
  const kept = deps.pages.get(request.url) as Sent | undefined;
  if (kept && (request.method === "GET" || request.method === "HEAD")) {
    return answer(deps, request, { sent: kept, peer });
  }
}

function answer(
  deps: Deps,
  request: Request,
  { sent, peer }: { sent: Sent; peer: Peer },
): Response {
  note(sent.about);
  if (sent.post) countView(deps, request, { post: sent.post, peer });
  return send(request, sent);
}

/** Answers for a blog's host from the store; `subdomain` may be a custom domain, `root` is the blog's address, `target` what follows it, with the query. */
export async function serveBlog(
  deps: Deps,
  request: Request,
  at: { subdomain: string; root: string; target: string; peer: Peer },
): Promise<Response> {
  note({ route: "{blog}/*" });
  if (request.method !== "GET" && request.method !== "HEAD") {
    return plain(request, 405, { text: "Method not allowed", headers: { allow: "GET, HEAD" } });
  }
  const blog = at.subdomain;
  const asset = serveAsset(request, at.target);
  if (asset) {
    note({ route: "{blog}/_/{file}" });
    return await asset;
  }
  const begun = deps.pages.begin();
  try {
    const { path, page, q } = resolve(at.target);
    const picture = PICTURE.exec(path);
    if (picture) {
      note({ route: "{blog}/{slug}/og.png" });
      return await servePicture(deps, request, { ...at, slug: picture[1] });
    }
    // One key for all the ways in which an address can be written.
    const key = at.root + addressOf(path, { page, q });
    const kept = key === request.url ? undefined : deps.pages.get(key) as Sent | undefined;
    if (kept) return answer(deps, request, { sent: kept, peer: at.peer });
    const [route, find] = findView(path);
    note({ route });
    const view = await find({ deps, blog, page, q });
    if (view.kind === "no_blog") return noBlog(request);
    if (view.kind === "redirect") return redirect(request, 301, view.url);
    if (view.kind === "moved") return redirect(request, 302, view.url + at.target);
    const sent = prepare(deps, view, route);
    if (view.keep) {
      const { group, until } = view.keep;
      deps.pages.put(key, sent, { group, until, begun, size: sent.gz.length + 1000 });
    }
    return answer(deps, request, { sent, peer: at.peer });
  } catch (error) {
    return failed(deps, request, error);
  }
}

/** The answer of a host that is nobody's. */
export function noBlog(request: Request): Response {
  const headers = {
    ...HTML,
    "content-security-policy": PLATFORM_CSP,
    "x-request-id": requestId(request),
  };
  return new Response(platformNotFound, { status: 404, headers });
}

function redirect(request: Request, status: 301 | 302, location: string): Response {
  const headers = {
    location,
    "cache-control": "max-age=0, must-revalidate",
    "x-request-id": requestId(request),
  };
  return new Response(null, { status, headers });
}

type Target = { path: string; page: number; q: string };

/**
 * A target's path in the one form that all its spellings have, "" where it is none; the page it asks for, 0
 * where that is no number; and what it searches for.
 */
function resolve(target: string): Target {
  const end = target.indexOf("?");
  const path = end < 0 ? target : target.slice(0, end);
  const normal = POST.test(path) ? path : normalise(path);
  if (end < 0 || !LISTS.test(normal)) return { path: normal, page: 1, q: "" };
  const query = new URLSearchParams(target.slice(end));
  const asked = query.get("page") ?? "1";
  return {
    path: normal,
    page: /^[1-9]\d{0,8}$/.test(asked) ? Number(asked) : 0,
    q: normal === SEARCH ? (query.get("q") ?? "").replace(/[\s\p{Cc}]+/gu, " ").trim() : "",
  };
}

function addressOf(path: string, { page, q }: Pick<Target, "page" | "q">): string {
  if (q && page) return searchPath(q, page);
  return page === 1 ? path : `${path}?page=${page}`;
}

function normalise(path: string): string {
  try {
    const parts = path.split("/").map(decodeURIComponent);
    // Tags differ neither by case nor by the space around them.
    if (parts[1] === "tag" && parts[2]) parts[2] = parts[2].trim().toLowerCase();
    const normal = parts.map(encodeURIComponent).join("/");
    return normal.length > MAX_PATH || normal.includes("%00") ? "" : normal;
  } catch {
    return "";
  }
}

/** What a path leads to, after the pattern that the log has of it. */
function findView(path: string): [string, (at: At) => Promise<View>] {
  for (const [pattern, route, view] of PATHS) {
    const match = pattern.exec(path);
    if (match) return [`{blog}${route}`, (at) => view(at, match[1])];
  }
  return ["{blog}/*", ({ deps, blog }) => viewNotFound(deps, blog)];
}

// A post of that name shows in place of the page.
async function viewArchiveOrPost({ deps, blog, page }: At): Promise<View> {
  const post = await viewPost(deps, blog, "archive");
  if (post.kind !== "page") return post;
  if (post.status !== 200) return await viewArchive(deps, blog, page);
  return page === 1 ? post : { ...post, keep: null };
}

function viewTagOf({ deps, blog, page }: At, part: string): Promise<View> {
  return viewTag(deps, blog, { tag: decodeURIComponent(part), page });
}

function viewFile({ deps, blog }: At, name: string): Promise<View> {
  return isDocument(name) ? viewDocument(deps, blog, name) : viewNotFound(deps, blog);
}

async function servePicture(
  deps: Deps,
  request: Request,
  at: { subdomain: string; slug: string; target: string },
): Promise<Response> {
  const picture = await viewOgImage(deps, at.subdomain, at.slug);
  if (picture && "kind" in picture) {
    if (picture.kind === "no_blog") return noBlog(request);
    return redirect(request, 302, picture.url + at.target);
  }
  if (!picture) return plain(request, 404, { text: "There is no such picture." });
  const tag = `"${picture.etag}"`;
  const headers = {
    "content-type": "image/png",
    "cache-control": "public, max-age=3600",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
    "x-request-id": requestId(request),
    "etag": tag,
  };
  if (hasTag(request, tag)) return new Response(null, { status: 304, headers });
  return new Response(picture.png as BodyInit, { headers });
}

function failed(deps: Deps, request: Request, error: unknown): Response {
  const id = requestId(request);
  deps.log({
    level: "error",
    event: "view_failed",
    request_id: id,
    error: String(error),
    stack: error instanceof Error ? error.stack : undefined,
  });
  const away = error instanceof AppError && error.status === 503;
  const text = away ? "This blog is briefly unavailable: retry." : "Internal server error";
  return plain(request, away ? 503 : 500, {
    text: `${text} (${id})`,
    headers: { "x-request-id": id, ...away && { "retry-after": "1" } },
  });
}

function plain(
  request: Request,
  status: number,
  { text, headers }: { text: string; headers?: Record<string, string> },
): Response {
  return new Response(`${text}\n`, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "x-request-id": requestId(request),
      ...headers,
    },
  });
}
