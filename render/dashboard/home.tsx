import { blogPath, type FramedBlog } from "./document.tsx";
import { Notices, type ShownNotice } from "./notices.tsx";
import type { Faults } from "./parts.tsx";

/** What an account sees of itself; `figures` are name and value. */
export type Home = {
  who: string;
  plan: string;
  grace: string | null;
  figures: [string, string][];
  notices: ShownNotice[];
  blogs: FramedBlog[];
  /** what stands around the slug in a blog's address */
  address: { before: string; after: string };
  /** whether the plan has place for another blog */
  room: boolean;
  /** what was typed, and why it was not taken */
  refused: { name: string; slug: string; faults: Faults } | null;
};

/** The page of an account that is signed in. */
export function homeMain(home: Home) {
  return (
    <>
      <h1>{home.blogs.length ? "Your blogs" : "Welcome"}</h1>
      <p class="soft">Signed in as {home.who}.</p>
      <Notices shown={home.notices} back="/app" />
      {home.blogs.length > 0 && (
        <section class="card" aria-label="Blogs">
          <ul class="list">{home.blogs.map((blog) => <Blog {...blog} />)}</ul>
        </section>
      )}
      {home.room || home.refused
        ? <NewBlog {...home} />
        : <p class="soft">Your plan has no place for another blog.</p>}
      <section class="card" aria-labelledby="Plan">
        <h2 id="Plan">Plan: {home.plan}</h2>
        {home.grace && <p>{home.grace}</p>}
        <dl class="figures">
          {home.figures.map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </>
          ))}
        </dl>
        <p>
          <a href="/app/billing">Usage and packs</a> · <a href="/upgrade">Compare the plans</a>
        </p>
      </section>
    </>
  );
}

function Blog(blog: FramedBlog) {
  return (
    <li class="row">
      <div>
        <strong>
          <a href={blogPath(blog)}>{blog.name}</a>
        </strong>
        {blog.frozen && <span class="soft small after">(frozen: beyond your plan)</span>}
        <br />
        <a class="small" href={blog.url}>{blog.url.replace(/^https?:\/\//, "")}</a>
      </div>
    </li>
  );
}

function NewBlog({ blogs, address, refused }: Home) {
  const first = blogs.length === 0;
  const invalid = refused ? { "aria-invalid": "true", "aria-describedby": "Fault" } as const : {};
  const said = refused && Object.values(refused.faults).join(" ");
  return (
    <section class="card" aria-labelledby="New">
      <h2 id="New">{first ? "Make your first blog" : "Another blog"}</h2>
      {said && <p class="said bad" role="alert" id="Fault">{said}</p>}
      <form class="stack short" method="post" action="/app/blogs">
        <label>
          Name{" "}
          <input
            type="text"
            name="name"
            required
            maxlength={200}
            autocomplete="off"
            value={refused?.name ?? ""}
            {...invalid}
          />
        </label>
        <label>
          Address{" "}
          <input
            type="text"
            name="slug"
            required
            maxlength={63}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            pattern="[a-z0-9]([a-z0-9\-]*[a-z0-9])?"
            title="a to z, 0 to 9 and hyphens"
            value={refused?.slug ?? ""}
            {...invalid}
          />
          <span class="hint">
            {address.before}
            <b>address</b>
            {address.after}
          </span>
        </label>
        <div>
          <button class="button main" type="submit">{first ? "Make it" : "Make another"}</button>
        </div>
      </form>
    </section>
  );
}
