export {
  fileOf,
  hasMediaInPath,
  mediaBase,
  mediaKey,
  mediaPrefix,
  type MediaRow,
} from "./_record.ts";
export { readWhole, removeObjects, sweepObjects } from "./bytes.ts";
export { copyImages } from "./copy.ts";
export { deleteMedia, expireSandboxMedia, listMedia } from "./manage.ts";
export { Media, UploadForm, UploadInput } from "./schema.ts";
export { IMAGE_TYPES, type ImageType } from "./strip/mod.ts";
export { uploadImage, uploadOf } from "./upload.ts";
export { findImage, type Found } from "./view.ts";
