export { getPost, listPosts, prefetchPost, prefetchPosts, walkPosts } from "./read.ts";
export { createPost, deletePost, updatePost } from "./write.ts";
export {
  expireSandboxPosts,
  publishDue,
  publishPost,
  schedulePost,
  unpublishPost,
} from "./status.ts";
export { getRevision, listRevisions, restoreRevision } from "./revisions.ts";
export * from "./schema.ts";
export { validatePost } from "./validate.ts";
