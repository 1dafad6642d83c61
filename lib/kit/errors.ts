/** Reason → HTTP status, the reference's error code, and a sentence that says how to mend it. */
export const ERRORS = {
  validation: [400, "bad_request", "The request is not valid: see issues."],
  malformed_json: [
    400,
    "bad_request",
    "The body is not valid JSON: send one JSON object in UTF-8.",
  ],
  blog_unresolved: [400, "bad_request", "Blog not resolved: set X-Blog-Id"],
  cursor_malformed: [
    400,
    "bad_request",
    "cursor is malformed: pass next_cursor of the page before, unchanged.",
  ],
  schedule_in_past: [
    400,
    "bad_request",
    "scheduled_at must be in the future: give an ISO 8601 time with an offset.",
  ],
  too_complex: [400, "bad_request", "The Markdown is too complex to render."],
  image_invalid: [
    400,
    "bad_request",
    "The image is not one that is taken: send a whole JPEG, PNG, GIF or WebP, declared as what it is.",
  ],
  credential_missing: [
    401,
    "unauthorized",
    "Missing API key: send Authorization: Bearer pk_live_… or X-API-Key.",
  ],
  credential_invalid: [401, "unauthorized", "Invalid API key"],
  credential_expired: [401, "unauthorized", "This credential has expired: create a new one."],
  credential_revoked: [401, "unauthorized", "This credential was revoked: create a new one."],
  signature_invalid: [
    401,
    "unauthorized",
    "The signature is missing, forged or too old: sign with the secret of this destination.",
  ],
  session_ended: [401, "unauthorized", "The session has ended: sign in again."],
  scope_missing: [403, "forbidden", "This credential lacks the scope that the operation needs."],
  exceeds_credential: [
    403,
    "forbidden",
    "A credential cannot grant more than it has itself: fewer scopes, its own blog, its own mode, no later expiry.",
  ],
  blog_mismatch: [
    403,
    "forbidden",
    "X-Blog-Id names a blog that this credential cannot act on: send the id of one of your blogs, or leave the header out with a key that is bound to a blog.",
  ],
  blog_bound: [
    403,
    "forbidden",
    "This key is bound to another blog: use that blog's own key or an account token.",
  ],
  test_mode: [
    403,
    "forbidden",
    "A test key reaches only the sandbox's posts, revisions, search and media: use a live key.",
  ],
  plan_required: [403, "forbidden", "Your plan does not include this: upgrade."],
  post_limit: [403, "forbidden", "Post limit exceeded."],
  blog_limit: [403, "forbidden", "Blog limit exceeded."],
  storage_limit: [
    403,
    "forbidden",
    "Storage limit exceeded: delete images, or upgrade.",
  ],
  webhook_limit: [
    403,
    "forbidden",
    "Webhook limit exceeded. A blog has at most 10: delete one that is not needed any more.",
  ],
  blog_frozen: [
    403,
    "forbidden",
    "This blog is frozen, since the plan has fewer blogs: activate it in place of another with POST /blogs/{id}/activate, or upgrade.",
  ],
  account_suspended: [
    403,
    "forbidden",
    "This account is suspended: write to the operator of this server.",
  ],
  plans_by_operator: [
    403,
    "forbidden",
    "Plans are not sold on this server: ask its operator.",
  ],
  purchases_off: [403, "forbidden", "Purchases are not enabled on this server"],
  origin_mismatch: [
    403,
    "forbidden",
    "This request did not come from a page of this site: open the page again, and try there.",
  ],
  sign_in_stale: [
    403,
    "forbidden",
    "This sign-in is over, was used already, or was begun in another browser: sign in again.",
  ],
  sign_in_refused: [
    403,
    "forbidden",
    "The provider did not confirm who you are: sign in again.",
  ],
  app_request_invalid: [400, "bad_request", "The app's request is not valid."],
  device_code_unknown: [
    404,
    "not_found",
    "This code is unknown, too old, used or denied: start the login on the device again.",
  ],
  login_link_stale: [
    403,
    "forbidden",
    "This link was used already, or is too old: ask the operator for a new one.",
  ],
  signup_closed: [403, "forbidden", "Sign-up is closed on this server: ask its operator."],
  email_taken: [409, "conflict", "An account with this e-mail address already exists."],
  not_found: [404, "not_found", "Nothing is here: see /docs for the list of operations."],
  post_not_found: [404, "not_found", "Post not found"],
  blog_not_found: [404, "not_found", "Blog not found"],
  key_not_found: [404, "not_found", "API key not found"],
  token_not_found: [404, "not_found", "Token not found"],
  app_not_found: [404, "not_found", "This app has no access to your account."],
  revision_not_found: [404, "not_found", "Revision not found"],
  domain_not_found: [404, "not_found", "This blog has no custom domain."],
  media_not_found: [404, "not_found", "Image not found"],
  webhook_not_found: [404, "not_found", "Webhook not found"],
  delivery_not_found: [404, "not_found", "Delivery not found"],
  account_not_found: [404, "not_found", "Account not found"],
  method_not_allowed: [405, "method_not_allowed", "This method is not allowed here: see Allow."],
  slug_taken: [409, "conflict", "The slug is already taken"],
  domain_taken: [409, "conflict", "The hostname is verified for another blog."],
  already_published: [
    409,
    "conflict",
    "The post is published already: unpublish it before you schedule it.",
  ],
  already_subscribed: [
    409,
    "conflict",
    "This account pays for a subscription already: ask the operator to change its plan, or end it at Paddle first.",
  ],
  webhook_disabled: [
    409,
    "conflict",
    'This webhook is disabled: enable it first, with PUT and {"enabled": true}.',
  ],
  idempotency_mismatch: [
    409,
    "conflict",
    "This Idempotency-Key was used with another body: use a new key for a new request.",
  ],
  idempotency_in_progress: [
    409,
    "conflict",
    "The first request with this Idempotency-Key still runs: retry in a second.",
  ],
  precondition_failed: [
    412,
    "precondition_failed",
    "Someone else changed it in between: read it again and send its new ETag in If-Match.",
  ],
  payload_too_large: [413, "payload_too_large", "The body is too large."],
  unsupported_media_type: [
    415,
    "unsupported_media_type",
    "Send the body as Content-Type: application/json, without Content-Encoding.",
  ],
  rate_limited: [429, "rate_limit_exceeded", "Rate limit exceeded."],
  internal_error: [500, "internal_error", "Internal server error"],
  upstream_error: [502, "upstream_error", "A service that we depend on failed: retry later."],
  store_unavailable: [503, "unavailable", "The store does not answer: retry shortly."],
  search_unavailable: [503, "unavailable", "Search does not answer for now: retry shortly."],
  media_unavailable: [
    503,
    "unavailable",
    "The store of images does not answer for now: retry shortly.",
  ],
  overloaded: [503, "unavailable", "This server is at its limit: retry shortly."],
  contention: [503, "unavailable", "Too many writes to the same thing at once: retry shortly."],
  outcome_unknown: [
    503,
    "unavailable",
    "It is not known whether the write happened: retry with the same Idempotency-Key, or read before you retry.",
  ],
} as const satisfies Record<string, readonly [number, string, string]>;

export type Reason = keyof typeof ERRORS;
/** One fault of the input; `path` is dotted, "" for the whole. */
export type Issue = { path: string; message: string };
type Details = {
  message?: string;
  issues?: Issue[];
  /** seconds */
  retryAfter?: number;
  upgradeUrl?: string;
  /** for 405 */
  allow?: string;
  cause?: unknown;
};

/** An answer other than success, thrown anywhere below the routes. */
export class AppError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(readonly reason: Reason, readonly details: Details = {}) {
    super(details.message ?? ERRORS[reason][2], { cause: details.cause });
    this.name = "AppError";
    [this.status, this.code] = ERRORS[reason];
  }
}

/** 400 with every fault that was found; `message` is the first fault's. */
export function invalid(issues: Issue[]): AppError {
  return new AppError("validation", { issues, message: issues[0]?.message });
}
