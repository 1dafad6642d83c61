import { z } from "@hono/zod-openapi";
import { deleteBlog } from "../../lib/account/deletion.ts";
import { activateBlog } from "../../lib/account/plan_changes.ts";
import {
  Blog,
  BlogInput,
  BlogSummary,
  BlogUpdate,
  createBlog,
  getBlog,
  listBlogs,
  updateBlog,
} from "../../lib/content/blogs.ts";
import { CursorQuery, listOf, operation, route } from "../_operation.ts";

const acts = { tag: "Blogs" } as const;

const create = operation({
  ...acts,
  method: "post",
  path: "/blogs",
  operationId: "createBlog",
  summary: "Create a blog",
  description: "Limits: Free 1, Starter 1, Creator 3, Scale 5, Enterprise none.",
  scope: "blogs:write",
  reasons: ["slug_taken", "blog_limit"],
  body: BlogInput,
  answer: { status: 201, schema: Blog, description: "The new blog." },
});
const list = operation({
  ...acts,
  method: "get",
  path: "/blogs",
  operationId: "listBlogs",
  summary: "List my blogs",
  description: "Newest first.",
  scope: "blogs:read",
  reasons: ["cursor_malformed"],
  query: CursorQuery,
  answer: { status: 200, schema: listOf(BlogSummary, "BlogList"), description: "The blogs." },
});
const get = operation({
  ...acts,
  method: "get",
  path: "/blogs/{id}",
  operationId: "getBlog",
  summary: "Get a blog",
  scope: "blogs:read",
  reasons: ["blog_not_found", "blog_bound"],
  blog: "param",
  answer: { status: 200, schema: Blog, description: "The blog, with its theme.", etag: true },
});
const update = operation({
  ...acts,
  method: "put",
  path: "/blogs/{id}",
  operationId: "updateBlog",
  summary: "Update a blog",
  description:
    "`theme_config` is merged key by key, null removes one. customCss, cssUrl, adCode: Starter and above; headerHtml, footerHtml: Creator and above; headHtml, layoutHtml: Scale and above.",
  scope: "blogs:write",
  reasons: ["blog_not_found", "blog_bound", "plan_required", "blog_frozen", "precondition_failed"],
  blog: "param",
  body: BlogUpdate,
  answer: { status: 200, schema: Blog, description: "The blog as it is now." },
});
const activate = operation({
  ...acts,
  method: "post",
  path: "/blogs/{id}/activate",
  operationId: "activateBlog",
  summary: "Keep a blog where the plan has fewer",
  description:
    "After a downgrade the newest blogs beyond the plan's number are frozen. This one can be written to again, in place of another.",
  scope: "blogs:write",
  reasons: ["blog_not_found", "blog_bound"],
  blog: "param",
  answer: { status: 200, schema: Blog, description: "The blog as it is now." },
});
const remove = operation({
  ...acts,
  method: "delete",
  path: "/blogs/{id}",
  operationId: "deleteBlog",
  summary: "Delete a blog",
  description: "For good, with its posts and keys. Its subdomain is held for you for 90 days.",
  scope: "blogs:write",
  reasons: ["blog_not_found", "blog_bound", "precondition_failed"],
  blog: "param",
  answer: {
    status: 200,
    schema: z.object({ deleted: z.literal(true) }).openapi("Deleted"),
    description: "Nothing of it is visible any more.",
  },
});

export const blogs = [
  route(create, ({ ctx, body }) => createBlog(ctx, body)),
  route(list, ({ ctx, query }) => listBlogs(ctx, query)),
  route(get, ({ ctx, params }) => getBlog(ctx, params.id)),
  route(update, ({ ctx, params, body }) => updateBlog(ctx, params.id, body)),
  route(activate, ({ ctx, params }) => activateBlog(ctx, params.id)),
  route(remove, ({ ctx, params }) => deleteBlog(ctx, params.id)),
];
