import { z } from "@hono/zod-openapi";
import { isUuid } from "../../kit/ids.ts";
import type { GoneRow, MediaRow } from "../../content/media/_record.ts";

type Part = "string" | "number";

const id = z.string().refine(isUuid, { error: "is not a UUID" });
const hash = z.string().regex(/^[0-9a-f]{64}$/, { error: "is not a SHA-256" });
const time = z.int().min(0);
const count = z.int().min(0);
const bytes = z.instanceof(Uint8Array);
const counter = z.instanceof(Deno.KvU64);

const media = z.object({
  id,
  space: id,
  blog: id,
  owner: id,
  store: z.enum(["kv", "s3"]),
  object: id,
  filename: z.string(),
  type: z.enum(["image/jpeg", "image/png", "image/gif", "image/webp"]),
  size: count.min(1),
  width: count.min(1),
  height: count.min(1),
  sha256: hash,
  createdAt: time,
  expiresAt: time.nullable(),
}) satisfies z.ZodType<MediaRow>;
const gone = z.object({
  space: id,
  id,
  object: id,
  key: z.string().min(1),
}) satisfies z.ZodType<GoneRow>;

/** The nouns of images. */
export const MEDIA_FAMILIES = {
  media: { parts: ["string", "string"], value: media },
  mediachunk: { parts: ["string", "string", "number"], value: bytes },
  mediabytes: { parts: ["string"], value: counter },
  mediaexpiry: { parts: ["number", "string", "string"], value: id },
  mediagone: { parts: ["number", "string"], value: gone },
} satisfies Record<string, { parts: Part[]; value: z.ZodType }>;
