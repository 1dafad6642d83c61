import { PostlarkError } from "../sdk.ts";
import { plain } from "./_output.ts";

/** What the process ends with. */
export const EXIT = { failure: 1, usage: 2, auth: 3, interrupted: 130 } as const;

/** An error of the command line itself; its message says what to do. */
export class Failure extends Error {
  constructor(message: string, readonly code: number = EXIT.failure) {
    super(message);
    this.name = "Failure";
  }
}

/** A command that was called wrongly. */
export function usage(message: string): Failure {
  return new Failure(message, EXIT.usage);
}

/** The exit code, and what people or programs get to read, of anything that was thrown. */
export type Told = { exit: number; lines: string[]; json: Record<string, unknown> };

/** Tells what went wrong, and what to do next. */
export function tell(error: unknown, { verbose }: { verbose: boolean }): Told {
  const told = error instanceof PostlarkError
    ? tellAnswer(error, verbose)
    : tellOther(error, verbose);
  // A file's name or a server's words are other people's too.
  return { ...told, lines: told.lines.flatMap((text) => text.split("\n")).map(plain) };
}

function tellOther(error: unknown, verbose: boolean): Told {
  const message = error instanceof Error ? error.message : String(error);
  const exit = error instanceof Failure ? error.code : EXIT.failure;
  const kinds: Record<number, string> = { [EXIT.usage]: "usage", [EXIT.auth]: "unauthorized" };
  const stack = verbose && error instanceof Error && error.stack ? [error.stack] : [];
  return { exit, lines: [message, ...stack], json: { error: kinds[exit] ?? "failure", message } };
}

function tellAnswer(error: PostlarkError, verbose: boolean): Told {
  const { code, status, reason, requestId, issues, retryAfter, upgradeUrl, message } = error;
  const hint = hintFor(error);
  const others = issues.filter((issue) => issue.message !== message)
    .map(({ path, message }) => path ? `${path}: ${message}` : message);
  return {
    exit: status === 401 || reason === "scope_missing" ? EXIT.auth : EXIT.failure,
    lines: [
      message,
      ...others.map((text) => `  ${text}`),
      ...hint ? [hint] : [],
      ...requestId && (verbose || status >= 500) ? [`Request id: ${requestId}`] : [],
    ],
    json: {
      error: code,
      message,
      reason,
      status: status || undefined,
      issues: issues.length ? issues : undefined,
      retry_after: retryAfter,
      upgrade_url: upgradeUrl,
      hint,
      request_id: requestId,
    },
  };
}

function hintFor(error: PostlarkError): string | undefined {
  const { status, reason = "", code, retryAfter = 0, upgradeUrl } = error;
  const byReason: Record<string, string> = {
    blog_unresolved: "Choose a blog: postlark blogs use <slug>, or --blog <slug>.",
    blog_mismatch:
      "See your blogs with postlark blogs; name another with --blog, or set it with postlark blogs use.",
    scope_missing: "Create a key that has it, and log in with it: postlark login <key>.",
    post_not_found: "See what there is: postlark posts list.",
    slug_taken: "Choose another with --slug.",
    already_published: "postlark posts unpublish <slug> first.",
    token_not_found: "See your tokens with postlark tokens.",
    key_not_found: "See the blog's keys with postlark keys.",
  };
  if (byReason[reason]) return byReason[reason];
  if (upgradeUrl) return `Upgrade: ${upgradeUrl}`;
  if (status === 401) return "Log in again: postlark login.";
  if (status === 429) return `Try again in ${duration(retryAfter)}.`;
  if (code === "network") return "Check the connection, and --api-base (POSTLARK_API_BASE).";
  if (code === "timeout" || status === 503) return "Try again shortly.";
  if (code.startsWith("http_")) return "Is this the API? Check --api-base (POSTLARK_API_BASE).";
}

/** A number of seconds for people. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`;
}
