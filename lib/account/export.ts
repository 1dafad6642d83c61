import { z } from "@hono/zod-openapi";
import { makeZip } from "client-zip";
import { stringify } from "yaml";
import { type Ctx, requireScope } from "../ctx.ts";
import { Download, streamText } from "../kit/download.ts";
import { iso } from "../kit/input.ts";
import { type Key, type Store, under } from "../kit/kv.ts";
import { blogKey, type BlogRow, listBlogIds } from "../content/blogs.ts";
import { fileOf, mediaBase, mediaPrefix, type MediaRow, readWhole } from "../content/media/mod.ts";
import { indexPrefix, postKey } from "../content/posts/_record.ts";
import { type PostRow, readMarkdown, STATUSES } from "../content/posts/mod.ts";
import { readTheme } from "../content/theme.ts";
import { getProfile } from "./accounts.ts";

/** As many posts as one export holds. */
export const MAX_EXPORTED = 5000;
const MAX_BLOGS = 100_000;
const BATCH = 20;

export const ExportQuery = z.object({
  format: z.enum(["json", "zip"], { error: "format must be json or zip" }).optional().openapi({
    param: {
      description:
        "`zip`: a Markdown file with front matter a post, the images, and the blogs' settings.",
    },
    example: "json",
  }),
});
export type ExportQuery = z.infer<typeof ExportQuery>;

export const Export = z.object({
  exported_at: z.iso.datetime(),
  user_id: z.uuid(),
  blogs: z.array(z.object({
    blog: z.object({ slug: z.string(), name: z.string(), description: z.string() }),
    posts: z.array(z.object({
      slug: z.string(),
      title: z.string(),
      content_md: z.string(),
      tags: z.array(z.string()),
      status: z.enum(STATUSES),
      created_at: z.iso.datetime(),
    })),
  })),
  total_posts: z.int(),
  truncated: z.boolean().optional().openapi({ description: "There when the export is full." }),
}).openapi("Export");

type Exported = { row: PostRow; md: string };

/** All of the caller's blogs and posts, at most 5,000, oldest first, sent as they are read. */
export async function exportAccount(ctx: Ctx, query: ExportQuery): Promise<Download> {
  requireScope(ctx, "account:read");
  await ctx.admission;
  const ids = await listBlogIds(ctx.deps.store, ctx.actor.user, MAX_BLOGS);
  const name = `postlark-${iso(ctx.now).slice(0, 10)}`;
  if (query.format !== "zip") {
    return new Download(streamText(asJson(ctx, ids)), "application/json", `${name}.json`);
  }
  return new Download(makeZip(asFiles(ctx, ids)), "application/zip", `${name}.zip`);
}

async function* asJson(ctx: Ctx, ids: string[]): AsyncGenerator<string> {
  const head = { exported_at: iso(ctx.now), user_id: ctx.actor.user };
  yield `${JSON.stringify(head).slice(0, -1)},"blogs":[`;
  const left = { posts: MAX_EXPORTED };
  let first = true;
  for await (const blog of readBlogs(ctx, ids)) {
    const { slug, name, description } = blog;
    yield `${first ? "" : ","}{"blog":${JSON.stringify({ slug, name, description })},"posts":[`;
    first = false;
    let sent = 0;
    for await (const { row, md } of readPosts(ctx, blog, left)) {
      const post = {
        slug: row.slug,
        title: row.title,
        content_md: md,
        tags: row.tags,
        status: row.status,
        created_at: iso(row.createdAt),
      };
      yield `${sent++ ? "," : ""}${JSON.stringify(post)}`;
    }
    yield "]}";
  }
  yield `],${JSON.stringify(totals(left)).slice(1)}`;
}

async function* asFiles(ctx: Ctx, ids: string[]) {
  const lastModified = new Date(ctx.now);
  const left = { posts: MAX_EXPORTED };
  for await (const blog of readBlogs(ctx, ids)) {
    const settings = {
      slug: blog.slug,
      name: blog.name,
      description: blog.description,
      created_at: iso(blog.createdAt),
      theme_config: await readTheme(ctx.deps.store, blog),
      title_pattern: blog.titlePatterns.ofBlog || null,
      tag_title_patterns: blog.titlePatterns.ofTags,
    };
    yield { name: `${blog.slug}/blog.yaml`, input: stringify(settings), lastModified };
    for await (const post of readPosts(ctx, blog, left)) {
      yield {
        name: `${blog.slug}/posts/${post.row.slug}.md`,
        input: toMarkdownFile(post),
        lastModified: new Date(post.row.updatedAt),
      };
    }
    yield* asImages(ctx, blog);
  }
  const everything = { ...ctx, actor: { ...ctx.actor, scopes: ["*"] } };
  const { email, name, plan } = await getProfile(everything);
  const account = { exported_at: iso(ctx.now), user_id: ctx.actor.user, email, name, plan };
  yield { name: "account.yaml", input: stringify({ ...account, ...totals(left) }), lastModified };
}

function totals(left: { posts: number }) {
  return { total_posts: MAX_EXPORTED - left.posts, ...!left.posts && { truncated: true } };
}

/** A blog's images as files, and beside them what they are called and under which address they were. */
async function* asImages(ctx: Ctx, blog: BlogRow) {
  const { deps } = ctx;
  const images: Record<string, string | number>[] = [];
  for await (const { value: row } of deps.store.scan<MediaRow>(under(mediaPrefix(blog.id)))) {
    const input = await readWhole(deps, row);
    // It was deleted meanwhile.
    if (!input) continue;
    const lastModified = new Date(row.createdAt);
    yield { name: `${blog.slug}/media/${fileOf(row)}`, input, lastModified };
    images.push({ file: fileOf(row), filename: row.filename, created_at: iso(row.createdAt) });
  }
  if (!images.length) return;
  const text = stringify({ base_url: mediaBase(deps, blog.id), images });
  yield { name: `${blog.slug}/media.yaml`, input: text, lastModified: new Date(ctx.now) };
}

/** A post as a file: YAML front matter, and the Markdown as it is. */
function toMarkdownFile({ row, md }: Exported): string {
  const time = (at: number | null) => at === null ? undefined : iso(at);
  const front = {
    title: row.title,
    slug: row.slug,
    status: row.status,
    tags: row.tags,
    description: row.description ?? undefined,
    og_image: row.ogImage ?? undefined,
    canonical_url: row.canonical ?? undefined,
    noindex: row.noindex || undefined,
    created_at: time(row.createdAt),
    updated_at: time(row.updatedAt),
    published_at: time(row.publishedAt),
    scheduled_at: time(row.scheduledAt),
  };
  return `---\n${stringify(front)}---\n\n${md}`;
}

async function* readBlogs(ctx: Ctx, ids: string[]): AsyncGenerator<BlogRow> {
  for (const id of ids) {
    const { value } = await ctx.deps.store.get<BlogRow>(blogKey(id));
    if (value) yield value;
  }
}

/** A blog's posts with their Markdown, as long as `left` has room; one that is edited meanwhile is read again. */
async function* readPosts(
  ctx: Ctx,
  blog: BlogRow,
  left: { posts: number },
): AsyncGenerator<Exported> {
  const { store } = ctx.deps;
  let keys: Key[] = [];
  // The index holds nothing but ids: rows of posts come into memory some at a time.
  for await (const { key } of store.scan(under(indexPrefix(blog.id, "*", "c")))) {
    keys.push(postKey(blog.id, key.at(-1) as string));
    if (keys.length < BATCH) continue;
    yield* await readBatch(store, keys, left);
    if (!left.posts) return;
    keys = [];
  }
  yield* await readBatch(store, keys, left);
}

async function readBatch(
  store: Store,
  keys: Key[],
  left: { posts: number },
): Promise<Exported[]> {
  const entries = await store.getMany<PostRow>(keys);
  const rows = entries.flatMap(({ value }) => value ? [value] : []).slice(0, left.posts);
  const read = await Promise.all(rows.map((row) => readMarkdown(store, row)));
  const found = read.filter((post) => post !== null);
  left.posts -= found.length;
  return found;
}
