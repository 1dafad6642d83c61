import type { z } from "@hono/zod-openapi";
import { AppError, invalid, type Issue } from "../lib/kit/errors.ts";
import { awaitClient } from "./_load_gate.ts";

const MAX_PARAM = 255;
const MAX_DEPTH = 64;
// One answer lists so many faults; a body may hold so many values, and an array so many items.
const MAX_ISSUES = 100;
const MAX_VALUES = 100_000;
const MAX_ITEMS = 1000;
const MAX_PATH = 100;

/** The body's bytes; throws 413 above `limit`, 415 where it is neither JSON nor, if `form`, a form. */
export async function readBody(
  request: Request,
  { limit, form }: { limit: number; form: boolean },
): Promise<Uint8Array> {
  const bytes = await readBytes(request, limit);
  const taken = isJson(request) || (form && isForm(request));
  if (bytes.length && !taken) throw new AppError("unsupported_media_type");
  return bytes;
}

/** What a form holds, in bytes that are the same whichever boundary was between its parts. */
export async function formContent(form: Record<string, unknown>): Promise<Uint8Array> {
  const parts = Object.entries(form).flatMap(([name, value]) =>
    value instanceof File
      ? [JSON.stringify([name, value.name, value.type, value.size]), value]
      : [JSON.stringify([name, value])]
  );
  return await new Blob(parts).bytes();
}

/** Whether the body says that it is multipart/form-data. */
export function isForm(request: Request): boolean {
  return typeOf(request) === "multipart/form-data";
}

/** Whether the body says that it is a form without files. */
export function isUrlEncoded(request: Request): boolean {
  return typeOf(request) === "application/x-www-form-urlencoded";
}

/** The first of each field of a form; throws 400 where it is malformed. */
export async function parseForm(
  request: Request,
  bytes: Uint8Array,
): Promise<Record<string, unknown>> {
  return Object.fromEntries([...await readParts(request, bytes)].reverse());
}

/** All that a form holds; throws 400 where it is malformed. */
export async function readParts(request: Request, bytes: Uint8Array): Promise<FormData> {
  const headers = { "content-type": request.headers.get("content-type")! };
  try {
    return await new Response(bytes as BodyInit, { headers }).formData();
  } catch (cause) {
    throw new AppError("malformed_json", {
      message: "The form is malformed: send multipart/form-data with its boundary.",
      cause,
    });
  }
}

/** The body as it came; throws 413 above `limit` bytes, 400 where it is not UTF-8. */
export async function readText(request: Request, limit: number): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readBytes(request, limit));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("malformed_json", { cause: error });
  }
}

async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  return request.body
    ? await awaitClient(request, () => receive(request, limit))
    : new Uint8Array();
}

async function receive(request: Request, limit: number): Promise<Uint8Array> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  const tooLarge = new AppError("payload_too_large", {
    message: `The body is too large: at most ${limit.toLocaleString("en")} bytes.`,
  });
  if (declared > limit) throw tooLarge;
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of request.body!) {
      size += part.length;
      if (size > limit) throw tooLarge;
      parts.push(part);
    }
  } catch (cause) {
    if (cause === tooLarge) throw cause;
    throw new AppError("malformed_json", {
      message: "The body ended early: send it again.",
      cause,
    });
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function isJson(request: Request): boolean {
  const type = typeOf(request);
  return type === "application/json" || !!type?.endsWith("+json");
}

function typeOf(request: Request): string | undefined {
  const encoding = request.headers.get("content-encoding")?.toLowerCase() ?? "identity";
  if (encoding !== "identity") return undefined;
  return request.headers.get("content-type")?.split(";")[0].trim().toLowerCase();
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

/** Every string in a value that no store or page can carry (NUL characters, lone surrogates), up to what one answer lists. */
export function findBadText(value: unknown): Issue[] {
  const issues: Issue[] = [];
  let seen = 0;
  const add = (path: string, fault: string) => {
    const where = shorten(path);
    issues.push({ path: where, message: `${where || "the text"} ${fault}` });
  };
  const visit = (part: unknown, path: string, depth: number): void => {
    if (issues.length >= MAX_ISSUES) return;
    if (++seen > MAX_VALUES) return add("", "holds too many values");
    if (typeof part === "string") {
      if (part.includes("\0")) add(path, "must not contain NUL characters");
      else if (!part.isWellFormed()) add(path, "must not contain lone surrogates");
    } else if (typeof part === "object" && part !== null) {
      if (depth > MAX_DEPTH) return add("", "is nested too deeply");
      const entries = Object.entries(part);
      if (Array.isArray(part) && entries.length > MAX_ITEMS) {
        return add(path, `must have at most ${MAX_ITEMS} items`);
      }
      for (const [key, inner] of entries) {
        if (issues.length >= MAX_ISSUES) return;
        visit(key, path, depth + 1);
        visit(inner, path ? `${path}.${key}` : key, depth + 1);
      }
    }
  };
  visit(value, "", 0);
  return issues;
}

function shorten(path: string): string {
  return path.length > MAX_PATH ? `${path.slice(0, MAX_PATH).toWellFormed()}…` : path;
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
      issues.push({ path: shorten(issue.path.join(".")), message: issue.message });
    }
  }
  if (issues.length) throw invalid(issues.slice(0, MAX_ISSUES));
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
