import { z } from "@hono/zod-openapi";
import { type Ctx, type Deps, requireMatch, requireScope, transact, upgradeUrl } from "../ctx.ts";
import { AppError, invalid } from "../kit/errors.ts";
import { newId } from "../kit/ids.ts";
import { iso, trimmed, typed } from "../kit/input.ts";
import { type Key, type Store, type Tx, under } from "../kit/kv.ts";
import { counted, decodeCursor, readAfter } from "../kit/page.ts";
import type { Listener } from "../events/outbox.ts";
import { stagePurge } from "../events/purge.ts";
import { stageBlogTaken, stageGivenBack } from "../metering/quotas.ts";
import type { TitlePatterns } from "../../render/blog/mod.ts";
import { type BlogDomain, stageClaimGone } from "./domains/_claims.ts";
import { mediaBytesKey } from "./media/_record.ts";
import { mergeTheme, readTheme, requireThemePlan, stageTheme, ThemeConfig } from "./theme.ts";
import { mergeTitlePatterns, TitlePatternFields } from "./title_patterns.ts";

const DAY = 86_400_000;
const HELD_SLUG = 90 * DAY;

/** A blog; `sandbox` is the space of what test keys write, `rev` changes with every edit. */
export type BlogRow = {
  id: string;
  slug: string;
  owner: string;
  name: string;
  description: string;
  sandbox: string;
  rev: string;
  theme: { id: string; chunks: number } | null;
  titlePatterns: TitlePatterns;
  /** its webhook endpoints that are enabled */
  hooks: Listener[];
  domain: BlogDomain | null;
  /** readable, but not to be written to: beyond what the plan has */
  frozenAt: number | null;
  /** when its owner chose to keep it, where the plan has fewer */
  keptAt: number | null;
  createdAt: number;
  updatedAt: number;
};
/** Who a subdomain belongs to; `blog` is null while it is held for the owner of a deleted one, or nobody. */
export type SubdomainRow =
  | { blog: string; owner: string; until: null }
  | { blog: null; owner: string | null; until: number };

export function blogKey(id: string): Key {
  return ["blog", id];
}
export function subdomainKey(slug: string): Key {
  return ["bslug", slug];
}
export function ownedBlogKey(user: string, id: string): Key {
  return ["ublog", user, id];
}
/** Where the number of posts that match a filter of a space is. */
export function postCountKey(space: string, filter: string): Key {
  return ["n", space, filter];
}

const RESERVED = new Set(
  ("www api app media admin mail login support billing status docs auth oauth mcp hooks assets " +
    "upgrade static cdn blog blogs root ns ns1 ns2 ftp smtp imap pop webmail email account accounts " +
    "signin signup signout logout register password security secure verify help helpdesk contact " +
    "abuse postmaster hostmaster webmaster noreply pay payment payments checkout invoice wallet bank " +
    "dashboard console dev staging test localhost health ready metrics internal system official " +
    "postlark about legal terms privacy search discover go link img images").split(" "),
);

/** Stands for a blog's origin in the examples of schemas; the documents put a real one in its place. */
export const EXAMPLE_BLOG = "https://my-blog.example";

const name = trimmed("name", { min: 1, max: 200 }).openapi({
  example: "My Tech Blog",
  minLength: 1,
  maxLength: 200,
});
const description = trimmed("description", { max: 1000 }).openapi({
  example: "Writing about AI, APIs, and developer tools.",
  maxLength: 1000,
});
export const BlogInput = z.object({
  slug: z.string(typed("slug", "a string")).superRefine((slug, check) => {
    const fault = slugFault(slug);
    if (fault) check.addIssue({ code: "custom", message: fault });
  }).openapi({
    description: "The subdomain. Some names are reserved.",
    example: "my-tech-blog",
    minLength: 1,
    maxLength: 63,
    pattern: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
  }),
  name,
  description: description.optional(),
}).openapi("BlogInput");
export type BlogInput = z.infer<typeof BlogInput>;

export const BlogUpdate = z.object({
  name: name.optional(),
  description: description.optional(),
  theme_config: ThemeConfig.optional(),
  ...TitlePatternFields,
}).openapi("BlogUpdate", { example: { name: "My Renamed Blog" } });
export type BlogUpdate = z.infer<typeof BlogUpdate>;

export const BlogSummary = z.object({
  id: z.uuid(),
  slug: z.string().openapi({ example: "my-blog" }),
  name: z.string().openapi({ example: "My Tech Blog" }),
  description: z.string().openapi({ example: "Writing about AI, APIs, and developer tools." }),
  url: z.url().openapi({ example: EXAMPLE_BLOG }),
  custom_domain: z.string().nullable(),
  frozen: z.boolean().openapi({
    description:
      "Whether it is beyond the plan's number of blogs: readable, but not to be changed.",
    example: false,
  }),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
}).openapi("BlogSummary");
export type BlogSummary = z.infer<typeof BlogSummary>;
export const Blog = BlogSummary.extend({
  theme_config: ThemeConfig.openapi({ example: { theme: "ink" } }),
  title_pattern: z.string().nullable().openapi({ example: null }),
  tag_title_patterns: z.record(z.string(), z.string()).openapi({ example: {} }),
}).openapi("Blog");
export type Blog = z.infer<typeof Blog>;

/** Creates a blog and its subdomain; takes one place of the plan's. */
export async function createBlog(ctx: Ctx, input: BlogInput): Promise<Blog> {
  requireScope(ctx, "blogs:write");
  return await transact(ctx, async (tx) => {
    const row = await stageBlog(tx, ctx, input);
    return present(ctx, row, {});
  });
}

/** Adds a new blog of the acting user to the caller's commit. */
export async function stageBlog(tx: Tx, ctx: Ctx, input: BlogInput): Promise<BlogRow> {
  const { now, actor } = ctx;
  const [subdomain] = await Promise.all([
    tx.get<SubdomainRow>(subdomainKey(input.slug)),
    stageBlogTaken(tx, ctx, actor.user),
  ]);
  const held = subdomain && (subdomain.blog !== null ||
    (subdomain.owner !== actor.user && subdomain.until > now));
  if (held) {
    throw new AppError("slug_taken", { message: `slug "${input.slug}" is already taken` });
  }
  const row: BlogRow = {
    id: newId(now),
    slug: input.slug,
    owner: actor.user,
    name: input.name,
    description: input.description ?? "",
    sandbox: newId(now),
    rev: newId(now),
    theme: null,
    titlePatterns: { ofBlog: "", ofTags: {} },
    hooks: [],
    domain: null,
    frozenAt: null,
    keptAt: null,
    createdAt: now,
    updatedAt: now,
  };
  tx.set(blogKey(row.id), row);
  tx.set(
    subdomainKey(row.slug),
    { blog: row.id, owner: row.owner, until: null } satisfies SubdomainRow,
  );
  tx.set(ownedBlogKey(row.owner, row.id), 1);
  return row;
}

/** Changes what is given; `theme_config` is merged key by key, null or "" removes one. */
export async function updateBlog(ctx: Ctx, id: string, input: BlogUpdate): Promise<Blog> {
  requireScope(ctx, "blogs:write");
  const { store } = ctx.deps;
  return await transact(ctx, async (tx) => {
    const row = await ownBlog(tx, ctx, id);
    requireMatch(ctx, row.rev);
    const before = await readTheme(store, row);
    const theme = mergeTheme(before, input.theme_config ?? {});
    await requireThemePlan(tx, ctx, input.theme_config ?? {});
    const titlePatterns = await mergeTitlePatterns(tx, ctx, { row, input });
    const next: BlogRow = {
      ...row,
      name: input.name ?? row.name,
      description: input.description ?? row.description,
      titlePatterns,
    };
    const themeChanged = JSON.stringify(theme) !== JSON.stringify(before);
    if (!themeChanged && JSON.stringify(next) === JSON.stringify(row)) {
      return present(ctx, row, before);
    }
    next.rev = newId(ctx.now);
    next.updatedAt = ctx.now;
    if (themeChanged) next.theme = await stageTheme(tx, ctx, row, theme);
    tx.set(blogKey(id), next);
    stagePurge(tx, ctx.deps, id);
    return present(ctx, next, theme);
  });
}

/**
 * Takes the blog away in the caller's commit: nothing of it is visible from then on, its subdomain is held
 * for its owner, or, `forsaken`, for nobody; what it leaves behind is for the deletion job.
 */
export async function stageBlogGone(
  tx: Tx,
  ctx: Ctx,
  id: string,
  { forsaken }: { forsaken: boolean },
): Promise<BlogRow> {
  const row = await ownBlog(tx, ctx, id, { frozen: true });
  requireMatch(ctx, row.rev);
  const key = postCountKey(id, "*");
  const posts = counted({ key, value: await tx.get(key), versionstamp: null });
  const images = mediaBytesKey(id);
  const bytes = counted({ key: images, value: await tx.get(images), versionstamp: null });
  await stageClaimGone(tx, row);
  tx.delete(blogKey(id));
  tx.delete(ownedBlogKey(row.owner, id));
  const until = ctx.now + HELD_SLUG;
  const owner = forsaken ? null : row.owner;
  tx.set(subdomainKey(row.slug), { blog: null, owner, until } satisfies SubdomainRow);
  stageGivenBack(tx, { user: row.owner, what: "blogs" });
  if (posts) stageGivenBack(tx, { user: row.owner, what: "posts", number: posts });
  if (bytes) stageGivenBack(tx, { user: row.owner, what: "bytes", number: bytes });
  stagePurge(tx, ctx.deps, id);
  return row;
}

/** One blog of the caller's, with its theme. */
export async function getBlog(ctx: Ctx, id: string): Promise<Blog> {
  requireScope(ctx, "blogs:read");
  const row = (await ctx.reads.get<BlogRow>(blogKey(id))).value;
  if (!row || row.owner !== ctx.actor.user) throw new AppError("blog_not_found");
  return await presentBlog(ctx, row);
}

/** A blog with its theme, under its ETag. */
export async function presentBlog(ctx: Ctx, row: BlogRow): Promise<Blog> {
  return present(ctx, row, await readTheme(ctx.deps.store, row));
}

/** The caller's blogs, newest first; with `limit` or `cursor` a page of them. */
export async function listBlogs(
  ctx: Ctx,
  query: { limit?: number; cursor?: string },
): Promise<{ data: BlogSummary[]; next_cursor: string | null }> {
  requireScope(ctx, "blogs:read");
  const cursor = query.cursor ? decodeCursor(query.cursor, ["string"]) : null;
  const { rows, next } = await readAfter(ctx.deps.store, ["ublog", ctx.actor.user], {
    cursor,
    order: "desc",
    limit: query.limit ?? 1000,
    parts: 1,
  });
  const entries = await ctx.deps.store.getMany<BlogRow>(
    rows.map((row) => blogKey(row.key[2] as string)),
  );
  const data = entries.flatMap((e) => e.value ? [summarise(ctx.deps, e.value)] : []);
  return { data, next_cursor: next };
}

/** The ids of a user's blogs, first created first. */
export async function listBlogIds(store: Store, user: string, limit: number): Promise<string[]> {
  const rows = await store.list(under(["ublog", user]), limit);
  return rows.map((row) => row.key[2] as string);
}

/**
 * The blog as of this commit; throws 404 where it is not the actor's, 403 where it is frozen, unless
 * `frozen` says that the write may be done to one that is.
 */
export async function ownBlog(
  tx: Tx,
  ctx: Ctx,
  id: string,
  allowed: { frozen?: boolean } = {},
): Promise<BlogRow> {
  const row = await tx.get<BlogRow>(blogKey(id));
  if (!row || (ctx.actor.kind !== "job" && row.owner !== ctx.actor.user)) {
    throw new AppError("blog_not_found");
  }
  if (row.frozenAt !== null && !allowed.frozen) {
    throw new AppError("blog_frozen", { upgradeUrl: upgradeUrl(ctx.deps) });
  }
  return row;
}

/** The public address of a blog, without a trailing slash: its active custom domain, else our own. */
export function blogUrl(deps: Deps, blog: Pick<BlogRow, "slug" | "domain">): string {
  return blog.domain?.active ? `https://${blog.domain.host}` : ownUrl(deps, blog.slug);
}

/** The address that a blog has without a custom domain. */
export function ownUrl(deps: Deps, slug: string): string {
  if (deps.config.blogAddress === "path") return `${deps.config.origin}/@${slug}`;
  const scheme = new URL(deps.config.origin).protocol;
  return `${scheme}//${slug}.${deps.config.blogHost}`;
}

function summarise(deps: Deps, row: BlogRow): BlogSummary {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    description: row.description,
    url: blogUrl(deps, row),
    custom_domain: row.domain?.active ? row.domain.host : null,
    frozen: row.frozenAt !== null,
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
  };
}

function present(ctx: Ctx, row: BlogRow, theme: ThemeConfig): Blog {
  ctx.answer.rev = row.rev;
  // A replay of this answer reads the theme where it is, in place of a copy.
  if (ctx.answer.claim && row.theme) {
    const ref = ["theme", row.id, row.theme.id, row.theme.chunks];
    ctx.answer.claim.pointer = { fields: ["theme_config"], ref };
  }
  return {
    ...summarise(ctx.deps, row),
    theme_config: theme,
    title_pattern: row.titlePatterns.ofBlog || null,
    tag_title_patterns: row.titlePatterns.ofTags,
  };
}

function slugFault(slug: string): string | null {
  if (!/^[a-z0-9-]{1,63}$/.test(slug)) {
    return "slug must have 1 to 63 characters of a-z, 0-9 and hyphens";
  }
  if (/^-|-$/.test(slug)) return "slug must not begin or end with a hyphen";
  if (slug.startsWith("xn--")) return "slug must not begin with xn--";
  if (RESERVED.has(slug)) return `slug "${slug}" is a reserved name: choose another`;
  return null;
}

/** Throws 400 where a slug that comes from the operator's terminal would not do. */
export function checkBlogSlug(slug: string): void {
  const fault = slugFault(slug);
  if (fault) throw invalid([{ path: "slug", message: fault }]);
}
