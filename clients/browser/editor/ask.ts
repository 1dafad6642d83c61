/// <reference lib="dom" />

/** What the service refused, or why it could not be asked (`status` 0). */
export class Refused extends Error {
  constructor(readonly status: number, message: string, readonly retryAfter: number) {
    super(message);
  }
}

// deno-lint-ignore no-explicit-any -- JSON of our own service
type Answer = any;

/** Asks the service for JSON: GET, or POST of a body; throws Refused. */
export async function ask(url: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(url, {
    method: body === undefined ? "GET" : "POST",
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => {
    throw new Refused(0, "the service cannot be reached", 0);
  });
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw refusalOf(answer.status, json);
  return json;
}

/** The refusal that an answer tells of. */
export function refusalOf(status: number, json: Answer): Refused {
  const issues: string[] = json.issues?.map(({ message }: { message: string }) => message) ?? [];
  const message = issues.join("; ") || json.message || `the service answered ${status}`;
  return new Refused(status, message, json.retry_after ?? 0);
}
