import type { z } from "@hono/zod-openapi";
import { AppError, invalid, type Issue } from "../lib/kit/errors.ts";

const MAX_PARAM = 255;
const MAX_DEPTH = 64;

/** The body's bytes; throws 413 above `limit`, 415 where it is not JSON. */
export async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  if (!request.body) return new Uint8Array();
  const declared = Number(request.headers.get("content-length") ?? 0);
  const tooLarge = new AppError("payload_too_large", {
    message: `The body is too large: at most ${limit.toLocaleString("en")} bytes.`,
  });
  if (declared > limit) throw tooLarge;
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body) {
    size += part.length;
    if (size > limit) throw tooLarge;
    parts.push(part);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  if (size && !isJson(request)) throw new AppError("unsupported_media_type");
  return bytes;
}

function isJson(request: Request): boolean {
  const type = request.headers.get("content-type")?.split(";")[0].trim().toLowerCase();
  const encoding = request.headers.get("content-encoding")?.toLowerCase() ?? "identity";
  return encoding === "identity" && (type === "application/json" || !!type?.endsWith("+json"));
}

/** The JSON object of a body, `{}` where it is empty; throws 400. */
export function parseJson(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    value = text.trim() === "" ? {} : JSON.parse(text);
  } catch (cause) {
    throw new AppError("malformed_json", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid([{ path: "", message: "The body must be a JSON object" }]);
  }
  return value as Record<string, unknown>;
}

/** Every string in a value that no store or page can carry: NUL characters, lone surrogates. */
export function findBadText(value: unknown, path = "", depth = 0): Issue[] {
  if (typeof value === "string") {
    if (value.includes("\0")) {
      return [{ path, message: `${path || "the text"} must not contain NUL characters` }];
    }
    if (!value.isWellFormed()) {
      return [{ path, message: `${path || "the text"} must not contain lone surrogates` }];
    }
    return [];
  }
  if (typeof value !== "object" || value === null) return [];
  if (depth > MAX_DEPTH) return [{ path: "", message: "The body is nested too deeply" }];
  return Object.entries(value).flatMap(([key, part]) => [
    ...findBadText(key, path, depth + 1),
    ...findBadText(part, path ? `${path}.${key}` : key, depth + 1),
  ]);
}

type Part = { schema: z.ZodType | undefined; value: unknown };

/** Judges the parts of a request together; throws 400 with every fault of all of them. */
export function validate(parts: Record<string, Part>): Record<string, unknown> {
  const issues: Issue[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, { schema, value }] of Object.entries(parts)) {
    if (!schema) continue;
    const bad = findBadText(value);
    issues.push(...bad);
    if (bad.length) continue;
    const result = schema.safeParse(value);
    values[name] = result.data;
    for (const issue of result.error?.issues ?? []) {
      issues.push({ path: issue.path.join("."), message: issue.message });
    }
  }
  if (issues.length) throw invalid(issues);
  return values;
}

/** The first value of each parameter. */
export function queryOf(url: URL): Record<string, string> {
  return Object.fromEntries([...url.searchParams].reverse());
}

/** Whether a part of the path can name anything that is stored. */
export function isPlausible(params: Record<string, string>): boolean {
  return Object.values(params).every((value) =>
    value.length <= MAX_PARAM && findBadText(value).length === 0
  );
}
