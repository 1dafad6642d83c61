import { AppError } from "../../lib/kit/errors.ts";
import { ROUTES } from "../v1/mod.ts";
import { runRoute, type Serving } from "./_call.ts";
import type { Answer, Way } from "./_tool.ts";

const PAGE = 50;
const TYPE = "text/markdown";
const POST = /^postlark:\/\/blogs\/([^/?#]+)\/posts\/([^/?#]+)$/;

/** The addresses of posts as resources. */
export const TEMPLATES = [{
  uriTemplate: "postlark://blogs/{blog_id}/posts/{slug}",
  name: "post",
  title: "Post",
  description: "The Markdown of a post, drafts too.",
  mimeType: TYPE,
}];

function wayOf(id: string, taken: Way["arguments"]): Way {
  const route = ROUTES.find(({ operation }) => operation.operationId === id)!;
  return { route, arguments: taken, onBlog: true };
}

const LIST = wayOf(
  "listPosts",
  new Map(["limit", "cursor"].map((field) => [
    field,
    { in: "query", field, schema: {}, required: false },
  ])),
);
const GET = wayOf(
  "getPost",
  new Map([["slug", { in: "params", field: "slug", schema: {}, required: true }]]),
);

/** The posts of the blog that is acted on, newest first, 50 at a time; none where several blogs are and none is chosen. */
export async function listResources(serving: Serving, cursor: string | undefined) {
  const { ctx } = serving.admitted;
  try {
    const { data, next_cursor } = await runRoute(serving, LIST, { limit: PAGE, cursor }) as Answer;
    return {
      resources: data.map((post: Answer) => ({
        uri: `postlark://blogs/${ctx.blog}/posts/${post.slug}`,
        name: post.slug,
        title: post.title,
        description: `${post.status}: ${post.meta_description}`,
        mimeType: TYPE,
        annotations: { lastModified: post.updated_at },
      })),
      ...next_cursor && { nextCursor: next_cursor },
    };
  } catch (error) {
    if (!(error instanceof AppError) || error.reason !== "blog_unresolved") throw error;
    return { resources: [] };
  }
}

/** The Markdown of a post; throws 404 where the address names none of the caller's. */
export async function readResource(serving: Serving, uri: string) {
  const [, blog_id, slug] = POST.exec(uri) ?? [];
  if (!slug || !URL.canParse(uri)) throw new AppError("post_not_found");
  const post = await runRoute(serving, GET, { blog_id, slug }) as Answer;
  return { contents: [{ uri, mimeType: TYPE, text: post.content_md as string }] };
}
