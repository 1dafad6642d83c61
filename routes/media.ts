import type { Deps } from "../lib/ctx.ts";
import { AppError } from "../lib/kit/errors.ts";
import { note } from "../lib/kit/observe.ts";
import { findImage } from "../lib/content/media/mod.ts";
import { hasTag, requestId } from "./_answer.ts";

const IMAGE = /^\/([0-9a-f-]{36})\/([0-9a-f-]{36}\.(?:jpg|png|gif|webp))(?:\?|$)/;
// A file here may hold anything; it must never act as a page.
const LOCKED = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; sandbox",
};
const YEAR = 31_536_000;
const DAY = 86_400;

/** From where to where, both included. */
type Span = { from: number; to: number };

/** Answers for an image; `path` is `/{blogId}/{uuid}.{ext}`. */
export async function serveMedia(deps: Deps, request: Request, path: string): Promise<Response> {
  note({ route: "{media}/{blog}/{file}" });
  if (request.method !== "GET" && request.method !== "HEAD") {
    return plain(request, 405, { text: "Method not allowed", headers: { allow: "GET, HEAD" } });
  }
  try {
    const [, space, file] = IMAGE.exec(path) ?? [];
    const found = space ? await findImage(deps, space, file) : null;
    if (!found) return notHere(request);
    const { row, read } = found;
    note({ blog: space });
    const tag = `"${row.sha256.slice(0, 24)}"`;
    const headers: Record<string, string> = {
      ...LOCKED,
      "content-type": row.type,
      "cache-control": `public, max-age=${YEAR}, s-maxage=${DAY}, immutable`,
      "etag": tag,
      "accept-ranges": "bytes",
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
      "content-disposition": "inline",
      "x-request-id": requestId(request),
    };
    if (hasTag(request, tag)) return new Response(null, { status: 304, headers });
    const span = request.method === "GET" ? spanOf(request, { tag, size: row.size }) : "whole";
    if (span === "none") {
      headers["content-range"] = `bytes */${row.size}`;
      return plain(request, 416, { text: "There are no such bytes.", headers });
    }
    const { from, to } = span === "whole" ? { from: 0, to: row.size - 1 } : span;
    headers["content-length"] = String(to - from + 1);
    if (request.method === "HEAD") return new Response(null, { headers });
    const bytes = await read({ from, to });
    if (!bytes) return notHere(request);
    if (span !== "whole") headers["content-range"] = `bytes ${from}-${to}/${row.size}`;
    return new Response(bytes, { status: span === "whole" ? 200 : 206, headers });
  } catch (error) {
    return failed(deps, request, error);
  }
}

/** The one range that a request asks for (RFC 9110, 14.2); several, or one that is malformed, ask for the whole. */
function spanOf(request: Request, at: { tag: string; size: number }): Span | "whole" | "none" {
  const match = /^bytes=(\d*)-(\d*)$/i.exec(request.headers.get("range")?.trim() ?? "");
  const condition = request.headers.get("if-range");
  if (!match || (condition !== null && condition.trim() !== at.tag)) return "whole";
  const [, first, last] = match;
  if (first === "") {
    if (last === "") return "whole";
    const length = Math.min(Number(last), at.size);
    return length ? { from: at.size - length, to: at.size - 1 } : "none";
  }
  const [from, to] = [Number(first), last === "" ? at.size - 1 : Number(last)];
  if (to < from && last !== "") return "whole";
  return from < at.size ? { from, to: Math.min(to, at.size - 1) } : "none";
}

function notHere(request: Request): Response {
  return plain(request, 404, { text: "There is no such image." });
}

function failed(deps: Deps, request: Request, error: unknown): Response {
  const id = requestId(request);
  const away = error instanceof AppError && error.status === 503;
  const cause = away ? error.cause ?? error : error;
  deps.log({ level: "error", event: "image_failed", request_id: id, error: String(cause) });
  const text = away ? "The image is briefly unavailable: retry." : "Internal server error";
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
  return new Response(request.method === "HEAD" ? null : `${text}\n`, {
    status,
    headers: {
      ...LOCKED,
      "x-request-id": requestId(request),
      ...headers,
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
    },
  });
}
