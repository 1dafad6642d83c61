/** One fault of what was sent; `path` is dotted. */
export type Issue = { path: string; message: string };
type Details = {
  status?: number;
  reason?: string;
  requestId?: string;
  issues?: Issue[];
  /** seconds */
  retryAfter?: number;
  upgradeUrl?: string;
  cause?: unknown;
};

/**
 * What every failed call throws. `code` is the API's `error`, or `network` or `timeout` where no answer
 * came, and `status` 0; `reason` is finer; `message` says how to mend it.
 */
export class PostlarkError extends Error {
  readonly code: string;
  readonly status: number;
  readonly reason?: string;
  /** what to give to whoever looks for it in the service's log */
  readonly requestId?: string;
  readonly issues: Issue[];
  /** seconds to wait before the next try */
  readonly retryAfter?: number;
  readonly upgradeUrl?: string;

  constructor(code: string, message: string, details: Details = {}) {
    super(message, { cause: details.cause });
    this.name = "PostlarkError";
    this.code = code;
    this.status = details.status ?? 0;
    this.reason = details.reason;
    this.requestId = details.requestId;
    this.issues = details.issues ?? [];
    this.retryAfter = details.retryAfter;
    this.upgradeUrl = details.upgradeUrl;
  }
}

/** The error of an answer other than success; an answer that is not the API's own gets a code of its status. */
export async function errorOf(response: Response): Promise<PostlarkError> {
  const text = await response.text();
  const body = parse(text);
  const { status, headers } = response;
  return new PostlarkError(
    body.error ?? `http_${status}`,
    body.message ?? `The server answered ${status} ${response.statusText}`.trim(),
    {
      status,
      reason: body.reason,
      requestId: body.request_id ?? headers.get("x-request-id") ?? undefined,
      issues: body.issues,
      retryAfter: seconds(headers.get("retry-after")) ?? body.retry_after,
      upgradeUrl: body.upgrade_url,
    },
  );
}

type Body = {
  error?: string;
  message?: string;
  reason?: string;
  request_id?: string;
  issues?: Issue[];
  retry_after?: number;
  upgrade_url?: string;
};

function parse(text: string): Body {
  try {
    const body = JSON.parse(text);
    return typeof body?.error === "string" ? body : {};
  } catch {
    return {};
  }
}

// Retry-After is a number of seconds or, from a proxy, a date.
function seconds(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}
