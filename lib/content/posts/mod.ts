export { BulkAnswer, BulkInput, createPosts } from "./bulk.ts";
export { getPost, getSource, listPosts, prefetchPost, prefetchPosts, walkPosts } from "./read.ts";
export { createPost, deletePost, type PostTimes, updatePost } from "./write.ts";
export {
  expireSandboxPosts,
  publishDue,
  publishPost,
  schedulePost,
  unpublishPost,
} from "./status.ts";
export { getRevision, listRevisions, restoreRevision } from "./revisions.ts";
export * from "./schema.ts";
export { type Draft, type DraftPreview, previewCard, previewDraft } from "./preview.ts";
export { findByTitle, titleMatcher } from "./titles.ts";
export { validatePost } from "./validate.ts";
export type { PostRow } from "./_record.ts";
export { readMarkdown } from "./content.ts";
