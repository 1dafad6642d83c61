import { gunzipSync } from "node:zlib";
import type { Deps } from "../../lib/ctx.ts";
import { cacheTag } from "../../lib/events/purge.ts";
import type { Shown } from "../../lib/content/site/mod.ts";
import { hasTag, requestId, takesGzip } from "../_answer.ts";

/** A page as it is sent again and again while it is fresh. */
export type Sent = {
  status: number;
  gz: Uint8Array;
  tag: string;
  headers: Record<string, string>;
  post: Shown["post"];
  /** what the log has of it */
  about: { route: string; blog: string | null };
};

/** Headers of every HTML page of a blog. */
export const HTML = {
  "content-type": "text/html; charset=utf-8",
  "x-content-type-options": "nosniff",
  "referrer-policy": "strict-origin-when-cross-origin",
};
// A purge follows each change; should one be lost, this is how long it may show.
const CDN_SECONDS = 86_400;

/** Readies a view's headers. */
export function prepare(deps: Deps, view: Shown, route: string): Sent {
  const tag = `W/"${view.etag}"`;
  const headers: Record<string, string> = {
    ...HTML,
    "content-type": view.type,
    "cache-control": "public, max-age=0, must-revalidate",
    "etag": tag,
    "vary": "Accept-Encoding",
  };
  if (view.csp) headers["content-security-policy"] = view.csp;
  else headers["access-control-allow-origin"] = "*";
  if (view.hidden) {
    headers["cache-control"] = "private, no-store";
    headers["x-robots-tag"] = "noindex";
  }
  if (deps.config.cdn === "deno" && view.keep) {
    headers["deno-cdn-cache-control"] = `public, s-maxage=${CDN_SECONDS}`;
    headers["deno-cache-tag"] = cacheTag(view.keep.group);
  }
  const about = { route, blog: view.keep?.group ?? null };
  return { status: view.status, gz: view.gz, tag, headers, post: view.post, about };
}

/** Sends a page, or 304 where the reader has it, in the encoding that the reader takes. */
export function send(request: Request, sent: Sent): Response {
  const { status, gz, tag } = sent;
  const headers: Record<string, string> = { ...sent.headers, "x-request-id": requestId(request) };
  if (status === 200 && hasTag(request, tag)) return new Response(null, { status: 304, headers });
  if (!takesGzip(request)) return new Response(gunzipSync(gz) as BodyInit, { status, headers });
  headers["content-encoding"] = "gzip";
  return new Response(gz as BodyInit, { status, headers });
}
