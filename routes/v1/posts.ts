import { z } from "@hono/zod-openapi";
import {
  BulkAnswer,
  BulkInput,
  createPost,
  createPosts,
  deletePost,
  getPost,
  getRevision,
  listPosts,
  listRevisions,
  Post,
  PostInput,
  PostQuery,
  PostSummary,
  PostUpdate,
  prefetchPost,
  prefetchPosts,
  publishPost,
  restoreRevision,
  Revision,
  RevisionSummary,
  ScheduleInput,
  schedulePost,
  unpublishPost,
  updatePost,
  validatePost,
  Validation,
  walkPosts,
} from "../../lib/content/posts/mod.ts";
import { prefetchQuota } from "../../lib/metering/quotas.ts";
import { CursorQuery, listOf, operation, pagedListOf, pageQuery, route } from "../_operation.ts";

const acts = { tag: "Posts", blog: "resolved", sandbox: true } as const;
const answers = (description: string) => ({ status: 200, schema: Post, description }) as const;
const ListQuery = PostQuery.extend(pageQuery(200).shape).extend(CursorQuery.shape);
const PostList = pagedListOf(PostSummary, "PostList");
const Deleted = z.object({ deleted: z.literal(true) }).openapi("Deleted");

/** Creates a post; the editor does it too. */
export const create = operation({
  ...acts,
  method: "post",
  path: "/posts",
  operationId: "createPost",
  summary: "Create a post",
  description: "A draft unless `status` or `scheduled_at` says otherwise.",
  scope: "posts:write",
  reasons: ["slug_taken", "post_limit", "plan_required", "schedule_in_past", "too_complex"],
  body: PostInput,
  answer: { status: 201, schema: Post, description: "The new post." },
});
const bulk = operation({
  ...acts,
  method: "post",
  path: "/posts/bulk",
  operationId: "createPosts",
  summary: "Create many posts",
  description:
    "At most 100, each with its own result, and each counted like a single one. Scale and above.",
  scope: "posts:write",
  reasons: ["plan_required"],
  body: BulkInput,
  answer: { status: 200, schema: BulkAnswer, description: "What became of each." },
});
const validate = operation({
  ...acts,
  method: "post",
  path: "/posts/validate",
  operationId: "validatePost",
  summary: "Validate a post",
  description:
    "Says what creating it would make of it, and warns of what its author may want to mend; nothing is stored.",
  scope: "posts:read",
  reasons: ["too_complex", "blog_not_found"],
  body: PostInput,
  answer: { status: 200, schema: Validation, description: "The rendered post and its warnings." },
});
const list = operation({
  ...acts,
  method: "get",
  path: "/posts",
  operationId: "listPosts",
  summary: "List posts",
  description:
    "By page with an exact total; with `limit` or `cursor` by creation, where nothing is skipped or repeated while posts come and go.",
  scope: "posts:read",
  reasons: ["cursor_malformed"],
  query: ListQuery,
  answer: { status: 200, schema: PostList, description: "A page of posts." },
});
const get = operation({
  ...acts,
  method: "get",
  path: "/posts/{slug}",
  operationId: "getPost",
  summary: "Get a post",
  scope: "posts:read",
  reasons: ["post_not_found"],
  answer: { ...answers("The post."), etag: true },
});
const update = operation({
  ...acts,
  method: "put",
  path: "/posts/{slug}",
  operationId: "updatePost",
  summary: "Update a post",
  description: "Changes what is sent, as a new revision; `status` is ignored.",
  scope: "posts:write",
  reasons: ["post_not_found", "slug_taken", "precondition_failed", "too_complex"],
  body: PostUpdate,
  answer: answers("The post as it is now."),
});
const remove = operation({
  ...acts,
  method: "delete",
  path: "/posts/{slug}",
  operationId: "deletePost",
  summary: "Delete a post",
  description: "For good, with its revisions and redirects.",
  scope: "posts:write",
  reasons: ["post_not_found", "precondition_failed"],
  answer: { status: 200, schema: Deleted, description: "It is gone." },
});
const publish = operation({
  ...acts,
  method: "post",
  path: "/posts/{slug}/publish",
  operationId: "publishPost",
  summary: "Publish a post",
  description: "A scheduled one now; on a published one nothing changes.",
  scope: "posts:write",
  reasons: ["post_not_found", "precondition_failed"],
  answer: answers("The published post."),
});
const unpublish = operation({
  ...acts,
  method: "post",
  path: "/posts/{slug}/unpublish",
  operationId: "unpublishPost",
  summary: "Take a post down",
  description: "It is a draft again, its schedule is cancelled, its page answers 410.",
  scope: "posts:write",
  reasons: ["post_not_found", "precondition_failed"],
  answer: answers("The draft."),
});
const schedule = operation({
  ...acts,
  method: "post",
  path: "/posts/{slug}/schedule",
  operationId: "schedulePost",
  summary: "Schedule a post",
  description: "Creator and above. Any UTC offset is accepted and given back in UTC.",
  scope: "posts:write",
  reasons: [
    "post_not_found",
    "plan_required",
    "schedule_in_past",
    "already_published",
    "precondition_failed",
  ],
  body: ScheduleInput,
  answer: answers("The scheduled post."),
});
const revisions = operation({
  ...acts,
  method: "get",
  path: "/posts/{slug}/revisions",
  operationId: "listRevisions",
  summary: "List a post's revisions",
  description: "The last 50, newest first.",
  scope: "posts:read",
  reasons: ["post_not_found", "cursor_malformed"],
  query: CursorQuery,
  answer: {
    status: 200,
    schema: listOf(RevisionSummary, "RevisionList"),
    description: "The revisions.",
  },
});
const revision = operation({
  ...acts,
  method: "get",
  path: "/posts/{slug}/revisions/{id}",
  operationId: "getRevision",
  summary: "Get a revision",
  scope: "posts:read",
  reasons: ["post_not_found", "revision_not_found"],
  answer: { status: 200, schema: Revision, description: "The revision, whole." },
});
const restore = operation({
  ...acts,
  method: "post",
  path: "/posts/{slug}/revisions/{id}/restore",
  operationId: "restoreRevision",
  summary: "Restore a revision",
  description: "Its title, content, tags and meta become the newest revision.",
  scope: "posts:write",
  reasons: ["post_not_found", "revision_not_found", "precondition_failed"],
  answer: answers("The post as it is now."),
});

export const posts = [
  route(create, ({ ctx, body }) => createPost(ctx, body), ({ ctx }) => prefetchQuota(ctx)),
  route(bulk, ({ ctx, body }) => createPosts(ctx, body)),
  route(validate, ({ ctx, body }) => validatePost(ctx, body)),
  route(
    list,
    ({ ctx, query: { page = 1, per_page = 20, limit, cursor, ...filter } }) =>
      limit !== undefined || cursor !== undefined
        ? walkPosts(ctx, { ...filter, limit: limit ?? 50, cursor })
        : listPosts(ctx, { ...filter, page: { number: page, size: per_page } }),
    ({ ctx, query }) => prefetchPosts(ctx, query),
  ),
  route(
    get,
    ({ ctx, params }) => getPost(ctx, params.slug),
    ({ ctx, params }) => prefetchPost(ctx, params.slug),
  ),
  route(update, ({ ctx, params, body }) => updatePost(ctx, params.slug, body)),
  route(remove, ({ ctx, params }) => deletePost(ctx, params.slug)),
  route(publish, ({ ctx, params }) => publishPost(ctx, params.slug)),
  route(unpublish, ({ ctx, params }) => unpublishPost(ctx, params.slug)),
  route(schedule, ({ ctx, params, body }) => schedulePost(ctx, params.slug, body)),
  route(revisions, ({ ctx, params, query }) => listRevisions(ctx, params.slug, query)),
  route(revision, ({ ctx, params }) => getRevision(ctx, params)),
  route(restore, ({ ctx, params }) => restoreRevision(ctx, params)),
];
