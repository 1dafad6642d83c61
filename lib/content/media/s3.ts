import { AwsClient } from "aws4fetch";
import type { Deps } from "../../ctx.ts";
import { sha256 } from "../../kit/crypto.ts";
import { AppError } from "../../kit/errors.ts";
import { backoff } from "../../kit/retry.ts";

const RETRIES = 2;
const DEADLINE = 10_000;

type Call = { method: string; headers?: Record<string, string>; body?: Uint8Array<ArrayBuffer> };

/**
 * Any store that speaks S3, with addresses of the form `endpoint/bucket/key`; throws 503 where it does not
 * answer, or refuses our credentials. `deadline`, milliseconds, holds until the headers of an answer, and
 * then for each piece of its body.
 */
export class ObjectStore {
  readonly #client: AwsClient;
  readonly #base: string;

  constructor(
    readonly deps: Pick<Deps, "config" | "fetch" | "log">,
    readonly deadline = DEADLINE,
  ) {
    const { s3 } = deps.config;
    if (!s3) {
      throw new AppError("media_unavailable", {
        message: "This image is in an S3 store that this server was not told of: ask its operator.",
      });
    }
    const { endpoint, bucket, region, accessKeyId, secretAccessKey } = s3;
    this.#client = new AwsClient({ accessKeyId, secretAccessKey, region, service: "s3" });
    this.#base = `${endpoint}/${bucket}/`;
  }

  /** Stores bytes under a key; the store compares them with their hash. */
  async put(key: string, bytes: Uint8Array<ArrayBuffer>, type: string): Promise<void> {
    const headers = { "content-type": type, "x-amz-content-sha256": sha256(bytes) };
    const response = await this.#call(key, { method: "PUT", headers, body: bytes });
    await this.#done(response, "PUT", key);
  }

  /** The bytes `from` to `to`, both included; null where there is no such object. */
  async get(
    key: string,
    { from, to }: { from: number; to: number },
  ): Promise<ReadableStream<Uint8Array> | null> {
    const response = await this.#call(key, {
      method: "GET",
      headers: { range: `bytes=${from}-${to}` },
    });
    const length = Number(response.headers.get("content-length") ?? to - from + 1);
    if (response.ok && response.body && (response.status === 206 || from === 0)) {
      if (length === to - from + 1) return withDeadline(response.body, this.deadline);
    }
    if (response.status !== 404) return await this.#refuse(response, "GET", key);
    await response.body?.cancel();
    return null;
  }

  /** Removes an object; it is no fault where there is none. */
  async delete(key: string): Promise<void> {
    const response = await this.#call(key, { method: "DELETE" });
    if (response.status === 404) await response.body?.cancel();
    else await this.#done(response, "DELETE", key);
  }

  async #done(response: Response, method: string, key: string): Promise<void> {
    if (!response.ok) await this.#refuse(response, method, key);
    await response.body?.cancel();
  }

  async #refuse(response: Response, method: string, key: string): Promise<never> {
    const text = await response.text().catch(() => "");
    const code = /<Code>([^<]*)/.exec(text)?.[1] ?? "";
    const said = `${response.status} ${code}`.trim();
    this.deps.log({ event: "object_store_refused", method, key, said });
    throw new AppError("media_unavailable", { retryAfter: 5, cause: new Error(said) });
  }

  async #call(key: string, call: Call): Promise<Response> {
    for (let attempt = 0;; attempt++) {
      const last = attempt === RETRIES;
      const abort = new AbortController();
      const timer = setTimeout(() => abort.abort(), this.deadline);
      try {
        const request = await this.#client.sign(this.#base + encodeKey(key), call);
        const response = await this.deps.fetch(request, { signal: abort.signal });
        if (last || (response.status < 500 && response.status !== 429)) return response;
        await response.body?.cancel();
      } catch (cause) {
        if (last) throw new AppError("media_unavailable", { retryAfter: 5, cause });
      } finally {
        clearTimeout(timer);
      }
      await backoff(attempt);
    }
  }
}

/** The same bytes; fails (503) where the next of them do not come in time. */
function withDeadline(
  body: ReadableStream<Uint8Array>,
  deadline: number,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        reader.cancel().catch(() => {});
      }, deadline);
      const { value } = await reader.read().finally(() => clearTimeout(timer));
      if (value) controller.enqueue(value);
      else if (late) controller.error(new AppError("media_unavailable", { retryAfter: 5 }));
      else controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** A key as a part of an address that is signed: with all escaped that S3 escapes. */
function encodeKey(key: string): string {
  const escape = (c: string) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`;
  return key.split("/").map((part) => encodeURIComponent(part).replace(/[!'()*]/g, escape))
    .join("/");
}
