import { blogPath, type FramedBlog } from "./document.tsx";
import { SelectField, TextField, Time, Title } from "./parts.tsx";

/** A post as it is listed; times ISO 8601. */
export type ListedPost = {
  title: string;
  slug: string;
  url: string;
  status: "draft" | "published" | "scheduled";
  tags: string[];
  published_at: string | null;
  scheduled_at: string | null;
  updated_at: string;
};
/** What a list shows: "" is any. `q` looks through titles, where it went on `after`, and through what is published. */
export type PostsView = {
  q: string;
  status: "" | ListedPost["status"];
  tag: string;
  by: keyof typeof ORDERS;
  after: string;
  page: number;
};
/**
 * What a search found: in titles, with the cursor of what is older, and in the text of published posts whose
 * titles do not say it. Null where it was not looked for.
 */
type Search = {
  titles: { posts: ListedPost[]; next: string | null } | null;
  text: { posts: ListedPost[]; pages: number } | null;
};
/** `failures` are those of a bulk action, by slug; `search` stands in the place of a list. */
export type PostsPage = {
  blog: FramedBlog;
  posts: ListedPost[];
  view: PostsView;
  total: number;
  pages: number;
  search: Search | null;
  failures: { slug: string; message: string }[];
  /** of `q` */
  fault?: string;
};

/** The orders of a list, with what the API calls them. */
export const ORDERS = {
  changed: { words: "Last changed", sort: "updated_at", order: "desc" },
  newest: { words: "Newest", sort: "created_at", order: "desc" },
  oldest: { words: "Oldest", sort: "created_at", order: "asc" },
  published: { words: "Last published", sort: "published_at", order: "desc" },
} as const;
const STATUS_WORDS = { published: "Published", draft: "Draft", scheduled: "Scheduled" };

/** The query of a list's address, without what is as it is anyway; "" or with its question mark. */
export function viewQuery({ q, status, tag, by, after, page }: PostsView): string {
  const query = new URLSearchParams({
    ...q && { q },
    ...status && { status },
    ...tag && { tag },
    ...by !== "changed" && { by },
    ...after && { after },
    ...page > 1 && { page: String(page) },
  });
  return query.size ? `?${query}` : "";
}

/** The posts of a blog, with what can be done to several at once. */
export function postsMain(page: PostsPage) {
  const { blog, search } = page;
  return (
    <>
      <Title title="Posts">
        {!blog.frozen && (
          <a class="button main" href={blogPath(blog, "/posts/new")}>
            Write a post
          </a>
        )}
      </Title>
      {page.failures.length > 0 && (
        <div class="said bad" role="alert">
          <p>These were not changed:</p>
          <ul>
            {page.failures.map(({ slug, message }) => (
              <li>
                <code>{slug}</code>: {message}
              </li>
            ))}
          </ul>
        </div>
      )}
      <Filter {...page} />
      {search?.titles && <InTitles {...page} titles={search.titles} />}
      {search?.text && <InText {...page} text={search.text} />}
      {!search && <List {...page} />}
    </>
  );
}

function List(page: PostsPage) {
  const { blog, posts, view, total } = page;
  const narrowed = view.status || view.tag;
  return (
    <section class="card" aria-labelledby="Found">
      <h2 id="Found">{countOf(total, "post")}</h2>
      {posts.length > 0 && <Posts blog={blog} view={view} posts={posts} />}
      {posts.length === 0 && !narrowed && total === 0 && (
        <p class="empty">
          Nothing is written yet.{" "}
          {!blog.frozen && <a href={blogPath(blog, "/posts/new")}>Write the first post</a>}
        </p>
      )}
      {posts.length === 0 && (narrowed || total > 0) && (
        <p class="empty">
          No post is here. <a href={blogPath(blog, "/posts")}>Show all</a>
        </p>
      )}
      {page.pages > 1 && <Pager {...page} />}
    </section>
  );
}

function countOf(n: number, one: string): string {
  return n === 1 ? `1 ${one}` : `${n.toLocaleString("en")} ${one}s`;
}

function InTitles(
  { blog, view, titles: { posts, next } }: PostsPage & { titles: NonNullable<Search["titles"]> },
) {
  const to = (after: string) => blogPath(blog, `/posts${viewQuery({ ...view, after })}`);
  const partly = next !== null || view.after !== "";
  return (
    <section class="card" aria-labelledby="Titles">
      <h2 id="Titles">
        {countOf(posts.length, "title")} with “{view.q}”{partly && " here"}
      </h2>
      {posts.length > 0 ? <Posts blog={blog} view={view} posts={posts} /> : (
        <p class="empty">
          {partly ? "No title of those looked at so far has it." : "No title has it."}{" "}
          <a href={blogPath(blog, "/posts")}>Show all posts</a>
        </p>
      )}
      {partly && (
        <nav class="pager" aria-label="Titles">
          {view.after ? <a class="button slim" href={to("")}>From the newest</a> : <span></span>}
          {next && (
            <>
              <span class="soft small">Older posts were not looked at yet.</span>
              <a class="button slim" rel="next" href={to(next)}>Look further back</a>
            </>
          )}
        </nav>
      )}
    </section>
  );
}

function InText(
  { blog, view, text: { posts, pages } }: PostsPage & { text: NonNullable<Search["text"]> },
) {
  if (posts.length === 0 && pages < 2) return null;
  return (
    <section class="card" aria-labelledby="Text">
      <h2 id="Text">In the text of what is published</h2>
      {posts.length > 0
        ? <Posts blog={blog} view={view} posts={posts} />
        : <p class="empty">All that is found here has it in its title too.</p>}
      {pages > 1 && <Pager blog={blog} view={view} pages={pages} />}
    </section>
  );
}

function Filter({ blog, view, fault }: PostsPage) {
  return (
    <form method="get" action={blogPath(blog, "/posts")} role="search" aria-label="Posts">
      <div class="fields">
        <div class="grow">
          <TextField
            label="Search"
            name="q"
            value={view.q}
            fault={fault}
            maxlength={100}
          />
        </div>
        <SelectField
          label="Status"
          name="status"
          value={view.status}
          options={[["", "Any"], ...Object.entries(STATUS_WORDS)]}
        />
        <TextField label="Tag" name="tag" value={view.tag} maxlength={50} />
        <SelectField
          label="Order"
          name="by"
          value={view.by}
          options={Object.entries(ORDERS).map(([by, { words }]) => [by, words])}
        />
        <button class="button" type="submit">Show</button>
      </div>
      <p class="soft small">
        A search looks through the titles of all posts, and the text of what is published.
      </p>
    </form>
  );
}

function Posts({ blog, posts, view }: Pick<PostsPage, "blog" | "posts" | "view">) {
  return (
    <form class="stack" method="post" action={blogPath(blog, `/posts${viewQuery(view)}`)}>
      <table class="rows">
        <caption class="hidden">Posts</caption>
        <thead>
          <tr>
            <th class="pick" scope="col">
              <input type="checkbox" data-tick-all hidden aria-label="All on this page" />
            </th>
            <th scope="col">Title</th>
            <th scope="col">Status</th>
            <th scope="col">Tags</th>
            <th scope="col">Changed</th>
          </tr>
        </thead>
        <tbody>{posts.map((post) => <Row blog={blog} post={post} />)}</tbody>
      </table>
      {!blog.frozen && <Actions />}
    </form>
  );
}

function Row({ blog, post }: { blog: FramedBlog; post: ListedPost }) {
  return (
    <tr>
      <td class="pick">
        <input
          type="checkbox"
          name="slug"
          value={post.slug}
          data-tick
          aria-label={`Choose ${post.title}`}
        />
      </td>
      <th scope="row">
        <a href={blogPath(blog, `/posts/${post.slug}/edit`)}>{post.title}</a>
        {post.status === "published" && (
          <>
            {" "}
            <a class="small" href={post.url} aria-label={`View ${post.title}`}>
              View
            </a>
          </>
        )}
      </th>
      <td>
        <StatusBadge status={post.status} />
        {post.scheduled_at && (
          <span class="soft small after">
            for <Time at={post.scheduled_at} />
          </span>
        )}
      </td>
      <td class="soft small">{post.tags.join(", ")}</td>
      <td class="soft small">
        <Time at={post.updated_at} />
      </td>
    </tr>
  );
}

/** What a post's status is, in a word. */
export function StatusBadge({ status }: { status: ListedPost["status"] }) {
  return <span class={status === "published" ? "badge on" : "badge"}>{STATUS_WORDS[status]}</span>;
}

function Actions() {
  return (
    <div class="bulk" role="group" aria-label="With those that are ticked">
      <button class="button slim" type="submit" name="action" value="publish">Publish</button>
      <button class="button slim" type="submit" name="action" value="unpublish">
        Back to draft
      </button>
      <details class="menu start" data-menu>
        <summary class="button slim bad">Delete</summary>
        <div class="stack">
          <p>Deleted posts do not come back.</p>
          <button class="button slim bad" type="submit" name="action" value="delete">
            Delete what is ticked, for good
          </button>
        </div>
      </details>
    </div>
  );
}

function Pager({ blog, view, pages }: Pick<PostsPage, "blog" | "view" | "pages">) {
  const to = (page: number) => blogPath(blog, `/posts${viewQuery({ ...view, page })}`);
  return (
    <nav class="pager" aria-label="Pages">
      {view.page > 1
        ? <a class="button slim" rel="prev" href={to(Math.min(view.page - 1, pages))}>Before</a>
        : <span></span>}
      <span>Page {view.page} of {pages}</span>
      {view.page < pages
        ? <a class="button slim" rel="next" href={to(view.page + 1)}>Next</a>
        : <span></span>}
    </nav>
  );
}
