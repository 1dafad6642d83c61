import { errorOf, PostlarkError } from "./errors.ts";

/** Where the API is unless `apiBase` says otherwise. */
export const DEFAULT_API_BASE = "https://api.postlark.ai/v1";
const RETRIED = [429, 502, 503, 504];
const FIRST_WAIT = 250;
const LONGEST_BACKOFF = 8000;

export type Options = {
  /** a key, a token, or the JWT of a session; without one only discover answers */
  apiKey?: string;
  /** with its version: https://api.postlark.ai/v1 unless given */
  apiBase?: string;
  /** id of the blog to act on, for credentials that are not bound to one */
  blog?: string;
  /** milliseconds that one attempt may take; 60,000 unless given */
  timeout?: number;
  /** how often a call is tried again after 429, 502, 503, 504 or no answer; 4 unless given */
  retries?: number;
  /** milliseconds that a call waits at most before it is tried again; 65,000 unless given */
  maxWait?: number;
  /** hears of every wait before it begins */
  onRetry?: (retry: Retry) => void;
  /** hears of every answer */
  onResponse?: (call: { method: string; url: string; response: Response }) => void;
  userAgent?: string;
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
};
export type Retry = { error: PostlarkError; /** milliseconds */ wait: number; attempt: number };

/** What one call may have of its own. */
export type CallOptions = {
  signal?: AbortSignal;
  /** milliseconds an attempt */
  timeout?: number;
  /** id of the blog to act on */
  blog?: string;
  /** drawn for each call unless given, and kept over its retries */
  idempotencyKey?: string;
  /** the ETag that a change is made against: 412 where there is a newer version */
  ifMatch?: string;
};
export type Sent = CallOptions & {
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  form?: FormData;
};
type Answered<T> = { response: Response; value: T };
type Encoded = { body?: BodyInit; headers: Record<string, string> };

/** Sends requests with the credential, tries them again where that can help, and turns failures into PostlarkError. */
export class Transport {
  constructor(readonly options: Options) {}

  /** One call; `read` takes the answer's body within the attempt. */
  async call<T>(
    [method, path]: [method: string, path: string],
    sent: Sent,
    read: (response: Response) => Promise<T>,
  ): Promise<Answered<T>> {
    const { retries = 4, maxWait = 65_000, onRetry } = this.options;
    const url = this.#url(path, sent.query);
    const encoded = await encode(sent);
    const headers = this.#headers(method, sent, encoded);
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#attempt({ method, url, headers, body: encoded.body }, sent, read);
      } catch (error) {
        const wait = waitBefore(error, attempt);
        if (wait === null || attempt > retries || wait > maxWait) throw error;
        onRetry?.({ error: error as PostlarkError, wait, attempt });
        await sleep(wait, sent.signal);
      }
    }
  }

  async #attempt<T>(
    { url, ...init }: { url: string; method: string; headers: Headers; body?: BodyInit },
    { signal, timeout = this.options.timeout ?? 60_000 }: CallOptions,
    read: (response: Response) => Promise<T>,
  ): Promise<Answered<T>> {
    signal?.throwIfAborted();
    const control = new AbortController();
    const abort = () => control.abort(signal!.reason);
    signal?.addEventListener("abort", abort, { once: true });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      control.abort();
    }, timeout);
    try {
      const send = this.options.fetch ?? fetch;
      // Followed, a POST could become a GET, and what is sent would go elsewhere.
      const response = await send(url, { ...init, redirect: "manual", signal: control.signal });
      this.options.onResponse?.({ method: init.method, url, response });
      if (!response.ok) throw await errorOf(response);
      return { response, value: await read(response) };
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      if (cause instanceof PostlarkError) throw cause;
      throw late
        ? new PostlarkError("timeout", `No answer from ${url.split("?")[0]} within ${timeout} ms`, {
          cause,
        })
        : new PostlarkError("network", `${new URL(url).origin} cannot be reached`, { cause });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  #url(path: string, query: Sent["query"] = {}): string {
    const base = this.options.apiBase ?? DEFAULT_API_BASE;
    const url = new URL(base.replace(/\/+$/, "") + path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== null) url.searchParams.set(name, String(value));
    }
    return url.href;
  }

  #headers(method: string, sent: Sent, encoded: Encoded): Headers {
    const { apiKey, userAgent } = this.options;
    const blog = sent.blog ?? this.options.blog;
    const headers = new Headers(encoded.headers);
    headers.set("accept", "application/json");
    if (apiKey) headers.set("authorization", `Bearer ${apiKey}`);
    if (userAgent) headers.set("user-agent", userAgent);
    if (blog) headers.set("x-blog-id", blog);
    if (sent.ifMatch) headers.set("if-match", sent.ifMatch);
    // A PUT may be repeated as it is; a DELETE would answer 404 the second time.
    const key = sent.idempotencyKey ?? (["POST", "DELETE"].includes(method) && drawKey());
    if (key) headers.set("idempotency-key", key);
    return headers;
  }
}

// A form is encoded once: with another boundary, a retry would be another request.
async function encode({ body, form }: Sent): Promise<Encoded> {
  if (form) {
    const encoded = new Response(form);
    const type = encoded.headers.get("content-type")!;
    return { body: await encoded.arrayBuffer(), headers: { "content-type": type } };
  }
  if (body === undefined) return { headers: {} };
  return { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

/** Milliseconds to wait before the next attempt, or null where another would fail the same way. */
function waitBefore(error: unknown, attempt: number): number | null {
  if (!(error instanceof PostlarkError)) return null;
  const retried = error.status === 0 || RETRIED.includes(error.status) ||
    error.reason === "idempotency_in_progress";
  if (!retried) return null;
  if (error.retryAfter !== undefined) return error.retryAfter * 1000;
  return Math.random() * Math.min(LONGEST_BACKOFF, FIRST_WAIT * 2 ** attempt);
}

// crypto.randomUUID is missing where a browser's page came by plain HTTP.
function drawKey(): string {
  return Array.from(
    crypto.getRandomValues(new Uint8Array(16)),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
