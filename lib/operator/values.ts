import { Buffer } from "node:buffer";

/** JSON of a value of the store that `decodeValue` turns back exactly; throws where there is none. */
export function encodeValue(value: unknown): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value) && !Object.is(value, -0)) return value;
  if (typeof value === "bigint") return { $bigint: String(value) };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (value instanceof Deno.KvU64) return { $u64: String(value.value) };
  if (Array.isArray(value)) return value.map(encodeValue);
  if (Object.getPrototypeOf(Object(value)) !== Object.prototype) {
    throw new TypeError(`a value of type ${Object(value).constructor?.name} has no JSON form`);
  }
  const entries = Object.entries(value as object).map(([name, part]) => [name, encodeValue(part)]);
  const tagged = entries.some(([name]) => (name as string).startsWith("$"));
  return tagged ? { $object: entries } : Object.fromEntries(entries);
}

/** The inverse of `encodeValue`; throws where the JSON is not of its making. */
export function decodeValue(json: unknown): unknown {
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map(decodeValue);
  const entries = Object.entries(json);
  const [tag, body] = entries[0] ?? [];
  if (!tag?.startsWith("$")) {
    return Object.fromEntries(entries.map(([n, v]) => [n, decodeValue(v)]));
  }
  if (tag === "$bytes") return new Uint8Array(Buffer.from(body as string, "base64"));
  if (tag === "$u64") return new Deno.KvU64(BigInt(body as string));
  if (tag === "$bigint") return BigInt(body as string);
  if (tag === "$object") {
    const parts = body as [string, unknown][];
    return Object.fromEntries(parts.map(([name, value]) => [name, decodeValue(value)]));
  }
  throw new TypeError(`there is no value of kind ${tag}`);
}
