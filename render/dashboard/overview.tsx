import { analyticsPath } from "./analytics.tsx";
import { type DayFigures, sayNumber, Sparkline } from "./chart.tsx";
import { blogPath, type FramedBlog } from "./document.tsx";
import { Notices, type ShownNotice } from "./notices.tsx";
import { Copyable, Time, Title } from "./parts.tsx";
import { type ListedPost, StatusBadge } from "./posts.tsx";

/** `counts` are status and number; `views` those of a month, null where the plan has none; `api` and `mcp` are addresses. */
export type Overview = {
  blog: FramedBlog;
  counts: (readonly [ListedPost["status"], number])[];
  recent: ListedPost[];
  views: DayFigures[] | null;
  notices: ShownNotice[];
  api: string;
  mcp: string;
};

const WORDS = { published: "Published", draft: "Drafts", scheduled: "Scheduled" };

/** A blog at a glance, and how to publish to it from elsewhere. */
export function overviewMain(
  { blog, counts, recent, views, notices, api, mcp }: Overview,
) {
  return (
    <>
      <Title title={blog.name}>
        <a class="button" href={blog.url}>Visit the blog</a>
        {!blog.frozen && (
          <a class="button main" href={blogPath(blog, "/posts/new")}>
            Write a post
          </a>
        )}
      </Title>
      <p class="soft">
        At <a href={blog.url}>{blog.url.replace(/^https?:\/\//, "")}</a>
      </p>
      <Notices shown={notices} back={blogPath(blog)} />
      <dl class="tiles">
        {counts.map(([status, count]) => (
          <div class="tile">
            <dt>{WORDS[status]}</dt>
            <dd>{count.toLocaleString("en")}</dd>
          </div>
        ))}
        {views && <Views blog={blog} days={views} />}
      </dl>
      {recent.length > 0 && <Recent blog={blog} posts={recent} />}
      <FirstSteps blog={blog} api={api} mcp={mcp} />
    </>
  );
}

function Views({ blog, days }: { blog: FramedBlog; days: DayFigures[] }) {
  const total = days.reduce((sum, { views }) => sum + views, 0);
  return (
    <div class="tile">
      <dt>
        <Sparkline days={days} />
        <a href={analyticsPath(blog)}>Views in {days.length} days</a>
      </dt>
      <dd>{sayNumber(total)}</dd>
    </div>
  );
}

function Recent({ blog, posts }: { blog: FramedBlog; posts: ListedPost[] }) {
  return (
    <section class="card" aria-labelledby="Recent">
      <h2 id="Recent">Last changed</h2>
      <ul class="list">
        {posts.map((post) => (
          <li class="row">
            <div>
              <a href={blogPath(blog, `/posts/${post.slug}/edit`)}>{post.title}</a>
              <br />
              <span class="soft small">
                <Time at={post.updated_at} />
              </span>
            </div>
            <StatusBadge status={post.status} />
          </li>
        ))}
      </ul>
      <p>
        <a href={blogPath(blog, "/posts")}>All posts</a>
      </p>
    </section>
  );
}

function FirstSteps({ blog, api, mcp }: Pick<Overview, "blog" | "api" | "mcp">) {
  const base = api.replace(/\/v1$/, "");
  const post = JSON.stringify({ title: "Hello", content: "# Hello", status: "published" });
  return (
    <section class="card" aria-labelledby="Steps">
      <h2 id="Steps">Publish from elsewhere</h2>
      <p>
        First <a href={blogPath(blog, "/keys")}>make an API key</a>, and put it in place of{" "}
        <code>pk_live_…</code>. Everything that the API takes is in{" "}
        <a href="/docs">its reference</a>.
      </p>
      <h3>With curl</h3>
      <Copyable
        what="the curl command"
        text={`curl ${api}/posts \\\n  -H "Authorization: Bearer pk_live_…" \\\n  -H "Content-Type: application/json" \\\n  -d '${post}'`}
      />
      <h3>From the command line</h3>
      <Copyable
        what="the commands"
        text={`npx @postlark/cli login --api-base ${base}\nnpx @postlark/cli posts create post.md`}
      />
      <h3>From an assistant, over MCP</h3>
      <Copyable
        what="the MCP set-up"
        text={`claude mcp add --transport http postlark ${mcp} --header "Authorization: Bearer pk_live_…"`}
      />
      <p class="soft small">
        A client that can sign in by OAuth needs the address alone: <code>{mcp}</code>
      </p>
    </section>
  );
}
