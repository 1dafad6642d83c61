import type { Schemas } from "../../sdk.ts";
import type { LocalPost } from "./files.ts";
import type { Journal } from "./journal.ts";

export type Remote = Schemas["PostSummary"];
/**
 * What is to be done for a file. `check`: the post must be read to know; `known` is whether this folder has
 * sent it before, and someone else has changed it since.
 */
export type Step =
  | { kind: "create"; local: LocalPost }
  | { kind: "update" | "unchanged" | "conflict"; local: LocalPost; remote: Remote }
  | { kind: "check"; local: LocalPost; remote: Remote; known: boolean };
export type Plan = { steps: Step[]; /** only on the server */ missing: Remote[] };

/** Compares the folder with the server's list of posts, without a further request. */
export function planDeploy(
  locals: LocalPost[],
  remotes: Map<string, Remote>,
  journal: Journal,
): Plan {
  const slugs = new Set(locals.map(({ slug }) => slug));
  const missing = [...remotes.values()].filter(({ slug }) => !slugs.has(slug));
  return {
    steps: locals.map((local) => stepFor(local, remotes.get(local.slug), journal)),
    missing,
  };
}

function stepFor(local: LocalPost, remote: Remote | undefined, journal: Journal): Step {
  if (!remote) return { kind: "create", local };
  const sent = journal.get(remote.id);
  if (sent?.updated_at !== remote.updated_at) {
    return { kind: "check", local, remote, known: sent !== undefined };
  }
  return { kind: sent.digest === local.digest ? "unchanged" : "update", local, remote };
}

/** Whether a post is what its file says; `content` is the file's, with the addresses of its images. */
export function isSame(
  post: Schemas["Post"],
  local: LocalPost,
  sent: { content: string; ogImage: string | null },
): boolean {
  const { meta } = local;
  return post.title === local.title && post.content_md === sent.content &&
    JSON.stringify(post.tags) === JSON.stringify(local.tags) &&
    // The API shows its own description where there is none.
    (meta.description === null || post.meta_description === meta.description) &&
    post.og_image_url === sent.ogImage && post.canonical_url === meta.canonical_url &&
    post.noindex === meta.noindex && statusCall(post, local) === null;
}

/** What brings a post to the status that its file wants, or null where it has it. */
export function statusCall(
  post: Pick<Remote, "status" | "scheduled_at">,
  { wanted }: LocalPost,
): "publish" | "unpublish" | "schedule" | null {
  if (wanted.status === "scheduled") {
    // What is out already has come before its time.
    if (post.status === "published") return null;
    const same = post.status === "scheduled" && post.scheduled_at === wanted.at;
    return same ? null : "schedule";
  }
  if (post.status === wanted.status) return null;
  return wanted.status === "published" ? "publish" : "unpublish";
}
