import { type CallOptions, type Postlark, PostlarkError, receivedWith } from "../../sdk.ts";
import type { LocalPost } from "./files.ts";
import { type Images, rewrite } from "./images.ts";
import type { Journal } from "./journal.ts";
import { isSame, type Remote, statusCall, type Step } from "./plan.ts";

/** What became of a file. */
export type Outcome = "created" | "updated" | "unchanged" | "conflict";
type World = {
  client: Postlark;
  images: Images;
  journal: Journal;
  call: CallOptions & { signal: AbortSignal };
  /** take the folder's word against changes that others made */
  force: boolean;
};

/** Does what a step says, and notes it; throws what the API refuses. */
export async function apply(world: World, step: Step): Promise<Outcome> {
  switch (step.kind) {
    case "create":
      return await create(world, step.local);
    case "update":
      return await update(world, step.local, step.remote);
    case "check": {
      const seen = await check(world, step);
      return seen.same ? "unchanged" : seen.conflict ? "conflict" : await update(
        // The version that was compared: what comes between is seen as a conflict the next time.
        { ...world, call: { ...world.call, ifMatch: seen.etag } },
        step.local,
        step.remote,
      );
    }
    default:
      return step.kind;
  }
}

/** Reads a post and compares it with its file; an image that the blog has not is a difference. */
export async function check(
  { client, images, journal, call, force }: World,
  { local, remote, known }: Step & { kind: "check" },
): Promise<{ same: boolean; conflict: boolean; etag?: string }> {
  const post = await client.posts.get(remote.slug, call);
  const sent = await present(local, (image) => images.find(image));
  const same = sent !== null && isSame(post, local, sent);
  if (same) journal.note({ id: post.id, digest: local.digest, updated_at: post.updated_at });
  const etag = receivedWith(post)?.etag ?? undefined;
  return { same, conflict: !same && known && !force, etag };
}

/** Whether nothing else would be of use after this failure. */
export function isFatal(error: unknown): boolean {
  return !(error instanceof PostlarkError) || [0, 401, 403, 429].includes(error.status);
}

async function create(world: World, local: LocalPost): Promise<Outcome> {
  const { wanted, slug } = local;
  const post = await world.client.posts.create({
    ...await fieldsOf(world, local),
    slug,
    ...wanted.status === "scheduled" ? { scheduled_at: wanted.at } : { status: wanted.status },
  }, world.call);
  return note(world, local, { post, outcome: "created" });
}

async function update(world: World, local: LocalPost, remote: Remote): Promise<Outcome> {
  const { client, call } = world;
  let post = await client.posts.update(remote.slug, await fieldsOf(world, local), call);
  const { ifMatch: _, ...rest } = call;
  const next = statusCall(post, local);
  if (next === "schedule" && local.wanted.status === "scheduled") {
    post = await client.posts.schedule(remote.slug, { scheduled_at: local.wanted.at }, rest);
  } else if (next !== null && next !== "schedule") {
    post = await client.posts[next](remote.slug, rest);
  }
  const outcome = post.updated_at === remote.updated_at ? "unchanged" : "updated";
  return note(world, local, { post, outcome });
}

function note(
  { journal }: World,
  { digest }: LocalPost,
  { post, outcome }: { post: Remote; outcome: Outcome },
): Outcome {
  journal.note({ id: post.id, digest, updated_at: post.updated_at });
  return outcome;
}

async function fieldsOf({ images }: World, local: LocalPost) {
  const sent = (await present(local, (image) => images.put(image)))!;
  const { title, tags, meta } = local;
  return { title, tags, content: sent.content, meta: { ...meta, og_image: sent.ogImage } };
}

/** The content with the addresses of its images; null where one of them has none. */
export async function present(
  local: Pick<LocalPost, "content" | "images" | "ogImage" | "meta">,
  urlOf: (image: LocalPost["images"][number]["image"]) => Promise<string | null>,
): Promise<{ content: string; ogImage: string | null } | null> {
  const refs = [];
  for (const ref of local.images) {
    const url = await urlOf(ref.image);
    if (url === null) return null;
    refs.push({ ...ref, url });
  }
  const preview = local.ogImage && await urlOf(local.ogImage);
  if (local.ogImage && preview === null) return null;
  // The API takes no picture for previews that is not on https.
  const ogImage = preview?.startsWith("https:") ? preview : local.meta.og_image;
  return { content: rewrite(local.content, refs), ogImage };
}
