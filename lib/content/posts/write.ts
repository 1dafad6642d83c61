import { type Ctx, requireBlog, requireMatch, requireScope, transact } from "../../ctx.ts";
import { AppError } from "../../kit/errors.ts";
import { newId, randomHex } from "../../kit/ids.ts";
import type { Tx } from "../../kit/kv.ts";
import { planKey, type PlanRow, requireFeature } from "../../metering/plans.ts";
import { stageGivenBack, stagePostTaken } from "../../metering/quotas.ts";
import { blogKey, type BlogRow, ownBlog } from "../blogs.ts";
import { relieveSearch } from "../search/upkeep.ts";
import { stageChange } from "./change.ts";
import { type Content, readContent, renderContent, stageVersion } from "./content.ts";
import { present } from "./_present.ts";
import { formerSlugs, postKey, type PostRow, slugKey, type SlugRow } from "./_record.ts";
import type { Post, PostInput, PostUpdate } from "./schema.ts";
import { freeSlug, slugify } from "./slug.ts";

const SANDBOX_LIFE = 30 * 86_400_000;

/** Where the actor's posts of a blog are: a test key's in the sandbox. */
export function spaceOf(ctx: Ctx, blog: BlogRow): string {
  return ctx.actor.mode === "test" ? blog.sandbox : blog.id;
}

/** When a post that is taken over from elsewhere was made, milliseconds; now where it is not said. */
export type PostTimes = Partial<Pick<PostRow, "createdAt" | "updatedAt">> & {
  publishedAt?: number;
};

/** Creates a post: a draft, published, or scheduled; takes one place of the plan's. */
export async function createPost(
  ctx: Ctx,
  input: PostInput,
  times: PostTimes = {},
): Promise<Post> {
  requireScope(ctx, "posts:write");
  const blogId = requireBlog(ctx);
  if (input.status === "published") await relieveSearch(ctx.deps);
  const content = await renderContent(input.content);
  const id = newId(ctx.now);
  const seen = (await ctx.reads.get<BlogRow>(blogKey(blogId))).value;
  const space = seen ? spaceOf(ctx, seen) : blogId;
  const staged = await stageVersion(ctx, { space, id, n: 1 }, content.packed);
  return await transact(ctx, async (tx) => {
    const wanted = input.slug ? slugKey(space, input.slug) : null;
    const [blog, plan] = await Promise.all([
      ownBlog(tx, ctx, blogId),
      tx.get<PlanRow>(planKey(ctx.actor.user)),
      wanted && tx.get<SlugRow>(wanted),
      ctx.actor.mode === "live" && stagePostTaken(tx, ctx, { user: ctx.actor.user, post: id }),
    ]);
    if (input.scheduled_at !== undefined) {
      await requireScheduling(tx, ctx, { blog, at: input.scheduled_at });
    }
    const slug = input.slug
      ? await takenSlug(tx, space, { slug: input.slug, by: id })
      : await freeSlug(tx, space, slugify(input.title));
    const scheduled = input.scheduled_at ?? null;
    const published = input.status === "published";
    const sandboxed = space !== blog.id;
    const row: PostRow = {
      id,
      space,
      blog: blogId,
      title: input.title,
      slug,
      status: published ? "published" : scheduled === null ? "draft" : "scheduled",
      tags: uniqueTags(input.tags ?? []),
      ...metaFields(input.meta),
      excerpt: content.excerpt,
      lead: content.lead,
      headings: content.headings,
      words: content.words,
      lang: content.lang,
      uses: content.uses,
      version: staged.version,
      fts: null,
      rev: newId(ctx.now),
      former: [],
      createdAt: times.createdAt ?? ctx.now,
      updatedAt: times.updatedAt ?? times.createdAt ?? ctx.now,
      publishedAt: times.publishedAt ?? (published ? ctx.now : null),
      scheduledAt: scheduled,
      preview: sandboxed ? randomHex(16) : null,
      expiresAt: sandboxed ? ctx.now + SANDBOX_LIFE : null,
    };
    staged.write(tx, row);
    await stageChange(tx, ctx.deps, {
      shell: { blog, plan: plan! },
      before: null,
      after: row,
      html: content.html,
      now: ctx.now,
    });
    if (scheduled !== null) {
      tx.afterCommit.push(() => ctx.deps.alarm(scheduled, "publish_scheduled"));
    }
    return present(ctx, blog, { row, content });
  });
}

/** Changes what is given, as a new version; nothing where nothing differs. */
export async function updatePost(ctx: Ctx, slug: string, input: PostUpdate): Promise<Post> {
  requireScope(ctx, "posts:write");
  const rendered = input.content === undefined ? null : await renderContent(input.content);
  return await rewritePost(ctx, slug, async (tx, row) => ({
    fields: {
      title: input.title ?? row.title,
      slug: await nextSlug(tx, row, input),
      tags: input.tags ? uniqueTags(input.tags) : row.tags,
      ...metaFields(input.meta, row),
    },
    content: rendered,
  }));
}

type Rewrite = {
  fields: Partial<PostRow>;
  /** null: as it is */
  content: Content | null;
};

/** Stores a new version of a post from what `change` makes of the current one. */
export async function rewritePost(
  ctx: Ctx,
  slug: string,
  change: (tx: Tx, row: PostRow) => Promise<Rewrite>,
): Promise<Post> {
  const blogId = requireBlog(ctx);
  await relieveSearch(ctx.deps);
  const contents = new Map<string, ReturnType<typeof readContent>>();
  const versions = new Map<string, ReturnType<typeof stageVersion>>();
  return await transact(ctx, async (tx) => {
    const { blog, plan, row } = await ownPost(tx, ctx, { blogId, slug });
    requireMatch(ctx, row.rev);
    const before = await once(
      contents,
      row.version.id,
      () => readContent(ctx.deps.store, row, row.version),
    );
    if (!before) throw new AppError("contention", { retryAfter: 1 });
    const { fields, content } = await change(tx, row);
    const sameContent = !content || content.md === before.md;
    const changed = { ...row, ...fields };
    if (sameContent && JSON.stringify(changed) === JSON.stringify(row)) {
      return present(ctx, blog, { row, content: before });
    }
    const n = row.version.n + 1;
    const { excerpt, lead, headings, words, lang, uses } = content ?? row;
    const next = content ?? before;
    const staged = await once(
      versions,
      `${row.id}/${n}`,
      () => stageVersion(ctx, { space: row.space, id: row.id, n }, next.packed),
    );
    const after: PostRow = {
      ...changed,
      excerpt,
      lead,
      headings,
      words,
      lang,
      uses,
      version: staged.version,
      rev: newId(ctx.now),
      former: await formerSlugs(tx, row, changed.slug),
      updatedAt: ctx.now,
    };
    staged.write(tx, after);
    const shell = { blog, plan };
    await stageChange(tx, ctx.deps, { shell, before: row, after, html: next.html, now: ctx.now });
    return present(ctx, blog, { row: after, content: next });
  });
}

/** Deletes a post for good; its slug is free at once, Free's place is given back. */
export async function deletePost(ctx: Ctx, slug: string): Promise<{ deleted: true }> {
  requireScope(ctx, "posts:write");
  const blogId = requireBlog(ctx);
  await relieveSearch(ctx.deps);
  return await transact(ctx, async (tx) => {
    const { blog, plan, row } = await ownPost(tx, ctx, { blogId, slug, frozen: true });
    requireMatch(ctx, row.rev);
    await stagePostGone(tx, ctx, { blog, plan, row });
    return { deleted: true as const };
  });
}

/** Takes a post, its page and its place in the quota away in the caller's commit. */
export async function stagePostGone(
  tx: Tx,
  ctx: Ctx,
  post: { blog: BlogRow; plan: PlanRow; row: PostRow },
): Promise<void> {
  const { blog, plan, row } = post;
  const shell = { blog, plan };
  await stageChange(tx, ctx.deps, { shell, before: row, after: null, html: "", now: ctx.now });
  if (row.space === blog.id) stageGivenBack(tx, { user: blog.owner, what: "posts" });
}

/** A post of the caller's by slug, with its blog and plan, all as of this commit; throws 404. */
export async function ownPost(
  tx: Tx,
  ctx: Ctx,
  at: { blogId: string; slug: string; frozen?: boolean },
): Promise<{ blog: BlogRow; plan: PlanRow; row: PostRow }> {
  const [blog, plan] = await Promise.all([
    ownBlog(tx, ctx, at.blogId, at),
    tx.peek<PlanRow>(planKey(ctx.actor.user)),
  ]);
  const space = spaceOf(ctx, blog);
  const held = await tx.peek<SlugRow>(slugKey(space, at.slug));
  const row = held && "post" in held ? await tx.get<PostRow>(postKey(space, held.post)) : null;
  if (!row || row.slug !== at.slug || (row.expiresAt ?? Infinity) <= ctx.now) {
    throw new AppError("post_not_found");
  }
  // The account went while the request was under way.
  if (!plan) throw new AppError("credential_invalid");
  return { blog, plan, row };
}

/** Throws 403 where the plan lacks scheduling, 400 where the time is past. */
export async function requireScheduling(
  tx: Tx,
  ctx: Ctx,
  schedule: { blog: BlogRow; at: number },
): Promise<void> {
  await requireFeature(tx, ctx, {
    user: schedule.blog.owner,
    feature: "scheduling",
    what: "Scheduling posts",
  });
  if (schedule.at <= ctx.now) throw new AppError("schedule_in_past");
}

async function nextSlug(tx: Tx, row: PostRow, input: PostUpdate): Promise<string> {
  if (!input.slug || input.slug === row.slug) return row.slug;
  return await takenSlug(tx, row.space, { slug: input.slug, by: row.id });
}

async function takenSlug(
  tx: Tx,
  space: string,
  claim: { slug: string; by: string },
): Promise<string> {
  const held = await tx.get<SlugRow>(slugKey(space, claim.slug));
  if (held && "post" in held) {
    throw new AppError("slug_taken", { message: `slug "${claim.slug}" is already taken` });
  }
  return claim.slug;
}

function uniqueTags(tags: string[]): string[] {
  return [...new Map(tags.map((tag) => [tag.toLowerCase(), tag])).values()];
}

function metaFields(meta: PostInput["meta"], before?: PostRow) {
  const given = <T>(value: T | undefined, old: T): T => value === undefined ? old : value;
  return {
    description: given(meta?.description, before?.description ?? null) || null,
    ogImage: given(meta?.og_image, before?.ogImage ?? null) || null,
    canonical: given(meta?.canonical_url, before?.canonical ?? null) || null,
    noindex: given(meta?.noindex, before?.noindex ?? false),
  };
}

function once<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const promise = made.get(key) ?? make();
  made.set(key, promise);
  return promise;
}
