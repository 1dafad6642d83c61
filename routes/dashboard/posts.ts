import { Hono } from "hono";
import { AppError } from "../../lib/kit/errors.ts";
import { decodeCursor, type Pagination } from "../../lib/kit/page.ts";
import type { Ctx } from "../../lib/ctx.ts";
import { searchPosts, SearchQuery } from "../../lib/content/discovery/mod.ts";
import {
  deletePost,
  findByTitle,
  isPostSlug,
  listPosts,
  PostQuery,
  publishPost,
  STATUSES,
  titleMatcher,
  unpublishPost,
} from "../../lib/content/posts/mod.ts";
import {
  blogPath,
  ORDERS,
  postsMain,
  type PostsPage,
  type PostsView,
  viewQuery,
} from "../../render/dashboard/mod.ts";
import type { Env } from "../_admit.ts";
import { validate } from "../_input.ts";
import { goTo } from "../auth/_visit.ts";
import { type BlogPage, blogPage, faultsOf, freshCtx, send, sentence } from "./_page.ts";

const PER_PAGE = 20;
const LAST_PAGE = 1_000_000;
// So many commits are under way at once.
const ABREAST = 4;

type Verb = (ctx: Ctx, slug: string) => Promise<unknown>;
const ACTIONS: Record<string, { verb: Verb; done: string }> = {
  publish: { verb: publishPost, done: "published" },
  unpublish: { verb: unpublishPost, done: "made a draft" },
  delete: { verb: deletePost, done: "deleted" },
};
const NOTHING_TICKED = "Tick the posts that you mean, then choose what to do.";

/** The list of a blog's posts. */
export function postRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.get("/app/blogs/:blog/posts", blogPage(env, (page) => showPosts(page, {})));
  app.post("/app/blogs/:blog/posts", blogPage(env, changePosts));
  return app;
}

async function changePosts(page: BlogPage): Promise<Response> {
  const { fields } = page;
  const name = fields.get("action") ?? "";
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : null;
  const slugs = [...new Set(fields.getAll("slug"))].slice(0, PER_PAGE);
  if (!action || slugs.length === 0) {
    return await showPosts(page, { fault: NOTHING_TICKED, status: 400 });
  }
  const failures = await eachOf(slugs, async (slug) => {
    if (!isPostSlug(slug)) throw new AppError("post_not_found");
    await action.verb(freshCtx(page), slug);
  });
  const done = slugs.length - failures.length;
  if (failures.length === 0) {
    const query = viewQuery(viewOf(page)).replace(/^\?/, "&");
    const at = blogPath(page.blog, `/posts?done=${name}&n=${done}${query}`);
    return goTo(page.visit, at);
  }
  return await showPosts(page, {
    failures,
    status: failures[0].status,
    said: done > 0 ? sayDone(name, done) : null,
  });
}

type Failure = { slug: string; message: string; status: number };

/** Does something to each slug, and gives those that refused. */
async function eachOf(
  slugs: string[],
  act: (slug: string) => Promise<void>,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  let next = 0;
  async function work(): Promise<void> {
    while (next < slugs.length) {
      const slug = slugs[next++];
      try {
        await act(slug);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        failures.push({ slug, message: sentence(error.message), status: error.status });
      }
    }
  }
  await Promise.all(Array.from({ length: ABREAST }, work));
  return failures;
}

function sayDone(name: string, n: number): string {
  return `${n === 1 ? "1 post was" : `${n} posts were`} ${ACTIONS[name].done}.`;
}

type Told = {
  failures?: Failure[];
  fault?: string;
  said?: string | null;
  status?: number;
};

async function showPosts(page: BlogPage, told: Told): Promise<Response> {
  const view = viewOf(page);
  const found = await findPosts(page, view);
  const main = postsMain({ blog: page.blog, view, failures: told.failures ?? [], ...found });
  return send(page, {
    ...{ title: "Posts", tab: "/posts", main, fault: told.fault },
    said: told.said === undefined ? doneOf(page) : told.said,
  }, { status: told.status ?? (found.fault ? 400 : 200) });
}

// What the answer to a form led here with.
function doneOf({ visit: { request, url } }: BlogPage): string | null {
  const name = url.searchParams.get("done") ?? "";
  const n = Number(url.searchParams.get("n"));
  const known = request.method === "GET" && Object.hasOwn(ACTIONS, name) &&
    Number.isInteger(n) && n > 0 && n <= PER_PAGE;
  return known ? sayDone(name, n) : null;
}

type Search = NonNullable<PostsPage["search"]>;
type Found = Pick<PostsPage, "posts" | "total" | "pages" | "search" | "fault">;

async function findPosts(page: BlogPage, view: PostsView): Promise<Found> {
  const none = { posts: [], total: 0, pages: 0, search: null };
  const slice = { number: view.page, size: PER_PAGE };
  try {
    if (view.q) return { ...none, search: await searchFor(page, view) };
    const { sort, order } = ORDERS[view.by];
    const value = {
      sort,
      order,
      ...view.status && { status: view.status },
      ...view.tag && { tag: view.tag },
    };
    const { query } = validate({ query: { schema: PostQuery, value } });
    const found = await listPosts(freshCtx(page), { ...query as PostQuery, page: slice });
    const { total, total_pages: pages } = found.pagination;
    return { ...none, posts: found.data, total, pages };
  } catch (error) {
    return { ...none, fault: Object.values(faultsOf(error).faults).join(" ") };
  }
}

/** Titles of every status, and beside the first of them the text of what is published. */
async function searchFor(page: BlogPage, view: PostsView): Promise<Search> {
  const { q, status, tag, after } = view;
  const { query } = validate({
    query: {
      schema: SearchQuery.extend(PostQuery.pick({ tag: true }).shape),
      value: { q, ...tag && { tag } },
    },
  });
  const inTitles = view.page === 1;
  const inText = !after && !tag && (!status || status === "published");
  const [titles, text] = await Promise.all([
    inTitles
      ? findByTitle(freshCtx(page), {
        ...{ q, limit: PER_PAGE, tag: tag || undefined, status: status || undefined },
        cursor: after || undefined,
      })
      : null,
    inText
      ? searchPosts(freshCtx(page), {
        ...query as SearchQuery,
        page: { number: view.page, size: PER_PAGE },
      })
      : null,
  ]);
  const isTitled = titleMatcher(q);
  return {
    titles: titles && { posts: titles.data, next: titles.next_cursor },
    text: text && {
      posts: text.data.filter(({ title }) => !isTitled(title)).map((post) => ({
        ...post,
        status: "published" as const,
        scheduled_at: null,
        updated_at: post.published_at,
      })),
      pages: (text as { pagination: Pagination }).pagination.total_pages,
    },
  };
}

/** What of the posts an address asks to see; what it cannot ask for is as if it were not there. */
function viewOf({ visit: { url } }: BlogPage): PostsView {
  const get = (name: string) => url.searchParams.get(name)?.trim() ?? "";
  const by = get("by");
  const number = get("page");
  return {
    q: get("q"),
    status: STATUSES.find((status) => status === get("status")) ?? "",
    tag: get("tag"),
    by: Object.hasOwn(ORDERS, by) ? by as PostsView["by"] : "changed",
    after: cursorOf(get("after")),
    page: /^[1-9]\d{0,8}$/.test(number) ? Math.min(LAST_PAGE, Number(number)) : 1,
  };
}

// One that is none of ours begins anew.
function cursorOf(text: string): string {
  try {
    return text && decodeCursor(text, ["string"]) ? text : "";
  } catch {
    return "";
  }
}
