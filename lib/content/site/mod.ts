export { isDocument, viewDocument, viewPostLlms, viewSource } from "./documents.ts";
export { viewOgImage } from "./og_image.ts";
export {
  viewArchive,
  viewIcon,
  viewIndex,
  viewNotFound,
  viewPost,
  viewPreview,
  viewTag,
} from "./pages.ts";
export { previewTheme } from "./preview.ts";
export { viewSearch } from "./search.ts";
export type { Keep, Shown, View } from "./shell.ts";
