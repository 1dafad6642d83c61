import type { IncomingMessage, RequestOptions } from "node:http";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/**
 * `fetch` for a short-lived process: Node's own loads and compiles an HTTP parser in WebAssembly, which
 * takes longer than all else that a command does. Redirects are not followed: a credential goes only
 * where it was sent.
 */
export async function quickFetch(url: string, init: RequestInit): Promise<Response> {
  if ("Deno" in globalThis) return await fetch(url, init);
  const { body, signal } = init;
  const { request } = await (url.startsWith("https:") ? import("node:https") : import("node:http"));
  const bytes = body instanceof ArrayBuffer ? new Uint8Array(body) : body as string | undefined;
  const headers: Record<string, string> = { "accept-encoding": "gzip" };
  new Headers(init.headers).forEach((value, name) => headers[name] = value);
  if (bytes !== undefined) headers["content-length"] = String(lengthOf(bytes));
  const options: RequestOptions = { method: init.method, headers, signal: signal ?? undefined };
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, options, resolve).on("error", reject).end(bytes);
  });
  return await responseOf(message);
}

async function responseOf(message: IncomingMessage): Promise<Response> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  const zipped = headers.get("content-encoding") === "gzip";
  const stream = zipped ? message.pipe(createGunzip()) : message;
  if (zipped) message.on("error", (error) => stream.destroy(error));
  const options = { status: message.statusCode, statusText: message.statusMessage, headers };
  // A file may be larger than what should be held.
  if (headers.get("content-type")?.includes("zip")) {
    return new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, options);
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of stream) parts.push(part);
  return new Response(new Blob(parts), options);
}

function lengthOf(body: Uint8Array | string): number {
  return typeof body === "string" ? new TextEncoder().encode(body).length : body.length;
}
