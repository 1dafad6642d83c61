import { sayBytes } from "./billing.tsx";
import { blogPath, type FramedBlog } from "./document.tsx";
import { Notes, Older, Time, Title } from "./parts.tsx";

/** An image as it is listed; `created_at` ISO 8601, `size` in bytes. */
export type ListedImage = {
  id: string;
  url: string;
  markdown: string;
  filename: string;
  size: number;
  width: number;
  height: number;
  created_at: string;
};
/** A file that was sent and is not stored. */
export type NotUploaded = { name: string; message: string };
/** `after` is the cursor of this page, `next` of the one after; `storage` in bytes, of the whole account. */
export type MediaPage = {
  blog: FramedBlog;
  images: ListedImage[];
  after: string | null;
  next: string | null;
  storage: { used: number; limit: number };
  failures: NotUploaded[];
  fault?: string;
};

/** Where a page of the images is. */
export function mediaPath(
  blog: { slug: string },
  { after, done }: { after?: string | null; done?: string } = {},
): string {
  const query = new URLSearchParams({ ...after && { after }, ...done && { done } });
  return blogPath(blog, `/media${query.size ? `?${query}` : ""}`);
}

/** The images of a blog, and the form of new ones. */
export function mediaMain(page: MediaPage) {
  const { blog, images, after, next, storage } = page;
  return (
    <>
      <Title title="Media" />
      <Storage {...storage} />
      {!blog.frozen && <Upload {...page} />}
      <section class="card" aria-labelledby="Stored">
        <h2 id="Stored">{after ? "Older images" : "In the blog"}</h2>
        {images.length > 0 && (
          <ul class="images">
            {images.map((image) => <Image blog={blog} image={image} after={after} />)}
          </ul>
        )}
        {images.length === 0 && (
          <p class="empty">
            {after ? "There are no older ones." : "No image is here yet."}
          </p>
        )}
        <Older path={mediaPath(blog)} after={after} next={next} />
      </section>
    </>
  );
}

function Storage({ used, limit }: MediaPage["storage"]) {
  const words = `${sayBytes(used)} of ${sayBytes(limit)} used`;
  return (
    <div class="storage">
      <label for="storage">Storage of the account</label>
      <meter id="storage" min={0} max={limit} high={limit * 0.9} value={Math.min(used, limit)}>
        {words}
      </meter>
      <span class="soft small">
        {words}
        {used > limit * 0.9 && (
          <>
            . <a href="/upgrade">Compare the plans</a>
          </>
        )}
      </span>
    </div>
  );
}

function Upload({ blog, failures, fault }: MediaPage) {
  return (
    <section class="card" aria-labelledby="Upload">
      <h2 id="Upload">Upload</h2>
      {failures.length > 0 && (
        <div class="said bad" role="alert">
          <p>Not uploaded:</p>
          <ul>
            {failures.map(({ name, message }) => (
              <li>
                <strong>{name || "A file without a name"}</strong>: {message}
              </li>
            ))}
          </ul>
        </div>
      )}
      <form
        class="stack drop"
        method="post"
        action={mediaPath(blog)}
        enctype="multipart/form-data"
        data-media={blogPath(blog, "/editor/media")}
      >
        <div class="field">
          <label>
            Images
            <input
              type="file"
              name="file"
              multiple
              accept="image/jpeg,image/png,image/gif,image/webp"
              aria-invalid={fault ? "true" : undefined}
              aria-describedby={fault ? "fault-file hint-file" : "hint-file"}
            />
          </label>
          <Notes
            name="file"
            hint="JPEG, PNG, GIF or WebP, up to 5 MB each. What a camera notes in them, such as the place, is taken out."
            fault={fault}
          />
        </div>
        <p class="soft small" data-dropping hidden>
          They are sent at once. You can also drop them here, or paste one.
        </p>
        <div role="status">
          <ul data-progress></ul>
        </div>
        <div>
          <button class="button main" type="submit">Upload</button>
        </div>
      </form>
    </section>
  );
}

function Image(
  { blog, image, after }: Pick<MediaPage, "blog" | "after"> & { image: ListedImage },
) {
  const { url, width, height, filename } = image;
  const name = filename || "Without a name";
  return (
    <li class="image">
      <a class="thumb" href={url} aria-label={`Open ${name}`}>
        <img src={url} width={width} height={height} loading="lazy" decoding="async" alt="" />
      </a>
      <div class="about">
        <p class="name" dir="auto" title={name}>{name}</p>
        <p class="soft small">
          {width} × {height}, {sayBytes(image.size)}
        </p>
        <p class="soft small">
          <Time at={image.created_at} />
        </p>
      </div>
      <div class="bulk">
        <Taken what="Markdown" text={image.markdown} of={name} />
        <Taken what="URL" text={url} of={name} />
        <details class="menu start" data-menu>
          <summary class="button slim bad" aria-label={`Delete ${name}`}>Delete</summary>
          <form
            class="stack"
            method="post"
            action={blogPath(
              blog,
              `/media/${image.id}/delete${after ? `?${new URLSearchParams({ after })}` : ""}`,
            )}
          >
            <p>Posts that show it will have a gap. It does not come back.</p>
            <button class="button slim bad" type="submit">Delete it for good</button>
          </form>
        </details>
      </div>
    </li>
  );
}

function Taken({ what, text, of }: { what: string; text: string; of: string }) {
  return (
    <div class="take">
      <span class="soft small">{what}</span>
      <code>{text}</code>
      <button
        class="button slim"
        type="button"
        data-copy
        hidden
        aria-label={`Copy ${what} of ${of}`}
      >
        Copy {what}
      </button>
    </div>
  );
}
