import { analyticsPath } from "./analytics.tsx";
import { blogPath, type FramedBlog } from "./document.tsx";
import { describedBy, type Faults, Notes, TextField, Time } from "./parts.tsx";

/** What stands in the editor's fields; `tags` are parted by commas. */
export type Written = {
  title: string;
  content: string;
  slug: string;
  tags: string;
  description: string;
  og_image: string;
  canonical_url: string;
  noindex: boolean;
};
/** A post as the editor names it; times ISO 8601. */
type EditedPost = {
  id: string;
  title: string;
  slug: string;
  url: string;
  status: "draft" | "published" | "scheduled";
  scheduled_at: string | null;
  updated_at: string;
};
/**
 * The editor: `post` is null for a new one, `etag` the version that what is written began from; `conflict`
 * is what was stored meanwhile; `schedule` is a local time and its zone, "" where none was typed;
 * `account` is the id under which a browser keeps what is not saved, `once` what tells one new post from another;
 * `gate` is the lowest plan that can schedule, where the account's cannot.
 */
export type Editor = {
  account: string;
  once: string;
  blog: FramedBlog;
  post: EditedPost | null;
  written: Written;
  etag: string;
  faults: Faults;
  conflict: Written | null;
  schedule: { at: string; zone: string };
  gate: string | null;
};

const STATUS_WORDS = { published: "Published", draft: "Draft", scheduled: "Scheduled" };
const KEYS = [
  ["Ctrl S", "Save"],
  ["Ctrl Enter", "Publish, or save what is published"],
  ["Ctrl B", "Bold"],
  ["Ctrl I", "Italic"],
  ["Ctrl K", "Link"],
  ["Ctrl E", "Code"],
  ["Ctrl Z", "Undo"],
  ["Ctrl Shift Z", "Redo"],
  ["Escape, then Tab", "Leave the text"],
] as const;

/** Where a post is edited. */
export function editPath(blog: { slug: string }, id: string): string {
  return blogPath(blog, `/posts/${id}`);
}

/** The editor of a post: a form, which a script makes more of, and the post's end. */
export function editorMain(editor: Editor) {
  const { blog, post } = editor;
  return (
    <>
      <Form {...editor} />
      {post && !blog.frozen && <Removal blog={blog} post={post} />}
    </>
  );
}

function Form(editor: Editor) {
  const { account, once, blog, post, written, etag, faults } = editor;
  const work = blogPath(blog, "/editor");
  return (
    <form
      class="editor stack"
      method="post"
      action={post ? editPath(blog, post.id) : blogPath(blog, "/posts/new")}
      data-editor={work}
      data-account={account}
      data-id={post?.id ?? ""}
      data-status={post?.status ?? "draft"}
      data-at={post?.scheduled_at ?? ""}
    >
      <input type="hidden" name="etag" value={etag} />
      {!post && <input type="hidden" name="once" value={once} />}
      <input type="hidden" name="own" value={post?.slug ?? ""} />
      <div class="title">
        <h1 data-heading>{post ? "Edit post" : "New post"}</h1>
        <div class="bulk">
          <Status post={post} />
          <span class="soft small" role="status" data-state></span>
          <Actions post={post} work={work} />
        </div>
      </div>
      <div data-notices class="notices"></div>
      {editor.conflict && <Conflict stored={editor.conflict} written={written} />}
      <TextField
        label="Title"
        name="title"
        value={written.title}
        fault={faults.title}
        maxlength={1000}
        required
      />
      <div class="panes" data-panes>
        <div class="field">
          <label for="content">Text, in Markdown</label>
          <textarea
            id="content"
            name="content"
            rows={24}
            spellcheck
            aria-invalid={faults.content ? "true" : undefined}
            aria-describedby={describedBy("content", { fault: faults.content })}
          >
            {"\n" + written.content}
          </textarea>
          <Notes name="content" fault={faults.content} />
          <div data-uploads hidden>
            <label class="button slim">
              Add images <input class="hidden" type="file" accept="image/*" multiple data-files />
            </label>{" "}
            <span class="soft small">or drop or paste them into the text</span>
            <ul data-progress aria-live="polite"></ul>
          </div>
        </div>
        <section class="field" aria-labelledby="Preview" data-preview hidden>
          <div class="title">
            <h2 id="Preview">Preview</h2>
            <span class="soft small" data-figures></span>
          </div>
          <div data-frame></div>
        </section>
      </div>
      <section class="card" aria-labelledby="Warnings" data-warnings hidden>
        <h2 id="Warnings">Worth a look</h2>
        <ul></ul>
      </section>
      <Settings {...editor} />
      <Schedule {...editor} />
      <Card work={work} />
      <Keys />
    </form>
  );
}

function Status({ post }: Pick<Editor, "post">) {
  const status = post?.status ?? "draft";
  return (
    <>
      <span class={`badge${status === "draft" ? "" : " on"}`} data-badge>
        {STATUS_WORDS[status]}
      </span>
      {post?.scheduled_at && (
        <span class="soft small">
          for <Time at={post.scheduled_at} />
        </span>
      )}
      {post?.status === "published" && <a href={post.url}>View</a>}
    </>
  );
}

function Actions({ post, work }: { post: Editor["post"]; work: string }) {
  const status = post?.status ?? "draft";
  return (
    <>
      <button class="button" type="submit" data-save>
        {status === "published" ? "Save changes" : "Save"}
      </button>
      <button
        class="button"
        type="submit"
        formaction={`${work}/page`}
        formtarget="_blank"
        formnovalidate
      >
        Preview
      </button>
      {status !== "published" && (
        <button class="button main" type="submit" name="then" value="published" data-publish>
          {status === "scheduled" ? "Publish now" : "Publish"}
        </button>
      )}
      {status !== "draft" && (
        <button class="button" type="submit" name="then" value="unpublished">
          {status === "scheduled" ? "Cancel the schedule" : "Take down"}
        </button>
      )}
    </>
  );
}

const FIELD_WORDS = {
  title: "Title",
  slug: "Address",
  tags: "Tags",
  description: "Description",
  og_image: "Picture for links",
  canonical_url: "Canonical address",
};

function Conflict({ stored, written }: { stored: Written; written: Written }) {
  const fields = (Object.keys(FIELD_WORDS) as (keyof typeof FIELD_WORDS)[])
    .filter((name) => stored[name] !== written[name]);
  return (
    <section class="card" aria-labelledby="Conflict">
      <h2 id="Conflict">What is stored now</h2>
      {fields.length > 0 && (
        <dl class="figures">
          {fields.map((name) => (
            <>
              <dt>{FIELD_WORDS[name]}</dt>
              <dd dir="auto">{stored[name] || "Empty"}</dd>
            </>
          ))}
        </dl>
      )}
      <label for="stored" class="soft small">The other text, to compare and to copy from</label>
      <textarea id="stored" rows={12} readonly>{"\n" + stored.content}</textarea>
    </section>
  );
}

function Settings({ blog, post, written, faults }: Editor) {
  const bad = ["slug", "tags", "meta"].some((name) => faults[name]);
  return (
    <details class="card" open={bad}>
      <summary>Address, tags and description</summary>
      <TextField
        label="Address"
        name="slug"
        value={written.slug}
        fault={faults.slug}
        hint={`${blog.url}/… – made from the title where it is empty.${
          post?.status === "published" ? " The old address will lead to the new one." : ""
        }`}
        maxlength={100}
      />
      <TextField
        label="Tags"
        name="tags"
        value={written.tags}
        fault={faults.tags}
        hint="At most ten, with commas between them."
      />
      {faults.meta && <p class="fault" role="alert">{faults.meta}</p>}
      <div class="field">
        <label>
          Description
          <textarea name="description" rows={3} aria-describedby="hint-description">
            {"\n" + written.description}
          </textarea>
        </label>
        <Notes
          name="description"
          hint="For search engines and links; the first two sentences where it is empty."
        />
      </div>
      <TextField
        label="Picture for links"
        name="og_image"
        value={written.og_image}
        hint="An https address; one is drawn from the title where it is empty."
      />
      <TextField
        label="Canonical address"
        name="canonical_url"
        value={written.canonical_url}
        hint="Where the text was published first, if elsewhere."
      />
      <div class="ticks">
        <label>
          <input type="checkbox" name="noindex" value="1" checked={written.noindex} />
          Ask search engines to leave this post out
        </label>
      </div>
      {post && (
        <p>
          <a href={`${editPath(blog, post.id)}/revisions`}>Revisions</a>
          {post.status === "published" && (
            <>
              {" · "}
              <a href={analyticsPath(blog, post.slug)}>Views</a>
            </>
          )}
        </p>
      )}
    </details>
  );
}

function Schedule({ post, faults, schedule, gate }: Editor) {
  if (post?.status === "published") return null;
  const fault = faults.scheduled_at;
  const disabled = gate !== null;
  const hint = gate ? `Scheduling requires the ${gate} plan or above.` : undefined;
  const zones = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
  return (
    <details class="card" open={!!fault} data-schedule>
      <summary>
        Schedule
        {gate && <span class="badge">{gate} and above</span>}
      </summary>
      <div class="fields">
        <label>
          Date and time
          <input
            type="datetime-local"
            name="scheduled_at"
            value={schedule.at}
            disabled={disabled}
            aria-invalid={fault ? "true" : undefined}
            aria-describedby={describedBy("scheduled_at", { hint, fault })}
          />
        </label>
        <label>
          Time zone
          <select name="zone" disabled={disabled}>
            {zones.map((zone) => (
              <option value={zone} selected={zone === (schedule.zone || "UTC")}>
                {zone.replaceAll("_", " ")}
              </option>
            ))}
          </select>
        </label>
        <button class="button" type="submit" name="then" value="scheduled" disabled={disabled}>
          {post?.status === "scheduled" ? "Move the schedule" : "Schedule"}
        </button>
      </div>
      <Notes name="scheduled_at" hint={hint} fault={fault} />
      {gate && <a class="small after" href="/upgrade">Compare the plans</a>}
    </details>
  );
}

function Removal({ blog, post }: { blog: FramedBlog; post: EditedPost }) {
  const path = `${editPath(blog, post.id)}/delete`;
  return (
    <section class="card" aria-labelledby="Delete">
      <h2 id="Delete">Delete the post</h2>
      <details>
        <summary class="button bad">Delete {post.title}</summary>
        <form class="stack after-summary" method="post" action={path}>
          <p>
            Its text and its revisions go for good{post.status === "published" &&
              ", and its page at once"}: deleted posts do not come back.
          </p>
          <div>
            <button class="button bad" type="submit">Delete it for good</button>
          </div>
        </form>
      </details>
    </section>
  );
}

function Card({ work }: { work: string }) {
  return (
    <details class="card">
      <summary>How a link to it looks elsewhere</summary>
      <div>
        <button
          class="button slim"
          type="submit"
          formaction={`${work}/card`}
          formtarget="card"
          formnovalidate
          data-card
        >
          Show it
        </button>
      </div>
      <iframe class="linked" name="card" title="How a link looks" sandbox=""></iframe>
    </details>
  );
}

function Keys() {
  return (
    <details class="card">
      <summary>Keys</summary>
      <dl class="figures">
        {KEYS.map(([keys, what]) => (
          <>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
      <p class="soft small">On a Mac, ⌘ in place of Ctrl.</p>
    </details>
  );
}
