import { z } from "@hono/zod-openapi";
import type { Deps } from "../../ctx.ts";
import { iso, typed } from "../../kit/input.ts";
import { EXAMPLE_BLOG } from "../blogs.ts";
import { fileOf, mediaBase, type MediaRow } from "./_record.ts";
import { IMAGE_TYPES, type ImageType } from "./strip/mod.ts";

/** A PNG of one pixel, for the documents. */
const EXAMPLE =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";
const TYPES = Object.keys(IMAGE_TYPES) as [ImageType, ...ImageType[]];

const filename = z.string(typed("filename", "a string")).max(255, {
  error: "filename must have at most 255 characters",
});
const contentType = z.enum(TYPES, {
  error: (issue) =>
    issue.input === undefined
      ? "content_type is required"
      : `content_type must be one of ${TYPES.join(", ")}`,
});

export const UploadInput = z.object({
  data: z.string(typed("data", "a string")).min(1, { error: "data is required" }).openapi({
    description: "The image in base64; 5 MiB of it at most.",
    example: EXAMPLE,
  }),
  filename: filename.optional().openapi({ example: "photo.png" }),
  content_type: contentType.openapi({
    description: "What the image is; the first bytes must say the same.",
    example: "image/png",
  }),
}).openapi("UploadInput");
export type UploadInput = z.infer<typeof UploadInput>;

/** The form's field; its part declares the type. */
export const UploadForm = z.object({
  file: z.instanceof(File, { error: "file is required: send the image as a file of that name" })
    .refine(({ type }) => Object.hasOwn(IMAGE_TYPES, type), {
      error: `file must declare one of ${TYPES.join(", ")} as the Content-Type of its part`,
    })
    .openapi({ type: "string", format: "binary" }),
}).openapi("UploadForm");
export type UploadForm = z.infer<typeof UploadForm>;

export const Media = z.object({
  id: z.uuid(),
  url: z.url().openapi({ description: "Where it is served, for good." }),
  markdown: z.string().openapi({
    description: "What shows it in a post.",
    example: `![photo](${EXAMPLE_BLOG})`,
  }),
  filename: z.string().openapi({ example: "photo.png" }),
  content_type: z.enum(TYPES),
  size: z.int().openapi({ description: "Bytes, without its metadata.", example: 67 }),
  width: z.int().openapi({ description: "Pixels, as it is shown.", example: 1 }),
  height: z.int().openapi({ example: 1 }),
  created_at: z.iso.datetime(),
}).openapi("Media");
export type Media = z.infer<typeof Media>;

/** An image as the API shows it. */
export function presentMedia(deps: Deps, row: MediaRow): Media {
  const url = mediaBase(deps, row.space) + fileOf(row);
  return {
    id: row.id,
    url,
    markdown: `![${altOf(row.filename)}](${url})`,
    filename: row.filename,
    content_type: row.type,
    size: row.size,
    width: row.width,
    height: row.height,
    created_at: iso(row.createdAt),
  };
}

// The name without its folders and ending, as text that needs no escape in Markdown.
function altOf(filename: string): string {
  const name = filename.replace(/^.*[\\/]/s, "").replace(/\.[^.]*$/, "");
  return name.replace(/[[\]\\<>`*_!&\p{Cc}]+/gu, " ").replace(/\s+/g, " ").trim();
}
