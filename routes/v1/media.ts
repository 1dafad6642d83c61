import { z } from "@hono/zod-openapi";
import {
  deleteMedia,
  listMedia,
  Media,
  UploadForm,
  uploadImage,
  UploadInput,
  uploadOf,
} from "../../lib/content/media/mod.ts";
import { CursorQuery, listOf, operation, route } from "../_operation.ts";

const acts = { tag: "Media", blog: "resolved", sandbox: true } as const;

const upload = operation({
  ...acts,
  method: "post",
  path: "/upload",
  operationId: "uploadImage",
  summary: "Upload an image",
  description:
    "JPEG, PNG, GIF or WebP of at most 5 MiB, 16,384 pixels a side and 64 megapixels; as JSON, or as a form with the field `file`. Metadata is taken away, but for the orientation and the colour profile. Ten a minute and user.",
  scope: "media:write",
  reasons: ["image_invalid", "storage_limit", "media_unavailable"],
  body: UploadInput,
  form: UploadForm,
  window: "uploads",
  answer: { status: 201, schema: Media, description: "Where the image is served." },
});
const list = operation({
  ...acts,
  method: "get",
  path: "/media",
  operationId: "listMedia",
  summary: "List images",
  description: "Newest first.",
  scope: "media:read",
  reasons: ["cursor_malformed"],
  query: CursorQuery,
  answer: { status: 200, schema: listOf(Media, "MediaList"), description: "A page of images." },
});
const remove = operation({
  ...acts,
  method: "delete",
  path: "/media/{id}",
  operationId: "deleteMedia",
  summary: "Delete an image",
  description: "For good; it counts no more. Caches on the way may show it for a day.",
  scope: "media:write",
  reasons: ["media_not_found"],
  answer: {
    status: 200,
    schema: z.object({ deleted: z.literal(true) }).openapi("Deleted"),
    description: "It is gone.",
  },
});

export const media = [
  route(upload, async ({ ctx, body }) => uploadImage(ctx, await uploadOf(body))),
  route(list, ({ ctx, query }) => listMedia(ctx, query)),
  route(remove, ({ ctx, params }) => deleteMedia(ctx, params.id)),
];
