import { Comparison } from "./comparison.tsx";
import type { FramedBlog } from "./document.tsx";
import { editPath } from "./editor.tsx";
import { Time, Title } from "./parts.tsx";

type Post = { id: string; title: string };
type Summary = {
  id: string;
  number: number;
  title: string;
  word_count: number;
  created_at: string;
};

/** The kept revisions of a post, newest first. */
export function revisionsMain(
  { blog, post, revisions }: { blog: FramedBlog; post: Post; revisions: Summary[] },
) {
  const path = editPath(blog, post.id);
  return (
    <>
      <Title title="Revisions">
        <a class="button" href={path}>Back to the post</a>
      </Title>
      <p class="soft">The last 50 versions of “{post.title}”.</p>
      <section class="card" aria-label="Revisions">
        <ul class="list">
          {revisions.map((one, i) => (
            <li class="row">
              <div>
                <a href={`${path}/revisions/${one.id}`}>Revision {one.number}</a>
                {i === 0 && <span class="badge">current</span>}
                <br />
                <span class="soft small">
                  <Time at={one.created_at} />, {one.word_count.toLocaleString("en")} words
                </span>
              </div>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

/** One revision, compared with the text as it is now, and a button that makes it the newest; `etag` is the post's. */
export function revisionMain(
  { blog, post, revision, etag }: {
    blog: FramedBlog;
    post: Post & { content_md: string };
    revision: Summary & { content_md: string };
    etag: string;
  },
) {
  const path = editPath(blog, post.id);
  return (
    <>
      <Title title={`Revision ${revision.number}`}>
        {!blog.frozen && (
          <form method="post" action={`${path}/revisions/${revision.id}`}>
            <input type="hidden" name="etag" value={etag} />
            <button class="button main" type="submit">Restore it</button>
          </form>
        )}
        <a class="button" href={`${path}/revisions`}>All revisions</a>
      </Title>
      <p class="soft">
        “{revision.title}”, <Time at={revision.created_at} />
      </p>
      <section class="card" aria-labelledby="Changes">
        <h2 id="Changes">What restoring it changes</h2>
        {revision.title !== post.title && (
          <p>
            The title, from “{post.title}” to “{revision.title}”.
          </p>
        )}
        <Comparison before={post.content_md} after={revision.content_md} />
      </section>
      <section class="card" aria-labelledby="Whole">
        <h2 id="Whole">Its whole text</h2>
        <div class="copy">
          <pre class="wrap" tabindex={0} aria-label="Text" role="group">{revision.content_md}</pre>
        </div>
      </section>
    </>
  );
}
