import { blogPath, type FramedBlog } from "./document.tsx";
import { type Faults, TextArea, TextField, Title } from "./parts.tsx";

/** What was typed; of the tags' patterns one a line, `tag: pattern`. */
export type TypedSettings = {
  name: string;
  description: string;
  title_pattern: string;
  tag_title_patterns: string;
};
/** `gate` is the lowest plan that has patterns of titles, null where the account's has; `etag` is the blog's that `stored` is of. */
export type SettingsPage = {
  blog: FramedBlog;
  typed: TypedSettings;
  stored: TypedSettings;
  etag: string;
  gate: string | null;
  faults: Faults;
};

/** What a blog is called, and its end. */
export function settingsMain(page: SettingsPage) {
  return (
    <>
      <Title title="Settings" />
      <Fields {...page} />
      <Removal {...page} />
    </>
  );
}

function Fields({ blog, typed, stored, etag, gate, faults }: SettingsPage) {
  const hint = (words: string) => gate ? `${words} Requires the ${gate} plan or above.` : words;
  const patterns = gate !== null;
  return (
    <section class="card" aria-labelledby="Blog">
      <h2 id="Blog">The blog</h2>
      <form class="stack short" method="post" action={blogPath(blog, "/settings")}>
        <input type="hidden" name="etag" value={etag} />
        <TextField
          label="Name"
          name="name"
          value={typed.name}
          fault={faults.name}
          required
          maxlength={200}
        />
        <TextArea
          label="Description"
          name="description"
          value={typed.description}
          fault={faults.description}
          hint="What it is about, in a sentence: below its name, for feeds, search engines and assistants."
          maxlength={1000}
        />
        <TextField
          label="Pattern of titles"
          name="title_pattern"
          value={typed.title_pattern}
          fault={faults.title_pattern}
          hint={hint(
            "For browser tabs and search engines, of {title}, {blog} and {tag}; empty: ours.",
          )}
          disabled={patterns && !stored.title_pattern}
          maxlength={200}
        />
        <TextArea
          label="Patterns of titles by tag"
          name="tag_title_patterns"
          value={typed.tag_title_patterns}
          fault={faults.tag_title_patterns}
          hint={hint("One a line, such as “recipes: {title}, a recipe of {blog}”.")}
          disabled={patterns && !stored.tag_title_patterns}
          code
        />
        {gate && (
          <p class="small">
            <a href="/upgrade">Compare the plans</a>
          </p>
        )}
        {!blog.frozen && (
          <div>
            <button class="button main" type="submit">Save</button>
          </div>
        )}
      </form>
      <p class="soft small">
        Its address is{" "}
        <a href={blog.url}>{blog.url.replace(/^https?:\/\//, "")}</a>: the name in it cannot be
        changed, but the blog can have <a href={blogPath(blog, "/domain")}>a domain of your own</a>.
      </p>
    </section>
  );
}

function Removal({ blog, faults }: SettingsPage) {
  return (
    <section class="card" aria-labelledby="Delete">
      <h2 id="Delete">Delete the blog</h2>
      <p>
        Its posts, images and keys go with it, for good, and its pages at once. The name{" "}
        <code>{blog.slug}</code> is held for you for 90 days. You may want to{" "}
        <a href="/app/account">export it</a> first.
      </p>
      <details open={!!faults.confirm}>
        <summary class="button bad">Delete {blog.name}</summary>
        <form
          class="stack short after-summary"
          method="post"
          action={blogPath(blog, "/settings/delete")}
        >
          <TextField
            label={`Type ${blog.slug} to confirm`}
            name="confirm"
            value=""
            fault={faults.confirm}
            required
          />
          <div>
            <button class="button bad" type="submit">Delete it for good</button>
          </div>
        </form>
      </details>
    </section>
  );
}
