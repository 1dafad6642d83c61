import { AppError } from "../lib/kit/errors.ts";
import type { Download } from "../lib/kit/download.ts";
import type { Verdict } from "../lib/metering/rate_limit.ts";
import type { Deps } from "../lib/ctx.ts";
import { originOf, resourceMetadataUrl } from "../lib/account/oauth/resources.ts";
import { ICON_SVG } from "../render/icon.ts";

/** Headers that a page of another origin may read from an answer. */
export const EXPOSED_HEADERS = [
  "ETag",
  "Idempotency-Replayed",
  "Retry-After",
  "WWW-Authenticate",
  "X-RateLimit-Limit",
  "X-RateLimit-Remaining",
  "X-RateLimit-Reset",
  "X-Request-Id",
];

const GZIP = /(?:^|,)\s*(?:gzip|\*)(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))\s*(?:[;,]|$)/i;

/** The client's request id where it is a sane one, else a new one. */
export function requestId(request: Request): string {
  const sent = request.headers.get("x-request-id");
  return sent && /^[\w.:-]{1,128}$/.test(sent) ? sent : crypto.randomUUID();
}

/** Whether the request's `If-None-Match` names an entity tag, weak or strong. */
export function hasTag(request: Request, tag: string): boolean {
  const header = request.headers.get("if-none-match");
  if (!header) return false;
  const opaque = opaqueTag(tag);
  return header.trim() === "*" ||
    header.split(",").some((one) => opaqueTag(one.trim()) === opaque);
}

function opaqueTag(tag: string): string {
  return tag.startsWith("W/") ? tag.slice(2) : tag;
}

/** Whether the request takes gzip: named, or covered by `*`, and not with a weight of nought. */
export function takesGzip(request: Request): boolean {
  return GZIP.test(request.headers.get("accept-encoding") ?? "");
}

/** Success as JSON, always with a body. */
export function jsonAnswer(status: number, body: unknown, headers: Headers): Response {
  headers.set("content-type", "application/json");
  headers.set("cache-control", "private, no-cache");
  return new Response(JSON.stringify(body), { status, headers });
}

/** A file that is sent as it is made. */
export function downloadAnswer({ stream, type, name }: Download, headers: Headers): Response {
  headers.set("content-type", type);
  headers.set("content-disposition", `attachment; filename="${name}"`);
  headers.set("cache-control", "private, no-store");
  return new Response(stream, { headers });
}

/** The error as it may be shown; one that is ours to mend is logged. */
export function noteError(deps: Deps, error: unknown, requestId: string): AppError {
  const known = error instanceof AppError ? error : new AppError("internal_error");
  if (known.status >= 500 && known.reason !== "overloaded") {
    const cause = known === error ? known.cause ?? known : error;
    deps.log({
      level: "error",
      event: known === error ? known.reason : "unhandled",
      request_id: requestId,
      error: String(cause),
      stack: cause instanceof Error ? cause.stack : undefined,
    });
  }
  return known;
}

/** Any failure in the one shape that errors have; an unknown fault says only its request id, the log has the rest. */
export function errorAnswer(deps: Deps, error: unknown, headers: Headers): Response {
  const id = headers.get("x-request-id")!;
  const known = noteError(deps, error, id);
  const { issues, upgradeUrl, retryAfter, allow } = known.details;
  if (retryAfter !== undefined) headers.set("retry-after", String(retryAfter));
  if (allow) headers.set("allow", allow);
  if (known.status === 401) headers.set("www-authenticate", "Bearer");
  return jsonAnswer(known.status, {
    error: known.code,
    message: known.message,
    reason: known.reason,
    ...issues && { issues },
    ...upgradeUrl && { upgrade_url: upgradeUrl },
    ...retryAfter !== undefined && { retry_after: retryAfter },
    request_id: id,
  }, headers);
}

/** Adds to a 401 where to get a credential (RFC 9728, 5.1); `path` is "" for the API, "/mcp" for that. */
export function challenge(
  deps: Deps,
  answer: Response,
  { request, path }: { request: Request; path: "" | "/mcp" },
): Response {
  if (answer.status !== 401) return answer;
  const origin = originOf(deps, new URL(request.url));
  const sent = ["authorization", "x-api-key"].some((name) => request.headers.get(name)?.trim());
  const parts = [
    ...sent ? ['error="invalid_token"'] : [],
    `resource_metadata="${resourceMetadataUrl(origin, path)}"`,
  ];
  answer.headers.set("www-authenticate", `Bearer ${parts.join(", ")}`);
  return answer;
}

/** The icon that browsers ask every host for. */
export function iconAnswer(): Response {
  return new Response(ICON_SVG, {
    headers: { "content-type": "image/svg+xml", "cache-control": "public, max-age=86400" },
  });
}

/** The `X-RateLimit-*` headers of the reference. */
export function setRateHeaders(headers: Headers, verdict: Verdict): void {
  headers.set("x-ratelimit-limit", String(verdict.limit));
  headers.set("x-ratelimit-remaining", String(verdict.remaining));
  headers.set("x-ratelimit-reset", String(verdict.reset));
}
