import type { AppError, Reason } from "../../lib/kit/errors.ts";

const NEXT: Partial<Record<Reason, string>> = {
  validation: "Correct the arguments named below and call the tool again.",
  blog_unresolved:
    "Call list_blogs, then pass blog_id, or call set_active_blog once for all that follows.",
  blog_not_found: "Call list_blogs for the ids of your blogs.",
  blog_bound: "Leave blog_id out, or give the id of this credential's own blog.",
  post_not_found: "Call list_posts or search_posts for the slugs that there are.",
  revision_not_found: "Call list_revisions for the ids of the revisions.",
  slug_taken:
    "Call the tool again with another slug, or change what has this one with update_post or update_blog.",
  plan_required: "Ask the owner to upgrade, or go on without it.",
  post_limit: "Ask the owner to upgrade, or to buy a pack; get_usage shows what is left.",
  blog_limit: "Ask the owner to upgrade, or to delete a blog.",
  storage_limit: "Ask the owner to upgrade, or to delete images.",
  scope_missing: "Ask the owner for a credential that has it.",
  test_mode: "Ask the owner for a live key.",
  blog_frozen: "Ask the owner to upgrade, or to activate this blog in place of another.",
  schedule_in_past:
    "Call schedule_post with a later time, such as one with today's date in UTC and Z at its end, or publish_post to publish now.",
  already_published: "Call unpublish_post first, or leave it as it is.",
  image_invalid: "Send the whole file in base64, with the content_type that it is.",
  cursor_malformed: "Call again without cursor, and pass next_cursor unchanged from then on.",
  too_complex: "Split the content into several posts, or simplify the part that is named.",
  idempotency_mismatch: "Call again with another idempotency_key.",
  idempotency_in_progress: "Wait a second, and call again with the same arguments.",
  outcome_unknown:
    "Call again with the same idempotency_key, or read what there is before you repeat it.",
  store_unavailable: "Wait some seconds, and call again.",
  search_unavailable: "Wait some seconds, and call again.",
  media_unavailable: "Wait some seconds, and call again.",
  contention: "Wait some seconds, and call again.",
  internal_error: "Call again later; if it lasts, tell the operator the request id.",
};
// What REST says of headers.
const SAID: Partial<Record<Reason, string>> = {
  blog_unresolved: "No blog is named, and there is not just one.",
  idempotency_mismatch: "This idempotency_key was used with other arguments.",
  idempotency_in_progress: "The first call with this idempotency_key still runs.",
  outcome_unknown: "It is not known whether the write happened.",
};

/** An error as a tool's text: what is wrong, what to do next, and the codes of the REST API. */
export function errorText(error: AppError, requestId: string): string {
  const { message, issues, upgradeUrl, retryAfter } = error.details;
  const lines = [
    message ?? SAID[error.reason] ?? error.message,
    ...NEXT[error.reason] ? [`Next: ${NEXT[error.reason]}`] : [],
    ...(issues ?? []).map(({ path, message }) => path ? `- ${path}: ${message}` : `- ${message}`),
    ...retryAfter !== undefined ? [`Retry after ${retryAfter} s.`] : [],
    ...upgradeUrl ? [`Upgrade: ${upgradeUrl}`] : [],
    `(${error.status} ${error.code}, reason ${error.reason}, request ${requestId})`,
  ];
  return lines.join("\n");
}
