import { blogPath, type FramedBlog } from "./document.tsx";
import { Time } from "./parts.tsx";

/** What an account is told; `at` in milliseconds, `blog` an id. */
export type Notice =
  & { id: string; at: number }
  & (
    | { kind: "pack.low"; left: number }
    | { kind: "webhook.disabled"; blog: string; url: string; why: "gone" | "failing" }
  );
/** A notice with the blog that it is of: null where it is the account's, or its blog is gone. */
export type ShownNotice = { notice: Notice; blog: FramedBlog | null };

const WHY = {
  gone: "it answered that it is gone for good (410)",
  failing: "nothing has reached it for a day",
};

/** What an account is told, each with where one acts on it and a button that takes it away; `back` is a path. */
export function Notices({ shown, back }: { shown: ShownNotice[]; back: string }) {
  if (shown.length === 0) return null;
  return (
    <section class="stack" aria-label="Notices">
      {shown.map((one) => (
        <div class="said bad row">
          <div>
            <Words {...one} />
            <br />
            <span class="soft small">
              <Time at={one.notice.at} />
            </span>
          </div>
          <form method="post" action="/app/notices/dismiss">
            <input type="hidden" name="id" value={one.notice.id} />
            <input type="hidden" name="back" value={back} />
            <button
              class="button slim"
              type="submit"
              aria-label={`Dismiss: ${sayKind(one.notice)}`}
            >
              Dismiss
            </button>
          </form>
        </div>
      ))}
    </section>
  );
}

function sayKind(notice: Notice): string {
  return notice.kind === "pack.low" ? "few posts left in packs" : `webhook ${notice.url}`;
}

function Words({ notice, blog }: ShownNotice) {
  if (notice.kind === "pack.low") {
    return (
      <>
        Your packs came down to {notice.left === 1 ? "1 post" : `${notice.left} posts`}.{" "}
        <a href="/app/billing">See plan and packs</a>
      </>
    );
  }
  return (
    <>
      A webhook{blog && <>{" "}of {blog.name}</>} was switched off, because {WHY[notice.why]}:{" "}
      <code>{notice.url}</code>. {blog && (
        <a href={blogPath(blog, "/webhooks")}>
          See its deliveries and switch it on
        </a>
      )}
    </>
  );
}
